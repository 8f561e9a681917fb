"""Writes what the pages say of operators, field types and functions where the code knows it:
`python -m tests.docs.write`. A new operator, type or fault of a type gets a section or row to be written on by hand.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import django

from tests.docs.pages import ROOT, section, text_of

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from django.utils import translation

from forms_app.admin.forms import palette
from forms_app.exact_json import dumps
from forms_app.field_types import Column, FieldType, registry
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.formula import FUNCTIONS, Function
from forms_app.operators import Operator, operators
from forms_app.schema.columns import expression

FILTERING, TYPES, FORMULAS, ERRORS = "docs/filtering.md", "docs/field-types.md", "docs/formulas.md", "docs/errors.md"
OF_RESULT = (
    "those of its result's type: `text_field`, `float_field`, `boolean_field`, `date_field`, `datetime_field`. "
    "A list has only `empty` and `not_empty`. A formula with `TODAY` or `NOW` has none at all"
)


def column_of(field_type: FieldType) -> Column:
    options = {option.value: option for option in field_type.example_options}
    setting = field_type.example_setting(1)
    return Column("example", "Example", field_type, expression("example"), setting, options, field_id=1)


def ticked(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def operator_table() -> str:
    """Types and system columns with the same operators in one row, in the order of the designer's palette."""
    by_operators: dict[str, list[str]] = {}
    for name in [entry["name"] for entry in palette.types()]:
        field_type = registry.get(name)
        asked = [op for op in column_of(field_type).lookups if operators.get(op).compares]
        by_operators.setdefault(OF_RESULT if field_type.computed else ticked(asked), []).append(name)
    lines = [f"| {ticked(names)} | {ops} |" for ops, names in by_operators.items()]
    by_operators.clear()
    for name, column in SYSTEM_COLUMNS.items():
        by_operators.setdefault(ticked(list(column.lookups)), []).append(name)
    lines += [f"| {ticked(names)} | {ops} |" for ops, names in by_operators.items()]
    return "\n".join(["| type | operators |", "|---|---|", *lines]).replace("|  |", "| |")


def operators_line(field_type: FieldType) -> str:
    if field_type.computed:
        return "- Operators: those of the result's type."
    return f"- Operators: {ticked(list(column_of(field_type).lookups))}."


def settings_line(field_type: FieldType) -> str:
    fields = field_type.Setting().fields
    own = [name for name, field in fields.items() if not field.read_only and type(field).__name__ != "HiddenField"]
    return f"- Settings: {ticked(own)}."


def heading(field_type: FieldType) -> str:
    with translation.override("en"):
        english = str(field_type.label)
    with translation.override("zh-hans"):
        chinese = str(field_type.label)
    if chinese == english:  # not translated yet: the word that the type's module begins with
        chinese = (sys.modules[type(field_type).__module__].__doc__ or "").partition(":")[0]
    return f"### `{field_type.name}` · {chinese} · {english}"


def type_section(field_type: FieldType) -> str:
    """A section for a type that has none."""
    accepted = [f"| `{dumps(sent).decode()}` | `{dumps(read).decode()}` |" for sent, read in field_type.accepts]
    refused = [f"| `{dumps(sent).decode()}` | `{code}` |" for sent, code in field_type.rejects]
    lines = [heading(field_type), "", (type(field_type).__doc__ or "").strip(), "", operators_line(field_type)]
    lines += [settings_line(field_type), "", "| sent | read |", "|---|---|", *accepted]
    return "\n".join([*lines, "", "| refused | code |", "|---|---|", *refused, ""])


def operator_section(operator: Operator) -> str:
    """A section for an operator that has none."""
    name, value = next(
        (field_type.name, operand)
        for field_type in registry
        for operand in [*operator.operands, *field_type.operands.get(operator.family, ())]
        if operator.name in column_of(field_type).lookups
    )
    sample = dumps({"name": name, "op": operator.name, "value": value}).decode()
    doc = (type(operator).__doc__ or "").strip()
    return f"### `{operator.name}`\n\n{doc}\n\n```json\n{sample}\n```\n\n"


