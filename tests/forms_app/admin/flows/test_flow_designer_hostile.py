"""Whatever is posted to the flow designer, it is refused or taken, and never our fault."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_app.exact_json import fingerprint
from forms_app.flows.publishing import flow_design_of
from forms_app.models import Flow
from tests.forms_app.admin.flows.flow_pages import post

pytestmark = pytest.mark.slow

KEYS = (
    "id",
    "type",
    "name",
    "fields",
    "values",
    "target",
    "formula",
    "value",
    "members",
    "variables",
    "kind",
    "access",
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["start", "end", "$a", "{title}", "{$a}", "amount", "a\0", "\ud800", "human_input", "TRUE", "1/0"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)

FULL: dict[str, Any] = {
    "components": [
        {
            "id": "start",
            "type": "start",
            "name": "开始",
            "fields": [{"name": "title", "access": "write", "required": True}],
            "variables": [{"name": "a", "kind": "number", "required": False, "formula": "{amount}"}],
            "validation": {"formula": "{amount} > {$a}", "message": "m"},
        },
        {
            "id": "human",
            "type": "human_input",
            "name": "审批",
            "fields": None,
            "assignees": {"members": [1], "departments": [3], "fields": ["people"], "creator": True},
            "actions": [
                {"name": "同意", "values": [{"target": "title", "value": "x"}, {"target": "$a", "formula": "1"}]}
            ],
        },
        {"id": "way", "type": "condition", "name": "判断", "match": "last"},
        {"id": "set", "type": "set_field", "name": "设置", "values": [{"target": "amount", "formula": "{$a} + 1"}]},
        {"id": "call", "type": "call_flow", "name": "调用", "flow": "x", "inputs": [], "outputs": []},
        {"id": "end", "type": "end", "name": "结束"},
    ],
    "lines": [
        {"source": "start", "target": "human"},
        {"source": "human", "target": "way"},
        {"source": "way", "target": "set", "rule": "{$a} > 1"},
        {"source": "way", "target": "call", "default": True},
        {"source": "set", "target": "end"},
        {"source": "call", "target": "end"},
    ],
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything inside of `value`."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good definition with a few places replaced by anything."""
    definition = copy.deepcopy(FULL)
    for path in draw(st.lists(st.sampled_from(places(FULL)), min_size=1, max_size=3)):
        holder: Any = definition
        try:
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = draw(ANYTHING)
        except (KeyError, IndexError, TypeError):
            continue  # what held it was replaced before
    return definition


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated() | ANYTHING)
def test_no_definition_is_our_fault(admin: Client, flow: Flow, definition: Any) -> None:
    flow.refresh_from_db()
    design = {**flow_design_of(flow), "definition": definition}
    base = fingerprint(flow_design_of(flow))
    for page, body in (
        ("check", {"definition": definition}),
        ("formula", {"definition": definition, "formula": "{$a} + {amount}", "expected": "boolean"}),
        ("design", {"design": design, "base": base}),
        ("publish", {"base": base}),
    ):
        response = post(admin, flow, page, body)
        assert response.status_code in (200, 400, 409), (page, response.content[:300])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(("name", "description", "api_path", "api_enabled", "attachments", "x")), ANYTHING)
)
def test_no_setting_is_our_fault(admin: Client, flow: Flow, given_settings: dict[str, Any]) -> None:
    flow.refresh_from_db()
    base = fingerprint(flow_design_of(flow))
    design = {**flow_design_of(flow), **given_settings}
    response = post(admin, flow, "design", {"design": design, "base": base})
    assert response.status_code in (200, 400, 409), response.content[:300]
