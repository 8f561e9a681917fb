"""What is known about a formula before it is computed: types, references, faults."""

from decimal import Decimal

import pytest
from formula_samples import codes, compiled, computed, faults

from forms_app.formula import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    EXAMPLE_NOW,
    MESSAGES,
    NUMBER,
    TEXT,
    FormulaType,
    Limits,
    Resolved,
    compile_formula,
    list_of,
)
from forms_app.formula.compiler import _Compilation
from forms_app.formula.nodes import Node

SAMPLE = (
    "{float_1691116765689_fe45581}*{integer_1691125929052_d05a00}"
    "+{cu_rela_2324018421118.float_1691116765689_9ddabc}*{cu_rela_2324018421118.integer_1691116765689_9ddabc}"
)


def test_the_sample_of_the_document_is_exact():
    record = {
        ("float_1691116765689_fe45581",): Decimal("3.45"),
        ("integer_1691125929052_d05a00",): Decimal("1.12"),
        ("cu_rela_2324018421118", "float_1691116765689_9ddabc"): Decimal("5.78"),
        ("cu_rela_2324018421118", "integer_1691116765689_9ddabc"): Decimal("6.23"),
    }
    formula = compile_formula(SAMPLE, lambda path: Resolved(path, NUMBER) if path in record else None)
    assert formula.references == set(record)
    assert str(formula.evaluate(record.__getitem__, now=EXAMPLE_NOW)) == "39.8734"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{n} + 1", NUMBER),
        ("{n}%", NUMBER),
        ("-{any}", NUMBER),
        ("{any} + {n}", ANY),
        ("{any} * 2", NUMBER),
        ("{n} & {d}", TEXT),
        ("{n} = {m}", BOOLEAN),
        ("{d} <= {dt}", BOOLEAN),
        ("{any} > {t}", BOOLEAN),
        ("{d} + 1", DATE),
        ("1 + {d}", DATE),
        ("{d} - 1", DATE),
        ("{dt} - {n}", DATETIME),
        ("{d} - {dt}", NUMBER),
        ("{d} + {any}", ANY),
        ("{any} - {d}", ANY),
        ("IF({b}, 1, 2)", NUMBER),
        ('IF({b}, 1, "x")', ANY),
        ("IF({b}, {d})", DATE),
        ('IFS({b}, "x", TRUE, "y")', TEXT),
        ('SWITCH({n}, 1, "a", "b")', TEXT),
        ('SWITCH({n}, 1, "a", 2, 3)', ANY),
        ("FIRST({ds})", DATE),
        ("FIRST({any})", ANY),
        ("UNIQUE({ts})", list_of(TEXT)),
        ("LIST(1, {ns})", list_of(NUMBER)),
        ('LIST(1, "a")', list_of(ANY)),
        ("MAX({d}, {ds})", DATE),
        ("MAX({d}, {dt})", ANY),
        ("DATEADD({dt}, 1)", DATETIME),
        ("DATEADD({any}, 1)", ANY),
        ("TODAY()", DATE),
        ("ERROR()", ANY),
    ],
)
def test_the_type_of_the_result_is_known(text, result):
    assert compiled(text).result == result


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{nothing} + {n.nothing}", [("unknown_reference", 0), ("unknown_reference", 12)]),
        ("{a.b.c}", [("unknown_reference", 0)]),
        ("SUME(1)", [("unknown_function", 0)]),
        ("1 + {t}", [("wrong_type", 4)]),
        ("{t} + 1", [("wrong_type", 0)]),
        ("{t} * {b}", [("wrong_type", 0)]),
        ("2 * {d}", [("wrong_type", 4)]),
        ("{d} + {dt}", [("wrong_type", 6)]),
        ("1 - {d}", [("wrong_type", 4)]),
        ("{d} + {t}", [("wrong_type", 6)]),
        ("-{t}", [("wrong_type", 1)]),
        ("{b}%", [("wrong_type", 0)]),
        ("2 ^ {t}", [("wrong_type", 4)]),
        ("{ns} ^ 2", [("list_not_allowed", 0)]),
        ("{n} + {ns}", [("list_not_allowed", 6)]),
        ("{ns} = {ns}", [("list_not_allowed", 0)]),
        ("{n} = {t}", [("incomparable", 6)]),
        ("{n} < {m} < 3", [("incomparable", 12)]),
        ("LEFT({b}, {b})", [("wrong_type", 5), ("wrong_type", 10)]),
        ("LEN({ts})", [("list_not_allowed", 4)]),
        ("FIRST({t})", [("wrong_type", 6)]),
        ("SUM({ts})", [("wrong_type", 4)]),
        ("IF({n}, 1, 2)", [("wrong_type", 3)]),
        ("ABS()", [("wrong_arity", 0)]),
        ("ABS(1, 2)", [("wrong_arity", 0)]),
        ("ROUND(1, 2, 3)", [("wrong_arity", 0)]),
        ("SUM()", [("wrong_arity", 0)]),
        ("IFS({b}, 1, {b})", [("wrong_arity", 0)]),
        ("NOPE({t} + 1, {x})", [("unknown_function", 0), ("wrong_type", 5), ("unknown_reference", 14)]),
        ("1 + ({t} * 2) + {t}", [("wrong_type", 5), ("wrong_type", 16)]),
    ],
)
def test_every_fault_is_found_with_its_position(text, found):
    assert codes(text) == found


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("LEFT({b})", {"place": "LEFT", "expected": "text", "got": "boolean"}),
        ("SUM({t})", {"place": "SUM", "expected": "number or list", "got": "text"}),
        ("FIRST(1)", {"place": "FIRST", "expected": "list of value", "got": "number"}),
        ("YEAR(1)", {"place": "YEAR", "expected": "date or datetime", "got": "number"}),
        ("LEN({ts})", {"place": "LEN", "expected": "text", "got": "list of text"}),
        ("SUME(1)", {"name": "SUME", "suggestion": "SUM"}),
        ("四舍五人(1)", {"name": "四舍五人", "suggestion": "四舍五入"}),
        ("QQQQQQ()", {"name": "QQQQQQ", "suggestion": ""}),
        ("ABS()", {"function": "ABS", "expected": "1", "got": 0}),
        ("ROUND()", {"function": "ROUND", "expected": "1-2", "got": 0}),
        ("SUM()", {"function": "SUM", "expected": "1 or more", "got": 0}),
        ("IFS(TRUE)", {"function": "IFS", "expected": "2 or more in steps of 2", "got": 1}),
        ("{ x }", {"reference": "{ x }"}),
    ],
)
def test_a_fault_says_what_was_expected(text, params):
    (fault,) = faults(text)
    assert fault.params == params
    assert fault.message in MESSAGES.values()
    sentence = fault.message.format(**params)
    assert "{" not in sentence.replace(str(params.get("reference")), "")


