"""The tables of a flow's API page: what each call takes, the form's fields with where they are written, variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apaas.reference.layout import one_line
from apaas.reference.pages.flow_examples import FlowExamples
from apaas.tickets.parameters import COMMON
from forms_app.models import Flow

Row = dict[str, Any]


def row(name: str, kind: str, explains: str | Promise, required: bool = False) -> Row:
    return {"name": name, "required": required, "type": kind, "default": "", "explains": explains}


def security_row() -> Row:
    explains = _("A security code; or an access token, which does not end by itself.")
    return row("security", "string", explains, required=True)


def common_row() -> Row:
    return row(", ".join(COMMON[1:]), "", _("Accepted without effect: the address says which flow is meant."))


def formdata_row(required: bool) -> Row:
    explains = _(
        'A list of {"id": "FORMITM_1", "value": "…"}; id: the number or the name of a field, see the fields below. '
        "Texts that spell a number, a list or an object are read as the field's type."
    )
    return row("formdata", _("list, or its JSON text"), explains, required)


def files_rows(flow: Flow, examples: FlowExamples) -> list[Row]:
    """How files come along: to the ticket as a whole where it takes any, and to file fields."""
    rows = []
    limit = settings.MAX_TICKET_FILES
    if flow.attachments:
        explains = _("Parts of a multipart body: attachments of the ticket. At most {limit} files in one call.")
        rows.append(row("files", _("file, repeatable"), explains.format(limit=limit)))
    holding = [f"FORMITM_{column.number}" for column in examples.schema.fields if column.type.holds_files]
    if holding:
        explains = _("The file fields whose files come along, each in parts of that name: {ids}.")
        rows.append(row("files_item", _("list, or its JSON text"), explains.format(ids=", ".join(holding))))
    return rows


def open_rows(flow: Flow, examples: FlowExamples) -> list[Row]:
    rows = [security_row(), row("action", "string", "create", required=True)]
    rows.append(formdata_row(bool(examples.required(examples.compiled.definition.start))))
    if examples.compiled.variables:
        needed = any(v.required and not v.formula for v in examples.compiled.variables.values())
        explains = _("The flow's variables by name, see below.")
        rows.append(row("start_input", _("object, or its JSON text"), explains, needed))
    return [*rows, *files_rows(flow, examples), common_row()]


def query_rows() -> list[Row]:
    explains = _("The ticket's number, as opening it gave it.")
    return [security_row(), row("data_no", _("integer or its digits"), explains, required=True), common_row()]


def push_rows(flow: Flow, examples: FlowExamples) -> list[Row]:
    rows = [
        security_row(),
        row("action", "string", "update", required=True),
        row("data_id", _("integer or its digits"), _("The stage, as the query gives it. Each is pushed once."), True),
        formdata_row(False),
    ]
    if any(stage.actions for stage in examples.stages):
        rows.append(row("quick_action", "string", _("action1 or action2: the stage's button, in place of formdata.")))
    explains = _("If sent, the number of the ticket that the stage belongs to.")
    return [*rows, row("data_no", _("integer or its digits"), explains), *files_rows(flow, examples), common_row()]


def field_rows(examples: FlowExamples) -> list[Row]:
    """The form's fields: number, name, type, an example as it is sent, where it may be written, options."""
    stages = [examples.compiled.definition.start, *examples.stages]
    writable = {stage.id: {column.name for column in examples.writable(stage)} for stage in stages}
    required = {stage.id: examples.required(stage) for stage in stages}
    rows = []
    for column in examples.schema.fields:
        sent = examples.sent.get(column.name)
        item = {"id": f"FORMITM_{column.number}", "value": sent}
        rows.append(
            {
                "id": item["id"],
                "column": column,
                "sent": None if sent is None else one_line(sent),
                "item": one_line(item),
                "stages": [(s.name, column.name in required[s.id]) for s in stages if column.name in writable[s.id]],
                "options": list(column.options.values()),
            }
        )
    return rows


def variable_rows(examples: FlowExamples) -> Sequence[Row]:
    return [
        {"variable": variable, "kind": _(variable.kind), "sent": examples.opening.start_input.get(name)}
        for name, variable in examples.compiled.variables.items()
    ]
