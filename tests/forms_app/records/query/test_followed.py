"""A selection that is followed answers as if it were found anew, whatever was written since."""

from __future__ import annotations

import itertools
import random
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from forms_app.database.cursor import fetch
from forms_app.models import CustomForm, Member, RememberedAnswer
from forms_app.records.query import EntityQuery, followed
from forms_app.records.query import pages as listing
from forms_app.records.query.ordering import order
from forms_app.records.writes import entity_mass_destroy, entity_transfer, entity_update
from tests.factories import actor_of, make_entity, schema_of
from tests.forms_app.records.query.test_pages import (
    SORTS,
    _everything_is_worth_remembering,
    answer,
    apart,
    form,
    selected,
)
from tests.forms_app.records.query.writes import WRITES
from tests.forms_app.worlds import at_once, statements

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["_everything_is_worth_remembering", "form"]


def follow(query: EntityQuery, form: CustomForm, member: Member) -> None:
    """Have a selection followed: it is asked for, the form changes, and it is asked for again."""
    answer(query)
    make_entity(form, member, text="pump", amount=3)
    answer(query)
    assert RememberedAnswer.objects.filter(custom_form_id=form.pk, place=followed.PLACE).exists()


def kept_at(form: CustomForm) -> int:
    """The form's sum of changes at which its selection was kept."""
    return RememberedAnswer.objects.get(custom_form_id=form.pk, place=followed.PLACE).changes


@pytest.mark.parametrize("write", WRITES)
def test_what_was_written_since_is_in_the_answer_by_one_statement(form: CustomForm, alice: Member, write: str) -> None:
    query = selected(form, ("amount", "gte", 2))
    follow(query, form, alice)
    before = answer(query)
    WRITES[write](form, alice, before[0][0])
    with statements() as sent:
        after = answer(query)
    assert len(sent) == 1
    assert "AS start" in sent[0]
    assert after == apart(query)
    assert write == "transfer" or after != before


