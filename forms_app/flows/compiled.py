"""CompiledFlow: a published flow with its formulas compiled for its form, built once per version and schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.caching.tagged import Tagged
from forms_app.exact_json import exact
from forms_app.flows.language import RESERVED, Definition, Failed, Variable, read_definition
from forms_app.flows.variables import KIND_TYPES, variable_value
from forms_app.formula import NUMBER, ErrorValue, Formula, FormulaRefused, Resolved, compile_formula
from forms_app.records.computing import Related, Stored, compute, reading, related_of, relations_of, with_needed
from forms_app.schema.form_schema import FormSchema


class CompiledFlow:
    """A definition over a form's schema: formulas compiled when they are first needed."""

    def __init__(self, definition: Definition, schema: FormSchema, stored: bool = False) -> None:
        self.definition = definition
        self.stored = stored  # a version that was published: what is refused today is an error value in it
        self.schema = schema
        self.variables: Mapping[str, Variable] = definition.variables
        self._formulas: dict[str, Formula] = {}

    def formula(self, text: str, gives: Resolved | None = None) -> Formula:
        """The formula of this text; `gives` is the choice that it is for, if it is checked for one. Raises
        FormulaRefused, e.g. when the form lost a field since publication."""
        if gives is not None:
            return compile_formula(text, self.resolve, stored=self.stored, gives=gives)
        if text not in self._formulas:
            self._formulas[text] = compile_formula(text, self.resolve, stored=self.stored)
        return self._formulas[text]

    def resolve(self, path: tuple[str, ...]) -> Resolved | None:
        """What a reference means: a `$variable` of the flow, else what it means in a formula of the form."""
        if not path[0].startswith("$"):
            return self.schema.resolve(path)
        name = path[0][1:]
        if len(path) > 1:
            return None
        if name in RESERVED:
            return Resolved(path, NUMBER)
        variable = self.variables.get(name)
        kind = KIND_TYPES.get(variable.kind) if variable else None  # a draft's may be none
        return Resolved(path, kind) if kind else None


class FlowValues:
    """A ticket's record and variables, as the flow's formulas read them. Related records are read when needed."""

    def __init__(self, compiled: CompiledFlow, data: Stored, variables: Mapping[str, Any], creator_uid: int) -> None:
        self.compiled = compiled
        self.data = data
        self.variables = variables
        self.creator_uid = creator_uid

    def evaluate(self, text: str) -> Any:
        """The formula's value. Raises Failed where it gives an error or can't be compiled any more."""
        try:
            formula = self.compiled.formula(text)
        except FormulaRefused as refused:
            template = _("The formula {formula} does not fit the form any more: {message}")
            fault = refused.faults[0]
            raise Failed(template.format(formula=text, message=fault.said(_))) from None
        value = formula.evaluate(self._reader(formula), now=timezone.localtime())
        if isinstance(value, ErrorValue):
            template = _("The formula {formula} gives an error: {message}")
            raise Failed(template.format(formula=text, message=value.said(_)))
        return value

    def _reader(self, formula: Formula) -> Any:
        schema = self.compiled.schema
        own = [path[0] for path in formula.references if path[0] in schema.volatile_formulas]
        volatile = with_needed(schema, own)
        related: Related = {}
        if relations := relations_of([formula, *volatile.values()]):
            related = related_of(schema, relations, [self.data])[0]
        values = dict(self.data)
        if volatile:
            values.update(compute(schema, volatile, values, related))
        read = reading(schema, values, related)

        def with_variables(path: tuple[str, ...]) -> Any:
            if not path[0].startswith("$"):
                return read(path)
            name = path[0][1:]
            if name in RESERVED:
                return self.creator_uid
            return variable_value(self.compiled.variables[name].kind, self.variables.get(name))

        return with_variables


_compiled_flows: Tagged[dict[tuple[int, FormSchema], CompiledFlow]] = Tagged(
    "published versions of flows, compiled", dict, tag="definitions", most=500
)


def compiled_in_cache(version_id: int, schema: FormSchema) -> CompiledFlow | None:
    """A published version, which never changes, if it is kept as compiled over the form as it is now."""
    return _compiled_flows.current().get((version_id, schema))


def compiled_flow(version_id: int, definition: Any, schema: FormSchema) -> CompiledFlow:
    """A published version over its form; kept from now on."""
    cached = _compiled_flows.current()
    compiled = cached.get((version_id, schema))
    if compiled is None:
        compiled = cached[version_id, schema] = CompiledFlow(read_definition(exact(definition)), schema, stored=True)
    return compiled
