"""Compiler: a tree in, a checked formula out, made of closures that are built once and called often."""

from collections.abc import Callable
from typing import TypeAlias

from .choices import Resolve, Resolved, compared_literals, kept_as, label_of, named_option, results_of
from .faults import FormulaFault, FormulaRefused, fault_at
from .formula import Formula
from .functions import FUNCTIONS
from .kinds import ANY, NUMBER, TEXT, FormulaType
from .limits import Limits
from .nodes import Boolean, Call, Chain, Node, Number, Percent, Power, Reference, Signed, Text, Word
from .operators import COMPARISONS, HUNDRED, Apply, binary, number_of, power
from .parameters import Parameter, Skip
from .parser import parse
from .registry import Function
from .run import Run
from .values import ErrorValue, Value, in_range

Compute: TypeAlias = Callable[[Run], Value]
Typed: TypeAlias = tuple[FormulaType, Compute]


def _constant(value: Value) -> Compute:
    return lambda run: value


def _reading(resolved: Resolved) -> Compute:
    path, declared = resolved.path, resolved.type
    return lambda run: run.reference(path, declared)


def _stepping(first: Compute, steps: list[tuple[Apply, Compute]]) -> Compute:
    def compute(run: Run) -> Value:
        value = first(run)
        for apply, operand in steps:
            value = apply(run, value, operand(run))
        return value

    return compute


def _calling(function: Function, arguments: list[tuple[Parameter, Compute]]) -> Compute:
    body = function.body
    taking = [(parameter.take, argument) for parameter, argument in arguments]

    def compute(run: Run) -> Value:
        run.spend(1)
        values = []
        for take, argument in taking:
            value = take(run, argument(run))
            if isinstance(value, Skip):
                return None
            values.append(value)
        return body(run, *values)

    return compute


def _postponed(parameter: Parameter, argument: Compute) -> Compute:
    def compute(run: Run) -> Value:
        value = parameter.take(run, argument(run))
        return None if isinstance(value, Skip) else value

    return compute


def _calling_lazily(function: Function, arguments: list[tuple[Parameter, Compute]]) -> Compute:
    body = function.body
    postponed = [_postponed(parameter, argument) for parameter, argument in arguments]

    def compute(run: Run) -> Value:
        run.spend(1)
        return body(run, *postponed)

    return compute


def _constant_of(node: Node) -> Value:
    """Gives the value of a literal, with or without a sign; None for anything else."""
    if isinstance(node, Number | Text):
        return node.value
    if isinstance(node, Signed) and isinstance(node.operand, Number):
        return node.operand.value.copy_negate() if node.operator == "-" else node.operand.value
    return None