@pytest.mark.parametrize("few", [0, 32])
@pytest.mark.parametrize("sorts", SORTS)
def test_every_page_in_every_order_is_what_it_is_when_found_anew(
    form: CustomForm,
    alice: Member,
    bob: Member,
    sorts: tuple[tuple[str, bool], ...],
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(followed, "FEW", few)
    chance = random.Random(repr(sorts))
    queries = [selected(form, ("amount", "gte", 2), sorts=sorts), selected(form, search="pump", sorts=sorts)]
    for query in queries:
        follow(query, form, alice)
    schema, actor = schema_of(form), actor_of(alice)
    for _round in range(12):
        for _write in range(chance.randrange(4)):
            ids = queries[1].ids()
            deed = chance.randrange(5)
            if deed == 0 and len(ids) > 4:
                entity_mass_destroy(schema=schema, ids=chance.sample(ids, 2), actor=actor)
            elif deed == 1:
                entity_transfer(schema=schema, ids=[chance.choice(ids)], to_user_uid=bob.uid, actor=actor)
            elif deed == 2:
                make_entity(form, bob, text=f"pump {chance.randrange(5)}", amount=chance.randrange(5))
            else:
                values: dict[str, Any] = {
                    "amount": chance.choice([None, 1, 2, 3]),
                    "text": f"pump {chance.randrange(9)}",
                }
                entity_update(schema=schema, record_id=chance.choice(ids), values=values, actor=actor)
        for query, offset in itertools.product(queries, (0, 3, 7, 90)):
            assert answer(query, 3, offset) == apart(query, 3, offset)


def test_too_many_changes_have_it_found_anew_and_followed_from_there(
    form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = selected(form, ("amount", "gte", 2))
    monkeypatch.setattr(followed, "MOST_ENTRIES", 20)
    follow(query, form, alice)
    for more, anew in ((followed.MOST_ENTRIES, False), (1, True), (1, False)):
        before = kept_at(form)
        for _n in range(more):
            make_entity(form, alice, text="pump", amount=3)
        assert answer(query) == apart(query)
        assert (kept_at(form) != before) is anew


def test_a_change_that_no_entry_tells_of_has_it_found_anew(form: CustomForm, alice: Member) -> None:
    query = selected(form, ("amount", "gte", 2))
    follow(query, form, alice)
    CustomForm.objects.filter(pk=form.pk).update(history_since=None)
    form.refresh_from_db()
    form.save()
    make_entity(form, alice, text="pump", amount=3)
    unseen = answer(query)
    assert unseen == apart(query)
    form.history_since = form.created_at
    form.save()
    make_entity(form, alice, text="pump", amount=2)
    assert answer(query) == apart(query)
    fetch(f"DELETE FROM form_entity_change WHERE custom_form_id = {int(form.pk)} RETURNING 1", [])
    assert answer(query) == apart(query)


def test_a_form_without_history_is_not_followed(form: CustomForm, alice: Member) -> None:
    form.history_since = None
    form.save()
    query = selected(form, ("amount", "gte", 2))
    for _round in range(3):
        make_entity(form, alice, text="pump", amount=3)
        assert answer(query) == apart(query)
    assert not RememberedAnswer.objects.filter(place=followed.PLACE).exists()


def test_a_form_follows_some_selections_and_lets_the_oldest_go(
    form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed, "MOST_KEPT", 5)
    queries = [selected(form, ("amount", "gte", n)) for n in range(-9, 3)]
    for query in queries:
        follow(query, form, alice)
    assert RememberedAnswer.objects.filter(place=followed.PLACE).count() <= 5
    assert [answer(query) for query in queries] == [apart(query) for query in queries]


def test_a_selection_that_grew_past_what_is_gathered_is_followed_no_longer(
    form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = selected(form, ("amount", "gte", 2))
    follow(query, form, alice)
    monkeypatch.setattr(listing, "MANY", 2)
    for _round in range(3):
        make_entity(form, alice, text="pump", amount=3)
        assert answer(query) == apart(query)


def test_what_is_open_while_it_is_kept_is_seen_once_it_is_committed(form: CustomForm, alice: Member) -> None:
    """The transaction has its number before the snapshot, and is not in it."""
    query = selected(form, ("amount", "gte", 2))
    answer(query)
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            make_entity(form, alice, text="pump", amount=3)
            written.set()
            assert go_on.wait(30)

    def keep() -> tuple[list[int], int]:
        assert written.wait(30)
        make_entity(form, alice, text="pump", amount=2)
        kept = answer(query)
        go_on.set()
        return kept

    _none, kept = at_once([slow, keep])
    before = kept_at(form)
    after = answer(query)
    assert after == apart(query)
    assert kept_at(form) == before  # it was not found anew
    assert after[1] == kept[1] + 1


def test_pages_and_totals_are_exact_in_every_snapshot_while_writers_run(form: CustomForm, alice: Member) -> None:
    """Readers have selections followed; judges follow them, and find the same anew in one snapshot."""
    schema, actor = schema_of(form), actor_of(alice)
    queries = [selected(form, ("amount", "gte", 2), sorts=sorts) for sorts in SORTS[:5]]
    done = threading.Event()
    agreed = itertools.count()
    finished = itertools.count(1)

    def write(place: int) -> None:
        try:
            for round_ in range(60):
                made = make_entity(form, alice, text="pump", amount=round_ % 5)
                entity_update(schema=schema, record_id=made, values={"amount": (round_ + place) % 5}, actor=actor)
                if round_ % 3 == place % 3:
                    entity_mass_destroy(schema=schema, ids=[made], actor=actor)
        finally:
            if next(finished) == 3:
                done.set()

    def read() -> None:
        while not done.is_set():
            for query in queries:
                answer(query)

    def judge() -> None:
        while not done.is_set():
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                for query in queries:
                    rows = followed.Followed(form.pk, query._where, order(query.terms.sorts)).page("id", 3, 3)
                    if rows:
                        found = [row[0] for row in rows if row[0] is not None], rows[0][-1]
                        assert found == ([row.id for row in query.page(3, 3)], counted(query))
                        next(agreed)

    jobs = [lambda place=place: write(place) for place in range(3)] + [read] * 2 + [judge] * 2
    assert at_once(jobs) == [None] * 7
    assert next(agreed) > 50
    assert [answer(query) for query in queries] == [apart(query) for query in queries]


def counted(query: EntityQuery) -> int:
    where, values = query._where
    sql = f"SELECT count(*) FROM form_entity WHERE custom_form_id = {int(query.schema.id)} AND {where}"
    return int(fetch(sql, values)[0][0])
