"""Definition: a flow's components and lines, read from the JSON that is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, TypeVar

from .components import (
    COMPONENTS,
    Assignees,
    Assignment,
    Component,
    Line,
    QuickAction,
    Rule,
    StageField,
    Start,
    Variable,
)
from .faults import FlowFault, FlowRefused, fault

T = TypeVar("T")
C = TypeVar("C", bound=Component)
LIMIT = 200
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
ID = re.compile(r"[A-Za-z0-9_]{1,64}")
TYPES = {component.type: component for component in COMPONENTS}


@dataclass(frozen=True)
class Definition:
    """A flow: components by id, lines in order."""

    components: Mapping[str, Component]
    lines: tuple[Line, ...]
    outgoing: Mapping[str, tuple[Line, ...]] = field(init=False)

    def __post_init__(self) -> None:
        outgoing: dict[str, list[Line]] = {}
        for line in self.lines:
            outgoing.setdefault(line.source, []).append(line)
        object.__setattr__(self, "outgoing", {source: tuple(lines) for source, lines in outgoing.items()})

    def of_type(self, kind: type[C]) -> list[C]:
        return [component for component in self.components.values() if isinstance(component, kind)]

    @property
    def start(self) -> Start:
        return self.of_type(Start)[0]

    @property
    def variables(self) -> Mapping[str, Variable]:
        return {variable.name: variable for start in self.of_type(Start) for variable in start.variables}

    def next_ids(self, component: str) -> list[str]:
        return [line.target for line in self.outgoing.get(component, ())]


def read_definition(source: Any) -> Definition:
    """The definition in `source`: decoded JSON (docs/flow-definition.md), fractions as Decimals since values are
    taken as a client's. Raises FlowRefused where the shape is wrong; whether it makes sense is for `check_graph` and
    whoever knows the form."""
    reading = _Reading()
    if not _storable(source):
        raise FlowRefused([fault("unstorable")])
    definition = reading.definition(source)
    if reading.faults:
        raise FlowRefused(reading.faults)
    return definition


def _storable(value: Any) -> bool:
    """False for what the database's JSON can't hold: NUL, lone surrogates, numbers that are none."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if UNSTORABLE.search(part):
                return False
        elif isinstance(part, Mapping):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            waiting += part
        elif isinstance(part, float) and not isfinite(part):
            return False
    return True


