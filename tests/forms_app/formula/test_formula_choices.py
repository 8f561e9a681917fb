"""Choices in formulas: labels as people write them, tokens as they are kept."""

from decimal import Decimal

import pytest

from forms_app.formula import (
    EXAMPLE_NOW,
    FUNCTIONS,
    NUMBER,
    TEXT,
    FormulaRefused,
    Resolved,
    compile_formula,
    list_of,
    pinned_text,
)

STAGES = {"aaaa==": "Won", "bbbb==": "1.5 #a", "cccc==": "Lost", "dddd==": "Won"}
FIELDS = {
    ("stage",): Resolved(("stage",), TEXT, STAGES),
    ("阶段",): Resolved(("stage",), TEXT, STAGES),
    ("tags",): Resolved(("tags",), list_of(TEXT), STAGES),
    ("deal", "stage"): Resolved(("deal", "stage"), TEXT, STAGES),
    ("note",): Resolved(("note",), TEXT),
    ("no#",): Resolved(("no#",), NUMBER),
}


def pinned(text, gives=None):
    return compile_formula(text, FIELDS.get, gives=gives).canonical_text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{阶段} = "Won"', "{stage} = {stage#aaaa==}"),
        ('"Lost" <> {stage}', "{stage#cccc==} <> {stage}"),
        ("IF({deal.stage} = 'Lost', 'Lost', 'Won')", "IF({deal.stage} = {deal.stage#cccc==}, 'Lost', 'Won')"),
        ('IN({stage}, "Won", "Lost")', "IN({stage}, {stage#aaaa==}, {stage#cccc==})"),
        ('IN("Won", {tags})', "IN({tags#aaaa==}, {tags})"),
        ('INCLUDES({tags}, "Lost")', "INCLUDES({tags}, {tags#cccc==})"),
        ('EXACT({stage}, "Lost")', "EXACT({stage}, {stage#cccc==})"),
        ('FIRST({tags}) = "Lost"', "FIRST({tags}) = {tags#cccc==}"),
        ('INDEX(SORT({tags}), 2) = "Lost"', "INDEX(SORT({tags}), 2) = {tags#cccc==}"),
        (
            'SWITCH({stage}, "Won", "Lost", "Lost", "Won", "Lost")',
            'SWITCH({stage}, {stage#aaaa==}, "Lost", {stage#cccc==}, "Won", "Lost")',
        ),
        ('{stage} = "1.5 #a"', "{stage} = {stage#bbbb==}"),
        ("{stage} = { 阶段#1.5 #a }", "{stage} = {stage#bbbb==}"),
        ("{stage} = {stage#dddd==}", "{stage} = {stage#dddd==}"),
        ('{stage} = ""', '{stage} = ""'),
        ('COUNTIF({tags}, "Lost")', "COUNTIF({tags}, {tags#cccc==})"),
        ('SUMIF({tags}, "Lo*", LIST(1))', 'SUMIF({tags}, "Lo*", LIST(1))'),
        ('AVERAGEIF({tags}, "<>Lost", LIST(1))', 'AVERAGEIF({tags}, "<>" & {tags#cccc==}, LIST(1))'),
        ('COUNTIF({tags}, "=1.5 #a")', 'COUNTIF({tags}, "=" & {tags#bbbb==})'),
        ('COUNTIF({tags}, "<>L?st")', 'COUNTIF({tags}, "<>L?st")'),
        ('COUNTIF(LIST({stage}, "x"), "Won")', 'COUNTIF(LIST({stage}, "x"), {stage#aaaa==})'),
        ('IF({no#} > 1, {stage}, "Lost") = "Won"', "IF({no#} > 1, {stage}, {stage#cccc==}) = {stage#aaaa==}"),
        ('COALESCE({stage}, "none") = "none"', 'COALESCE({stage}, "none") = "none"'),
        ('IFERROR({stage}, "") <> "Lost"', 'IFERROR({stage}, "") <> {stage#cccc==}'),
        ('{stage} = IF({no#} > 1, "Won", "Lost")', "{stage} = IF({no#} > 1, {stage#aaaa==}, {stage#cccc==})"),
        ('{stage} = COALESCE({note}, "?")', '{stage} = COALESCE({note}, "?")'),
        ('IN({stage}, LIST("Won", "Lost"))', "IN({stage}, LIST({stage#aaaa==}, {stage#cccc==}))"),
        (
            'INCLUDES(LIST("Won", LIST("Lost")), {stage})',
            "INCLUDES(LIST({stage#aaaa==}, LIST({stage#cccc==})), {stage})",
        ),
        ('IN("Won", {stage}, {tags})', "IN({stage#aaaa==}, {stage}, {tags})"),
        ('UPPER({stage}) = "WON"', 'UPPER({stage}) = "WON"'),
        ('{note} = "Won" & "Lost"', '{note} = "Won" & "Lost"'),
        ('CONTAINS({stage}, "Wo")', 'CONTAINS({stage}, "Wo")'),
        ('{stage} & "Won"', '{stage} & "Won"'),
        ('{stage} < "Won"', '{stage} < "Won"'),
        ("{no#} + 1", "{no#} + 1"),
    ],
)
def test_a_label_that_is_compared_with_a_choice_is_kept_as_its_token(text, kept):
    assert pinned(text) == kept
    assert pinned(kept) == kept


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ('{stage} = "Wonn"', 10),
        ('IN({stage}, "Won", "won")', 19),
        ('SWITCH({stage}, "?", 1)', 16),
        ('INCLUDES({tags}, "x")', 17),
        ("{stage} = {stage#nope}", 10),
        ("{stage} = {stage#}", 10),
        ('LAST({tags}) <> "x"', 16),
        ('{stage} = IF({no#} > 1, "Won", "x")', 31),
        ('IN({stage}, LIST("Won", "x"))', 24),
        ('IFERROR({stage}, FIRST({tags})) = "x"', 34),
    ],
)
def test_a_label_that_no_option_has_is_refused(text, position):
    with pytest.raises(FormulaRefused) as caught:
        pinned(text)
    (fault,) = caught.value.faults
    assert (fault.code, fault.position) == ("unknown_option", position)
    assert "has no option" in fault.said()


