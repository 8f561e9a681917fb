"""Adding, changing and removing fields and options: every fault at once, and nothing that records hold is lost."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from forms_app.exceptions import Refused
from forms_app.field_types import Option, registry
from forms_app.field_types._choices import is_token, new_token
from forms_app.models import CustomField, CustomForm, FieldIndex, FormulaReference, Member
from forms_app.services.fields import field_add, field_change, field_remove, generated_name
from forms_app.services.options import options_save
from tests.factories import add_field, make_entity, make_form, schema_of
from tests.forms_app.worlds import stored_of

A, B, C, D = (
    "H6Qq/ojoIFNyICUXzx3UOw==",
    "qxjjDA3ECTzu2olh+sPR9A==",
    "QpbX0pPJ6koOUsZBXwtclg==",
    "AAAAAAAAAAAAAAAAAAAAAA==",
)
TREE = (Option(A, "华东"), Option(B, "上海", parent=A), Option(C, "华北"))


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"t": "text_field", "n": "integer_field", "s": ("select_field", {}, TREE[::2])})


def field(form: CustomForm, name: str) -> CustomField:
    return form.custom_fields.get(name=name)


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
    assert schema_of(form).disabled == {"t"}
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


# --- Options -----------------------------------------------------------------------------------------------


def options_of(form: CustomForm, name: str) -> list[tuple[str, str, str, str | None]]:
    return [
        (o.value, o.label, o.status, o.parent.value if o.parent else None)
        for o in field(form, name).options.select_related("parent")
    ]


def test_tokens_are_made_like_the_document_s() -> None:
    assert all(is_token(new_token()) for _ in range(50))
    assert not any(map(is_token, ["", "x" * 24, "H6Qq/ojoIFNyICUXzx3UOx==", "H6Qq/ojoIFNyICUXzx3UOw==\n", None, 1]))


def test_options_become_what_is_said_in_that_order(form: CustomForm) -> None:
    options_save(
        field=field(form, "s"),
        options=[{"label": " 新 "}, {"value": C, "label": "北", "status": "disable"}, {"value": D, "label": "d"}],
    )
    (new, second, third) = options_of(form, "s")
    assert is_token(new[0])
    assert new[1:] == ("新", "enable", None)
    assert (second, third) == ((C, "北", "disable", None), (D, "d", "enable", None))
    assert list(schema_of(form).by_field["s"].options) == [new[0], C, D]


def test_every_fault_of_the_options_is_told_with_its_place(form: CustomForm, alice: Member) -> None:
    make_entity(form, alice, s=A)
    before = options_of(form, "s")
    with pytest.raises(Refused) as refused:
        options_save(
            field=field(form, "s"),
            options=[
                {"value": C, "label": "c"},
                {"value": C, "label": "c"},
                {"value": "short", "label": ""},
                {"label": "p", "parent": C, "status": "perhaps"},
            ],
        )
    assert [(fault.code, fault.index) for fault in refused.value.faults] == [
        ("repeated_option", 1),
        ("malformed_token", 2),
        ("required", 2),
        ("unknown_status", 3),
        ("wrong_parent", 3),
        ("in_use", None),
    ]
    assert options_of(form, "s") == before


def test_an_option_that_records_hold_is_not_removed(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"m": ("multi_select", {}, TREE[::2]), "c": ("nested_select", {}, TREE)})
    make_entity(form, alice, m=[C], c={"level_0": A, "level_1": B})
    for name, gone in (("m", C), ("c", A), ("c", B)):
        kept = [
            {"value": v, "label": label, "parent": p}
            for v, label, _s, p in options_of(form, name)
            if gone not in (v, p)
        ]
        with pytest.raises(Refused) as refused:
            options_save(field=field(form, name), options=kept)
        assert {fault.code for fault in refused.value.faults} == {"in_use"}
    options_save(field=field(form, "m"), options=[{"value": C, "label": "c"}])
    assert [o[0] for o in options_of(form, "m")] == [C]


def test_a_parent_goes_while_its_child_moves(custom_app: Any) -> None:
    form = make_form(custom_app, {"c": ("nested_select", {}, TREE)})
    options_save(field=field(form, "c"), options=[{"value": C, "label": "c"}, {"value": B, "label": "b", "parent": C}])
    assert options_of(form, "c") == [(C, "c", "enable", None), (B, "b", "enable", C)]
    options_save(field=field(form, "c"), options=[])
    assert options_of(form, "c") == []


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ({"leaf_required": True}, {"level_0": A}, "not_a_leaf"),
        ({}, {"level_0": A, "level_1": A}, "wrong_parent"),
        ({}, {"level_0": A, "level_1": B, "level_2": B}, "wrong_parent"),
    ],
)
def test_a_cascade_is_a_way_down(custom_app: Any, alice: Member, setting: Any, value: Any, code: str) -> None:
    form = make_form(custom_app, {"c": ("nested_select", setting, TREE)})
    make_entity(form, alice, c={"level_0": C})
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, c=value)
    assert {fault.code for fault in refused.value.faults} == {code}


@pytest.mark.parametrize(
    ("field_type", "setting", "value", "code"),
    [
        ("multi_select", {"min_choices": 2}, [A], "too_few_choices"),
        ("multi_select", {"max_choices": 1}, [A, C], "too_many_choices"),
        ("multi_select", {}, [A] * 99, "too_many_choices"),
        ("user_field", {"multiple": False}, [{"uid": 1}, {"uid": 2}], "too_many"),
        ("user_field", {}, [{"uid": n} for n in range(1, 1002)], "too_many_items"),
        ("integer_field", {"min": 1, "max": 2}, 3, "too_large"),
        ("integer_field", {"min": 1, "max": 2}, 0, "too_small"),
        ("integer_field", {"strict": True}, 1.5, "not_integer"),
        ("text_field", {"min_length": 2}, "a", "too_short"),
        ("text_field", {"max_length": 2}, "abc", "too_long"),
    ],
)
def test_a_setting_is_held(
    custom_app: Any, alice: Member, field_type: str, setting: Any, value: Any, code: str
) -> None:
    form = make_form(custom_app, {"x": (field_type, setting, TREE[::2])})
    value = Decimal(str(value)) if isinstance(value, float) else value
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, x=value)
    assert [fault.code for fault in refused.value.faults] == [code]
