"""What a record holds may be sent back, however its field was tightened since."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms_app.exceptions import Refused
from forms_app.field_types import Option
from forms_app.models import CustomField, CustomForm, FieldOption, Member
from tests.factories import make_entity, make_form
from tests.forms_app.records.writes.writes import update
from tests.forms_app.worlds import shown_of, stored_of

A, B, C = (
    Option(token, token[:1])
    for token in ("H6Qq/ojoIFNyICUXzx3UOw==", "qxjjDA3ECTzu2olh+sPR9A==", "QpbX0pPJ6koOUsZBXwtclg==")
)
TWO_FILES = [{"name": f"{n}.png", "file_url": f"http://x/{n}.png", "file_file_size": 2000} for n in (1, 2)]
TIGHTENED: dict[str, tuple[str, Any, dict[str, Any], Any]] = {
    "a text too long": ("text_field", "too long", {"max_length": 3}, "also long"),
    "a text too short": ("text_area", "a", {"min_length": 3}, "b"),
    "a number too large": ("integer_field", 100, {"max": 10}, 99),
    "a number too small": ("float_field", Decimal("0.5"), {"min": 1}, Decimal("0.25")),
    "too many decimals": ("float_field", Decimal("1.2345"), {"decimal_places": 2}, Decimal("1.2346")),
    "too many decimals of money": ("currency_field", Decimal("1.2345"), {"decimal_places": 2}, Decimal("1.2346")),
    "too many files": ("file_field", TWO_FILES, {"max_files": 1}, [TWO_FILES[1], TWO_FILES[0]]),
    "files too large": ("file_field", TWO_FILES, {"max_bytes": 1000}, TWO_FILES[:1]),
    "files of another kind": ("file_field", TWO_FILES, {"extensions": ["pdf"]}, TWO_FILES[:1]),
    "several people": ("user_field", [{"uid": 1}, {"uid": 2}], {"multiple": False}, [{"uid": 2}, {"uid": 1}]),
    "several departments": (
        "department_field",
        [{"did": 1}, {"did": 3}],
        {"multiple": False},
        [{"did": 3}, {"did": 1}],
    ),
    "too many choices": ("multi_select", [A.value, B.value], {"max_choices": 1}, [B.value, A.value]),
    "too few choices": ("multi_select", [A.value], {"min_choices": 2}, [B.value]),
    "an address that stops early": (
        "address_select",
        {"province_id": "110000"},
        {"down_to": "city_id"},
        {"province_id": "120000"},
    ),
}


def tighten(form: CustomForm, setting: dict[str, Any]) -> None:
    CustomField.objects.filter(custom_form=form, name="value").update(setting=setting)
    form.save()  # a new tag


@pytest.mark.parametrize("case", TIGHTENED)
def test_a_value_from_before_a_setting_was_tightened(custom_app: Any, alice: Member, people: Any, case: str) -> None:
    kind, value, setting, other = TIGHTENED[case]
    options = (A, B, C) if kind == "multi_select" else ()
    form = make_form(custom_app, {"value": (kind, {}, options), "number": "integer_field"})
    record_id = make_entity(form, alice, value=value)
    before = stored_of(form, record_id)
    tighten(form, setting)
    update(form, alice, record_id, value=shown_of(form, record_id, alice)["value"], number=1)
    assert stored_of(form, record_id) == {**before, "number": 1}
    with pytest.raises(Refused):
        update(form, alice, record_id, value=other)
    with pytest.raises(Refused):  # nor may another record get it
        make_entity(form, alice, value=value)


def test_a_path_whose_options_moved(custom_app: Any, alice: Member) -> None:
    options = (A, Option(B.value, "B", parent=A.value), C)
    form = make_form(custom_app, {"value": ("nested_select", {}, options), "number": "integer_field"})
    path = {"level_0": A.value, "level_1": B.value}
    record_id = make_entity(form, alice, value=path)
    moved = FieldOption.objects.get(value=B.value)
    moved.parent = FieldOption.objects.get(value=C.value)
    moved.save()
    update(form, alice, record_id, value=path, number=1)
    assert stored_of(form, record_id) == {"value": path, "number": 1}
    with pytest.raises(Refused):
        make_entity(form, alice, value=path)


def test_a_path_that_stops_early(custom_app: Any, alice: Member) -> None:
    options = (A, Option(B.value, "B", parent=A.value))
    form = make_form(custom_app, {"value": ("nested_select", {}, options), "number": "integer_field"})
    record_id = make_entity(form, alice, value={"level_0": A.value})
    tighten(form, {"leaf_required": True})
    update(form, alice, record_id, value={"level_0": A.value}, number=1)
    assert stored_of(form, record_id)["number"] == 1


def test_what_is_wrong_besides_is_told_all_the_same(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"value": "text_field", "number": "integer_field"})
    record_id = make_entity(form, alice, value="too long")
    tighten(form, {"max_length": 3})
    with pytest.raises(Refused) as refused:
        update(form, alice, record_id, value="too long", number="x")
    assert [fault.field for fault in refused.value.faults] == ["number"]
