"""The bar of conditions above the records: what was asked for, as terms and as the controls that show it again.

It is made of the operators that each column has: which there are, what they say, and how a value for them is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_app.admin.records.addresses import CONDITION
from forms_app.field_types import Column, Text
from forms_app.operators import operators
from forms_app.records.query.parsing import Parser
from forms_app.records.query.terms import AnyFilter, Filter
from forms_app.schema.form_schema import FormSchema

ENTRY = "admin/forms_app/entry/controls/{control}.html"
SEVERAL = "admin/forms_app/records/several.html"
MOST = 20
"""Conditions that the page shows."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Input:
    """A control of a condition, with what the templates of forms to fill in ask of a field."""

    name: str
    label: str
    value: str
    template: str
    control: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    chosen: Sequence[str] = ()
    required: bool = False
    faults: Sequence[str] = ()
    hints: Sequence[str] = ()
    was: str = ""


@dataclass
class Condition:
    """One condition as it was asked for: nothing of it need be right."""

    place: int
    name: str
    op: str
    posted: list[str]
    to: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        return f"f{self.place}"


def conditions(given: QueryDict) -> list[Condition]:
    """Those of the address that name a field."""
    places = sorted(int(match[1]) for name in given if (match := CONDITION.fullmatch(name)) and given[name])
    return [_condition(given, place) for place in places[:MOST]]


def _condition(given: QueryDict, place: int) -> Condition:
    name, op, to = (str(given.get(f"f{place}{part}", "")) for part in ("", ".op", ".to"))
    return Condition(place, name, op, [str(text) for text in given.getlist(f"f{place}.v")], to)


def completed(schema: FormSchema, asked: Sequence[Condition]) -> None:
    """Gives a condition whose field was just chosen the first operator of that field."""
    for condition in asked:
        column = schema.columns.get(condition.name)
        if column is not None and condition.op not in column.lookups:
            condition.op = next(iter(column.lookups), "") if not condition.op else condition.op


def filters(schema: FormSchema, asked: Sequence[Condition], any_of: bool) -> tuple[Filter | AnyFilter, ...]:
    """The conditions as terms, by the parser of the API's lists; what is wrong is noted beside each, which then
    does not restrict."""
    raw = [{"name": c.name, "op": c.op, "value": _operand(schema, c)} for c in asked]
    parser = Parser(schema)
    terms = parser.filters([{"or": raw}] if any_of and raw else raw)
    for path, fault, _name in parser.wrong:
        places = [step for step in path if isinstance(step, int)]
        place = places[1 if any_of else 0] if len(places) > any_of else 0
        asked[place].faults.append(fault.message)
    return terms


def _operand(schema: FormSchema, condition: Condition) -> Any:
    """The condition's value as a client of the API would send it."""
    column = schema.columns.get(condition.name)
    if column is None or condition.op not in column.lookups:
        return None
    control, posted = operators.get(condition.op).control, condition.posted
    if control == "nothing":
        return None
    if control == "range":
        ends = [Text(text) if text else None for text in (next(iter(posted), ""), condition.to)]
        return ends if any(ends) else None
    return column.type.compared(posted, control == "several")


def drawn(schema: FormSchema, asked: Sequence[Condition]) -> list[dict[str, Any]]:
    """The conditions as the page shows them."""
    return [
        {
            "prefix": condition.prefix,
            "place": condition.place,
            "name": condition.name,
            "known": condition.name in schema.columns,
            "op": condition.op,
            "operators": _operators(schema.columns.get(condition.name)),
            "inputs": list(_inputs(schema, condition)),
            "faults": condition.faults,
        }
        for condition in asked
    ]


def filterable(schema: FormSchema) -> list[Column]:
    """What a condition may be about: the form's fields, then what every record has."""
    own = [column for column in schema.fields if column.lookups]
    return [*own, *(column for column in schema.columns.values() if column.field_id is None and column.lookups)]


def _operators(column: Column | None) -> list[tuple[str, str]]:
    return [(name, str(operators.get(name).label)) for name in column.lookups] if column else []


def _inputs(schema: FormSchema, condition: Condition) -> Iterator[Input]:
    column = schema.columns.get(condition.name)
    if column is None or condition.op not in column.lookups:
        return
    control, posted = operators.get(condition.op).control, condition.posted
    if control == "range":
        yield _input(schema, column, condition, "v", _("From"), next(iter(posted), ""))
        yield _input(schema, column, condition, "to", _("To"), condition.to)
    elif control != "nothing":
        several = control == "several"
        yield _input(schema, column, condition, "v", _("Value"), next(iter(posted), ""), several=several)


def _input(
    schema: FormSchema, column: Column, asked: Condition, part: str, label: str, text: str, *, several: bool = False
) -> Input:
    control, data = column.type.comparing_control(column), column.type.control_data(column)
    name, chosen = f"{asked.prefix}.{part}", asked.posted
    if "options" in data:  # records may hold one that can't be chosen any more
        data["options"] = [{**option, "enabled": True} for option in data["options"]]
    if "lookup" in data:
        data["url"] = reverse("admin:forms_app_customform_lookup", args=[schema.id, data["lookup"]])
        data["field"] = column.name
    if "multiple" in data:
        data["multiple"] = several
    elif several and "options" in data:
        return Input(name, label, text, SEVERAL, "several", data, chosen)
    elif several and not text.startswith("{"):
        return Input(
            name, label, "、".join(chosen), ENTRY.format(control="text"), "text", hints=[_("Several: 1, 2, 3")]
        )
    if control == "date" and text and not DAY.fullmatch(text):
        control = "text"  # a moment, as an address may name one
    return Input(name, label, text, ENTRY.format(control=control), control, {**data, "compares": True})
