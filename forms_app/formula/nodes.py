"""Nodes: the tree of a formula. Positions and depth don't count when two trees are compared."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Any part of a formula, with the 0-based offset of its first character."""

    position: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)
    """Levels of the tree from here down; worked out from the parts."""

    def parts(self) -> tuple["Node", ...]:
        """Gives the nodes directly below."""
        return ()

    def __post_init__(self) -> None:
        # Trees are built from the leaves up, so no recursion is needed to know the depth.
        below = max((part.depth for part in self.parts()), default=0)
        object.__setattr__(self, "depth", below + 1)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as it stands in the source."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text literal without its quotes; `end` is the offset after the closing quote."""

    value: str
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True, slots=True)
class Word(Node):
    """A bare name that is no literal: always a fault, kept so that it is reported with the others."""

    name: str


@dataclass(frozen=True, slots=True)
class Reference(Node):
    """`{field}` or `{relation.field}`; `end` is the offset after the closing brace."""

    path: tuple[str, ...]
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Signed(Node):
    """`-operand` or `+operand`."""

    operator: str
    operand: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Percent(Node):
    """`operand%`."""

    operand: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Power(Node):
    """`base ^ exponent`."""

    base: Node
    exponent: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.base, self.exponent)


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Operands of one precedence, read from the left: `a + b - c`.

    One node for the whole chain: a sum of a thousand terms is long but not deep.
    """

    first: Node
    steps: tuple[tuple[str, Node], ...]

    def parts(self) -> tuple[Node, ...]:
        return (self.first, *(operand for _, operand in self.steps))


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`NAME(argument, …)`, the name as it was written."""

    name: str
    arguments: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        return self.arguments


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Gives every node with its level (the root's is 1), in source order, without recursion."""
    waiting = [(root, 1)]
    while waiting:
        node, level = waiting.pop()
        yield node, level
        waiting.extend((part, level + 1) for part in reversed(node.parts()))