def test_the_canonical_text_keeps_everything_but_the_references():
    formula = compiled("IF({ 数量 } > 1， {客户.等级}*2, '{数量}') & { n}")
    assert formula.canonical_text == "IF({n} > 1， {customer.level}*2, '{数量}') & {n}"
    assert formula.references == {("n",), ("customer", "level")}
    assert compiled(formula.canonical_text).canonical_text == formula.canonical_text


@pytest.mark.parametrize(("text", "volatile"), [("TODAY()", True), ("1 + YEAR(现在())", True), ("{d}", False)])
def test_a_formula_of_the_clock_is_volatile(text, volatile):
    assert compiled(text).volatile is volatile


def test_a_reference_is_read_once_and_only_when_needed():
    read = []
    formula = compiled("IF({b}, {n} + {n}, {m})")

    def look(path):
        read.append(path)
        return {("b",): True, ("n",): Decimal(2)}[path]

    assert formula.evaluate(look, now=EXAMPLE_NOW) == 4
    assert read == [("b",), ("n",)]


def test_a_clock_without_a_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="aware"):
        compiled("1").evaluate(lambda path: None, now=EXAMPLE_NOW.replace(tzinfo=None))


def test_an_evaluation_may_have_limits_of_its_own():
    formula = compiled('"ab" & "cd"')
    assert formula.evaluate(lambda path: None, now=EXAMPLE_NOW) == "abcd"
    assert formula.evaluate(lambda path: None, now=EXAMPLE_NOW, limits=Limits(text=3)).code == "limit"
    assert computed("{t}", {"t": "abcd"}, limits=Limits(text=3)).code == "limit"


def test_a_node_of_an_unknown_kind_is_a_mistake_of_the_package():
    with pytest.raises(TypeError, match="Node"):
        _Compilation("", lambda path: None).visit(Node())


def test_types_have_names_for_people():
    assert [str(FormulaType("number")), str(list_of(TEXT))] == ["number", "list of text"]
