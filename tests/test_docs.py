"""The documentation, held to the code: what exists is described, and what is described exists."""

from __future__ import annotations

import ast
import json
import re
import shlex
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from apaas import errors
from forms_app.columns import SYSTEM_COLUMNS
from forms_app.field_types import registry
from forms_app.field_types.base import PRESENCE, FieldType, ValueField
from forms_app.formula import ERRORS, FUNCTIONS, MESSAGES, Function, Limits
from forms_app.jsontext import dumps
from forms_app.services.existence import messages

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changes/*.md"))
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TICKED = re.compile(r"`([^`]+)`")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """From the heading that begins so to the next one of its level or above."""
    level = heading.partition(" ")[0]
    start = re.search(rf"^{re.escape(heading)}.*$", text, re.MULTILINE)
    assert start, f"There is no heading {heading!r}."
    end = re.compile(rf"^#{{1,{len(level)}}} ", re.MULTILINE).search(text, start.end())
    return text[start.start() : end.start() if end else len(text)]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows, heads and rules left out."""
    lines = text.splitlines()
    found = []
    for place, line in enumerate(lines):
        is_head = place + 1 < len(lines) and lines[place + 1].startswith("|---")
        if line.startswith("| ") and not is_head:
            found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


# --- Field types ---------------------------------------------------------------------------------------------


def type_names() -> list[str]:
    return [field_type.name for field_type in registry]


def chinese_of(field_type: FieldType) -> str:
    """The word that the type's module begins with."""
    return (sys.modules[type(field_type).__module__].__doc__ or "").partition(":")[0]


@pytest.mark.parametrize("name", type_names())
def test_a_field_type_has_its_section(name: str) -> None:
    field_type = registry.get(name)
    with translation.override("en"):
        english = str(field_type.label)
    with translation.override("zh-hans"):
        chinese = str(field_type.label)
    word = chinese_of(field_type) if chinese == english else chinese
    assert f"### `{name}` · {word} · {english}\n" in text_of("docs/field-types.md")


def test_no_other_field_type_has_a_section() -> None:
    assert set(re.findall(r"^### `(\w+)`", text_of("docs/field-types.md"), re.MULTILINE)) == set(type_names())


@pytest.mark.parametrize("name", [name for name in type_names() if name != "formula_field"])
def test_a_field_types_operators_are_listed(name: str) -> None:
    line = re.search(r"^- Operators: (.*)$", section(text_of("docs/field-types.md"), f"### `{name}`"), re.MULTILINE)
    assert line
    assert TICKED.findall(line[1]) == [*registry.get(name).lookups, *PRESENCE]


@pytest.mark.parametrize("name", type_names())
def test_a_field_types_settings_are_listed_and_explained(name: str) -> None:
    line = re.search(r"^- Settings: (.*)$", section(text_of("docs/field-types.md"), f"### `{name}`"), re.MULTILINE)
    assert line
    fields = registry.get(name).Setting().fields
    own = [key for key, field in fields.items() if not field.read_only and type(field).__name__ != "HiddenField"]
    assert TICKED.findall(line[1]) == own
    explained = {key for row in rows(section(text_of("docs/field-types.md"), "## Settings")) for key in row[:1]}
    assert set(own) <= {key for cell in explained for key in TICKED.findall(cell)}


@pytest.mark.parametrize("name", type_names())
def test_a_field_types_samples_are_its_worked_examples(name: str) -> None:
    field_type = registry.get(name)
    accepted = [[dumps(sent).decode(), dumps(read).decode()] for sent, read in field_type.accepts]
    rejected = [[sent, code] for value, code in field_type.rejects if (sent := said(value)) is not None]
    for row in rows(section(text_of("docs/field-types.md"), f"### `{name}`")):
        assert [cell.strip("`") for cell in row] in accepted + rejected


def said(value: Any) -> str | None:
    try:
        return dumps(value).decode()
    except (TypeError, ValueError):  # a lone surrogate: JSON can't say it
        return None


# --- Operators -----------------------------------------------------------------------------------------------


def operators() -> dict[str, set[str]]:
    """Type or system column → its operators beside `empty` and `not_empty`."""
    found = {field_type.name: set(field_type.lookups) for field_type in registry}
    return {**found, **{name: set(column.lookups) for name, column in SYSTEM_COLUMNS.items()}}


def test_every_operator_has_its_section_and_no_other() -> None:
    known = {op for ops in operators().values() for op in ops} | set(PRESENCE)
    assert set(re.findall(r"^### `(\w+)`", text_of("docs/filtering.md"), re.MULTILINE)) == known


@pytest.mark.parametrize("op", sorted({op for ops in operators().values() for op in ops} | set(PRESENCE)))
def test_an_operators_samples_use_it(op: str) -> None:
    samples = [json.loads(code) for kind, code in FENCE.findall(section(text_of("docs/filtering.md"), f"### `{op}`"))]
    assert samples
    assert {sample["op"] for sample in samples} == {op}


def test_the_operators_of_each_type_are_tabled() -> None:
    tabled: dict[str, set[str]] = {}
    for types, ops in rows(section(text_of("docs/filtering.md"), "### Operators by type")):
        for name in TICKED.findall(types):
            tabled[name] = set(TICKED.findall(ops))
    expected = operators()
    for told_in_words in (tabled, expected):
        told_in_words.pop("formula_field")
    assert tabled == expected


def test_the_limits_of_requests_are_the_settings() -> None:
    for _what, limit, setting in rows(section(text_of("docs/filtering.md"), "## Limits")):
        name = re.search(r"`([A-Z_]+)`", setting)
        number = re.match(r"[\d,]+", limit)
        assert name and number
        assert int(number[0].replace(",", "")) == getattr(settings, name[1]), name[1]


# --- Errors --------------------------------------------------------------------------------------------------


def test_every_error_code_is_tabled() -> None:
    tabled = {(int(row[0]), int(row[1])) for row in rows(section(text_of("docs/errors.md"), "## Codes"))}
    assert tabled == {(row.code, row.status) for row in vars(errors).values() if isinstance(row, errors.ErrorCode)}


MADE_AT_RUN_TIME = {
    "f'unknown_{ref.kind}'": {f"unknown_{kind}" for kind in messages()},
    "f'formula_{fault.code}'": {f"formula_{code}" for code in MESSAGES if code != "unknown_function_close"},
    # Django REST framework's own codes; the page names the family.
    "f\"setting_{getattr(error, 'code', 'invalid')}\"": {"setting_…"},
    # The code is a parameter; what is passed for it is found where it is passed.
    "code": set(),
    "f.code": set(),
}
"""How the code of a fault is written where it is no literal → the codes that it can be."""


def fault_codes() -> set[str]:
    """All codes that a Fault can have: literals, what is made at run time, the messages of the types' fields."""
    found: set[str] = set()
    for path in (*ROOT.glob("apaas/**/*.py"), *ROOT.glob("forms_app/**/*.py")):
        inside = path.relative_to(ROOT).parts
        if "migrations" in inside or inside[:2] == ("forms_app", "formula"):  # whose codes are those of MESSAGES
            continue
        for code in codes_in(ast.parse(path.read_text(encoding="utf-8")), of_parameters=inside[0] == "apaas"):
            if isinstance(code, ast.Constant):
                found.add(code.value)
                continue
            written = ast.unparse(code)
            assert written in MADE_AT_RUN_TIME, f"{path}:{code.lineno} makes a code that this test can't know"
            found |= MADE_AT_RUN_TIME[written]
    for kind in (*registry, *(column.type for column in SYSTEM_COLUMNS.values())):
        for cls in type(kind).Field.__mro__:
            if issubclass(cls, ValueField):
                found |= set(vars(cls).get("default_error_messages", {}))
    return found


