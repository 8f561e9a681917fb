"""A page with its total is what the two are by themselves: gathered, recalled, or found one after the other."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from forms_app.database.cursor import fetch
from forms_app.field_types import registry
from forms_app.models import CustomApp, CustomForm, Member, RememberedAnswer
from forms_app.records.query import EntityQuery, Filter, Search, Sort, Terms, totals
from forms_app.records.query import pages as listing
from forms_app.records.query.followed import PLACE
from forms_app.records.writes import entity_update
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.records.query.writes import WRITES
from tests.forms_app.worlds import at_once, query_of, statements

pytestmark = pytest.mark.django_db(transaction=True)

CHOICES = registry.get("select_field").example_options


@pytest.fixture(autouse=True)
def _everything_is_worth_remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "WORTH_SECONDS", 0)
    monkeypatch.setattr(listing, "WORTH_SECONDS", 0)


@pytest.fixture
def form(custom_app: CustomApp, alice: Member, bob: Member) -> CustomForm:
    fields = {"text": "text_field", "amount": "float_field", "kind": ("select_field", {}, CHOICES)}
    found = make_form(custom_app, fields)
    for n in range(12):
        values = {"text": f"pump {n % 5}", "amount": n % 4 or None, "kind": CHOICES[n % 3].value if n % 5 else None}
        make_entity(found, alice if n % 3 else bob, **{name: v for name, v in values.items() if v is not None})
    return found


def selected(
    form: CustomForm, *filters: tuple[str, str, Any], search: str = "", sorts: tuple[tuple[str, bool], ...] = ()
) -> EntityQuery:
    columns = schema_of(form).columns
    terms = tuple(Filter(columns[name], op, columns[name].operand(op, value)) for name, op, value in filters)
    keys = tuple(Sort(columns[name], descending) for name, descending in sorts)
    return query_of(form, Terms(terms, Search(columns["text"], search) if search else None, keys))


def answer(query: EntityQuery, limit: int = 3, offset: int = 0) -> tuple[list[int], int]:
    rows, total = query.page_and_count(limit, offset)
    return [row.id for row in rows], total


def apart(query: EntityQuery, limit: int = 3, offset: int = 0) -> tuple[list[int], int]:
    """What no memory takes part in."""
    with transaction.atomic():
        return [row.id for row in query.page(limit, offset)], query.count()


def pages(form: CustomForm) -> int:
    """The pages that are remembered."""
    return RememberedAnswer.objects.filter(custom_form_id=form.pk, answer__contains=[]).count()


SORTS = (
    (),
    (("id", False),),
    (("amount", False),),
    (("amount", True),),
    (("text", False),),
    (("kind", True),),
    (("kind", False), ("amount", True)),
    (("created_at", True), ("amount", False)),
    (("user", False),),
)


@pytest.mark.parametrize("many", [0, 1_000])
@pytest.mark.parametrize("sorts", SORTS)
def test_page_and_total_are_what_each_is_by_itself(
    form: CustomForm, alice: Member, sorts: tuple[tuple[str, bool], ...], many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MANY", many)
    restrictions: tuple[dict[str, Any], ...] = ({"search": "pump"}, {"search": "pump 3"}, {"search": "none"})
    for restriction in restrictions:
        query = selected(form, sorts=sorts, **restriction)
        both = selected(form, ("amount", "gte", 2), sorts=sorts, **restriction)
        for _round in range(3):
            for found, offset in itertools.product((query, both), (0, 3, 9, 90)):
                assert answer(found, offset=offset) == apart(found, offset=offset)
        make_entity(form, alice, text="pump 3", amount=3)


def test_an_unknown_selection_takes_one_statement_and_a_known_one_another(form: CustomForm) -> None:
    query = selected(form, ("amount", "gte", 2))
    with statements() as first:
        found = answer(query)
    assert len(first) == 2  # and one to remember
    with statements() as second:
        assert answer(query) == found
    assert len(second) == 1
    assert "amount" not in second[0]  # the same statement for all selections


def test_what_is_found_fast_and_is_not_much_is_looked_for_each_time(
    form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "WORTH_SECONDS", 60)
    query = selected(form, ("amount", "gte", 2))
    for _round in range(2):
        with statements() as sent:
            answer(query)
        assert len(sent) == 1
    assert RememberedAnswer.objects.count() == 0
    monkeypatch.setattr(totals, "WORTH_COUNT", 3)
    answer(query)
    assert RememberedAnswer.objects.filter(place=PLACE).count() == 1


def test_each_page_is_remembered_by_itself_and_large_ones_are_not(form: CustomForm) -> None:
    query = selected(form, search="pump")
    for limit, offset in ((3, 0), (3, 3), (4, 0), (3, 0), (listing.MOST_IDS + 1, 0)):
        assert answer(query, limit, offset) == apart(query, limit, offset)
    assert pages(form) == 3
    assert answer(selected(form, search="pump", sorts=(("id", False),)), 3) == apart(
        selected(form, search="pump", sorts=(("id", False),)), 3
    )
    assert pages(form) == 4


def test_another_process_finds_what_the_first_one_did(form: CustomForm) -> None:
    query = selected(form, ("amount", "gte", 2))
    found = answer(query)
    listing.sizes.empty()
    assert answer(query) == found


def test_a_transaction_neither_recalls_a_page_nor_remembers_one(form: CustomForm, alice: Member) -> None:
    query = selected(form, search="pump")
    answer(query)
    last = query.ids()[-1]
    assert RememberedAnswer.objects.filter(custom_form_id=form.pk, answer__contains=[]).update(answer=[last])
    assert answer(query)[0] == [last]
    with transaction.atomic():
        made = make_entity(form, alice, text="pump")
        assert answer(query) == apart(query)
        assert answer(query)[0][0] == made


def test_a_setting_of_zero_remembers_no_page(form: CustomForm, settings: Settings) -> None:
    settings.REMEMBERED_ANSWERS = 0
    query = selected(form, search="pump")
    assert answer(query) == answer(query) == apart(query)
    assert RememberedAnswer.objects.count() == 0


@pytest.mark.parametrize("write", WRITES)
def test_every_write_makes_pages_be_found_anew(form: CustomForm, alice: Member, write: str) -> None:
    queries = [selected(form, ("amount", "gte", 2)), selected(form, ("user", "in", {"user_ids": [1]}))]
    before = [answer(query) for query in queries]
    assert [answer(query) for query in queries] == before
    WRITES[write](form, alice, before[0][0][-1])
    assert [answer(query) for query in queries] == [apart(query) for query in queries] != before


def test_a_total_that_is_counted_anew_brings_no_old_page_back(form: CustomForm, alice: Member) -> None:
    query = selected(form, ("amount", "gte", 2))
    answer(query)
    make_entity(form, alice, amount=3)
    assert query.count() == apart(query)[1]  # remembered, and the page of before still lies beside it
    assert answer(query) == apart(query)


def test_a_page_holds_only_what_matches_now_while_writers_run(form: CustomForm, alice: Member) -> None:
    """The ids of a page that somebody has changed since would show: their records no longer match, or not in order."""
    query = selected(form, ("amount", "gte", 2))
    ids = [row.id for row in query_of(form).page(100)]
    done, seen = threading.Event(), list[int]()

    def write() -> None:
        schema, actor = schema_of(form), actor_of(alice)
        try:
            for n in itertools.takewhile(lambda n: n < 60 or len(seen) < 100, itertools.count()):
                entity_update(schema=schema, record_id=ids[n * 7 % len(ids)], values={"amount": n % 4}, actor=actor)
        finally:
            done.set()

    def read() -> None:
        while not done.is_set():
            rows, total = query.page_and_count(3)
            assert [row for row in rows if '"amount": 0' in row.data or '"amount": 1' in row.data] == []
            assert [row.updated_at for row in rows] == sorted((row.updated_at for row in rows), reverse=True)
            seen.append(total)

    assert at_once([write] + [read] * 4) == [None] * 5
    assert answer(query) == apart(query)


def test_a_search_is_planned_once_and_filters_for_their_values(
    form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "WORTH_SECONDS", 60)
    narrowed = ("amount", "gte", 2)
    for query in (selected(form, search="pump"), selected(form, narrowed), selected(form, narrowed, search="pump")):
        for _round in range(8):
            answer(query)
    prepared = [row[0] for row in fetch("SELECT statement FROM pg_prepared_statements", [])]
    gathering = [text for text in prepared if "WITH matching" in text and f"custom_form_id = {form.pk} " in text]
    assert len(gathering) == (0 if connection.settings_dict["POOLED"] else 1)  # behind a pooler nothing is prepared
    assert not [text for text in gathering if "amount" in text]
