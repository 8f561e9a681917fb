"""What forbids publishing a flow: names and lines, each fault with its component."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.flows.language import FlowRefused, check_graph, read_definition
from tests.flows import definition


def faults(source: dict[str, Any]) -> set[tuple[str, str]]:
    return {(fault.code, fault.component) for fault in check_graph(read_definition(source))}


GOOD = (
    ("start > review > end",),
    ("start > parallel", "parallel > a > collection", "parallel > b > collection", "collection > end"),
    # A branch with a choice and a way back inside of it.
    (
        "start > parallel",
        "parallel > a > condition",
        "condition > a : TRUE",
        "condition > collection",
        "parallel > b > collection",
        "collection > end",
    ),
    # Nested.
    (
        "start > parallel",
        "parallel > parallel_2",
        "parallel_2 > a > collection_2",
        "parallel_2 > b > collection_2",
        "collection_2 > collection",
        "parallel > c > collection",
        "collection > end",
    ),
    # Two branches through one parallel: each runs it for itself.
    (
        "start > parallel",
        "parallel > a > parallel_2",
        "parallel > b > parallel_2",
        "parallel_2 > c > collection_2",
        "parallel_2 > d > collection_2",
        "collection_2 > collection > end",
    ),
    # Back to before the parallel, after its branches have met.
    (
        "start > draft > parallel",
        "parallel > a > collection",
        "parallel > b > collection",
        "collection > condition",
        "condition > draft : TRUE",
        "condition > end",
    ),
    ("start > parallel", "parallel > a > end", "parallel > b > end_2"),
)


@pytest.mark.parametrize("lines", GOOD, ids=range(len(GOOD)))
def test_what_makes_sense_has_no_faults(lines: tuple[str, ...]) -> None:
    assert faults(definition(*lines)) == set()


BAD = (
    (("review > end",), {("one_start", "")}),
    (("start > review",), {("no_end", ""), ("one_line", "review")}),
    (("start > a > end", "start > b > end"), {("one_line", "start")}),
    (("start > a > end", "a > start"), {("one_line", "a"), ("line_to_start", "a")}),
    (("start > a > end > b", "b > end"), {("line_from_end", "end")}),
    (("start > condition > end", "condition > a > end"), {("default_needed", "condition")}),
    (("start > condition > end : TRUE",), {("default_needed", "condition"), ("rule_needed", "condition")}),
    (("start > parallel > a > end",), {("two_lines", "parallel")}),
    (("start > a > end", "b > end"), {("unreachable", "b")}),
    (
        ("start > condition", "condition > end", "condition > a : TRUE", "a > b > a"),
        {("no_way_to_end", "a"), ("no_way_to_end", "b")},
    ),
    (
        ("start > condition", "condition > end", "condition > set_a : TRUE", "set_a > set_b > set_a"),
        {("no_way_to_end", "set_a"), ("no_way_to_end", "set_b"), ("endless", "set_a"), ("endless", "set_b")},
    ),
    (("start > a > collection > end",), {("no_parallel", "collection")}),
    (
        ("start > parallel", "parallel > a > collection > end", "parallel > b > end"),
        {("branch_misses", "b")},
    ),
    (
        ("start > parallel", "parallel > a > collection > end", "parallel > b > c > end", "parallel > d > end"),
        {("branch_misses", "b"), ("branch_misses", "d")},
    ),
    # What is no branch comes to the collection as well.
    (
        (
            "start > condition",
            "condition > c : TRUE",
            "c > collection",
            "condition > parallel",
            "parallel > a > collection",
            "parallel > b > collection > end",
        ),
        {("branch_joined", "c")},
    ),
    # A branch may leave: the others would wait for ever.
    (
        (
            "start > parallel",
            "parallel > a > condition",
            "condition > end : TRUE",
            "condition > collection",
            "parallel > b > collection > end",
        ),
        {("branch_escapes", "condition")},
    ),
    # Back into the branch from behind the collection.
    (
        (
            "start > parallel",
            "parallel > a > collection",
            "parallel > b > collection > condition",
            "condition > a : TRUE",
            "condition > end",
        ),
        {("branch_entered", "a")},
    ),
    # A branch that parts again and is not collected by itself.
    (
        (
            "start > parallel",
            "parallel > a > parallel_2",
            "parallel_2 > c > collection",
            "parallel_2 > d > collection",
            "parallel > b > collection > end",
        ),
        {("uncollected_inside", "parallel_2")},
    ),
    # A branch that comes back to its parallel before the others have met it.
    (
        (
            "start > parallel",
            "parallel > a > condition",
            "condition > parallel : TRUE",
            "condition > collection",
            "parallel > b > collection > end",
        ),
        {("branch_escapes", "condition")},
    ),
    (
        (
            "start > parallel",
            "parallel > a > condition",
            "condition > parallel : TRUE",
            "condition > end",
            "parallel > b > end",
        ),
        {("branch_returns", "condition")},
    ),
)


@pytest.mark.parametrize(("lines", "expected"), BAD, ids=range(len(BAD)))
def test_what_makes_no_sense_is_told_at_its_component(lines: tuple[str, ...], expected: set[tuple[str, str]]) -> None:
    assert faults(definition(*lines)) == expected


def test_names_are_needed_and_unique() -> None:
    source = definition("start > a > b > end", a={"name": "审批"}, b={"name": "审批"}, end={"name": " "})
    assert faults(source) == {("repeated_name", "a"), ("repeated_name", "b"), ("name_needed", "end")}


def test_a_line_to_nowhere_is_told() -> None:
    source = definition("start > a > end")
    source["lines"].append({"source": "a", "target": "gone"})
    assert ("loose_line", "a") in faults(source)


MISSHAPEN = (
    ({"components": [{"id": "a", "type": "end", "name": "a\0"}]}, "unstorable"),
    (
        {"components": [{"id": "a", "type": "set_field", "values": [{"target": "x", "value": ["\ud800"]}]}]},
        "unstorable",
    ),
    (
        {"components": [{"id": "a", "type": "set_field", "values": [{"target": "x", "value": float("nan")}]}]},
        "unstorable",
    ),
    (None, "unreadable"),
    ([], "unreadable"),
    ({"components": {}}, "unreadable"),
    ({"components": [1]}, "unreadable"),
    ({"components": [{"id": "a b", "type": "end"}]}, "wrong_component_id"),
    ({"components": [{"id": "a", "type": "magic"}]}, "unknown_component_type"),
    ({"components": [{"id": "a", "type": "end"}, {"id": "a", "type": "end"}]}, "repeated_component_id"),
    ({"components": [{"id": "a", "type": "end", "values": []}]}, "unknown_key"),
    ({"components": [{"id": "a", "type": "human_input", "assignees": {"members": ["1"]}}]}, "unreadable"),
    ({"components": [{"id": "a", "type": "human_input", "assignees": {"boss": True}}]}, "unknown_key"),
    (
        {"components": [{"id": "a", "type": "human_input", "fields": [{"name": "x", "access": "admin"}]}]},
        "wrong_access",
    ),
    ({"components": [{"id": "a", "type": "set_field", "values": "x"}]}, "unreadable"),
    ({"components": [{"id": "a", "type": "start", "validation": {"formula": 1}}]}, "unreadable"),
    ({"lines": [{"source": 1, "target": "b"}]}, "unreadable"),
    ({"lines": [{"from": "a"}]}, "unknown_key"),
    ({"components": [{"id": f"c{n}", "type": "end"} for n in range(201)]}, "too_many_components"),
)


@pytest.mark.parametrize(("source", "code"), MISSHAPEN, ids=range(len(MISSHAPEN)))
def test_what_has_not_the_shape_of_a_flow_is_refused(source: Any, code: str) -> None:
    with pytest.raises(FlowRefused) as caught:
        read_definition(source)
    assert code in {fault.code for fault in caught.value.faults}
    assert all(str(fault) for fault in caught.value.faults)
