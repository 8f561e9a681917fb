"""Adding, changing and removing fields: every fault at once, and nothing that records hold is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from forms_app.design.fields import field_add, field_change, field_remove, generated_name
from forms_app.exceptions import Refused
from forms_app.field_types import registry
from forms_app.models import CustomField, CustomForm, FieldIndex, FormulaReference, Member
from tests.factories import add_field, make_entity, make_form, schema_of
from tests.forms_app.design.fields.choices import field
from tests.forms_app.worlds import stored_of


def faults(refused: Any) -> list[tuple[str, str]]:
    return sorted((fault.field, fault.code) for fault in refused.value.faults)


def add(form: CustomForm, **changes: Any) -> CustomField:
    return field_add(
        **{"form": form, "group": form.field_groups.get(), "field_type": "text_field", "label": "标签", **changes}
    )


@pytest.mark.parametrize("field_type", list(registry), ids=lambda field_type: field_type.name)
def test_a_name_is_made_like_the_document_s(field_type: Any) -> None:
    name = generated_name(field_type)
    assert re.fullmatch(rf"{field_type.prefix}_\d{{13}}_[0-9a-f]{{6}}", name)
    assert len(name) <= 64


def test_numbers_count_all_fields_the_form_ever_had(form: CustomForm) -> None:
    assert [f.number for f in form.custom_fields.order_by("number")] == [1, 2, 3]
    assert add(form, name="x").number == 4
    field_remove(field=field(form, "n"))
    assert add(form).number == 5
    assert add(form).name != add(form).name


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "created_at", "label": ""}, [("label", "required"), ("name", "reserved_name")]),
        ({"name": "x_display"}, [("name", "reserved_name")]),
        ({"name": "t"}, [("name", "not_unique")]),
        ({"name": "1a", "label": "a{b}"}, [("label", "invalid_label"), ("name", "invalid_name")]),
        ({"name": "a'; DROP TABLE x"}, [("name", "invalid_name")]),
        ({"name": "名"}, [("name", "invalid_name")]),
        ({"name": "a\n"}, [("name", "invalid_name")]),
        ({"name": "x" * 65}, [("name", "invalid_name")]),
        ({"label": "x" * 101}, [("label", "invalid_label")]),
        ({"label": " \t"}, [("label", "required")]),
        ({"label": "\u3000\u200b"}, [("label", "required")]),
        ({"field_type": "no_field"}, [("field_type", "unknown_type")]),
        ({"field_type": ""}, [("field_type", "unknown_type")]),
    ],
    ids=str,
)
def test_every_fault_of_a_new_field_is_told(form: CustomForm, changes: Any, expected: Any) -> None:
    with pytest.raises(Refused) as refused:
        add(form, **changes)
    assert faults(refused) == expected
    assert form.custom_fields.count() == 3


@pytest.mark.parametrize("name", ["id", "user", "app_id", "updated_at", "primary_field_value", "organization_id"])
def test_names_of_the_system_are_not_given(form: CustomForm, name: str) -> None:
    with pytest.raises(Refused) as refused:
        add(form, name=name)
    assert faults(refused) == [("name", "reserved_name")]


def test_what_is_given_changes_and_nothing_else(form: CustomForm) -> None:
    before = field(form, "n")
    field_change(field=field(form, "n"), label="新", position=9)
    after = field(form, "n")
    assert (after.label, after.position) == ("新", 9)
    assert (after.setting, after.field_type, after.status, after.name) == (
        before.setting,
        before.field_type,
        before.status,
        before.name,
    )


def test_a_type_changes_while_no_record_holds_a_value(form: CustomForm, alice: Member) -> None:
    changed = field_change(field=field(form, "s"), field_type="date_field", setting={})
    assert schema_of(form).by_field["s"].type.name == "date_field"
    assert not changed.options.exists()
    record_id = make_entity(form, alice, n=1)
    with pytest.raises(Refused) as refused:
        field_change(field=field(form, "n"), field_type="text_field")
    assert faults(refused) == [("field_type", "in_use")]
    with pytest.raises(Refused) as refused:
        field_change(field=field(form, "n"), field_type="no_field", label="")
    assert faults(refused) == [("field_type", "unknown_type"), ("label", "required")]
    assert field(form, "n").field_type == "integer_field"
    assert stored_of(form, record_id) == {"n": 1}


def test_a_formula_that_becomes_something_else_reads_nothing(form: CustomForm) -> None:
    add_field(form, "f", ("formula_field", {"formula": "{n} + 1"}))
    field_change(field=field(form, "f"), field_type="text_field", setting={})
    assert not FormulaReference.objects.exists()
    field_remove(field=field(form, "n"))


def test_what_a_formula_reads_stays(form: CustomForm, custom_app: Any) -> None:
    add_field(form, "r", ("relation_field", {"form": form.pk}))
    formula = add_field(form, "f", ("formula_field", {"formula": "{n} + {r.n}"}))
    other = make_form(custom_app, {"t": "text_field"})
    for name in ("n", "r"):
        for change in (
            lambda name=name: field_remove(field=field(form, name)),
            lambda name=name: field_change(field=field(form, name), status="disable"),
            lambda name=name: field_change(field=field(form, name), field_type="text_field"),
        ):
            with pytest.raises(Refused) as refused:
                change()
            assert {fault.code for fault in refused.value.faults} == {"read_by_formula"}
            assert "label of f" in refused.value.faults[0].message
    with pytest.raises(Refused) as refused:
        field_change(field=field(form, "r"), setting={"form": other.pk})
    assert {fault.code for fault in refused.value.faults} == {"read_by_formula"}
    field_change(field=formula, setting={"formula": "{r.n}"})
    with pytest.raises(Refused):
        field_remove(field=field(form, "n"))  # still read, of the related record
    field_change(field=formula, setting={"formula": "1"})
    field_remove(field=field(form, "n"))
    field_change(field=field(form, "r"), setting={"form": other.pk})
    assert list(schema_of(form).by_field) == ["t", "s", "r", "f"]


def test_a_field_with_values_is_not_removed(form: CustomForm, alice: Member) -> None:
    make_entity(form, alice, t="a")
    with pytest.raises(Refused) as refused:
        field_remove(field=field(form, "t"))
    assert faults(refused) == [("id", "in_use")]
    field_change(field=field(form, "t"), status="disable")
    assert set(schema_of(form).disabled) == {"t"}
    field_change(field=field(form, "t"), status="enable")
    assert "t" in schema_of(form).by_field


def test_a_relation_keeps_its_form_while_records_relate(form: CustomForm, custom_app: Any, alice: Member) -> None:
    others = [make_form(custom_app, {"t": "text_field"}) for _ in range(2)]
    relation = add_field(form, "r", ("relation_field", {"form": others[0].pk}))
    assert FieldIndex.objects.filter(field_id=relation.pk, kind="btree").count() == 1
    field_change(field=relation, setting={"form": others[1].pk})
    make_entity(form, alice, r={"value": make_entity(others[1], alice)})
    with pytest.raises(Refused) as refused:
        field_change(field=field(form, "r"), setting={"form": others[0].pk})
    assert faults(refused) == [("form", "in_use")]
    field_change(field=field(form, "r"), setting={"form": others[1].pk, "required": True})


def test_a_relation_leads_to_no_other_organization(form: CustomForm, charlie: Member) -> None:
    theirs = make_form(type(form.custom_app).objects.create(organization=charlie.organization, name="x"))
    with pytest.raises(Refused) as refused:
        add(form, field_type="relation_field", setting={"form": theirs.pk})
    assert faults(refused) == [("form", "unknown_form")]


@pytest.mark.parametrize("formula", ["{nothing} + 1", "1 +", "'a' * {n}", "{n.t}", "NO_SUCH({n})"])
def test_a_formula_s_faults_have_their_place(form: CustomForm, formula: str) -> None:
    with pytest.raises(Refused) as refused:
        add(form, field_type="formula_field", setting={"formula": formula})
    for fault in refused.value.faults:
        assert fault.field == "formula"
        assert fault.code.startswith("formula_")
        assert fault.index is not None
        assert set(fault.got) == {"line", "column"}


def test_a_formula_keeps_names_where_labels_were_written(form: CustomForm) -> None:
    made = add(form, field_type="formula_field", setting={"formula": "{label of n} + 1"})
    assert made.setting["formula"] == "{n} + 1"
    assert (made.setting["result"], made.setting["volatile"]) == ("number", False)
    field_change(field=field(form, "n"), label="另外")
    assert list(schema_of(form).formulas) == [made.name]