class _Reading:
    """Walks through decoded JSON; collects what is not as it must be."""

    def __init__(self) -> None:
        self.faults: list[FlowFault] = []
        self.component = ""

    def wrong(self, place: str) -> None:
        self.faults.append(fault("unreadable", self.component, place=place))

    def members(self, source: Any, place: str, known: Sequence[str]) -> Mapping[str, Any]:
        """`source` if it is an object with none but known keys."""
        if not isinstance(source, Mapping):
            self.wrong(place)
            return {}
        self.faults += [fault("unknown_key", self.component, key=str(key)[:64]) for key in source if key not in known]
        return source

    def text(self, source: Mapping[str, Any], key: str, place: str = "") -> str:
        value = source.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > 10_000:
            self.wrong(f"{place}{key}")
            return ""
        return value

    def flag(self, source: Mapping[str, Any], key: str, place: str) -> bool:
        value = source.get(key)
        if not isinstance(value, bool | None):
            self.wrong(f"{place}.{key}")
        return value is True

    def listed(self, source: Any, place: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
        """`read` over a list; None is an empty one."""
        if source is None:
            return ()
        if not isinstance(source, list) or len(source) > 2_000:
            self.wrong(place)
            return ()
        return tuple(read(item, f"{place}[{index}]") for index, item in enumerate(source))

    def definition(self, source: Any) -> Definition:
        source = self.members(source, "definition", ("components", "lines"))
        listed = [
            component
            for component in self.listed(source.get("components"), "components", self.component_of)
            if component is not None
        ]
        self.component = ""
        lines = self.listed(source.get("lines"), "lines", self.line)
        if len(listed) > LIMIT or len(lines) > LIMIT:
            self.faults.append(fault("too_many_components", limit=LIMIT))
        components: dict[str, Component] = {}
        for component in listed:
            if component.id in components:
                self.faults.append(fault("repeated_component_id", component.id))
            components[component.id] = component
        return Definition(components, lines)

    def line(self, source: Any, place: str) -> Line:
        source = self.members(source, place, ("source", "target", "rule", "default"))
        begin, end, rule = (self.text(source, key, f"{place}.") for key in ("source", "target", "rule"))
        return Line(begin, end, rule.strip(), self.flag(source, "default", place))

    def component_of(self, source: Any, place: str) -> Component | None:
        self.component = ""
        if not isinstance(source, Mapping):
            self.wrong(place)
            return None
        component_id = source.get("id")
        if not isinstance(component_id, str) or not ID.fullmatch(component_id):
            self.faults.append(fault("wrong_component_id"))
            return None
        self.component = component_id
        kind = TYPES.get(str(source.get("type")))
        if kind is None:
            self.faults.append(fault("unknown_component_type", component_id, type=str(source.get("type"))[:64]))
            return None
        parts = {key: read for key, read in self.parts().items() if key in kind.__dataclass_fields__}
        self.members(source, place, ("id", "type", "name", *parts))
        values = {key: read(source, key) for key, read in parts.items() if key in source}
        return kind(id=component_id, name=self.text(source, "name").strip(), **values)

    def parts(self) -> dict[str, Callable[[Mapping[str, Any], str], Any]]:
        """What components hold beside id, type and name."""
        return {
            "fields": self.stage_fields,
            "validation": lambda source, key: self.rule(source[key]) if source[key] is not None else None,
            "variables": lambda source, key: self.listed(source[key], key, self.variable),
            "assignees": lambda source, key: self.assignees(source[key]),
            "actions": lambda source, key: self.listed(source[key], key, self.action),
            "match": self.text,
            "values": lambda source, key: self.listed(source[key], key, self.assignment),
            "flow": self.text,
            "inputs": lambda source, key: self.listed(source[key], key, self.assignment),
            "outputs": lambda source, key: self.listed(source[key], key, self.assignment),
        }

    def stage_fields(self, source: Mapping[str, Any], key: str) -> tuple[StageField, ...] | None:
        return None if source[key] is None else self.listed(source[key], key, self.stage_field)

    def stage_field(self, source: Any, place: str) -> StageField:
        source = self.members(source, place, ("name", "access", "required"))
        access = self.text(source, "access", f"{place}.") or "write"
        if access not in ("read", "write"):
            self.faults.append(fault("wrong_access", self.component))
        name = self.text(source, "name", f"{place}.")
        return StageField(name, access == "write", self.flag(source, "required", place))

    def rule(self, source: Any) -> Rule:
        source = self.members(source, "validation", ("formula", "message"))
        return Rule(self.text(source, "formula", "validation.").strip(), self.text(source, "message").strip())

    def variable(self, source: Any, place: str) -> Variable:
        source = self.members(source, place, ("name", "kind", "required", "formula"))
        name, kind, formula = (self.text(source, key, f"{place}.").strip() for key in ("name", "kind", "formula"))
        return Variable(name, kind or "text", self.flag(source, "required", place), formula)

    def assignees(self, source: Any) -> Assignees:
        source = self.members(source, "assignees", ("members", "departments", "fields", "creator"))

        def number(value: Any, place: str) -> int:
            if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
                self.wrong(place)
                return 0
            return value

        def name(value: Any, place: str) -> str:
            if not isinstance(value, str):
                self.wrong(place)
            return str(value)

        return Assignees(
            members=self.listed(source.get("members"), "assignees.members", number),
            departments=self.listed(source.get("departments"), "assignees.departments", number),
            fields=self.listed(source.get("fields"), "assignees.fields", name),
            creator=self.flag(source, "creator", "assignees"),
        )

    def action(self, source: Any, place: str) -> QuickAction:
        source = self.members(source, place, ("name", "values"))
        values = self.listed(source.get("values"), f"{place}.values", self.assignment)
        return QuickAction(self.text(source, "name", f"{place}.").strip(), values)

    def assignment(self, source: Any, place: str) -> Assignment:
        source = self.members(source, place, ("target", "formula", "value"))
        target = self.text(source, "target", f"{place}.").strip()
        formula = self.text(source, "formula", f"{place}.").strip()
        return Assignment(target, formula, source.get("value"), literal="value" in source)
