"""What the tests of formulas share: fields of every type, a short way to compute, a printer of trees."""

from collections.abc import Mapping
from datetime import datetime

from forms_app.formula import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    EXAMPLE_NOW,
    EXAMPLE_RECORD,
    NUMBER,
    TEXT,
    ErrorValue,
    Formula,
    FormulaFault,
    FormulaRefused,
    FormulaType,
    Limits,
    Resolved,
    Value,
    compile_formula,
    list_of,
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

FIELDS: dict[tuple[str, ...], FormulaType] = {
    ("n",): NUMBER,
    ("m",): NUMBER,
    ("t",): TEXT,
    ("b",): BOOLEAN,
    ("d",): DATE,
    ("dt",): DATETIME,
    ("any",): ANY,
    ("ns",): list_of(NUMBER),
    ("ts",): list_of(TEXT),
    ("ds",): list_of(DATE),
    ("anys",): list_of(ANY),
    ("customer", "level"): NUMBER,
}
LABELS = {("数量",): ("n",), ("客户", "等级"): ("customer", "level")}


def resolve(path: tuple[str, ...]) -> Resolved | None:
    canonical = LABELS.get(path, path)
    return Resolved(canonical, FIELDS[canonical]) if canonical in FIELDS else None


def compiled(text: str, limits: Limits | None = None, *, stored: bool = False) -> Formula:
    return compile_formula(text, resolve, limits or Limits(), stored=stored)


def computed(
    text: str,
    record: Mapping[str, object] | None = None,
    *,
    now: datetime = EXAMPLE_NOW,
    limits: Limits | None = None,
    stored: bool = False,
) -> Value | ErrorValue:
    values = record or {}
    formula = compiled(text, stored=stored)
    return formula.evaluate(lambda path: values.get(".".join(path)), now=now, limits=limits, record=EXAMPLE_RECORD)


def error_code(text: str, record: Mapping[str, object] | None = None, *, limits: Limits | None = None) -> str:
    result = computed(text, record, limits=limits, stored=True)
    assert isinstance(result, ErrorValue), f"{text} gave {result!r}"
    return result.code


def faults(text: str, limits: Limits | None = None) -> list[FormulaFault]:
    try:
        formula = compiled(text, limits)
    except FormulaRefused as refusal:
        return refusal.faults
    raise AssertionError(f"{text} was accepted as {formula.result}")


def codes(text: str, limits: Limits | None = None) -> list[tuple[str, int]]:
    return [(fault.code, fault.position) for fault in faults(text, limits)]


def printed(node: Node) -> str:
    """Writes a tree as text with parentheses around everything that has parts."""
    match node:
        case Number():
            return format(node.value, "f")
        case Text():
            return '"' + node.value.replace('"', '""') + '"'
        case Boolean():
            return "TRUE" if node.value else "FALSE"
        case Word():
            return node.name
        case Reference():
            return "{" + ".".join(node.path) + "}"
        case Signed():
            return f"({node.operator}{printed(node.operand)})"
        case Percent():
            return f"({printed(node.operand)}%)"
        case Power():
            return f"({printed(node.base)}^{printed(node.exponent)})"
        case Chain():
            steps = "".join(f" {operator} {printed(operand)}" for operator, operand in node.steps)
            return f"({printed(node.first)}{steps})"
        case Call():
            return f"{node.name}({', '.join(map(printed, node.arguments))})"
    raise AssertionError(type(node))
