"""Far pages begin at remembered places, and read what OFFSET would; pages by position are served by indexes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection

from forms_app.exact_json import dumps
from forms_app.field_types import registry
from forms_app.indexes.building import partition
from forms_app.models import CustomApp, CustomForm, Member, RememberedAnswer
from forms_app.records import statements
from forms_app.records.query import EntityQuery, Filter, Sort, Terms, far_pages, totals
from forms_app.records.query.conditions import conditions
from forms_app.records.query.ordering import order
from tests.factories import make_entity, make_form, schema_of
from tests.forms_app.worlds import insert, query_of
from tests.forms_app.worlds import statements as sent

FIELDS = {
    "text": "text_field",
    "number": "float_field",
    "flag": "boolean_field",
    "choice": ("select_field", {}, registry.get("select_field").example_options),
}


def filled(app: CustomApp, count: int) -> CustomForm:
    """A form of `count` records, a third of the values empty."""
    form, pick = make_form(app, FIELDS), random.Random(count)
    tokens = [option.value for option in registry.get("select_field").example_options]

    def value(name: str) -> Any:
        return {
            "text": "".join(pick.choices("abc", k=3)),
            "number": pick.randint(1, count // 4),
            "flag": pick.random() < 0.5,
            "choice": pick.choice(tokens),
        }[name]

    rows = [{name: value(name) for name in FIELDS if pick.random() < 0.7} for _ in range(count)]
    insert(form, [dumps(row).decode() for row in rows])
    statements.count({form.pk: (count, count)})
    return form


def sorted_by(form: CustomForm, *keys: tuple[str, bool], filters: tuple[Filter, ...] = ()) -> EntityQuery:
    columns = schema_of(form).columns
    return query_of(form, Terms(filters, sorts=tuple(Sort(columns[name], descending) for name, descending in keys)))


# --- Places ------------------------------------------------------------------------------------------------

SORTS = [
    (),
    (("id", False),),
    (("number", False),),
    (("number", True),),
    (("text", False),),
    (("text", True),),
    (("choice", True),),
    (("flag", True), ("number", False)),
    (("user", False),),
]


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Far begins at once, and every place is worth remembering."""
    monkeypatch.setattr(far_pages, "FAR", 1)
    monkeypatch.setattr(far_pages, "WORTH_SECONDS", 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("restricted", [False, True])
@pytest.mark.parametrize("keys", SORTS)
def test_far_pages_are_what_offset_gives(
    custom_app: CustomApp, people: Any, near: None, keys: Any, restricted: bool
) -> None:
    form, pick = filled(custom_app, 120), random.Random(3)
    column = schema_of(form).columns["number"]
    filters = (Filter(column, "gte", (5, None)),) if restricted else ()
    query = sorted_by(form, *keys, filters=filters)
    ids = query.ids()
    for _ in range(40):
        offset, size = pick.randint(0, len(ids) + 3), pick.randint(1, 30)
        assert [row.id for row in query.page(size, offset)] == ids[offset : offset + size], offset
    assert RememberedAnswer.objects.filter(custom_form_id=form.pk, place__gt=0).count() > 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keys", [keys for keys in SORTS if keys[:1] != (("choice", True),)])
def test_a_page_near_the_end_is_read_from_there(custom_app: CustomApp, people: Any, near: None, keys: Any) -> None:
    form = filled(custom_app, 60)
    query = sorted_by(form, *keys)
    ids = query.ids()
    for limit, offset, skipped in ((5, 55, 0), (7, 58, 0), (5, 45, 10), (1, 59, 0)):
        RememberedAnswer.objects.all().delete()
        with sent() as found:
            assert [row.id for row in query.page(limit, offset)] == ids[offset : offset + limit]
        (listed,) = (one for one in found if "WITH ORDINALITY" in one or "ordered" in one)
        assert listed.count(f"OFFSET {skipped}") == 1, listed
        assert [row.id for row in query.page(limit, offset)] == ids[offset : offset + limit]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("difference", [-3, -1, 1, 40])
def test_what_comes_and_goes_while_the_end_is_sought_moves_no_page(
    custom_app: CustomApp, people: Any, near: None, monkeypatch: pytest.MonkeyPatch, difference: int
) -> None:
    form = filled(custom_app, 60)
    query = sorted_by(form, ("number", True))
    ids = query.ids()
    monkeypatch.setattr(totals, "total", lambda form_id, where: 60 + difference)
    for offset in (40, 50, 55):
        assert [row.id for row in query.page(5, offset)] == ids[offset : offset + 5]


@pytest.mark.django_db(transaction=True)
def test_a_place_is_used_until_the_form_changes(custom_app: CustomApp, alice: Member, near: None) -> None:
    form = filled(custom_app, 60)
    query = sorted_by(form, ("id", False))
    ids = query.ids()
    assert query.page(5, 40)[0].id == ids[40]
    place = RememberedAnswer.objects.get(custom_form_id=form.pk, place=40)
    RememberedAnswer.objects.filter(pk=place.pk).update(answer=[str(ids[9])])
    assert [row.id for row in query.page(5, 40)] == ids[10:15]  # it believed the place that was forged
    assert query.page(5, 39)[0].id == ids[39]
    make_entity(form, alice)
    assert query.page(5, 40)[0].id == ids[40]


def test_a_place_is_known_by_all_that_orders_or_chooses(custom_app: CustomApp, people: Any) -> None:
    form = make_form(custom_app, FIELDS)
    column = schema_of(form).columns["number"]
    orders = [
        *SORTS,
        (("id", True),),
        (("text", False), ("number", False)),
        (("text", False), ("number", True)),
        (("text", True), ("number", False)),
        (("number", False), ("text", False)),
        (("user", True),),
        (("choice", False),),
    ]
    chosen: list[tuple[Filter, ...]] = [
        (),
        (Filter(column, "gte", (5, None)),),
        (Filter(column, "gte", (6, None)),),
        (Filter(column, "lte", (None, 5)),),
        (Filter(column, "empty", None),),
    ]
    known: dict[str, Any] = {}
    for filters in chosen:
        for keys in orders:
            terms = sorted_by(form, *keys, filters=filters).terms
            page = far_pages.FarPage(form.pk, conditions(terms, None), order(terms.sorts), 50)
            assert page.key == far_pages.FarPage(form.pk, conditions(terms, None), order(terms.sorts), 9).key
            assert page.key not in known, (keys, filters, known[page.key])
            known[page.key] = (keys, filters)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["id", "number", "text", "created_at"])
