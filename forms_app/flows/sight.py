"""A flow as an actor sees it who may not design it: where it leads, and of what it does nothing that reads what is
hidden from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from forms_app.flows.compiled import CompiledFlow
from forms_app.flows.language import CallFlow, HumanInput, SetField
from forms_app.formula import MARK, FormulaRefused
from forms_app.models import Verb
from forms_app.people.actor import Actor

SHOWN = ("id", "type", "name")
"""What is told of a component."""
UNREADABLE = "?"
"""Stands for a formula of another flow."""
LED = ("source", "target", "default")
"""What is told of a line."""


class FlowSight:
    """Made for a page. `actor` acts by their roles: what a stage shows them gives no sight of the flow."""

    def __init__(self, compiled: CompiledFlow, actor: Actor) -> None:
        self.compiled = compiled
        self.actor = actor

    def definition(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """The stored definition `source` as a diagram draws it. A rule of a condition that reads what is hidden is
        named, not told."""
        components = [{key: each[key] for key in SHOWN if key in each} for each in source.get("components", ())]
        return {"components": components, "lines": [self._line(line) for line in source.get("lines", ())]}

    def labels(self) -> dict[str, str]:
        """The label of each field that a rule may name."""
        if not self.compiled.schema.rights(self.actor).may(Verb.READ):
            return {}
        columns = self.compiled.schema.whole.seen_by(self.actor).fields
        options = {
            f"{column.name}{MARK}{token}": f"{column.label}{MARK}{label}"
            for column in columns
            for token, label in column.labels.items()
        }
        return {**{column.name: column.label for column in columns}, **options}

    @cached_property
    def hidden_variables(self) -> frozenset[str]:
        """The variables whose values come, directly or through others, from what is hidden."""
        hidden: set[str] = set()
        settings = list(self._settings())
        found = True
        while found:
            more = {name for name, formula in settings if name not in hidden and not self._readable(formula, hidden)}
            hidden |= more
            found = bool(more)
        return frozenset(hidden)

    def _line(self, line: Mapping[str, Any]) -> dict[str, Any]:
        shown = {key: line[key] for key in LED if key in line}
        rule = line.get("rule", "")
        if rule:
            shown["rule"] = rule if self._readable(rule, self.hidden_variables) else _("a condition")
        return shown

    @cached_property
    def whole(self) -> bool:
        """Whether nothing of the form, and nothing that the flow reads besides, is hidden from the actor."""
        schema = self.compiled.schema.whole
        if not schema.rights(self.actor).all_rows or schema.seen_by(self.actor) is not schema:
            return False
        formulas = [formula for _name, formula in self._settings()]
        formulas += [line.rule for line in self.compiled.definition.lines]
        return all(self._readable(formula, ()) for formula in formulas)

    def _settings(self) -> Iterable[tuple[str, str]]:
        """(variable, formula) of all that sets one, "" for a field; what another flow gives is never told."""
        definition = self.compiled.definition
        for variable in definition.variables.values():
            yield variable.name, variable.formula
        for component in definition.components.values():
            match component:
                case SetField():
                    yield from ((each.variable, each.formula) for each in component.values)
                case HumanInput():
                    values = [each for action in component.actions for each in action.values]
                    yield from ((each.variable, each.formula) for each in values)
                case CallFlow():
                    yield from ((each.variable, each.formula) for each in component.inputs)
                    yield from ((each.variable, UNREADABLE) for each in component.outputs)

    def _readable(self, formula: str, hidden: Iterable[str]) -> bool:
        """Whether all that the formula reads is the actor's to read; one that fits the form no more is not."""
        try:
            references = self.compiled.formula(formula).references if formula else ()
        except FormulaRefused:
            return False
        return all(self._seen(path, hidden) for path in references)

    def _seen(self, path: tuple[str, ...], hidden: Iterable[str]) -> bool:
        if path[0].startswith("$"):
            return path[0][1:] not in hidden
        schema = self.compiled.schema.whole
        if not schema.rights(self.actor).may(Verb.READ) or not schema.readable(path[0], self.actor):
            return False
        target = schema.related(schema.by_field[path[0]]) if len(path) > 1 else None
        return target is None or (target.rights(self.actor).all_rows and target.readable(path[1], self.actor))
