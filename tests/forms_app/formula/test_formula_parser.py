"""The language as text: precedence, spellings, and where a fault is."""

from decimal import Decimal

import pytest
from formula_samples import codes, computed, faults, printed

from forms_app.formula import Limits
from forms_app.formula.nodes import Node, Number, walk
from forms_app.formula.parser import parse

LIMITS = Limits()


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("1+2*3", "(1 + (2 * 3))"),
        ("1-2-3", "(1 - 2 - 3)"),
        ("8/4/2", "(8 / 4 / 2)"),
        ("(1-2)-3", "((1 - 2) - 3)"),
        ("-2^2", "(-(2^2))"),
        ("2^-1", "(2^(-1))"),
        ("2^3^2", "(2^(3^2))"),
        ("2^-3^2", "(2^(-(3^2)))"),
        ("-5%", "(-(5%))"),
        ("2^5%", "(2^(5%))"),
        ("5%%", "((5%)%)"),
        ("--1", "(-(-1))"),
        ("2*-3", "(2 * (-3))"),
        ('"a"&1+2', '("a" & (1 + 2))'),
        ('"a"&"b"="ab"', '(("a" & "b") = "ab")'),
        ("1+1<>3*1", "((1 + 1) <> (3 * 1))"),
        ("1 != 2", "(1 <> 2)"),
        ("IF(1<2,3,4)", "IF((1 < 2), 3, 4)"),
        ("PI( )", "PI()"),
        ("((7))", "7"),
    ],
)
def test_precedence_groups_as_the_table_says(text, grouped):
    assert printed(parse(text, LIMITS)) == grouped


@pytest.mark.parametrize(
    ("wide", "plain"),
    [
        ("ROUND（1．5，1）", None),
        ("ROUND（1.5，1）", "ROUND(1.5, 1)"),
        ("1＋2－3＊4／5", "(1 + 2 - (3 * 4 / 5))"),
        ("1＜＝2", "(1 <= 2)"),
        ("1＜＞2", "(1 <> 2)"),
        ("1！＝2", "(1 <> 2)"),
        ("1＞＝2", "(1 >= 2)"),
        ("1＝2", "(1 = 2)"),
        ("“甲”＆“乙”", '("甲" & "乙")'),
        ("2＾3", "(2^3)"),
        ("5％", "(5%)"),
        ("1\u3000+\n1", "(1 + 1)"),
        ('"（，）"', '"（，）"'),
        ("{数量（件）}", "{数量（件）}"),
    ],
)
def test_full_width_punctuation_is_read_as_ascii_outside_text_and_braces(wide, plain):
    if plain is None:
        assert codes(wide) == [("unexpected_character", 7)]
    else:
        assert printed(parse(wide, LIMITS)) == plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"say ""hi"""', 'say "hi"'),
        ("'it''s'", "it's"),
        ("''", ""),
        ("“a””b”", "a”b"),
        ("‘单’", "单"),
        ('"two\nlines"', "two\nlines"),
        ("TRUE", True),
        ("false", False),
        ("真", True),
        ("假", False),
        ("1.50", Decimal("1.5")),
        (".5", Decimal("0.5")),
        ("3.", Decimal(3)),
        ("1e3", Decimal(1000)),
        ("2.5E-1", Decimal("0.25")),
        ("if(true, 1, 2)", Decimal(1)),
        ("如果（真，“是”，“否”）", "是"),
    ],
)
def test_literals_and_names_have_the_values_they_spell(text, value):
    assert computed(text) == value
    assert type(computed(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("", "empty", 0),
        (" \n ", "empty", 0),
        ("1 +", "unexpected_end", 3),
        ("(1", "unexpected_end", 2),
        ("1 2", "unexpected_token", 2),
        ("1 + * 2", "unexpected_token", 4),
        ("f(1,)", "unexpected_token", 4),
        ("1)", "unexpected_token", 1),
        ("1 # 2", "unexpected_character", 2),
        ("a.b", "unexpected_character", 1),
        ('1 & "abc', "unclosed_text", 4),
        ("1 & 'abc", "unclosed_text", 4),
        ("“abc", "unclosed_text", 0),
        ("1 + {n", "unclosed_reference", 4),
        ("{a\nb}", "unclosed_reference", 0),
        ("}", "unexpected_character", 0),
        ("__import__('os')", "unknown_function", 0),
        ("{}", "empty_reference", 0),
        ("{ . x}", "empty_reference", 0),
        ("1 + { n. }", "empty_reference", 4),
        ("1 + 1e999", "number_out_of_range", 4),
        ("1" * 39, "number_out_of_range", 0),
        ("1 + amount", "unknown_name", 4),
    ],
)
def test_a_syntax_fault_stands_where_it_is(text, code, position):
    assert (code, position) in codes(text)


def test_a_position_is_given_as_line_and_column_too():
    (fault,) = faults("1 +\n  2 +\n   nothing")
    assert (fault.position, fault.line, fault.column) == (13, 3, 4)
    assert str(fault).startswith("3:4: nothing is neither")
    assert "{name}" in fault.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(" * 10_000, "too_deep"),
        ("(" * 4_000 + "1" + ")" * 4_000, "too_deep"),
        ("-" * 20_000, "too_long"),
        ("-" * 10_000, "too_large"),
        ("-" * 1_000 + "1", "too_deep"),
        ("1" + "%" * 1_000, "too_deep"),
        ("1" + "^1" * 900, "too_deep"),
        ("1+" * 5_000, "too_large"),
        ("IF(" * 3_000, "too_deep"),
        ("{" * 10_000, "unclosed_reference"),
        ('"' * 9_999, "unclosed_text"),
        ("1," * 5_000, "unexpected_token"),
        ("A(" * 5_000, "too_deep"),
        ("f(" + "1," * 4_999, "too_large"),
    ],
)
def test_hostile_text_is_refused_with_a_position(text, code):
    (fault,) = faults(text)
    assert fault.code == code
    assert 0 <= fault.position <= len(text)


def test_a_long_sum_is_not_a_deep_one():
    assert computed("+".join(["1"] * 900)) == 900


def test_the_deepest_tree_that_is_allowed_can_be_computed():
    assert computed("(" * 100 + "1" + ")" * 100) == 1
    assert computed("AND(" * 98 + "TRUE" + ")" * 98) is True
    assert computed("IFERROR(" * 98 + "1/0" + ",1)" * 98) == 1
    assert computed("-" * 99 + "1") == -1


def test_limits_can_be_set():
    assert codes("1+1+1", Limits(nodes=4)) == [("too_large", 4)]
    assert codes("1+1", Limits(length=2)) == [("too_long", 2)]
    assert codes("((1))", Limits(depth=1)) == [("too_deep", 1)]
    assert codes("1+2*-3", Limits(depth=2)) == [("too_deep", 2)]


def test_a_depth_that_could_exhaust_the_stack_can_not_be_set():
    with pytest.raises(ValueError, match="depth"):
        Limits(depth=1_000)


def test_nodes_compare_by_meaning_and_not_by_position():
    assert parse("  1", LIMITS) == Number(Decimal(1))
    assert Node().parts() == ()


def test_a_walk_meets_every_node_in_source_order():
    met = [(printed(node), level) for node, level in walk(parse("1+f(2,{a})", LIMITS))]
    assert met == [("(1 + f(2, {a}))", 1), ("1", 2), ("f(2, {a})", 2), ("2", 3), ("{a}", 3)]
