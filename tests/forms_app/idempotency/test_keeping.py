"""One key, one effect: whoever comes at the same time, or after a failure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from forms_app.exceptions import Conflict, Refused
from forms_app.idempotency.keeping import Answer, Key, digest_of, once, once_at_end
from forms_app.models import CustomApp, CustomForm, FormEntity, IdempotencyKey, Member
from tests.factories import make_entity, make_form
from tests.forms_app.worlds import at_once, statements

CLIENTS = 16
Ways = Callable[[Key, Callable[[], Answer]], Answer]
both_ways = pytest.mark.parametrize("do", [once, once_at_end])


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"text": "text_field"})


def key(form: CustomForm, name: str = "one", request: str = "a") -> Key:
    return Key(form.pk, "token 1", name, digest_of(request))


@both_ways
def test_what_is_named_twice_at_the_same_time_is_done_once(
    transactional_db: None, form: CustomForm, alice: Member, do: Ways
) -> None:
    def write() -> Answer:
        return Answer(str(make_entity(form, alice, text="a")).encode(), {"ETag": '"1"'})

    answers = at_once([lambda: do(key(form), write)] * CLIENTS)
    assert {answer.body for answer in answers} == {str(FormEntity.objects.get(custom_form=form).id).encode()}
    assert [answer.replayed for answer in answers].count(False) == 1


@both_ways
def test_whoever_waited_for_a_failure_does_it(
    transactional_db: None, form: CustomForm, alice: Member, do: Ways
) -> None:
    attempts: list[int] = []

    def write() -> Answer:
        attempts.append(1)
        make_entity(form, alice, text="a")
        if len(attempts) < 4:
            raise Refused
        return Answer(b"done", {})

    outcomes = at_once([lambda: do(key(form), write)] * 8)
    refused = sum(isinstance(outcome, Refused) for outcome in outcomes)
    # Who did it beside another one is refused, or answered as that one if it was done by then.
    assert refused == 3 if do is once else refused <= 3
    assert [outcome.body for outcome in outcomes if isinstance(outcome, Answer)] == [b"done"] * (8 - refused)
    assert FormEntity.objects.filter(custom_form=form).count() == 1


@both_ways
def test_of_two_requests_with_one_key_at_the_same_time_one_is_refused(
    transactional_db: None, form: CustomForm, alice: Member, do: Ways
) -> None:
    def write() -> Answer:
        return Answer(str(make_entity(form, alice, text="a")).encode(), {})

    outcomes = at_once([lambda: do(key(form, request="a"), write), lambda: do(key(form, request="b"), write)])
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    assert FormEntity.objects.filter(custom_form=form).count() == 1


@both_ways
@pytest.mark.django_db
def test_the_key_goes_with_what_was_written(form: CustomForm, alice: Member, do: Ways) -> None:
    def write() -> Answer:
        make_entity(form, alice, text="a")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        do(key(form), write)
    assert not FormEntity.objects.filter(custom_form=form).exists()
    assert not IdempotencyKey.objects.of_form(form.pk).exists()


@pytest.mark.django_db
def test_a_key_costs_two_statements(form: CustomForm) -> None:
    with statements() as sent:
        once(key(form), lambda: Answer(b"", {}))
    assert [sql.split()[0] for sql in sent if "SAVEPOINT" not in sql] == ["INSERT", "UPDATE"]


@pytest.mark.django_db
def test_a_short_write_pays_one_for_its_key(form: CustomForm) -> None:
    with statements() as sent:
        once_at_end(key(form), lambda: Answer(b"", {}))
    assert [sql.split()[0] for sql in sent if "SAVEPOINT" not in sql] == ["INSERT"]


@pytest.mark.django_db
@both_ways
def test_what_the_first_one_s_write_refuses_the_second_is_answered_as_the_first(form: CustomForm, do: Ways) -> None:
    attempts: list[int] = []

    def write() -> Answer:
        attempts.append(1)
        if len(attempts) > 1:
            raise Refused
        return Answer(b"done", {"ETag": '"1"'})

    first, second = do(key(form), write), do(key(form), write)
    assert (first.replayed, second.replayed) == (False, True)
    assert (first.body, first.headers) == (second.body, second.headers)


@pytest.mark.django_db
@both_ways
def test_an_old_answer_is_none_for_who_is_refused_now(form: CustomForm, do: Ways) -> None:
    do(key(form), lambda: Answer(b"old", {}))
    IdempotencyKey.objects.of_form(form.pk).update(made_at=timezone.now() - timedelta(days=30))

    def refused() -> Answer:
        raise Refused

    with pytest.raises(Refused):
        do(key(form), refused)
    assert do(key(form), lambda: Answer(b"new", {})) == Answer(b"new", {})
    assert do(key(form), refused) == Answer(b"new", {}, replayed=True)


@pytest.mark.parametrize(
    "other", [("a", 1), ("a", True), ("b",), ({"x": "1"},), ({"x": 1, "y": None},), ({"x": [1]},), ({"x": 1.0},)]
)
def test_requests_that_differ_have_other_digests(other: tuple[object, ...]) -> None:
    assert digest_of(*other) != digest_of({"x": 1})
    assert digest_of({"x": 1, "z": 2}) == digest_of({"z": 2, "x": 1})


def test_a_fraction_is_neither_its_text_nor_nothing() -> None:
    half = Decimal("0.5")
    sent = [{"x": half, "y": None}, {"x": "0.5", "y": None}, {"x": None, "y": half}, {"x": None, "y": "0.5"}]
    sent += [{"x": half, "y": "0.5"}, {"x": "0.5", "y": half}, {"x": Decimal("0.50"), "y": None}]
    assert len({digest_of(each) for each in sent}) == len(sent)
    assert digest_of({"x": half}) == digest_of({"x": Decimal("0.5")})
