"""The page of errors, held to the codes that the sources make."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apaas import errors
from forms_app.field_types import registry
from forms_app.field_types.base import ValueField
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.formula import MESSAGES
from forms_app.records.references import messages
from tests.docs.pages import ROOT, TICKED, rows, section, text_of


def test_every_error_code_is_tabled() -> None:
    tabled = {(int(row[0]), int(row[1])) for row in rows(section(text_of("docs/errors.md"), "## Codes"))}
    assert tabled == {(row.code, row.status) for row in vars(errors).values() if isinstance(row, errors.ErrorCode)}


MADE_AT_RUN_TIME = {
    "f'unknown_{ref.kind}'": {f"unknown_{kind}" for kind in messages()},
    "f'formula_{fault.code}'": {f"formula_{code}" for code in MESSAGES if code != "unknown_function_close"},
    # Django REST framework's own codes; the page names the family.
    "f\"setting_{getattr(error, 'code', 'invalid')}\"": {"setting_…"},
    # The code is a parameter; what is passed for it is found where it is passed.
    # What is passed for it is found in forms_app/flow and where it is checked.
    "raised.code": set(),
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
            second = node.func.id == "fault" and of_parameters  # apaas.requests.parameters.fault(name, code, …)
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
