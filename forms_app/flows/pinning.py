"""The formulas of flows under names and tokens, so that a new label of a field or an option changes no ticket's way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_app.exact_json import exact
from forms_app.flows.compiled import CompiledFlow, compiled_flow
from forms_app.flows.finding import callable_flow
from forms_app.flows.language import FlowRefused, read_definition
from forms_app.formula import Resolved, pinned_text
from forms_app.models import Flow, FlowVersion
from forms_app.schema.form_schema import FormSchema

FORMULAS = ("formula", "rule")
"""The keys of a definition that hold formulas of the flow's own form."""
INPUTS, OUTPUTS = "inputs", "outputs"
"""What a called flow is given is set in its form; what it gives back is computed there."""


def pinned_definition(definition: Any, schema: FormSchema) -> Any:
    """A definition as it was sent, each label that its formulas compare with a choice field, or set one to, written as
    the option's token. One that can't be read is given back as it is."""
    try:
        compiled = CompiledFlow(read_definition(exact(definition)), schema, stored=True)
    except FlowRefused:
        return definition
    return _pinned(definition, compiled)


def _pinned(part: Any, compiled: CompiledFlow, own_targets: bool = True) -> Any:
    if isinstance(part, list):
        return [_pinned(each, compiled, own_targets) for each in part]
    if not isinstance(part, dict):
        return part
    gives = _target(part, compiled) if own_targets else None
    pinned = dict(part)
    for key, value in part.items():
        if key in FORMULAS and isinstance(value, str) and value:
            pinned[key] = pinned_text(value, compiled.resolve, gives)
        elif key != OUTPUTS:
            pinned[key] = _pinned(value, compiled, own_targets and key != INPUTS)
        elif other := _called(part, compiled):
            pinned[key] = _pinned(value, other, own_targets=False)
    return pinned


def _called(part: Mapping[str, Any], compiled: CompiledFlow) -> CompiledFlow | None:
    """The published flow that a component calls."""
    flow = callable_flow(str(part.get("flow") or ""), compiled.schema.organization_id)
    schema = FormSchema.find(flow.custom_form_id) if flow and flow.published else None
    if flow is None or flow.published is None or schema is None:
        return None
    return compiled_flow(flow.published.pk, flow.published.definition, schema)


def _target(part: Mapping[str, Any], compiled: CompiledFlow) -> Resolved | None:
    """The choice that an assignment's formula is for."""
    name = part.get("target")
    return compiled.schema.resolve((name,)) if isinstance(name, str) and name in compiled.schema.by_field else None


def flows_pin(organization_id: int) -> None:
    """Pin the drafts and versions of the organization's flows that were saved before formulas kept tokens. To be called
    before an option gets another label; a flow whose formulas are pinned already is left alone."""
    schemas: dict[int, FormSchema | None] = {}
    versions = FlowVersion.objects.filter(flow__custom_form__organization_id=organization_id)
    for version in versions.select_related("flow"):
        form_id = version.flow.custom_form_id
        schema = schemas.setdefault(form_id, FormSchema.find(form_id))
        pinned = pinned_definition(version.definition, schema) if schema else version.definition
        if pinned != version.definition:
            FlowVersion.objects.filter(pk=version.pk).update(definition=pinned)
    for flow in Flow.objects.filter(custom_form__organization_id=organization_id):
        schema = schemas.setdefault(flow.custom_form_id, FormSchema.find(flow.custom_form_id))
        pinned = pinned_definition(flow.draft, schema) if schema else flow.draft
        if pinned != flow.draft:
            Flow.objects.filter(pk=flow.pk).update(draft=pinned)