class _Compilation:
    """One formula on its way: collects faults and references while the tree is turned into closures."""

    def __init__(self, text: str, resolve: Resolve, strict: bool = True) -> None:
        self.text = text
        self.resolve = resolve
        self.strict = strict
        self.faults: list[FormulaFault] = []
        self.references: list[tuple[Node, tuple[str, ...]]] = []
        self.written: list[tuple[int, int, str]] = []
        """What the canonical text has in place of the source: from, to, text."""
        self.volatile = False

    def fault(self, node: Node, code: str, cause: ErrorValue | None = None, **params: object) -> Typed:
        """Notes a fault and gives a stand-in of type `any`, so that the rest is checked without echoes."""
        self.faults.append(fault_at(self.text, node.position, code, cause, **params))
        return ANY, _constant(None)

    def visit(self, node: Node) -> Typed:
        match node:
            case Number():
                return self.number(node)
            case Text() | Boolean():
                kind: FormulaType = FormulaType("text" if isinstance(node, Text) else "boolean")
                return kind, _constant(node.value)
            case Word():
                return self.fault(node, "unknown_name", name=node.name)
            case Reference():
                return self.reference(node)
            case Signed() | Percent():
                return self.one_number(node)
            case Power():
                return self.power(node)
            case Chain():
                return self.chain(node)
            case Call():
                return self.call(node)
        raise TypeError(f"unknown node {type(node).__name__}")

    def number(self, node: Number) -> Typed:
        if not in_range(node.value):
            return self.fault(node, "number_out_of_range", number=str(node.value))
        return NUMBER, _constant(node.value)

    def reference(self, node: Reference) -> Typed:
        written = self.text[node.position : node.end]
        if not all(node.path):
            return self.fault(node, "empty_reference", reference=written)
        resolved = self.resolve(node.path)
        if resolved is None:
            return self.option(node, written)
        self.references.append((node, resolved.path))
        self.written.append((node.position, node.end, resolved.reference))
        return resolved.type, _reading(resolved)

    def option(self, node: Reference, written: str) -> Typed:
        """`{field#option}`: the label that the option has now."""
        named = named_option(node.path, self.resolve)
        if named is None:
            return self.fault(node, "unknown_reference", reference=written)
        resolved, wanted = named
        token = resolved.token(wanted)
        self.references.append((node, resolved.path))
        if token is None and self.strict:
            return self.fault(node, "unknown_option", reference=resolved.reference, label=wanted[:80])
        if token is not None:
            self.written.append((node.position, node.end, resolved.option(token)))
        if token is not None and len(resolved.path) > 1:  # another form's, whose labels change without this one
            return TEXT, label_of(token, resolved.path, self.resolve)
        return TEXT, _constant(resolved.options.get(token or "", wanted))

    def pin(self, resolved: Resolved, literal: Text, must: bool = True, criterion: bool = False) -> None:
        """Writes a label that is compared with a choice as its option's token."""
        kept = kept_as(resolved, literal.value, criterion)
        if kept is not None and all(start != literal.position for start, _end, _text in self.written):
            self.references.append((literal, resolved.path))
            self.written.append((literal.position, literal.end, kept))
        elif kept is None and must and literal.value.strip() and self.strict:
            self.fault(literal, "unknown_option", reference=resolved.reference, label=literal.value[:80])

    def pin_compared(self, node: Node) -> None:
        """Looks for labels among what is compared in this node."""
        for found in compared_literals(node, self.resolve, FUNCTIONS.find):
            self.pin(found.choice, found.literal, found.must, found.criterion)

    def number_operand(self, node: Node, place: str) -> Compute:
        given, compute = self.visit(node)
        if given.is_list:
            self.fault(node, "list_not_allowed", place=place, expected="number", got=str(given))
        elif given.kind not in ("number", "any"):
            self.fault(node, "wrong_type", place=place, expected="number", got=str(given))
        return compute

    def one_number(self, node: Signed | Percent) -> Typed:
        if isinstance(node, Percent):
            operand = self.number_operand(node.operand, "%")
            return NUMBER, lambda run: number_of(operand(run)) / HUNDRED
        operand = self.number_operand(node.operand, node.operator)
        if node.operator == "+":
            return NUMBER, lambda run: number_of(operand(run))
        return NUMBER, lambda run: -number_of(operand(run))

    def power(self, node: Power) -> Typed:
        base = self.number_operand(node.base, "^")
        exponent = self.number_operand(node.exponent, "^")
        return NUMBER, lambda run: power(number_of(base(run)), number_of(exponent(run)))

    def chain(self, node: Chain) -> Typed:
        self.pin_compared(node)
        given, first = self.visit(node.first)
        steps: list[tuple[Apply, Compute]] = []
        left_node = node.first
        for operator, right_node in node.steps:
            right, compute = self.visit(right_node)
            fitting = binary(operator, given, right)
            if fitting is None:
                self.misfit(operator, (left_node, given), (right_node, right))
                given = ANY
            else:
                given, apply = fitting
                steps.append((apply, compute))
            left_node = node
        return given, _stepping(first, steps)

    def misfit(self, operator: str, left: tuple[Node, FormulaType], right: tuple[Node, FormulaType]) -> None:
        """Notes why two operands don't fit their operator, at the operand to blame."""
        listed = next((side for side in (left, right) if side[1].is_list), None)
        if listed is not None:
            self.fault(listed[0], "list_not_allowed", place=operator, expected="value", got=str(listed[1]))
        elif operator in COMPARISONS:
            self.fault(right[0], "incomparable", left=str(left[1]), right=str(right[1]))
        else:
            allowed = ("number", "any", "date", "datetime") if operator in "+-" else ("number", "any")
            blamed = left if left[1].kind not in allowed else right
            self.fault(blamed[0], "wrong_type", place=operator, expected="number", got=str(blamed[1]))

    def call(self, node: Call) -> Typed:
        self.pin_compared(node)
        arguments = [(argument, *self.visit(argument)) for argument in node.arguments]
        function = FUNCTIONS.find(node.name)
        if function is None:
            return self.fault(node, "unknown_function", name=node.name, suggestion=FUNCTIONS.closest(node.name))
        self.volatile = self.volatile or function.volatile
        count = len(arguments)
        if not function.takes_count(count):
            expected = function.arity_text
            return self.fault(node, "wrong_arity", function=function.name, expected=expected, got=count)
        taken = []
        for index, (argument, given, compute) in enumerate(arguments):
            parameter = function.parameter(index)
            if not parameter.accepts(given):
                code = "list_not_allowed" if given.is_list and parameter.shape == "single" else "wrong_type"
                place = function.name
                self.fault(argument, code, place=place, expected=parameter.expected, got=str(given))
            elif self.strict and isinstance(argument, Number | Text | Signed):
                self.constant(function, index, argument, [given for _, given, _ in arguments])
            taken.append((parameter, compute))
        result = function.result([given for _, given, _ in arguments])
        return result, _calling_lazily(function, taken) if function.lazy else _calling(function, taken)

    def constant(self, function: Function, index: int, argument: Node, given: list[FormulaType]) -> None:
        """Notes a fault for a constant argument that the function takes in no evaluation."""
        value = _constant_of(argument)
        refusal = None if value is None else function.refusal(index, value, given)
        if refusal is not None:
            self.fault(argument, "wrong_argument", cause=refusal.error, place=function.name)

    def canonical_text(self) -> str:
        """Gives the source with every reference rewritten to its canonical path."""
        pieces = []
        written_to = 0
        for start, end, text in sorted(set(self.written)):
            pieces += [self.text[written_to:start], text]
            written_to = end
        return "".join((*pieces, self.text[written_to:]))


def compile_formula(
    text: str,
    resolve: Resolve,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    *,
    stored: bool = False,
    gives: Resolved | None = None,
) -> Formula:
    """Takes formula text and a way to look references up; gives the formula or raises `FormulaRefused`.

    A `stored` formula was accepted once: what is refused today for a constant argument gives its error value, and a
    label that no option has is a text as any other. `gives` is the choice that the result is for, if it is for one.
    """
    root = parse(text, limits)
    work = _Compilation(text, resolve, strict=not stored)
    result, compute = work.visit(root)
    if gives is not None and gives.options:
        for literal in results_of(root, FUNCTIONS.find):
            work.pin(gives, literal)
    if work.faults:
        raise FormulaRefused(sorted(work.faults, key=lambda fault: fault.position))
    return Formula(
        text=text,
        canonical_text=work.canonical_text(),
        result=result,
        references=frozenset(path for _, path in work.references),
        volatile=work.volatile,
        compute=compute,
        limits=limits,
    )
