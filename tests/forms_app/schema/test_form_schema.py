"""FormSchema: what a form's names mean, right at once for who changed it, free of cost while nothing changes."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from forms_app.caching import tags
from forms_app.design.fields import field_change
from forms_app.exceptions import NotFound
from forms_app.models import CustomForm, FieldIndex, FormTab, Member
from forms_app.schema import form_schema as schemas
from forms_app.schema.columns import expression
from forms_app.schema.form_schema import FormSchema
from tests.factories import actor_of, add_field, make_form, schema_of
from tests.forms_app.worlds import at_once, statements


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"a": "text_field", "n": "integer_field"})


def test_a_form_is_found_for_whom_it_exists(form: CustomForm, alice: Member, charlie: Member) -> None:
    assert FormSchema.of(form.pk, actor_of(alice)).id == form.pk
    for form_id, actor in (
        (form.pk, actor_of(charlie)),
        (form.pk, actor_of(alice, form_ids=frozenset({form.pk + 1}))),
        (2**40, actor_of(alice)),
    ):
        with pytest.raises(NotFound) as missing:
            FormSchema.of(form_id, actor)
        assert [(fault.code, fault.field) for fault in missing.value.faults] == [("unknown_form", "custom_form_id")]
    form.status = "disable"
    form.save()
    with pytest.raises(NotFound):
        FormSchema.of(form.pk, actor_of(alice))
    assert FormSchema.find(form.pk) is not None
    assert FormSchema.find(2**40) is None


def test_a_known_schema_costs_nothing_and_a_change_elsewhere_one_statement(
    form: CustomForm, custom_app: Any, settings: Any
) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    schema_of(form)
    with statements() as warm:
        for _ in range(5):
            assert FormSchema.find(form.pk) is schema_of(form)
    assert warm == []
    other = make_form(custom_app, {"a": "text_field"})
    before = schemas._schemas.current()[form.pk][1]
    with statements() as elsewhere:
        assert FormSchema.find(form.pk) is before
    assert len(elsewhere) == 1
    with statements() as built:
        schema_of(other)
    assert len(built) <= 9
    tags.read_anew()
    with statements() as checked:
        FormSchema.find(form.pk)
    assert checked == []  # one row of versions, counted apart


def test_a_change_is_seen_by_who_made_it(form: CustomForm) -> None:
    assert list(schema_of(form).by_field) == ["a", "n"]
    field = form.custom_fields.get(name="a")
    field_change(field=field, label="新")
    assert schema_of(form).by_field["a"].label == "新"
    add_field(form, "c", "text_field")
    assert list(schema_of(form).by_field) == ["a", "n", "c"]
    assert [column.number for column in schema_of(form).fields] == [1, 2, 3]
    assert schema_of(form).by_number[3].name == "c"


@pytest.mark.django_db(transaction=True)
def test_a_change_in_another_connection_is_seen(form: CustomForm) -> None:
    assert list(schema_of(form).by_field) == ["a", "n"]
    added = at_once([lambda: add_field(form, "c", "text_field").name])
    assert added == ["c"]
    assert list(schema_of(form).by_field) == ["a", "n", "c"]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_finished_is_nobody_else_s(form: CustomForm, settings: Any) -> None:
    """Else another thread would take the old definition for the new one, for good."""
    settings.VERSION_CHECK_SECONDS = 60
    schema_of(form)
    mine, theirs = threading.Event(), threading.Event()
    seen: list[list[str]] = []

    def other() -> None:
        mine.wait(30)
        seen.append(list(schema_of(form).by_field))
        theirs.set()

    def change() -> None:
        with transaction.atomic():
            add_field(form, "c", "text_field")
            seen.append(list(schema_of(form).by_field))
            mine.set()
            theirs.wait(30)
        seen.append(list(schema_of(form).by_field))

    assert at_once([change, other]) == [None, None]
    assert seen == [["a", "n", "c"], ["a", "n"], ["a", "n", "c"]]
    assert at_once([lambda: list(schema_of(form).by_field)]) == [["a", "n", "c"]]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_leaves_nothing(form: CustomForm, settings: Any) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    with pytest.raises(RuntimeError), transaction.atomic():
        add_field(form, "c", "text_field")
        assert "c" in schema_of(form).by_field
        raise RuntimeError
    assert list(schema_of(form).by_field) == ["a", "n"]


def test_a_form_that_was_deleted_is_not_found(form: CustomForm) -> None:
    pk = schema_of(form).id
    form.primary_field = None
    form.save()
    form.delete()
    assert FormSchema.find(pk) is None


@pytest.mark.parametrize("by", ["field", "group"])
def test_what_is_disabled_is_no_column(form: CustomForm, by: str) -> None:
    field = form.custom_fields.get(name="a")
    target = field if by == "field" else field.custom_field_group
    target.status = "disable"
    target.save()
    schema = schema_of(form)
    assert "a" not in schema.columns
    assert "a" in schema.disabled
    assert schema.primary is None
    assert schema.field_fault("a").code == "disabled_field"
    assert schema.field_fault("zz").code == "unknown_field"
    assert schema.field_fault("x" * 999).field == "x" * 128


def test_references_of_formulas_mean_names_then_labels(form: CustomForm, custom_app: Any, charlie: Member) -> None:
    add_field(form, "twin", "text_field")
    form.custom_fields.filter(name__in=["n", "twin"]).update(label="同")
    form.save()
    relation = add_field(form, "r", ("relation_field", {"form": form.pk}))
    volatile = add_field(form, "v", ("formula_field", {"formula": "NOW()"}))
    schema = schema_of(form)
    assert schema.resolve(("a",)).path == ("a",)  # type: ignore[union-attr]
    assert schema.resolve(("label of a",)).path == ("a",)  # type: ignore[union-attr]
    assert schema.resolve(("同",)) is None  # two have it
    assert schema.resolve(("r", "label of a")).path == ("r", "a")  # type: ignore[union-attr]
    for path in (("a", "n"), ("r", "nothing"), ("nothing",), ("nothing", "a"), (relation.name, volatile.name)):
        assert schema.resolve(path) is None
    add_field(form, "where", "geo_address")
    assert schema_of(form).resolve(("where",)) is None
    theirs = make_form(
        type(custom_app).objects.create(organization=charlie.organization, name="x"), {"t": "text_field"}
    )
    form.custom_fields.filter(name="r").update(setting={"form": theirs.pk})
    form.save()
    assert schema_of(form).resolve(("r", "t")) is None


def test_a_formula_that_no_longer_compiles_is_left_out(form: CustomForm) -> None:
    add_field(form, "f", ("formula_field", {"formula": "{n} + 1"}))
    add_field(form, "g", ("formula_field", {"formula": "{f} + 1"}))
    assert list(schema_of(form).formulas) == ["f", "g"]
    form.custom_fields.filter(name="n").update(status="disable")
    form.save()
    assert list(schema_of(form).formulas) == ["g"]
    form.custom_fields.filter(name="n").update(status="enable")
    form.custom_fields.filter(name="f").update(setting={"formula": "{{{"})
    form.save()
    assert list(schema_of(form).formulas) == ["g"]


def test_formulas_come_after_those_they_read(form: CustomForm) -> None:
    first = add_field(form, "f", ("formula_field", {"formula": "1"}))
    add_field(form, "g", ("formula_field", {"formula": "{n} + 1"}))
    add_field(form, "h", ("formula_field", {"formula": "{g} + 1"}))
    field_change(field=first, setting={"formula": "{h} + 1"})
    assert list(schema_of(form).formulas) == ["g", "h", "f"]
    assert list(schema_of(form).volatile_formulas) == []


def test_tabs_and_valid_unique_indexes_belong_to_it(form: CustomForm) -> None:
    FormTab.objects.create(custom_form=form, name="big", label="大", filters=[{"name": "n"}], sort=[])
    field = form.custom_fields.get(name="a")
    for state, ready in ((FieldIndex.State.BUILDING, frozenset()), (FieldIndex.State.VALID, frozenset({field.pk}))):
        FieldIndex.objects.update_or_create(
            custom_form_id=form.pk, field_id=field.pk, kind="unique", defaults={"state": state}
        )
        tags.bump("definitions", form_ids=[form.pk])
        assert schema_of(form).ready_unique == ready
    assert schema_of(form).tabs["big"].label == "大"


@pytest.mark.parametrize("name", ["a'b", "a b", "", "1a", "é", 'a"', "a-b"])
def test_what_is_no_name_never_becomes_sql(name: str) -> None:
    with pytest.raises(ValueError, match="no field name"):
        expression(name)


def test_it_works_without_a_row_of_versions(form: CustomForm) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM forms_app_cacheversion")
    tags.read_anew()
    assert tags.current() == tags.Tags(0, 0, 0)
    assert list(schema_of(form).by_field) == ["a", "n"]
