"""A ticket's history as people read it: a sentence for each step, and what changed by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from forms_app.admin.enumerated import enumerated
from forms_app.admin.records.record_values import Part, moment, parts, plain
from forms_app.admin.tickets.frame import Course, ticket_url
from forms_app.exact_json import dumps
from forms_app.field_types import Column
from forms_app.field_types._times import shown
from forms_app.flows.language import ASSIGNEES
from forms_app.models import TicketStep
from forms_app.records.presentation import Projection, present
from forms_app.records.query import EntityRow
from forms_app.records.statements import EDIT, TRANSFER
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.worklog import COMMENT

BY_PEOPLE = ("open", "push", "resume", "assign", "close", EDIT, TRANSFER, COMMENT)
ICONS = {
    "open": "play_circle",
    "push": "check_circle",
    "decide": "alt_route",
    "fork": "call_split",
    "join": "call_merge",
    "set": "edit_note",
    "call": "output",
    "return": "input",
    "end": "flag",
    "arrive": "hourglass_top",
    "stop": "error",
    "resume": "restart_alt",
    "assign": "switch_account",
    "close": "block",
    COMMENT: "comment",
    EDIT: "edit",
    TRANSFER: "swap_horiz",
}


@dataclass(frozen=True)
class Change:
    """A field or variable that a step changed."""

    label: str
    before: list[Part]
    after: list[Part]


@dataclass(frozen=True)
class Entry:
    """A step as the page shows it."""

    at: datetime
    action: str
    icon: str
    text: str
    component: str
    name: str
    person: bool
    who: str
    version: int
    note: str = ""
    url: str = ""
    changes: list[Change] = field(default_factory=list)


def entries(course: Course) -> list[Entry]:
    """The steps in order. Statements: one for the people that changed values name, one for each related form."""
    changes = _changes(course)
    return [_entry(course, step, changes[place]) for place, step in enumerate(course.steps)]


def _entry(course: Course, step: TicketStep, changes: list[Change]) -> Entry:
    text, note, url = _sentence(course, step)
    return Entry(
        at=step.created_at,
        action=step.action,
        icon=ICONS.get(step.action, "circle"),
        text=text,
        component=step.component,
        name=step.name,
        person=step.action in BY_PEOPLE,
        who=course.member(step.uid) if step.uid is not None else _administrator(step),
        version=step.entity_version,
        note=note,
        url=url,
        changes=changes,
    )


def _administrator(step: TicketStep) -> str:
    """An account that is no member leaves no number."""
    return _("An administrator") if step.action in ("resume", "assign", "close", EDIT) else ""


def _sentence(course: Course, step: TicketStep) -> tuple[str, str, str]:
    """(what happened, a note to it, where a link in it leads)."""
    message = step.message
    match step.action:
        case "open":
            return _("opened the ticket"), "", ""
        case "push":
            return (_("pushed by “{action}”").format(action=message) if message else _("pushed")), "", ""
        case "decide":
            return _("goes on to “{name}”").format(name=message), "", ""
        case "fork":
            return _("goes all ways at once"), "", ""
        case "join":
            return (_("waits for the other branches") if step.opened else _("all branches have come")), "", ""
        case "set":
            return _("set by the flow"), "", ""
        case "call" | "return":
            return _call(course, step)
        case "end":
            return _("came to an end"), "", ""
        case "arrive":
            return _("waits here for a person"), "", ""
        case "stop":
            return _("stopped by an error"), course.reason(message), ""
        case "resume":
            return _("resumed"), "", ""
        case "assign":
            before, after = (course.named(who) for who in step.changed[ASSIGNEES])
            return (
                _("put it to {after} instead of {before}").format(
                    after=enumerated(after), before=enumerated(before) or "—"
                ),
                message,
                "",
            )
        case "comment":
            return _("wrote in the work log"), message, ""
        case "close":
            return _("closed the ticket"), message, ""
        case "edit":
            return _("changed the record outside of the ticket"), "", ""
        case "transfer":
            return _("gave the record to {name}").format(name=course.member(int(message))), "", ""
    return step.action, message, ""


def _call(course: Course, step: TicketStep) -> tuple[str, str, str]:
    if step.action == "return":
        return _("ticket {number} of the called flow has ended").format(number=step.message), "", ""
    called = next((course.called[token[0]] for token in step.opened if token[0] in course.called), None)
    if called is None:
        return _("calls another flow"), "", ""
    text = _("opened ticket {number} of “{flow}”").format(number=called.data_no, flow=called.flow_name)
    return text, "", ticket_url(called.id)


def _changes(course: Course) -> list[list[Change]]:
    """What each step changed, fields in the form's order, then variables and what the form has no more."""
    schema = course.sight.shown
    columns = _columns(schema, course.steps)
    keys = [key for column in columns for key, _show in column.type.keys(column)]
    sides = [_side(columns, step, place) for step in course.steps for place in (0, 1)]
    rows = [EntityRow(0, 0, "", "", dumps(side).decode()) for side in sides]
    records = present(Projection.of(schema, keys), rows, course.sight.reader) if columns else [{} for _row in rows]
    return [
        _step_changes(course, columns, step, records[2 * place], records[2 * place + 1])
        for place, step in enumerate(course.steps)
    ]


def _columns(schema: FormSchema, steps: Iterable[TicketStep]) -> list[Column]:
    """The fields that any of the steps changed; a value that is computed on reading is none."""
    names = {name for step in steps for name in step.changed}
    return [column for column in schema.fields if column.name in names and column.type.is_stored(column)]


def _side(columns: Sequence[Column], step: TicketStep, place: int) -> dict[str, Any]:
    """The stored values before (0) or after (1) the step."""
    side = {column.name: step.changed[column.name][place] for column in columns if column.name in step.changed}
    return {name: value for name, value in side.items() if value is not None}


def _step_changes(
    course: Course,
    columns: Sequence[Column],
    step: TicketStep,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> list[Change]:
    known = [column for column in columns if column.name in step.changed]
    changes = [Change(column.label, parts(column, before), parts(column, after)) for column in known]
    names = {column.name for column in known}
    for name, (old, new) in step.changed.items():
        if name not in names and name != ASSIGNEES and not _held_back(course, name):
            kind = _kind(course, name)
            changes.append(Change(name.removeprefix("$"), _loose(kind, old), _loose(kind, new)))
    return changes


def _held_back(course: Course, name: str) -> bool:
    """Whether it is a field that is hidden, or a variable whose value comes of one."""
    sight = course.sight.flow_sight
    return name in course.sight.shown.hidden or (sight is not None and name.removeprefix("$") in sight.hidden_variables)


def _kind(course: Course, name: str) -> str:
    variable = course.sight.compiled.variables.get(name.removeprefix("$")) if name.startswith("$") else None
    return variable.kind if variable else ""


def _loose(kind: str, value: Any) -> list[Part]:
    """A value that no column knows how to show."""
    if value is None:
        return []
    if isinstance(value, bool):
        return [Part(_("Yes") if value else _("No"))]
    return [Part(moment(shown(value)) if kind == "datetime" else plain(value))]