def test_what_was_stored_with_such_a_label_goes_on():
    formula = compile_formula('{stage} = "Wonn"', FIELDS.get, stored=True)
    assert formula.evaluate(lambda path: "Won", now=EXAMPLE_NOW) is False
    assert pinned_text('{stage} = "Wonn"', FIELDS.get) == '{stage} = "Wonn"'
    assert pinned_text("{gone} = 1", FIELDS.get) == "{gone} = 1"


def test_an_option_is_the_label_that_it_has_now():
    text = pinned('IF({stage} = "Won", 1, 0)')
    renamed = {("stage",): Resolved(("stage",), TEXT, {**STAGES, "aaaa==": "Signed"})}
    formula = compile_formula(text, renamed.get)
    assert formula.evaluate(lambda path: "Signed", now=EXAMPLE_NOW) == Decimal(1)
    assert formula.evaluate(lambda path: "Won", now=EXAMPLE_NOW) == Decimal(0)
    assert formula.references == {("stage",)}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('"Won"', "{stage#aaaa==}"),
        ("IF({no#} > 1, 'Won', 'Lost')", "IF({no#} > 1, {stage#aaaa==}, {stage#cccc==})"),
        ('SWITCH({note}, "Won", "Lost", "Won")', 'SWITCH({note}, "Won", {stage#cccc==}, {stage#aaaa==})'),
        ('IFERROR(COALESCE({note}, "Lost"), "Won")', "IFERROR(COALESCE({note}, {stage#cccc==}), {stage#aaaa==})"),
        ("{note}", "{note}"),
        ('"aaaa=="', "{stage#aaaa==}"),
        ('LIST("Won", "Lost")', "LIST({stage#aaaa==}, {stage#cccc==})"),
    ],
)
def test_a_label_that_a_choice_is_set_to_is_kept_as_its_token(text, kept):
    assert pinned(text, gives=FIELDS["stage",]) == kept


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_call_with_too_few_arguments_is_refused_and_nothing_else(name):
    for arguments in ((), ("{stage}",), ('"Won"',), ("{stage}", '"Won"')):
        try:
            compile_formula(f"{name}({', '.join(arguments)})", FIELDS.get, gives=FIELDS["stage",])
        except FormulaRefused as refused:
            assert refused.faults