def test_a_place_of_one_direction_is_none_of_the_other(
    custom_app: CustomApp, people: Any, near: None, name: str
) -> None:
    form = filled(custom_app, 90)
    for descending in (False, True, False):
        query = sorted_by(form, (name, descending))
        ids = query.ids()
        for offset in (60, 30, 61):
            assert [row.id for row in query.page(7, offset)] == ids[offset : offset + 7]


@pytest.mark.django_db(transaction=True)
def test_near_pages_ask_for_no_place(custom_app: CustomApp, people: Any) -> None:
    query = query_of(filled(custom_app, 60))
    with sent() as found:
        query.page(20, 20)
    assert len(found) == 1
    assert not RememberedAnswer.objects.exists()


# --- Indexes -----------------------------------------------------------------------------------------------


def plan_of(query: EntityQuery, parts: Any) -> str:
    where, by = conditions(query.terms, query.directory), order(query.terms.sorts)
    sql, values = query._ordered("id", where, by, parts, 20, 0)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", values)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.fixture
def large(custom_app: CustomApp, people: Any) -> CustomForm:
    """A form whose fields have their indexes and statistics."""
    form = filled(custom_app, 20_000)
    leaf = partition(form.pk)
    with connection.cursor() as cursor:
        for column in schema_of(form).fields:
            for index in column.type.column_indexes(column):
                if index.method == "btree":
                    terms = index.terms(column.expression)
                    cursor.execute(f"CREATE INDEX ON {leaf} ({terms}) WHERE custom_form_id = {int(form.pk)}")
                    # PostgreSQL 15 wants a name for them.
                    name = f"statistics_{column.field_id}_{index.kind}"
                    cursor.execute(f"CREATE STATISTICS {name} ON {index.statistics(column.expression)} FROM {leaf}")
        cursor.execute(f"ANALYZE {leaf}")
    return form


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", ["updated_at", "created_at", "id", "number", "text", "choice", "flag"])
def test_pages_at_any_position_are_read_from_an_index(large: CustomForm, name: str, descending: bool) -> None:
    query = sorted_by(large, (name, descending))
    by = order(query.terms.sorts)
    plans = [plan_of(query, by.parts(False))]
    position, seen = None, 0
    for size in (3_000, 9_000, 7_500):  # among the first, among others, near the end: where the field is empty
        rows, position = query.page_after(position, size)
        seen += len(rows)
        assert position is not None
        plans.append(plan_of(query, by.after(position, False)))
    assert seen == 19_500
    for plan in plans:
        assert "Seq Scan" not in plan, plan
        assert "->  Sort" not in plan and not plan.startswith("Sort"), plan
        assert "Index" in plan
