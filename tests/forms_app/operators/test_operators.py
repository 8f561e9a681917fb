"""What every operator says, and what one more of them brings about by itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from apaas.reference.term_schemas import filter_of
from apaas.requests.terms import search_terms
from forms_app.admin.forms import palette
from forms_app.exceptions import Refused
from forms_app.field_types import Column, FieldType
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.models import Member
from forms_app.operators import Operator, operators
from forms_app.operators.base import Reader
from forms_app.operators.families import Family, Textual
from forms_app.operators.grams import fold
from forms_app.operators.index_kinds import Expression
from forms_app.operators.lookups import Condition
from forms_app.records.query import Filter, Terms
from forms_app.records.query.conditions import matches
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.field_types.every_type import TYPES, column_alone, each_type, operands_of
from tests.forms_app.worlds import query_of

ROOT = Path(__file__).resolve().parents[3]
ALL = list(operators)
NAMES = {operator.name for operator in ALL}
CONTROLS = {"value", "several", "range", "nothing"}


def each_operator() -> Any:
    return pytest.mark.parametrize("operator", ALL, ids=lambda operator: operator.name)


def columns() -> Iterator[Column]:
    yield from map(column_alone, TYPES)
    yield from SYSTEM_COLUMNS.values()


@each_operator()
def test_the_module_and_the_operator_have_one_name(operator: Operator[Any]) -> None:
    assert type(operator).__module__.rpartition(".")[2].removesuffix("_") == operator.name


@each_operator()
def test_its_words_are_said_in_three_languages(operator: Operator[Any]) -> None:
    said = []
    for language in ("en", "zh-hans", "zh-hant"):
        with translation.override(language):
            said.append(str(operator.label))
    english, *chinese = said
    assert re.fullmatch("[a-z ]+", english)
    assert all(re.search("[\u4e00-\u9fff]", text) for text in chinese), chinese


@each_operator()
def test_it_applies_to_some_values_and_can_be_filled_in(operator: Operator[Any]) -> None:
    assert any(operator.name in column.lookups for column in columns())
    assert operator.control in CONTROLS
    assert operator.operands or operator.compares


def test_operators_are_told_apart() -> None:
    for said in ("position", "label"):
        assert len({str(getattr(operator, said)) for operator in ALL}) == len(ALL)
    with pytest.raises(ValueError, match="like"):
        operators.register(type(operators.get("like")))
    with pytest.raises(LookupError):
        operators.get("no_operator")


def test_every_family_has_its_operators_and_its_types() -> None:
    families = set(Family.__subclasses__())
    assert {operator.family for operator in ALL} == families
    assert {type(family) for column in columns() for family in column.type.column_families(column)} == families


@each_type(TYPES)
def test_an_index_that_serves_an_operator_is_one_that_the_type_wishes_for(field_type: FieldType) -> None:
    column = column_alone(field_type)
    wished = field_type.column_indexes(column)
    for op, lookup in column.lookups.items():
        assert lookup.index is None or not field_type.families or lookup.index in wished, op


@each_type(TYPES)
def test_each_operator_takes_its_worked_operands_and_refuses_others_in_words(field_type: FieldType) -> None:
    column = column_alone(field_type)
    for op in column.lookups:
        if field_type.families or not operators.get(op).compares:
            assert operands_of(column, op)
        for raw in operands_of(column, op):
            column.operand(op, raw)
        for raw in ({"nonsense": 1}, "\0", [[]]):
            with pytest.raises(Refused) as refused:
                column.operand(op, raw)
            assert all(fault.code and fault.message and fault.field == column.name for fault in refused.value.faults)


class Mirrors(Operator[Textual]):
    """One that nobody will ever need: the end of the text, said backwards."""

    name = "mirrors"
    label = "mirrors"
    position = 9999
    family = Textual

    def operand(self, field: Reader, raw: Any) -> str:
        return field.term(raw)

    def sql(self, expression: Expression, operand: str) -> Condition:
        return f"right(lower({expression.text}), {len(operand)}) = %s", [fold(operand)[::-1]]

    def matches(self, stored: Any, operand: str) -> bool:
        return isinstance(stored, str) and fold(stored).endswith(fold(operand)[::-1])


def test_one_more_operator_is_everywhere_by_itself(db: None, alice: Member, custom_app: Any) -> None:
    with operators.temporarily(Mirrors):
        form = make_form(custom_app, {"title": "text_field", "n": "integer_field"})
        ids = [make_entity(form, alice, title=title) for title in ("abc", "abd", "XBC")]
        schema, actor = schema_of(form), actor_of(alice)
        directory = query_of(form).directory
        filters = [{"name": "title", "op": "mirrors", "value": "cb"}]
        terms = search_terms(schema, {"filters": filters}, actor, directory)  # type: ignore[arg-type]
        assert sorted(query_of(form, terms).ids()) == [ids[0], ids[2]]
        assert matches(terms, lambda _column: "abc", directory)
        wrong = {"filters": [{"name": "title", "op": "x", "value": 1}, {"name": "n", "op": "mirrors", "value": "1"}]}
        with pytest.raises(Refused) as refused:
            search_terms(schema, wrong, actor, directory)  # type: ignore[arg-type]
        assert ["mirrors" in fault.allowed for fault in refused.value.faults] == [True, False]
        assert "mirrors" in filter_of(schema)["properties"]["op"]["enum"]
        assert "mirrors" in palette.compares(schema.columns["title"])["lookups"]
        assert palette.operator_words()["mirrors"]["label"] == "mirrors"


def test_a_text_that_a_formula_gives_is_compared_as_a_text(db: None, alice: Member, custom_app: Any) -> None:
    formula = ("formula_field", {"formula": '"No. " & {n}'})
    form = make_form(custom_app, {"n": "integer_field", "f": formula})
    ids = [make_entity(form, alice, n=n) for n in (12, 21)]
    column = schema_of(form).columns["f"]
    term = Filter(column, "starts_with", column.operand("starts_with", "no. 1"))
    assert query_of(form, Terms((term,))).ids() == [ids[0]]


def named_in(tree: ast.AST) -> Iterator[str]:
    """Operators that code names: compared with, looked up by, or written into a filter."""
    for node in ast.walk(tree):
        found: list[ast.expr | None] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(
                isinstance(side, ast.Name | ast.Attribute) and "op" in ast.unparse(side).split(".") for side in sides
            ):
                found = [inner for side in sides for inner in ast.walk(side) if isinstance(inner, ast.Constant)]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "op"]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(("lookups", "operands")):
            found = [node.slice]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.endswith(("Filter", ".operand", "lookups.get", "operands.get", "operators.get")):
                found = list(node.args)
        yield from (item.value for item in found if isinstance(item, ast.Constant) and item.value in NAMES)


FILES = sorted(
    path
    for package in ("forms_app", "apaas", "config")
    for path in (ROOT / package).rglob("*.py")
    if not {"migrations", "demo"} & set(path.parts)  # the demo's tabs are data, as a client sends them
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_operator_is_named_outside_its_module(path: Path) -> None:
    """A ladder of names would have to be found at every new operator: whoever needs one asks its class."""
    named = set(named_in(ast.parse(path.read_text())))
    assert not named - {path.stem.removesuffix("_")}, path


def test_the_rule_sees_what_it_forbids() -> None:
    for code in (
        'op == "eq"',
        'term.op in ("eq", "x")',
        'op not in ["eq"]',
        '{"name": name, "op": "eq"}',
        'column.lookups["eq"]',
        'Filter(column, "eq", 1)',
        'column.operand("eq", raw)',
        'field.operands.get("eq")',
    ):
        assert list(named_in(ast.parse(code))) == ["eq"], code
    for code in ('{"in": "header"}', 'fault.code == "empty"', 'key in ("in", "x")'):
        assert not list(named_in(ast.parse(code))), code


SCRIPTS = sorted((ROOT / "forms_app" / "static").rglob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_operator_is_named_in_a_script(path: Path) -> None:
    """The page tells its scripts how each operator is filled in."""
    found = re.findall(r"\bop\b[^;\n]*?[\"'](\w+)[\"']", path.read_text())
    assert not NAMES & set(found), path
