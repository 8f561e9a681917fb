"""What the flow's designer does to a definition, by its script alone: variables renamed, components put in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows import definition
from tests.scripts import run_script

LABELS = {"human_input": "人工", "collection": "汇合", "parallel": "并行", "condition": "条件", "end": "结束"}


def renamed(source: Any, old: str, new: str) -> Any:
    return run_script(
        "flow/edits.js", "own.renameVariable(given[0], given[1], given[2]); return given[0];", [source, old, new]
    )


def using(name: str) -> dict[str, Any]:
    """A flow that reads and sets the variable everywhere where one can."""
    text = "{amount} + {$" + name + "} + {$" + name + "}"
    values = [{"target": f"${name}", "formula": text}, {"target": "amount", "formula": "{$" + name + "}"}]
    return definition(
        "start > condition",
        f"condition > review : {text} > 1",
        "condition > set",
        "review > call > end",
        "set > end",
        start={"variables": [{"name": "other", "kind": "number", "formula": text}]},
        review={
            "validation": {"formula": f"{text} > 0", "message": "m"},
            "actions": [{"name": "好", "values": values}],
        },
        set={"values": values},
        call={"flow": "x", "inputs": values, "outputs": values},
    )


def test_a_renamed_variable_reaches_rules_validations_actions_sets_and_calls() -> None:
    assert renamed(using("limit"), "limit", "most") == using("most")


@pytest.mark.parametrize("near", ["limits", "limi", "a_limit", "Limit"])
def test_a_variable_whose_name_is_only_near_stays(near: str) -> None:
    assert renamed(using(near), "limit", "most") == using(near)


def test_a_field_of_the_same_name_and_a_text_stay() -> None:
    source = definition(
        "start > condition",
        "condition > review : {limit} > 1",
        "condition > end",
        "review > end",
        review={"validation": {"formula": "{limit} > 0", "message": "{$limit}"}},
    )
    assert renamed(source, "limit", "most") == source


def test_a_variable_that_had_no_name_renames_nothing() -> None:
    assert renamed(using(""), "", "most") == using("")


def test_what_comes_into_a_line_keeps_its_rule_and_leads_on() -> None:
    source = definition("start > condition", "condition > review : {amount} > 1", "condition > end", "review > end")
    for kind in ("human_input", "condition", "parallel"):
        code = "own.insertInLine(given[0], given[1], given[2], given[3]); return given[0];"
        after = run_script("flow/edits.js", code, [source, 1, kind, LABELS])
        made = after["components"][len(source["components"])]
        assert (made["type"], made["name"]) == (kind, LABELS[kind])
        into = [line for line in after["lines"] if line["target"] == made["id"]]
        assert into == [{"source": "condition", "target": made["id"], "rule": "{amount} > 1"}]
        ids = {component["id"] for component in after["components"]}
        assert len(ids) == len(after["components"])
        # From what came in, every way leads to where the line led.
        ways, seen = {made["id"]}, set()
        while ways - seen:
            here = (ways - seen).pop()
            seen.add(here)
            ways |= {line["target"] for line in after["lines"] if line["source"] == here}
        assert {"review", "end"} <= seen
