"""What a stage asks of those who write at it: its view of the form, its required fields, its validation, variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.field_types._text import is_blank_text
from forms_app.flows.compiled import CompiledFlow, FlowValues
from forms_app.flows.language import Failed, Rule, Stage
from forms_app.flows.variables import assigned_variable, cleaned_variable
from forms_app.models import Flow, StoredFile
from forms_app.records.cleaning import lacks, required_fault
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.world import TicketWorld


def view_faults(schema: FormSchema, stage: Stage, values: Mapping[str, Any], current: Mapping[str, Any]) -> list[Fault]:
    """A fault for each value of a field that the stage does not show, or shows only: sending back what it holds is
    none."""
    faults = []
    for name, raw in values.items():
        column = schema.by_field.get(name)
        shown = stage.field(name)
        if column is None or (shown is not None and shown.writable):
            continue  # what is no field is refused where values are checked
        if shown is None:
            faults.append(
                Fault("hidden_field", _("This stage does not show the field."), field=name, label=column.label)
            )
            continue
        try:
            same = column.clean(raw, current.get(name)) == current.get(name)
        except Refused:
            same = False
        if not same:
            faults.append(
                Fault("read_only_field", _("This stage only shows the field."), field=name, label=column.label)
            )
    return faults


def is_writable(stage: Stage, name: str) -> bool:
    shown = stage.field(name)
    return shown is None or shown.writable


def required_faults(schema: FormSchema, stage: Stage, data: Mapping[str, Any]) -> list[Fault]:
    """A fault for each field that the stage requires and the record lacks."""
    columns = [schema.by_field[name] for name in stage.required() if name in schema.by_field]
    return [required_fault(column) for column in columns if lacks(column, data)]


def sent_variables(compiled: CompiledFlow, start_input: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The variables that were sent; what is wrong with them is noted in `faults`."""
    cleaned: dict[str, Any] = {}
    for name, raw in start_input.items():
        variable = compiled.variables.get(name)
        if variable is None:
            message = _("The flow has no variable {name}.").format(name=str(name)[:64])
            faults.append(Fault("unknown_variable", message, field="start_input", allowed=list(compiled.variables)))
            continue
        try:
            cleaned[name] = cleaned_variable(variable, raw)
        except Refused as refused:
            faults += refused.faults
    return {name: value for name, value in cleaned.items() if value is not None}


def compute_variables(compiled: CompiledFlow, world: TicketWorld) -> list[Fault]:
    """Give each variable that was not sent what its formula gives; a fault for each that is required and empty."""
    faults: list[Fault] = []
    for name, variable in compiled.variables.items():
        try:
            if name not in world.variables and variable.formula:
                value = assigned_variable(variable, world.values.evaluate(variable.formula))
                if value is not None:
                    world.variables[name] = value
        except Failed as failed:
            faults.append(Fault("wrong_formula", str(failed), field=name))
        except Refused as refused:
            faults += refused.faults
        value = world.variables.get(name)
        if variable.required and (value is None or (isinstance(value, str) and is_blank_text(value))):
            message = _("The required variable {name} is missing.").format(name=name)
            faults.append(Fault("required_variable", message, field="start_input"))
    return faults


def validation_faults(rule: Rule, values: FlowValues) -> list[Fault]:
    """The fault of a validation that does not give true."""
    try:
        if values.evaluate(rule.formula) is True:
            return []
    except Failed as failed:
        return [Fault("validation", f"{rule.message} ({failed})")]
    return [Fault("validation", rule.message)]


def file_faults(flow: Flow, files: Sequence[StoredFile]) -> list[Fault]:
    if files and not flow.attachments:
        return [Fault("no_attachments", _("Tickets of this flow take no attachments."), field="files")]
    return []
