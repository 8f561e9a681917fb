"""What the form's designer does to a design, by its script alone: fields copied and removed, options ordered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scripts import run_script

TYPES = [
    {"name": "nested_select", "prefix": "nest", "label": "级联", "cascades": True, "settings": []},
    {"name": "select_field", "prefix": "select", "label": "单选", "settings": []},
    {"name": "text_field", "prefix": "text", "label": "文本", "settings": [], "searchable": True},
]
PAGE = {"types": TYPES, "texts": {}, "system_columns": []}
EAST, SHANGHAI, PUDONG, NORTH = "AAAA", "BBBB", "CCCC", "DDDD"
CASCADE = [
    {"value": EAST, "label": "华东", "parent": None, "status": "enable"},
    {"value": SHANGHAI, "label": "上海", "parent": EAST, "status": "enable"},
    {"value": PUDONG, "label": "浦东", "parent": SHANGHAI, "status": "disable"},
    {"value": NORTH, "label": "华北", "parent": None, "status": "enable"},
]
FLAT: list[dict[str, Any]] = [{**option, "parent": None} for option in CASCADE]


def field(kind: str = "nested_select", options: Any = (), **more: Any) -> dict[str, Any]:
    base = {"name": "one", "label": "地区", "field_type": kind, "status": "enable", "setting": {}, "id": 7, "number": 3}
    return {**base, "options": list(options), **more}


def copied(original: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the original afterwards, its copy), as the designer's design has them."""
    code = """
        own.load({ design: { groups: [{ fields: [given] }], primary_field: null }, base: "", columns: {} });
        own.copyField(own.allFields()[0]);
        return own.allFields();
    """
    first, second = run_script("form/state.js", code, original, PAGE)
    return first, second


@pytest.mark.parametrize("options", [CASCADE, FLAT, CASCADE[::-1], CASCADE[:2], []], ids=len)
def test_a_copy_has_tokens_of_its_own_and_its_parents_are_among_them(options: list[dict[str, Any]]) -> None:
    original, copy = copied(field(options=options))
    old, new = ([option["value"] for option in one["options"]] for one in (original, copy))
    assert sorted(old) == sorted(option["value"] for option in options)
    assert len(set(new)) == len(new) == len(old)
    assert set(new).isdisjoint(old)
    for before, after in zip(original["options"], copy["options"], strict=True):
        assert (after["label"], after["status"]) == (before["label"], before["status"])
        parent = before["parent"]
        assert after["parent"] == (None if parent is None else new[old.index(parent)])


def test_a_copy_is_a_field_of_its_own() -> None:
    original, copy = copied(field("select_field", FLAT, setting={"default": EAST, "required": True}))
    assert copy["name"] != original["name"]
    assert copy["label"] == "地区 2"
    assert "id" not in copy and "number" not in copy
    assert copy["setting"] == {"required": True}  # the default named an option of the original
    assert original["setting"] == {"default": EAST, "required": True}
    text, same = copied(field("text_field", setting={"default": "x", "max_length": 9}))
    assert same["setting"] == text["setting"]


def test_what_is_changed_of_a_copy_leaves_the_original() -> None:
    code = """
        own.load({ design: { groups: [{ fields: [given] }], primary_field: null }, base: "", columns: {} });
        own.copyField(own.allFields()[0]);
        const [, copy] = own.allFields();
        copy.options[0].label = "changed";
        copy.setting.required = true;
        return own.allFields()[0];
    """
    original = field(options=CASCADE)
    assert run_script("form/state.js", code, original, PAGE) == original


def test_a_removed_field_is_no_more_the_primary_one() -> None:
    code = """
        own.load({ design: { groups: [{ fields: given }], primary_field: "one" }, base: "", columns: {} });
        own.removeField(own.fieldNamed("two"));
        const kept = own.state.design.primary_field;
        own.removeField(own.fieldNamed("one"));
        return [kept, own.state.design.primary_field, own.allFields().length];
    """
    fields = [field("text_field"), field("text_field", name="two")]
    assert run_script("form/state.js", code, fields, PAGE) == ["one", None, 0]


def test_options_stand_below_their_parents_at_their_level() -> None:
    code = "const all = own.treeOrder(given); return all.map((one) => [one.value, own.levelOf(all, one)]);"
    expected = [[EAST, 0], [SHANGHAI, 1], [PUDONG, 2], [NORTH, 0]]
    for options in (CASCADE, [CASCADE[1], CASCADE[2], CASCADE[0], CASCADE[3]]):
        assert run_script("form/state.js", code, options, PAGE) == expected
