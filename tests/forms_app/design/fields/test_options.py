"""Options of fields: every fault at once, none that a record holds is lost, and what a field's setting asks is held."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms_app.design.options import options_save
from forms_app.exceptions import Refused
from forms_app.field_types._choices import is_token, new_token
from forms_app.models import CustomForm, Member
from tests.factories import make_entity, make_form, schema_of
from tests.forms_app.design.fields.choices import TREE, A, B, C, D, field


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
