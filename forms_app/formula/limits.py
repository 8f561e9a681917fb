"""Limits: how large a formula and the work of one evaluation may become."""

from dataclasses import dataclass

# Each level of a tree costs a few Python frames; beyond this an evaluation could meet the recursion limit.
DEEPEST = 120


@dataclass(frozen=True, slots=True)
class Limits:
    """Takes the caps of the source text (length, depth, nodes) and of an evaluation (text, steps)."""

    length: int = 10_000
    """Characters of the source text."""
    depth: int = 100
    """Levels of parentheses, and levels of the tree."""
    nodes: int = 2_000
    """Operands, operators and calls."""
    text: int = 100_000
    """Characters of any text made by an evaluation."""
    steps: int = 100_000
    """Calls plus list items looked at by one evaluation."""

    def __post_init__(self) -> None:
        if self.depth > DEEPEST:
            raise ValueError(f"depth may not exceed {DEEPEST}")
