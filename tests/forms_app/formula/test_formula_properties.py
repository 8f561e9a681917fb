"""Properties of the language, looked for at random."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from formula_samples import FIELDS, compiled, computed, printed, resolve
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_app.formula import (
    EXAMPLE_NOW,
    FUNCTIONS,
    ErrorValue,
    FormulaRefused,
    Limits,
    compile_formula,
)
from forms_app.formula.nodes import (
    Boolean,
    Call,
    Chain,
    Node,
    Number,
    Percent,
    Power,
    Reference,
    Signed,
    Text,
    Word,
)
from forms_app.formula.parser import parse
from forms_app.formula.values import KINDS

pytestmark = pytest.mark.slow

LEVELS = [["=", "<>", "<", "<=", ">", ">="], ["&"], ["+", "-"], ["*", "/"]]
SLOW = settings(deadline=None, max_examples=150)

names = st.text(alphabet="abc 表单(%,", min_size=1, max_size=4).map(str.strip).filter(bool)
literals = st.one_of(
    st.decimals(min_value=0, max_value=10**9, allow_nan=False, places=3).map(Number),
    st.text(alphabet="a\"'“}\n，", max_size=4).map(Text),
    st.booleans().map(Boolean),
    st.lists(names, min_size=1, max_size=2).map(lambda path: Reference(tuple(path))),
    st.sampled_from(["amount", "_x", "单价"]).map(Word),
)


def chain_of(operators: Sequence[str], parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    steps = st.lists(st.tuples(st.sampled_from(operators), parts), min_size=1, max_size=3)
    return st.builds(Chain, parts, steps.map(tuple))


def grown(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    chains = [chain_of(level, parts) for level in LEVELS]
    return st.one_of(
        *chains,
        st.builds(Signed, st.sampled_from("+-"), parts),
        st.builds(Percent, parts),
        st.builds(Power, parts, parts),
        st.builds(
            lambda name, arguments: Call(name, tuple(arguments)),
            st.sampled_from([*FUNCTIONS, "求和", "nope"]),
            st.lists(parts, max_size=3),
        ),
    )


trees = st.recursive(literals, grown, max_leaves=15)


@SLOW
@given(trees)
def test_a_tree_printed_and_parsed_is_the_same_tree(tree):
    assert parse(printed(tree), Limits(depth=120)) == tree


references = st.sampled_from(sorted(FIELDS)).map(Reference)
constants = st.one_of(
    references,
    references,
    st.sampled_from(["0", "1", "2.5", "1e9", "1e-300", "1e308"]).map(lambda number: Number(Decimal(number))),
    st.sampled_from(["", "D", "a,b", "2024-02-29", "0.00", "-7"]).map(Text),
    st.booleans().map(Boolean),
)
numbers = st.one_of(
    st.decimals(),
    st.integers(),
    st.floats(),
    st.sampled_from([Decimal("1e308"), Decimal("-1e-308"), Decimal("0.1")]),
)
zones = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.one_of(
    st.datetimes(timezones=st.one_of(zones, st.just(UTC), st.none())),
    st.sampled_from([datetime.min, datetime.max, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]),
)
by_kind = {
    "number": numbers,
    "text": st.text(max_size=12),
    "boolean": st.booleans(),
    "date": st.one_of(st.dates(), st.sampled_from([date.min, date.max])),
    "datetime": moments,
}
odd = st.one_of(*by_kind.values(), st.lists(st.one_of(*by_kind.values()), max_size=3), st.binary(), st.none())
by_kind["any"] = odd


def value_for(path: tuple[str, ...]) -> st.SearchStrategy[object]:
    declared = FIELDS[path]
    fitting = by_kind[declared.kind]
    if declared.is_list:
        fitting = st.lists(st.one_of(fitting, st.none()), max_size=4).map(tuple)
    return st.one_of(fitting, fitting, fitting, st.none(), odd)


VALUES = {path: value_for(path) for path in FIELDS}


def never_raises(text, data, now=EXAMPLE_NOW):
    try:
        formula = compile_formula(text, resolve)
    except FormulaRefused as refusal:
        assert refusal.faults
        return
    result = formula.evaluate(lambda path: data.draw(VALUES[path], label=str(path)), now=now)
    if result is None or isinstance(result, ErrorValue):
        return
    kind = KINDS[type(result)]
    if formula.result.is_list:
        assert kind == "list"
    elif formula.result.kind != "any":
        assert kind == formula.result.kind, text
    if isinstance(result, Decimal):
        assert result.is_finite()
        assert result or not result.is_signed()


@settings(deadline=None, max_examples=400)
@given(st.recursive(constants, grown, max_leaves=8), st.data())
def test_an_expression_never_raises_and_keeps_to_its_type(tree, data):
    never_raises(printed(tree), data)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_never_raises_and_keeps_to_its_type(name):
    function = FUNCTIONS[name]
    least, most = function.arity

    @settings(deadline=None, max_examples=25)
    @given(st.data(), moments.filter(lambda moment: moment.tzinfo))
    def check(data, now):
        count = data.draw(st.integers(least, most if most is not None else least + 3))
        fitting = []
        for index in range(count if function.takes_count(count) else 0):
            parameter = function.parameter(index)
            accepted = [path for path, declared in FIELDS.items() if parameter.accepts(declared)]
            fitting.append(data.draw(st.sampled_from(accepted)))
        never_raises(f"{name}({', '.join('{' + '.'.join(path) + '}' for path in fitting)})", data, now)

    check()


@SLOW
@given(st.text(alphabet="(){}\"'“”+-*/^&=<>%,，.1eaIF真 \n", max_size=60), st.data())
def test_any_text_is_compiled_or_refused(text, data):
    never_raises(text, data)


class Undefined(Exception):
    """The oracle has no value for this."""


def oracle(node: Node, minus: int = -1) -> Fraction:
    """Computes arithmetic in exact fractions, independently of the package.

    With `minus` 1 every difference is a sum: the size of what may cancel out, and so of the rounding.
    """
    match node:
        case Number():
            return Fraction(node.value)
        case Signed():
            return oracle(node.operand, minus) * (minus if node.operator == "-" else 1)
        case Percent():
            return oracle(node.operand, minus) / 100
        case Power():
            return oracle(node.base, minus) ** int(oracle(node.exponent, minus))
        case Chain():
            total = oracle(node.first, minus)
            for operator, operand in node.steps:
                other = oracle(operand, minus)
                if operator == "/" and not other:
                    raise Undefined
                if operator in "+-":
                    total += other if operator == "+" else other * minus
                else:
                    total = total * other if operator == "*" else total / other
            return total
    raise AssertionError(node)


small = st.decimals(min_value=0, max_value=50, places=2).map(Number)


def arithmetic_of(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    # Divisors are plain numbers: a computed one that is 0 in fractions may be tiny in decimals.
    factors = st.one_of(st.tuples(st.just("*"), parts), st.tuples(st.just("/"), small))
    return st.one_of(
        chain_of("+-", parts),
        st.builds(Chain, parts, st.lists(factors, min_size=1, max_size=3).map(tuple)),
        st.builds(Signed, st.sampled_from("+-"), parts),
        st.builds(Percent, parts),
        st.builds(Power, small, st.integers(1, 3).map(lambda exponent: Number(Decimal(exponent)))),
    )


arithmetic = st.recursive(small, arithmetic_of, max_leaves=8)


@settings(deadline=None, max_examples=200)
@given(arithmetic)
def test_arithmetic_agrees_with_exact_fractions(tree):
    try:
        expected, size = oracle(tree), oracle(tree, minus=1)
    except Undefined:
        assert computed(printed(tree)).code == "div0"
        return
    assert abs(Fraction(computed(printed(tree))) - expected) <= size / 10**34


@SLOW
@given(arithmetic)
def test_the_same_formula_gives_the_same_value_again(tree):
    formula = compiled(printed(tree))
    first, second = (formula.evaluate(lambda path: None, now=EXAMPLE_NOW) for _ in range(2))
    assert first == second
    assert str(first) == str(second)
