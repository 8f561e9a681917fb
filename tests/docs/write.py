"""Writes what the pages say of operators and field types where the code knows it: `python -m tests.docs.write`.

A new operator or type gets a section that holds the tests, to be written on by hand.
"""

from __future__ import annotations

import os
import re
import sys

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
from forms_app.operators import Operator, operators
from forms_app.schema.form_schema import expression

FILTERING, TYPES = "docs/filtering.md", "docs/field-types.md"
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
        module = __import__(type(field_type).__module__, fromlist=["_"])
        chinese = (module.__doc__ or "").partition(":")[0]
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


if __name__ == "__main__":
    with translation.override("en"):
        for name, made in ((FILTERING, filtering()), (TYPES, field_types())):
            if made != text_of(name):
                (ROOT / name).write_text(made, encoding="utf-8")
                sys.stdout.write(f"{name} was written on.\n")