def filtering() -> str:
    """The page of filtering as it should be."""
    text = text_of(FILTERING)
    by_type = section(text, "### Operators by type")
    table = re.search(r"^\| type \|.*?(?=\n\n)", by_type, re.MULTILINE | re.DOTALL)
    assert table
    text = text.replace(table[0], operator_table())
    behind = "### Or-groups"
    for operator in sorted(operators, key=lambda operator: operator.position, reverse=True):
        own = f"### `{operator.name}`\n"
        if own not in text:
            text = text.replace(behind, operator_section(operator) + behind)
        behind = own
    return text


def field_types() -> str:
    """The page of field types as it should be."""
    text = text_of(TYPES)
    for field_type in registry:
        if f"\n### `{field_type.name}`" not in text:
            text = f"{text.rstrip()}\n\n{type_section(field_type)}"
            continue
        old = section(text, f"### `{field_type.name}`")
        new = re.sub(r"^### .*$", lambda _match, t=field_type: heading(t), old, count=1, flags=re.MULTILINE)
        for line in (operators_line(field_type), settings_line(field_type)):
            begin = line.partition(":")[0]
            new = re.sub(rf"^{begin}: .*$", lambda _match, line=line: line, new, count=1, flags=re.MULTILINE)
        text = text.replace(old, new)
    return text


def written(value: Any) -> str:
    """A value as the table of functions writes it."""
    match value:
        case bool():
            return str(value).upper()
        case Decimal():
            return format(value, "f")
        case str():
            return f'"{value}"'
        case tuple():
            return f"({', '.join(map(written, value))})"
        case datetime() | date():
            return value.isoformat()
        case None:
            return "empty"
    raise TypeError(type(value).__name__)


def row_of(function: Function) -> str:
    names = (function.name, *function.aliases)
    english = " ".join(f"`{name}`" for name in names if name.isascii())
    chinese = " ".join(name for name in names if not name.isascii())
    needed = len(function.parameters) - function.optional
    takes = [p.expected if n < needed else f"[{p.expected}]" for n, p in enumerate(function.parameters)]
    takes += ["…"] if function.repeats else []
    formula, result = function.example
    return f"| {english} | {chinese} | {', '.join(takes)} | {function.english} | `{formula}` → `{written(result)}` |"


def formulas(page: str = FORMULAS, row: Callable[[Function], str] = row_of) -> str:
    """A page of formulas as it should be: a function's row stands behind that of the function before it."""
    lines = text_of(page).splitlines()
    behind = ""
    for function in FUNCTIONS.values():
        own = row(function)
        begin = own.partition(" | ")[0] + " |"
        places = [place for place, line in enumerate(lines) if line.startswith(begin)]
        if places:
            lines[places[0]] = own
        elif behind:
            lines.insert(lines.index(behind) + 1, own)
        behind = own
    return "\n".join(lines) + "\n"


def errors() -> str:
    """The page of errors with a row for each code of a type's values, to be written on by hand."""
    text = text_of(ERRORS)
    table = rows = section(text, "## Faults of values").rstrip()
    told = set(re.findall(r"`(\w+)`", text))
    for field_type in registry:
        for code, message in type(field_type).Field.default_error_messages.items():
            if code not in told:
                example = next((dumps(sent).decode() for sent, refused in field_type.rejects if refused == code), "")
                rows += f"\n| `{code}` | `{field_type.name}` | {message} | `{example}` |"
                told.add(code)
    return text.replace(table, rows)


if __name__ == "__main__":
    with translation.override("en"):
        for name, made in (
            (FILTERING, filtering()),
            (TYPES, field_types()),
            (FORMULAS, formulas()),
            (ERRORS, errors()),
        ):
            if made != text_of(name):
                (ROOT / name).write_text(made, encoding="utf-8")
                sys.stdout.write(f"{name} was written on.\n")
