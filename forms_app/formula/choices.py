"""Choices: a text that is compared with a choice field names one of its options, and is stored as that option's token.

`{stage} = "Won"` is kept as `{stage} = {stage#TOKEN}`: the option may get another label, the formula's result stays.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .kinds import FormulaType
from .nodes import Call, Chain, Node, Reference, Text
from .registry import Function
from .run import Run

MARK = "#"
EQUALITIES = frozenset({"=", "<>"})


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


def choice_of(node: Node, resolve: Resolve, find: Find) -> Resolved | None:
    """Gives the choice field whose labels a part of a formula gives, if it is one."""
    while isinstance(node, Call) and node.arguments:
        function = find(node.name)
        if function is None or not function.items_of_first:
            return None
        node = node.arguments[0]
    resolved = resolve(node.path) if isinstance(node, Reference) and all(node.path) else None
    return resolved if resolved is not None and resolved.options else None


def compared_pairs(node: Node, find: Find) -> Iterator[tuple[Node, Text, bool]]:
    """Gives what is compared with a literal in this node itself, the literal, and whether it must be a label."""
    pairs: list[tuple[Node, Node]] = []
    must = True
    if isinstance(node, Chain):
        left = node.first
        for operator, right in node.steps:
            pairs += [(left, right)] if operator in EQUALITIES else []
            left = right
    elif isinstance(node, Call) and (function := find(node.name)) is not None and node.arguments:
        must = not function.criterion
        places = [place for place in function.compared(len(node.arguments)) if 0 <= place < len(node.arguments)]
        pairs += [(node.arguments[0], node.arguments[place]) for place in places]
    for one, other in pairs:
        if isinstance(other, Text):
            yield one, other, must
        elif isinstance(one, Text):
            yield other, one, must


def results_of(root: Node, find: Find) -> Iterator[Text]:
    """Gives the literals that may be the whole formula's result."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Text):
            yield node
        elif isinstance(node, Call) and (function := find(node.name)) is not None:
            places = function.results(len(node.arguments))
            waiting += [node.arguments[place] for place in places if 0 <= place < len(node.arguments)]
