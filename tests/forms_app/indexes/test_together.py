"""Columns that requests filter by together get an index of them all where that was dear, and lose it again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from forms_app.database.cursor import fetch
from forms_app.design.fields import field_change, field_index, field_remove
from forms_app.field_types import registry
from forms_app.indexes import building, together, uses
from forms_app.indexes.inventory import IndexKey
from forms_app.models import CustomForm, FieldIndex, FieldUse, FormEntity, Status
from forms_app.operators.index_kinds import TOGETHER
from forms_app.records.query import AllFilters, AnyFilter, Filter, Search, Terms
from forms_app.records.query.together import Cost, costs
from forms_app.records.query.together import together as together_of
from tests.factories import add_example_field, add_field, schema_of
from tests.forms_app.indexes.test_command import said
from tests.forms_app.indexes.world import grow, on_disk, settle, small_form, standings, work
from tests.forms_app.worlds import query_of, statements

pytestmark = pytest.mark.django_db(transaction=True)
PAIR = ("kind", "number")


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    """A number, a text and a choice."""
    form = small_form(custom_app)
    add_example_field(form, registry.get("select_field"), form.pk, "kind")
    return form


@pytest.fixture
def large(form: CustomForm) -> CustomForm:
    """The same with its indexes."""
    grow(form, 25)
    settle(form)
    return form


def terms(form: CustomForm, *names: str) -> Terms:
    """Filters that an index serves: a value, or of a number and a day a range."""
    return Terms(tuple(filtered(form, name) for name in names))


def filtered(form: CustomForm, name: str, op: str = "") -> Filter:
    column = schema_of(form).columns[name]
    op = op or ("within" if "within" in column.lookups else "in" if "in" in column.lookups else "eq")
    raw = {
        "kind": ["H6Qq/ojoIFNyICUXzx3UOw=="],
        "tags": ["H6Qq/ojoIFNyICUXzx3UOw=="],
        "number": [3, 20] if op == "within" else 7,
        "count": [0, 9] if op == "within" else 7,
        "day": ["2023-01-01", "2023-02-01"],
        "user": {"user_ids": [1]},
        "text": "a",
    }[name]
    return Filter(column, op, column.operand(op, raw))


def spent(form: CustomForm, *names: str, seconds: float = 2.0, times: int = 40) -> IndexKey:
    """As if readings of a process had cost so much, and the next request came."""
    asked = terms(form, *names)
    found = together_of(asked)
    costs.current()[form.pk, found] = Cost(times, seconds)
    uses.note(form.pk, asked)
    return IndexKey(form.pk, together.number_of(form.pk, found), TOGETHER)


def standing(form: CustomForm, *names: str) -> str | None:
    return standings(form).get((" + ".join(names), TOGETHER))


def name_of(key: IndexKey) -> str:
    return building.name_of(key.field_id, key.kind)


def test_columns_that_are_filtered_by_together_are_told_in_the_order_of_their_index(form: CustomForm) -> None:
    add_field(form, "count", "integer_field")
    add_field(form, "day", "date_field")
    add_example_field(form, registry.get("multi_select"), form.pk, "tags")

    def found(*filters: Any, search: Any = None) -> tuple[str, ...]:
        return together_of(Terms(filters, search))

    kind, number, day, user = (filtered(form, name) for name in ("kind", "number", "day", "user"))
    assert found(number, kind) == found(kind, number) == PAIR
    assert found(kind, filtered(form, "number", "eq")) == PAIR  # one index serves both
    assert found(kind, filtered(form, "number", "gt"), filtered(form, "number", "lt")) == PAIR
    assert found(user, kind) == ("kind", "user")
    assert found(number, user, kind) == ("kind", "user", "number")
    assert found(number, day, kind) == ("kind", "day")  # at most one range
    assert found(filtered(form, "count", "eq"), number, user, kind) == ("kind", "user", "number")  # at most three
    # The rows that an actor reaches, by the one way that they have.
    assert found(AnyFilter((AllFilters((user,)),)), kind) == ("kind", "user")
    assert found(AllFilters((number, kind))) == PAIR
    for alone in (
        (kind,),
        (number, day),
        (kind, kind),
        (kind, AnyFilter((number, user))),
        (kind, filtered(form, "tags")),
    ):
        assert found(*alone) == ()
    assert found(kind, filtered(form, "text", "like")) == ()
    assert found(kind, filtered(form, "number", "ne")) == ()
    assert found(kind, search=Search(schema_of(form).columns["text"], "a")) == ()


def test_what_took_long_is_indexed_and_what_it_cost_stays_known(large: CustomForm) -> None:
    key = spent(large, *PAIR)
    assert standing(large, *PAIR) == "missing"
    settle(large)
    assert standing(large, *PAIR) == "valid"
    assert on_disk(name_of(key)) == {name_of(key): True}
    spent(large, *PAIR)
    use = FieldUse.objects.get(field_id=key.field_id)
    assert (use.names, use.times, use.seconds) == ("kind number", 40, 2.0)
    settle(large)
    assert standing(large, *PAIR) == "valid"


def test_an_index_of_a_choice_and_an_owner_gives_the_last_changed_first(large: CustomForm) -> None:
    key = spent(large, "kind", "user")
    settle(large)
    assert standing(large, "kind", "user") == "valid"
    ((definition,),) = fetch("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name_of(key)])
    assert "owner_uid, updated_at, id" in definition


def test_what_took_little_is_not_written_down(large: CustomForm) -> None:
    asked = terms(large, *PAIR)
    costs.current()[large.pk, PAIR] = Cost(1, together.STEP_SECONDS / 2)
    with statements() as sent:
        uses.note(large.pk, asked)
    assert sent == []
    key = spent(large, *PAIR, seconds=together.STEP_SECONDS)
    assert FieldUse.objects.filter(field_id=key.field_id).exists()
    assert standing(large, *PAIR) is None


def test_readings_are_counted_within_a_day(large: CustomForm) -> None:
    key = spent(large, *PAIR, seconds=0.6)
    row = FieldUse.objects.filter(field_id=key.field_id)
    spent(large, *PAIR, seconds=0.6)
    assert standing(large, *PAIR) == "missing"
    row.update(counted_from=now() - timedelta(days=2))
    spent_anew(large, key, seconds=0.3)
    assert (row.get().times, row.get().seconds) == (40, 0.3)
    assert standing(large, *PAIR) is None


def spent_anew(form: CustomForm, key: IndexKey, seconds: float) -> None:
    """The same in another process, or an hour later."""
    together._written.empty()
    spent(form, *PAIR, seconds=seconds)


def test_a_reading_that_takes_long_is_counted_once(large: CustomForm, monkeypatch: Any) -> None:
    monkeypatch.setattr("forms_app.records.query.together.DEAR_SECONDS", 0)
    query = query_of(large, terms(large, *PAIR))
    query.page_and_count(20)
    assert costs.current()[large.pk, PAIR].times == 1
    query.page_and_count(20, 5_000)  # far away: a page, and a count
    query.ids()
    assert costs.current()[large.pk, PAIR].times == 4
    monkeypatch.setattr("forms_app.records.query.together.DEAR_SECONDS", 60)
    query.ids()
    assert costs.current()[large.pk, PAIR].times == 4


def test_a_form_has_no_more_of_them_than_it_may_and_those_that_cost_most(large: CustomForm, settings: Any) -> None:
    settings.MAX_INDEXES_TOGETHER = 1
    spent(large, "kind", "user", seconds=3)
    spent(large, *PAIR, seconds=9)
    assert (standing(large, *PAIR), standing(large, "kind", "user")) == ("missing", "capped")
    settle(large)
    spent(large, "user", "number", seconds=99)
    assert (standing(large, *PAIR), standing(large, "user", "number")) == ("valid", "capped")  # what is there stays
    settings.MAX_INDEXES_TOGETHER = 0
    assert standing(large, *PAIR) == "valid"


def test_a_small_form_has_none(large: CustomForm) -> None:
    key = spent(large, *PAIR)
    settle(large)
    grow(large, -20)
    assert standing(large, *PAIR) is None
    settle(large)
    settle(large)
    assert on_disk(name_of(key)) == {}


def test_one_that_nobody_asks_for_is_given_up_and_one_use_does_not_bring_it_back(
    large: CustomForm, monkeypatch: Any
) -> None:
    key = spent(large, *PAIR)
    settle(large)
    long_ago = now() - timedelta(days=100)
    FieldIndex.objects.filter(field_id=key.field_id).update(updated_at=long_ago)
    row = FieldUse.objects.filter(field_id=key.field_id)
    row.update(used_at=long_ago, counted_from=long_ago)
    together._written.empty()
    uses.note(large.pk, terms(large, *PAIR))  # not yet an hour later
    assert standings(large)["", TOGETHER] == "unwanted"
    settle(large)
    settle(large)
    assert on_disk(name_of(key)) == {}
    monkeypatch.setattr(together, "AGAIN_SECONDS", 0)
    uses.note(large.pk, terms(large, *PAIR))
    assert row.get().used_at > now() - timedelta(minutes=5)
    assert standing(large, *PAIR) is None


def test_one_that_is_used_stays_though_it_costs_nothing_any_more(large: CustomForm, monkeypatch: Any) -> None:
    key = spent(large, *PAIR)
    settle(large)
    long_ago = now() - timedelta(days=100)
    FieldIndex.objects.filter(field_id=key.field_id).update(updated_at=long_ago)
    FieldUse.objects.filter(field_id=key.field_id).update(used_at=long_ago, counted_from=long_ago)
    monkeypatch.setattr(together, "AGAIN_SECONDS", 0)
    uses.note(large.pk, terms(large, *PAIR))
    assert standing(large, *PAIR) == "valid"


@pytest.mark.parametrize("how", ["removed", "another type", "disabled", "switched off"])
def test_a_field_that_goes_takes_its_indexes_with_others_along(large: CustomForm, how: str) -> None:
    key = spent(large, *PAIR)
    other = spent(large, "kind", "user")
    settle(large)
    number = large.custom_fields.get(name="number")
    if how == "removed":
        strip(large)
        field_remove(field=number)
    elif how == "another type":
        strip(large)
        field_change(field=number, field_type="text_field", setting={})
    elif how == "disabled":
        field_change(field=number, status=Status.DISABLE)
    else:
        field_index(field=number, indexed=False)
    settle(large)
    work(large)
    assert on_disk(name_of(key), name_of(other)) == {name_of(other): True}
    assert standing(large, "kind", "user") == "valid"
    kept = how in ("disabled", "switched off")
    assert FieldUse.objects.filter(field_id=key.field_id).exists() is kept


def strip(form: CustomForm) -> None:
    """No record has a number any more."""
    FormEntity.objects.filter(custom_form_id=form.pk).update(data={})


def test_one_whose_field_went_before_it_was_built_is_not_built(large: CustomForm) -> None:
    key = spent(large, *PAIR)
    building.request(**key._asdict())
    field_index(field=large.custom_fields.get(name="number"), indexed=False)
    assert building.build(**key._asdict()) == FieldIndex.State.REQUESTED
    assert on_disk(name_of(key)) == {}


def test_nothing_is_noted_where_nothing_may_be_written(large: CustomForm, settings: Any) -> None:
    settings.REMEMBERED_ANSWERS = 0
    spent(large, *PAIR)
    assert not FieldUse.objects.filter(kind=TOGETHER).exists()


def test_the_command_says_why_it_is_there(large: CustomForm) -> None:
    spent(large, *PAIR)
    settle(large)
    (line,) = [line for line in said(str(large.pk))[0].splitlines() if TOGETHER in line]
    assert "kind + number" in line
    assert line.endswith("within a day 40 lists took 2.0 s without it")
    (found,) = [facts for facts in json.loads(said(str(large.pk), "--json")[0]) if facts["kind"] == TOGETHER]
    assert (found["field"], found["field_id"], found["cost"]) == (
        "kind + number",
        None,
        {"times": 40, "seconds": 2.0},
    )
