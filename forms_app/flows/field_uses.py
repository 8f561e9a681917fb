"""What flows use of forms: a field, or an option, that one of them names can't simply go. Those are looked at that are
published, and the versions on which tickets are running, whatever was published since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F, Q
from django.utils.translation import gettext as _

from forms_app.exact_json import dumps
from forms_app.flows.compiled import CompiledFlow, compiled_flow
from forms_app.flows.language import Assignment, CallFlow, Component, HumanInput, SetField, Stage, Start
from forms_app.formula import FormulaRefused, Limits
from forms_app.formula.nodes import Reference, Text, walk
from forms_app.formula.parser import parse
from forms_app.models import Flow, FlowVersion, TicketToken
from forms_app.schema.form_schema import FormSchema


class FlowUse(NamedTuple):
    """A version of a flow, and the names of its components that use something."""

    flow: str
    version: int
    components: tuple[str, ...]


@dataclass(frozen=True)
class _Named:
    """A field that a component names; `sets` are the texts that it may set it to: tokens and labels among them."""

    form_id: int
    field: str
    component: str
    sets: tuple[str, ...] = ()


def field_uses(organization_id: int, form_id: int, name: str) -> list[FlowUse]:
    """Where the organization's flows write, show or read the field, or ask it who may push."""
    return _found(organization_id, lambda each: (each.form_id, each.field) == (form_id, name))


def option_uses(organization_id: int, form_id: int, name: str, token: str, label: str) -> list[FlowUse]:
    """Where the organization's flows set the choice field to this option: by its token, or by a formula that gives its
    label."""

    def sets_it(each: _Named) -> bool:
        if (each.form_id, each.field) != (form_id, name):
            return False
        return any(text == label or token in text for text in each.sets)

    return _found(organization_id, sets_it)


def use_sentence(use: FlowUse, *, option: str = "") -> str:
    """Says of a field, or of this option of it, where it is used."""
    names = ", ".join(use.components)
    if option:
        message = _("The flow {flow} sets the option {label} in version {version}, at: {components}.")
        return message.format(flow=use.flow, label=option, version=use.version, components=names)
    message = _("The flow {flow} uses this field in version {version}, at: {components}.")
    return message.format(flow=use.flow, version=use.version, components=names)


def flows_using(organization_id: int, form_id: int, name: str) -> list[str]:
    """The names of the flows of `field_uses`."""
    return sorted({use.flow for use in field_uses(organization_id, form_id, name)})


def _found(organization_id: int, wanted: Any) -> list[FlowUse]:
    uses = []
    for version in _versions(organization_id):
        components = dict.fromkeys(each.component for each in _named(version) if wanted(each))
        if components:
            uses.append(FlowUse(version.flow.name, version.number, tuple(components)))
    return sorted(uses)


def _versions(organization_id: int) -> Iterable[FlowVersion]:
    """The published versions, and those on which a ticket stands anywhere."""
    standing = TicketToken.objects.filter(organization_id=organization_id).exclude(state=TicketToken.State.DONE)
    running = set(standing.order_by().values_list("ticket__flow_version_id", flat=True).distinct())
    versions = FlowVersion.objects.filter(flow__custom_form__organization_id=organization_id).select_related("flow")
    return versions.filter(Q(pk__in=running) | Q(flow__published_id=F("pk")))


def _named(version: FlowVersion) -> Iterator[_Named]:
    compiled = _compiled(version)
    if compiled is None:
        return
    for line in compiled.definition.lines:
        source = compiled.definition.components.get(line.source)
        yield from _read(compiled, [line.rule], source.name if source else line.source)
    for component in compiled.definition.components.values():
        yield from _of(component, compiled)


def _of(component: Component, compiled: CompiledFlow) -> Iterator[_Named]:
    own, where = compiled.schema.id, component.name
    if isinstance(component, Stage):
        yield from (_Named(own, field.name, where) for field in component.fields or ())
        yield from _read(compiled, [component.validation.formula] if component.validation else [], where)
    match component:
        case Start():
            yield from _read(compiled, (variable.formula for variable in component.variables), where)
        case HumanInput():
            yield from (_Named(own, name, where) for name in component.assignees.fields)
            for action in component.actions:
                yield from _set(compiled, action.values, compiled, where)
        case SetField():
            yield from _set(compiled, component.values, compiled, where)
        case CallFlow():
            called = Flow.objects.select_related("published__flow").filter(api_path=component.flow).first()
            version = called and (called.published or called.versions.select_related("flow").first())
            other = _compiled(version) if version else None
            if other is not None:
                yield from _set(other, component.inputs, compiled, where)
                yield from _set(compiled, component.outputs, other, where)


def _compiled(version: FlowVersion) -> CompiledFlow | None:
    schema = FormSchema.find(version.flow.custom_form_id)
    return compiled_flow(version.pk, version.definition, schema) if schema else None


def _set(target: CompiledFlow, values: Iterable[Assignment], source: CompiledFlow, where: str) -> Iterator[_Named]:
    for assignment in values:
        if not assignment.variable:
            literal = dumps(assignment.value).decode() if assignment.literal else ""
            texts = (literal, *_texts(assignment.formula))
            yield _Named(target.schema.id, assignment.target, where, texts)
        yield from _read(source, [assignment.formula], where)


def _texts(formula: str) -> list[str]:
    """The text literals and references of a formula: among them the labels and the options that it gives."""
    try:
        tree = parse(formula, Limits()) if formula else None
    except FormulaRefused:
        return []
    nodes = [node for node, _depth in walk(tree)] if tree else []
    texts = [node.value for node in nodes if isinstance(node, Text)]
    return texts + [".".join(node.path) for node in nodes if isinstance(node, Reference)]


def _read(compiled: CompiledFlow, formulas: Iterable[str], where: str) -> Iterator[_Named]:
    """What formulas read, of the flow's form and through its relations; one that no longer fits reads nothing."""
    for text in formulas:
        try:
            references = compiled.formula(text).references if text else ()
        except FormulaRefused:
            continue
        for path in references:
            if path[0].startswith("$"):
                continue
            yield _Named(compiled.schema.id, path[0], where)
            related = compiled.schema.related(compiled.schema.by_field[path[0]]) if len(path) > 1 else None
            if related is not None:
                yield _Named(related.id, path[1], where)
