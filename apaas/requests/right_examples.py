"""What would have been right, for who sent a parameter in a way that is not read: one example, in the query string or
in JSON as they sent it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest

from forms_app.exceptions import Fault
from forms_app.operators.in_ import OneOf

EXAMPLES: Mapping[str, Any] = {
    "filters": [{"name": "id", "op": OneOf.name, "value": [11, 22]}],
    "sort": [{"created_at": "desc"}, {"id": "asc"}],
    "only_field_names": ["id", "user"],
    "ids": [11, 22],
    "form_entity": {"text_1691116775689_fb4558": "上海微问家"},
}
"""A right value for each parameter that is a list or an object."""
ANY = "only_field_names"
"""Shown for a name that no call has."""
SHAPES = ("wrong_list", "wrong_object", "malformed_parameter", "malformed_json", "required")
"""Faults of how a parameter was sent, not of what it says."""


def with_examples(faults: Iterable[Fault], request: HttpRequest) -> list[Fault]:
    """The faults; `allowed` of one about a parameter's shape is an example, unless it says more already."""
    asked = str(request.META.get("QUERY_STRING", ""))
    return [_with_example(fault, asked) if fault.code in SHAPES else fault for fault in faults]


def _with_example(fault: Fault, asked: str) -> Fault:
    """`allowed` of a missing key, or of JSON that can't be read, has nothing else to say."""
    name = fault.field.partition("[")[0].partition(".")[0]
    unread = fault.code.startswith("malformed")
    if fault.allowed is not None or (name not in EXAMPLES and not unread):
        return fault
    right = name if name in EXAMPLES else ANY
    queried = name == "query" or fault.code == "malformed_parameter" or name in names_of(asked)
    shown = {right: EXAMPLES[right]}
    return replace(fault, allowed=in_query(shown) if queried else shown)


def names_of(query: str) -> set[str]:
    """The names of a query string, without what stands in brackets."""
    return {name.partition("[")[0] for name, _value in parse_qsl(query, keep_blank_values=True)}


def in_query(params: Mapping[str, Any]) -> str:
    """Parameters as a query string: `sort[0][created_at]=desc`, to read, so nothing is escaped."""
    return "&".join(f"{name}={value}" for first, held in params.items() for name, value in pairs_of(first, held))


def pairs_of(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The name and value of each scalar."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from pairs_of(f"{name}[{key}]", item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for place, item in enumerate(value):
            part = place if isinstance(item, Mapping | list) else ""
            yield from pairs_of(f"{name}[{part}]", item)
    else:
        yield name, value
