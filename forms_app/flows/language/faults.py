"""Faults: what is wrong with a flow's definition, and at which component."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .words import _

MESSAGES: dict[str, str] = {
    # Its shape: a draft with one of these is not saved.
    "unreadable": _("The definition has not the shape of a flow at {place}."),
    "unstorable": _("The definition holds a character or number that can't be stored."),
    "unknown_key": _("Unknown key {key}."),
    "wrong_component_id": _("A component's id has letters, digits and _, at most 64 of them."),
    "repeated_component_id": _("Another component has the same id."),
    "unknown_component_type": _("There is no component of type {type}."),
    "too_many_components": _("A flow has at most {limit} components and as many lines."),
    # What forbids publishing.
    "name_needed": _("A name of 1 to 100 characters is needed."),
    "repeated_name": _("Another component is called {name} too."),
    "one_start": _("A flow has exactly one start."),
    "no_end": _("A flow has at least one end."),
    "loose_line": _("A line leads from or to a component that does not exist."),
    "repeated_line": _("Two lines lead to {name}."),
    "line_from_end": _("No line leads on from an end."),
    "line_to_start": _("No line leads back to the start: nobody would be asked there."),
    "one_line": _("Exactly one line must lead on from here."),
    "two_lines": _("At least two lines must lead on from a parallel."),
    "rule_needed": _("Each line out of a condition has a rule, except the default line."),
    "default_needed": _("Exactly one line out of a condition is the default line."),
    "rule_not_here": _("Only lines out of a condition have rules."),
    "unreachable": _("No way leads from the start to here."),
    "no_way_to_end": _("No way leads from here to an end."),
    "endless": _("This way goes in a circle without ever waiting for anybody, or deciding anything."),
    "no_parallel": _("The lines that meet here do not all come from the branches of one parallel."),
    "branch_misses": _("This branch of {name} never comes to {other}, where the other branches meet."),
    "branch_joined": _("This is no branch of {name}, and leads to {other}, where only its branches may meet."),
    "branch_returns": _("From here a branch leads back to {name} before its branches have met: they would never end."),
    "branch_escapes": _("From here a branch of {name} can go on without coming to {other}, where the branches meet."),
    "branch_entered": _("This lies on a branch of {name}, and {other} leads here from outside of it."),
    "uncollected_inside": _("The branches from here must meet before those of {name} do."),
    "wrong_match": _("The rules of a condition match first or last."),
    "formula": _("{what}: {message}"),
    "not_boolean": _("{what}: true or false is expected, not {got}."),
    "message_needed": _("A validation needs a message that says what is wrong."),
    "unknown_field": _("The form has no field {name}."),
    "field_not_writable": _("Nobody can write to the field {name}."),
    "repeated_field": _("The field {name} stands twice."),
    "wrong_access": _("A field is read or written here."),
    "read_and_required": _("The field {name} can't be required where it can only be read."),
    "required_hidden": _("The form requires the field {name}: the start must let it be written."),
    "no_person_field": _("The field {name} names no people or departments."),
    "unknown_member": _("There is no active member with uid {id}."),
    "unknown_department": _("There is no department with did {id}."),
    "too_many_actions": _("At most two quick actions are allowed."),
    "wrong_variable": _("A variable's name has letters, digits and _, begins with a letter, and is no word of ours."),
    "repeated_variable": _("The variable {name} stands twice."),
    "wrong_kind": _("A variable is a text, number, boolean, date or datetime."),
    "unknown_variable": _("The flow has no variable {name}."),
    "wrong_target": _("What is set must be a field or a variable."),
    "wrong_assignment": _("{name}: either a formula or a value is given."),
    "repeated_target": _("{name} is set twice."),
    "wrong_value": _("{name}: {message}"),
    "wrong_result": _("{name} takes {expected}, and the formula gives {gives}."),
    "nothing_set": _("Nothing is set here."),
    "flow_needed": _("The flow that is to be called must be chosen."),
    "unknown_flow": _("There is no published flow {name}."),
}
"""Code of a fault → its sentence, a template with the names of its `params`."""

PARTS: dict[str, str] = {
    code: part
    for part, codes in {
        "name": ("name_needed", "repeated_name"),
        "next": (
            "one_line", "two_lines", "repeated_line", "line_to_start", "line_from_end", "rule_not_here",
            "default_needed", "rule_needed", "loose_line", "no_way_to_end", "branch_returns",
            "branch_escapes", "branch_joined",
        ),
        "assignees": ("no_person_field", "unknown_member", "unknown_department"),
        "actions": ("too_many_actions",),
        "validation": ("message_needed",),
        "fields": ("repeated_field", "wrong_access", "read_and_required", "required_hidden"),
        "variables": ("wrong_variable", "repeated_variable", "wrong_kind"),
        "flow": ("unknown_flow",),
        "values": ("nothing_set", "repeated_target", "wrong_target"),
    }.items()
    for code in codes
}  # fmt: skip
"""Code of a fault → the part of its component that it is about. A fault without one is about the component."""


@dataclass(frozen=True)
class FlowFault:
    """One fault: a stable code, the component's id ("" for the flow as a whole) and what its message tells."""

    code: str
    component: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The template of its sentence."""
        return MESSAGES[self.code]

    def __str__(self) -> str:
        return f"{self.component}: {self.message.format(**self.params)}"


class FlowRefused(ValueError):
    """A definition that can't be used; `faults` holds everything that is wrong with it."""

    def __init__(self, faults: Iterable[FlowFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


def fault(code: str, component: str = "", **params: Any) -> FlowFault:
    """A FlowFault."""
    return FlowFault(code, component, params)
