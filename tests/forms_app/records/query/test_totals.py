"""Totals are exact whoever writes: remembered until the form changes, and no longer."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from forms_app.database.cursor import fetch
from forms_app.models import CustomApp, CustomForm, Department, Member, RememberedAnswer
from forms_app.records.query import AnyFilter, EntityQuery, Filter, Search, Terms, answers, totals
from forms_app.records.query.conditions import conditions
from forms_app.records.writes import entity_mass_destroy, entity_transfer, entity_update
from tests.factories import MemberFactory, actor_of, make_entity, make_form, schema_of
from tests.forms_app.records.query.writes import WRITES
from tests.forms_app.worlds import at_once, query_of, statements

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _everything_is_worth_remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "WORTH_SECONDS", 0)


@pytest.fixture
def form(custom_app: CustomApp, alice: Member) -> CustomForm:
    found = make_form(custom_app, {"text": "text_field", "amount": "float_field", "team": "department_field"})
    for n in range(6):
        make_entity(found, alice, text=f"pump {n}", amount=n)
    return found


def selected(form: CustomForm, *filters: tuple[str, str, Any], search: str = "") -> EntityQuery:
    columns = schema_of(form).columns
    terms = tuple(Filter(columns[name], op, columns[name].operand(op, value)) for name, op, value in filters)
    return query_of(form, Terms(terms, Search(columns["text"], search) if search else None))


def counted_anew(query: EntityQuery) -> int:
    where, values = conditions(query.terms, query.directory)
    sql = f"SELECT count(*) FROM form_entity WHERE custom_form_id = {int(query.schema.id)} AND {where}"
    return int(fetch(sql, values)[0][0])


def remembered_answers(form: CustomForm) -> int:
    return RememberedAnswer.objects.filter(custom_form_id=form.pk).count()


def forge(form: CustomForm, answer: int) -> None:
    """Whoever reads the memory from now on gives itself away."""
    assert RememberedAnswer.objects.filter(custom_form_id=form.pk).update(answer=answer)


def test_a_count_is_remembered_for_all_and_read_with_one_statement(form: CustomForm) -> None:
    query = selected(form, ("amount", "gte", 2))
    assert (query.count(), remembered_answers(form)) == (4, 1)
    forge(form, 77)
    with statements() as found:
        assert selected(form, ("amount", "gte", 2)).count() == 77
    assert len(found) == 1
    assert at_once([query.count] * 4) == [77] * 4


def test_only_what_decides_a_count_tells_counts_apart(form: CustomForm) -> None:
    assert selected(form, ("amount", "gte", 2)).count() == 4
    forge(form, 77)
    assert selected(form, ("amount", "gte", 2)).count() == 77
    assert selected(form, ("amount", "gte", 3)).count() == 3
    assert selected(form, ("amount", "gt", 2)).count() == 3
    assert selected(form, ("amount", "gte", 2), search="pump 5").count() == 1
    assert selected(form, search="PUMP").count() == 6
    assert remembered_answers(form) == 5


def test_what_is_counted_fast_is_not_written_down(form: CustomForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "WORTH_SECONDS", 60)
    assert (selected(form, ("amount", "gte", 2)).count(), remembered_answers(form)) == (4, 0)
    monkeypatch.setattr(totals, "WORTH_COUNT", 4)
    assert (selected(form, ("amount", "gte", 2)).count(), remembered_answers(form)) == (4, 1)


def test_a_setting_of_zero_remembers_nothing(form: CustomForm, settings: Settings) -> None:
    settings.REMEMBERED_ANSWERS = 0
    assert (selected(form, ("amount", "gte", 2)).count(), remembered_answers(form)) == (4, 0)


def test_a_transaction_neither_asks_the_memory_nor_adds_to_it(form: CustomForm, alice: Member) -> None:
    query = selected(form, ("amount", "gte", 2))
    query.count()
    forge(form, 77)
    with transaction.atomic():
        assert query.count() == 4
        make_entity(form, alice, amount=9)
        assert query.count() == 5
    assert query.count() == 5


def test_the_whole_form_is_counted_by_its_counters(form: CustomForm) -> None:
    assert (query_of(form).count(), remembered_answers(form)) == (6, 0)


@pytest.mark.parametrize("write", WRITES)
def test_every_write_makes_counts_be_taken_anew(form: CustomForm, alice: Member, write: str) -> None:
    queries = [selected(form, ("amount", "gte", 2)), selected(form, ("user", "in", {"user_ids": [1]}))]
    before = [query.count() for query in queries]
    hit = queries[0].ids()[0]
    WRITES[write](form, alice, hit)
    assert [query.count() for query in queries] == [counted_anew(query) for query in queries] != before


def test_a_recomputation_makes_counts_be_taken_anew(custom_app: CustomApp, alice: Member) -> None:
    price = make_form(custom_app, {"price": "float_field"}, name="price")
    order = make_form(
        custom_app,
        {
            "text": "text_field",
            "item": ("relation_field", {"form": price.pk}),
            "total": ("formula_field", {"formula": "{item.price} * 2"}),
        },
        name="order",
    )
    item = make_entity(price, alice, price=1)
    make_entity(order, alice, item={"value": item})
    query = selected(order, ("total", "gte", 10))
    assert query.count() == 0
    entity_update(schema=schema_of(price), record_id=item, values={"price": 9}, actor=actor_of(alice))
    assert query.count() == 1


def test_who_stands_in_a_department_decides_its_count(
    form: CustomForm, people: dict[int, Member], alice: Member
) -> None:
    def of_department() -> int:
        return selected(form, ("user", "in", {"department_ids": [3]})).count()

    newcomer = MemberFactory(organization=alice.organization, uid=9)
    make_entity(form, newcomer, amount=1)
    assert of_department() == 0
    newcomer.departments.add(people[4].departments.get())
    assert of_department() == 1
    Department.objects.filter(did=4).first().delete()  # type: ignore[union-attr]
    assert of_department() == 0


def test_two_forms_keep_their_counts_apart(form: CustomForm, custom_app: CustomApp, alice: Member) -> None:
    other = make_form(custom_app, {"text": "text_field", "amount": "float_field"}, name="other")
    assert (selected(form, ("amount", "gte", 2)).count(), selected(other, ("amount", "gte", 2)).count()) == (4, 0)
    make_entity(other, alice, amount=5)
    forge(form, 77)
    assert (selected(form, ("amount", "gte", 2)).count(), selected(other, ("amount", "gte", 2)).count()) == (77, 1)


def test_the_memory_of_a_form_is_bounded_and_loses_the_oldest(form: CustomForm, settings: Settings) -> None:
    settings.REMEMBERED_ANSWERS = 20
    for n in range(100):
        selected(form, ("amount", "gte", n)).count()
        assert remembered_answers(form) <= 21
    forge(form, 77)
    assert selected(form, ("amount", "gte", 99)).count() == 77
    assert selected(form, ("amount", "gte", 0)).count() == 6


def test_a_full_memory_forgets_while_many_write_to_it(form: CustomForm, settings: Settings) -> None:
    settings.REMEMBERED_ANSWERS = 10
    numbers = itertools.count()
    jobs = [lambda: [selected(form, ("amount", "gte", next(numbers) % 40)).count() for _ in range(20)]] * 8
    assert all(isinstance(outcome, list) for outcome in at_once(jobs))
    assert remembered_answers(form) <= 10 + 8


def test_totals_are_exact_in_every_snapshot_while_writers_run(
    form: CustomForm, alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers fill the memory; judges look into it and count by hand in one snapshot."""
    monkeypatch.setattr(totals, "usable", lambda: True)
    kept = answers.remember
    monkeypatch.setattr(totals, "remember", lambda *answer: None if connection.in_atomic_block else kept(*answer))
    schema, actor = schema_of(form), actor_of(alice)
    columns = schema.columns
    odd = AnyFilter(tuple(Filter(columns["amount"], "eq", (n, n)) for n in (1, 3, 5)))
    queries = [
        selected(form, ("amount", "gte", 3)),
        selected(form, ("user", "in", {"user_ids": [2]})),
        selected(form, search="pump"),
        query_of(form, Terms((odd,))),
    ]
    done = threading.Event()
    agreed = itertools.count()

    def write(place: int) -> None:
        for round_ in range(12):
            made = make_entity(form, alice, text="pump" if round_ % 2 else "valve", amount=round_ % 7)
            entity_update(schema=schema, record_id=made, values={"amount": (round_ + place) % 7}, actor=actor)
            entity_transfer(schema=schema, ids=[made], to_user_uid=2, actor=actor)
            if round_ % 3 == place % 3:
                entity_mass_destroy(schema=schema, ids=[made], actor=actor)
            try:
                with transaction.atomic():
                    make_entity(form, bob, text="pump", amount=3)
                    raise RuntimeError
            except RuntimeError:
                pass

    def read() -> None:
        while not done.is_set():
            for query in queries:
                query.count()

    def judge() -> None:
        while not done.is_set():
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                whole = fetch(f"SELECT count(*) FROM form_entity WHERE custom_form_id = {int(form.pk)}", [])[0][0]
                assert query_of(schema).count() == whole
                for query in queries:
                    assert query.count() == counted_anew(query), query.terms
                    next(agreed)

    def writing(place: int) -> None:
        try:
            write(place)
        finally:
            if next(finished) == 3:
                done.set()

    finished = itertools.count(1)
    jobs = [lambda place=place: writing(place) for place in range(3)] + [read] * 3 + [judge] * 3
    assert at_once(jobs) == [None] * 9
    assert next(agreed) > 100
    assert [query.count() for query in queries] == [counted_anew(query) for query in queries]


def test_a_selection_is_planned_for_its_values_and_the_whole_form_once(form: CustomForm) -> None:
    """The plan for a frequent option would read the form for a rare one."""
    selection, whole = selected(form, ("amount", "gte", 2)), query_of(form)
    for query in (selection, whole):
        for _ in range(10):
            query.page(5)
            query.count()
    prepared = [row[0] for row in fetch("SELECT statement FROM pg_prepared_statements", [])]
    on_records = [text for text in prepared if f"FROM {schema_of(form).partition} " in text]
    assert bool(on_records) is not connection.settings_dict["POOLED"]  # behind a pooler nothing is prepared
    assert not [text for text in on_records if "amount" in text]
