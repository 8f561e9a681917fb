"""Worked examples fitted to a flow: what its stages let be written, as ticket clients send it, fit to its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import islice, product
from typing import Any

from apaas.reference.examples import MOST_IN_BODY, FormExamples, accepted, candidates, untaken
from apaas.reference.layout import one_line
from apaas.reference.pages.flow_trial import TrialTicket, trial_open, trial_push
from apaas.reference.pages.refusals import is_plain
from apaas.reference.sample_requests import is_container
from apaas.tickets.writes import untyped
from forms_app.exceptions import DomainError, Refused
from forms_app.field_types import Column
from forms_app.flows.compiled import CompiledFlow
from forms_app.flows.language import HumanInput, Rule, Stage
from forms_app.formula import FormulaRefused
from forms_app.records.computing import with_needed

RULE = "validation"
NAME = re.compile(r"\{(\w+)\}")
MOST_TRIED = 200
"""Sets of values that are tried for one that a rule lets through."""
MOST_OF_FIELD = 12
LITERAL = re.compile(r'"([^"]*)"|(?<![\w{])(\d+(?:\.\d+)?)')
"""Texts and numbers in a formula: what a rule compares with is likely to be right, or nearly."""
TEXTS = ("1",)
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "text": TEXTS,
    "number": ("1", "100", "0", "1000000"),
    "boolean": ("true", "false"),
    "date": ("2026-12-01", "2020-01-01"),
    "datetime": ("2026-12-01 09:00", "2020-01-01 09:00"),
}


@dataclass(frozen=True)
class Given:
    """What is sent at a stage: values by field name, and variables. `refused` is the rule that they don't meet."""

    values: dict[str, Any]
    start_input: dict[str, Any] = field(default_factory=dict)
    refused: Rule | None = None

    def changed(self, changes: Mapping[str, Any]) -> Given:
        """With other values of fields and $variables."""
        variables = {name[1:]: value for name, value in changes.items() if name.startswith("$")}
        values = {name: value for name, value in changes.items() if not name.startswith("$")}
        return Given({**self.values, **values}, {**self.start_input, **variables})


