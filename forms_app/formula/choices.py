"""Choices: a text that is compared with a choice field names one of its options, and is stored as that option's token.

`{stage} = "Won"` is kept as `{stage} = {stage#TOKEN}`: the option may get another label, the formula's result stays.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .kinds import FormulaType
from .nodes import Call, Chain, Node, Reference, Text
from .registry import Function
from .run import Run

MARK = "#"
EQUALITIES = frozenset({"=", "<>"})
_SIGNED = re.compile(r"(<>|=)(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a reference stands for: its canonical path, the type of its value, and the options of a choice."""

    path: tuple[str, ...]
    type: FormulaType
    options: Mapping[str, str] = field(default_factory=dict)
    """Token → label."""

    def token(self, wanted: str) -> str | None:
        """Gives the token of the option that has this token or label; of several with the label, the first."""
        if wanted in self.options:
            return wanted
        return next((token for token, label in self.options.items() if label == wanted), None)

    @property
    def reference(self) -> str:
        """The field as formulas are stored."""
        return "{" + ".".join(self.path) + "}"

    def option(self, token: str) -> str:
        """Writes an option as formulas are stored."""
        return "{" + ".".join(self.path) + MARK + token + "}"


def kept_as(choice: Resolved, text: str, criterion: bool = False) -> str | None:
    """Gives what a literal that is a label is stored as: its option's token, behind the sign of a `criterion`
    ("<>done"); None for what is no label."""
    token = choice.token(text)
    if token is not None:
        return choice.option(token)
    signed = _SIGNED.fullmatch(text) if criterion else None
    token = choice.token(signed[2]) if signed else None
    return f'"{signed[1]}" & {choice.option(token)}' if signed and token is not None else None


Resolve: TypeAlias = Callable[[tuple[str, ...]], Resolved | None]
Find: TypeAlias = Callable[[str], Function | None]


def named_option(path: tuple[str, ...], resolve: Resolve) -> tuple[Resolved, str] | None:
    """Takes the path of `{field#option}`, gives the field and what stands behind the mark; None for another path."""
    text = ".".join(path)
    for place in (place for place, character in enumerate(text) if character == MARK):
        base = tuple(name.strip() for name in text[:place].split(".", 1))
        resolved = resolve(base) if all(base) else None
        if resolved is not None and resolved.options:
            return resolved, text[place + 1 :].strip()
    return None


def label_of(token: str, path: tuple[str, ...], resolve: Resolve) -> Callable[[Run], str]:
    """Gives what looks an option's label up whenever it is wanted; a token that is gone equals no label."""

    def compute(run: Run) -> str:
        resolved = resolve(path)
        return resolved.options.get(token, token) if resolved else token

    return compute


def leaves_of(root: Node, find: Find) -> list[Node]:
    """Gives the parts of a formula of which one, or an item of one, is its value: the branches of IF, the items of
    LIST."""
    leaves: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        function = find(node.name) if isinstance(node, Call) else None
        below = parts_of(node, function) if isinstance(node, Call) and function else []
        waiting += reversed(below)
        if not below:
            leaves.append(node)
    return leaves


def parts_of(node: Call, function: Function) -> list[Node]:
    """Gives the arguments of a call that may be its value, or whose items may."""
    count = len(node.arguments)
    places = range(1) if function.items_of_first else function.results(count)
    return [node.arguments[place] for place in places if 0 <= place < count]


@dataclass(frozen=True, slots=True)
class Compared:
    """A literal that is compared with a choice field."""

    literal: Text
    choice: Resolved
    must: bool
    """Whether it must be a label: the choice is compared with nothing but literals."""
    criterion: bool
    """Whether it may be a condition such as "<>done"."""


def compared_literals(node: Node, resolve: Resolve, find: Find) -> Iterator[Compared]:
    """Gives the literals that are compared with a choice in this node itself."""
    for one, other, criterion in _compared_pairs(node, find):
        sides = [leaves_of(one, find), leaves_of(other, find)]
        choices = [choice for leaf in (*sides[0], *sides[1]) if (choice := _choice_of(leaf, resolve))]
        for side, opposite in (sides, sides[::-1]) if choices else ():
            literals = [leaf for leaf in side if isinstance(leaf, Text)]
            pure = len(literals) == len(side) and all(_choice_of(leaf, resolve) for leaf in opposite)
            for literal in literals:
                choice = next((each for each in choices if each.token(literal.value)), choices[0])
                yield Compared(literal, choice, pure and not criterion, criterion)


def _choice_of(node: Node, resolve: Resolve) -> Resolved | None:
    resolved = resolve(node.path) if isinstance(node, Reference) and all(node.path) else None
    return resolved if resolved is not None and resolved.options else None


def _compared_pairs(node: Node, find: Find) -> Iterator[tuple[Node, Node, bool]]:
    """Gives what is compared in this node itself, and whether it may be a condition."""
    if isinstance(node, Chain):
        left = node.first
        for operator, right in node.steps:
            if operator in EQUALITIES:
                yield left, right, False
            left = right
    elif isinstance(node, Call) and (function := find(node.name)) is not None and node.arguments:
        places = [place for place in function.compared(len(node.arguments)) if 0 <= place < len(node.arguments)]
        for place in places:
            yield node.arguments[0], node.arguments[place], function.criterion


def results_of(root: Node, find: Find) -> Iterator[Text]:
    """Gives the literals that may be the whole formula's result."""
    return (leaf for leaf in leaves_of(root, find) if isinstance(leaf, Text))