def codes_in(tree: ast.AST, of_parameters: bool) -> Iterator[ast.expr]:
    """The expressions that stand for the code in calls of `Fault`, `fault` and `refuse`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("fault", "refuse") and node.args:
            yield node.args[0]
        elif isinstance(node.func, ast.Name) and node.func.id in ("Fault", "fault"):
            second = node.func.id == "fault" and of_parameters  # apaas.parameters.fault(name, code, …)
            yield named["code"] if "code" in named else node.args[1 if second else 0]


def test_every_fault_has_its_row_and_no_row_is_stale() -> None:
    text = text_of("docs/errors.md")
    tabled = {
        code
        for heading in re.findall(r"^(##+ .*)$", text, re.MULTILINE)
        if heading != "## Codes"
        for row in rows(section(text, heading))
        for code in TICKED.findall(row[0])
    }
    assert tabled == fault_codes()


# --- Settings ------------------------------------------------------------------------------------------------


def settings_read() -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text_of("config/settings.py"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) == "env"
        ):
            name = node.args[0]
            assert isinstance(name, ast.Constant)
            found.append(str(name.value))
    return found


def test_every_setting_has_its_section_and_no_other() -> None:
    described = re.findall(r"^### ([A-Z_]+)$", text_of("docs/settings.md"), re.MULTILINE)
    assert sorted(described) == sorted(settings_read())


# --- Formulas ------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_a_function_has_its_row(name: str) -> None:
    assert row_of(FUNCTIONS[name]) in text_of("docs/formulas.md").splitlines()


def test_no_other_function_has_a_row() -> None:
    functions = section(text_of("docs/formulas.md"), "## Functions")
    assert sorted(rows(functions)) == sorted(rows("\n".join(row_of(function) for function in FUNCTIONS.values())))


def test_the_limits_of_formulas_are_told() -> None:
    told = re.search(r"^Limits of a formula: (.*?)\n\n", text_of("docs/formulas.md"), re.MULTILINE | re.DOTALL)
    assert told
    limits = Limits()
    wanted = (limits.length, limits.depth, limits.nodes, limits.text, limits.steps)
    assert [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", told[1])] == list(wanted)


def test_every_error_value_has_its_row() -> None:
    assert [row[0].strip("`") for row in rows(section(text_of("docs/formulas.md"), "## Errors"))] == list(ERRORS)


# --- Decisions -----------------------------------------------------------------------------------------------


def test_every_package_of_run_time_has_its_case() -> None:
    run_time = text_of("requirements.txt").partition("# Development")[0]
    packages = re.findall(r"^([a-z0-9-]+)", run_time, re.MULTILINE)
    cased = {name for row in rows(text_of("docs/decisions/002-dependencies.md")) for name in TICKED.findall(row[0])}
    assert cased >= set(packages)


def test_decisions_carry_their_numbers() -> None:
    for path in sorted((ROOT / "docs/decisions").glob("*.md")):
        assert path.read_text(encoding="utf-8").startswith(f"# {path.name[:3]} ")


# --- All pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    prose = FENCE.sub("", path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _hash, anchor = target.partition("#")
        found = path.parent / name if name else path
        assert found.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(found), f"{target} names no heading"


def anchors(path: Path) -> set[str]:
    """The headings of a page as its links name them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_samples_parse(path: Path) -> None:
    for kind, code in FENCE.findall(path.read_text(encoding="utf-8")):
        if kind == "json":
            json.loads(code)
        elif kind == "bash":
            words = shlex.split(code, comments=True)
            for flag, value in pairwise(words):
                if flag in ("-d", "--data") and value.lstrip().startswith(("{", "[")):
                    json.loads(value)


def test_both_readmes_say_the_same() -> None:
    english, chinese = (text_of(name) for name in READMES)
    assert FENCE.findall(english) == FENCE.findall(chinese)
    shapes = [re.findall(r"^(#+) ", FENCE.sub("", text), re.MULTILINE) for text in (english, chinese)]
    assert shapes[0] == shapes[1]
    assert len(rows(english)) == len(rows(chinese))
    links = [re.findall(r"\]\((?!README)([^)]+)\)", text) for text in (english, chinese)]
    assert links[0] == links[1]