class FlowExamples:
    """The examples of one flow's definition; `examples` are those of its form."""

    def __init__(self, compiled: CompiledFlow, examples: FormExamples) -> None:
        self.compiled = compiled
        self.examples = examples
        self.schema = compiled.schema

    @cached_property
    def stages(self) -> list[HumanInput]:
        return self.compiled.definition.of_type(HumanInput)

    @cached_property
    def opening(self) -> Given:
        """What opens a ticket."""
        start = self.compiled.definition.start
        sent = {v.name: OF_KIND.get(v.kind, TEXTS)[0] for v in self.compiled.variables.values() if not v.formula}
        return self.fitted(start, Given(self.written(start), sent), None)

    def again(self, given: Given) -> Given:
        """The same with other values in unique fields, to be sent besides."""
        unique = {name: value for name, value in given.values.items() if self.schema.by_field[name].unique}
        others = {name: untaken(self.schema.by_field[name], value) or value for name, value in unique.items()}
        return given.changed(others)

    @cached_property
    def opened(self) -> TrialTicket | None:
        """What a ticket holds that was opened so; None where that is refused."""
        try:
            return trial_open(
                self.compiled, self.examples.actor, self.formdata(self.opening.values), self.opening.start_input
            )
        except DomainError:
            return None

    def pushing(self, stage: HumanInput, ticket: TrialTicket | None) -> Given:
        """What pushes the stage of this ticket."""
        return self.fitted(stage, Given(self.written(stage)), ticket)

    def formdata(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{"id": f"FORMITM_{self.schema.by_field[name].number}", "value": raw} for name, raw in values.items()]

    # --- What may be written -----------------------------------------------------------------------------

    def required(self, stage: Stage) -> set[str]:
        """The fields that have to be given at the stage."""
        own = set(stage.required())
        if stage is self.compiled.definition.start:
            own |= {column.name for column in self.schema.required} - set(self.schema.defaults)
        return own

    def writable(self, stage: Stage) -> list[Column]:
        """The fields that the stage lets be written, the required ones first."""
        required = self.required(stage)
        shown = [column for column in self.schema.fields if (at := stage.field(column.name)) and at.writable]
        return sorted((c for c in shown if c.type.writable), key=lambda column: column.name not in required)

    def written(self, stage: Stage) -> dict[str, Any]:
        """An example for each of them; files only where they must be, for they are sent as parts."""
        required, values = self.required(stage), {}
        for column in self.writable(stage):
            example = self.sent.get(column.name)
            if example is not None and (column.name in required or not column.type.holds_files):
                values[column.name] = example
        return dict(islice(values.items(), max(MOST_IN_BODY, len(required))))

    def missing(self, stage: Stage) -> list[Column]:
        """Required fields for which there is no example: nothing to choose from."""
        return [c for c in self.writable(stage) if c.name in self.required(stage) and c.name not in self.sent]

    @cached_property
    def sent(self) -> dict[str, Any]:
        """Field → its example, as a ticket client sends it."""
        by_field = {}
        for example in self.examples.fields:
            column, written = example.column, example.written
            if isinstance(written, str) and not is_plain(written) and accepted(column, written.splitlines()[0]):
                written = written.splitlines()[0]  # one line says as much
            if column.unique and written is not None:
                written = untaken(column, written)
            if written is not None:
                by_field[column.name] = spelt(column, written)
        return by_field

    def shown(self, rule: Rule) -> str:
        """The rule's formula with the labels of its fields."""
        labels = {name: str(column.label) for name, column in self.schema.by_field.items()}
        return NAME.sub(lambda match: f"{{{labels.get(match[1], match[1])}}}", rule.formula)

    # --- What a rule lets through ------------------------------------------------------------------------

    def fitted(self, stage: Stage, given: Given, ticket: TrialTicket | None) -> Given:
        """`given`, changed where the stage's rule asks for it as far as that is found."""
        rule = stage.validation
        if rule is None or self.faults(stage, given, ticket) != {RULE}:
            return given
        changeable = [name for name in self.read_by(rule) if self.may_change(name, stage)]
        choices = {name: self.choices(name, rule) for name in changeable}
        for tried in islice(product(*choices.values()), MOST_TRIED):
            candidate = given.changed(dict(zip(choices, tried, strict=True)))
            if not self.faults(stage, candidate, ticket):
                return candidate
        return replace(given, refused=rule)

    def breaking(self, stage: Stage, given: Given, ticket: TrialTicket | None) -> Given | None:
        """Like `given`, but such that the stage's rule does not hold."""
        rule = stage.validation
        if rule is None:
            return None
        changeable = [name for name in self.read_by(rule) if self.may_change(name, stage)]
        tried = (given.changed({name: value}) for name in changeable for value in self.choices(name, rule))
        return next(
            (candidate for candidate in [given, *tried] if self.faults(stage, candidate, ticket) == {RULE}), None
        )

    def faults(self, stage: Stage, given: Given, ticket: TrialTicket | None) -> set[str]:
        """The codes of what is wrong with it."""
        formdata = self.formdata(given.values)
        try:
            if isinstance(stage, HumanInput):
                trial_push(self.compiled, self.examples.actor, stage, ticket or TrialTicket(), formdata)
            else:
                trial_open(self.compiled, self.examples.actor, formdata, given.start_input)
        except DomainError as refused:
            return {fault.code for fault in refused.faults}
        return set()

    def may_change(self, name: str, stage: Stage) -> bool:
        if name.startswith("$"):
            return not isinstance(stage, HumanInput) and name[1:] in self.compiled.variables
        return name in {column.name for column in self.writable(stage)}

    def read_by(self, rule: Rule) -> list[str]:
        """The fields and $variables that the rule reads, those behind formula fields too."""
        try:
            names = {path[0] for path in self.compiled.formula(rule.formula).references}
        except FormulaRefused:
            return []
        behind = with_needed(self.schema, names).values()
        return sorted(names | {path[0] for formula in behind for path in formula.references})

    def choices(self, name: str, rule: Rule) -> list[Any]:
        """Values to try for a field or $variable."""
        literals = list(literals_of(rule.formula))
        if name.startswith("$"):
            return [*literals, *OF_KIND.get(self.compiled.variables[name[1:]].kind, TEXTS)]
        column = self.schema.by_field[name]
        tokens = [option.value for option in column.options.values() if option.enabled]
        sent = [spelt(column, raw) for raw in [*literals, *candidates(column), *tokens, "true", "false", "0", "-1"]]
        fitting = [
            value for place, value in enumerate(sent) if value not in sent[:place] and accepted(column, untyped(value))
        ]
        return fitting[:MOST_OF_FIELD]


def literals_of(formula: str) -> Iterator[str]:
    """The texts and numbers in a formula, and the numbers next to them."""
    for text, number in LITERAL.findall(formula):
        yield from (str(Decimal(number) + step) for step in (0, 1, -1)) if number else (text,)


def spelt(column: Column, written: Any) -> Any:
    """A value as ticket clients send it: text, or a list or an object with no more than it must hold."""
    if isinstance(written, str) or written is None:
        return written
    return least(column, written) if is_container(written) else one_line(written)


def least(column: Column, written: Any) -> Any:
    """The list of objects with one key each, where the field takes them for the same: the rest are echoes."""
    stored = column.clean(written)
    single = written if isinstance(written, Mapping) else next(iter(written), None)
    for key in single if isinstance(single, Mapping) else ():
        short = {key: written.get(key)} if isinstance(written, Mapping) else [{key: item.get(key)} for item in written]
        try:
            if column.clean(short) == stored:
                return short
        except Refused:
            continue
    return written
