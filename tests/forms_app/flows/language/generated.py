"""Flows made at random, from blocks that fit into one another; and a world that answers at random."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from random import Random
from typing import Any

from forms_app.flows.language import CallFlow, Failed, HumanInput, Line, SetField


class Growing:
    """A definition under construction: each block gets an entrance and leaves loose exits."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.numbers = count(1)
        self.components: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []

    def add(self, kind: str, **parts: Any) -> str:
        name = f"{kind}_{next(self.numbers)}"
        self.components.append({"id": name, "type": kind, "name": name, **parts})
        return name

    def join(self, exits: list[tuple[str, dict[str, Any]]], target: str) -> None:
        for source, parts in exits:
            self.lines.append({"source": source, "target": target, **parts})

    def block(self, depth: int, ends: bool) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
        """(entrance, loose lines) of a random block. `ends`: a way in it may lead to an end of its own."""
        kind = self.random.choice(
            ("human_input", "set_field", "call_flow", *("row", "choice", "fork", "loop") * bool(depth))
        )
        if kind == "row":
            first, exits = self.block(depth - 1, ends)
            second, more = self.block(depth - 1, ends)
            self.join(exits, second)
            return first, more
        if kind == "choice":
            condition = self.add("condition", match=self.random.choice(("first", "last")))
            loose = [(condition, {"default": True})]
            for _way in range(self.random.randint(1, 2)):
                inner, exits = self.block(depth - 1, ends)
                self.join([(condition, {"rule": "TRUE"})], inner)
                loose += exits
            if ends and self.random.random() < 0.3:
                self.join([loose.pop(0)], self.add("end"))
            return condition, loose
        if kind == "fork":
            parallel, collection = self.add("parallel"), self.add("collection")
            for _way in range(self.random.randint(2, 3)):
                inner, exits = self.block(depth - 1, False)
                self.join([(parallel, {})], inner)
                self.join(exits, collection)
            return parallel, [(collection, {})]
        if kind == "loop":
            inner, exits = self.block(depth - 1, ends)
            stage, condition = self.add("human_input"), self.add("condition")
            self.join(exits, stage)
            self.join([(stage, {})], condition)
            self.join([(condition, {"rule": "TRUE"})], inner)
            return inner, [(condition, {"default": True})]
        parts = {"values": [{"target": "$seen", "formula": "1"}]} if kind == "set_field" else {}
        if kind == "call_flow":
            parts = {"flow": "other"}
        one = self.add(kind, **parts)
        return one, [(one, {})]


def generated(seed: int, depth: int = 3) -> dict[str, Any]:
    """A definition without faults; the same for the same seed."""
    growing = Growing(Random(seed))
    start = growing.add("start", variables=[{"name": "seen", "kind": "number"}])
    inner, exits = growing.block(depth, True)
    growing.join([(start, {})], inner)
    growing.join(exits, growing.add("end"))
    return {"components": growing.components, "lines": growing.lines}


class RandomWorld:
    """Answers at random; now and then a component fails."""

    def __init__(self, random: Random, failing: float = 0.1) -> None:
        self.random = random
        self.failing = failing
        self.numbers = count(1)

    def new_id(self) -> int:
        return next(self.numbers)

    def _may_fail(self) -> None:
        if self.random.random() < self.failing:
            raise Failed("by chance")

    def holds(self, line: Line) -> bool:
        self._may_fail()
        return self.random.random() < 0.4

    def write(self, component: SetField) -> Mapping[str, tuple[Any, Any]]:
        self._may_fail()
        return {}

    def assignees(self, component: HumanInput) -> Any:
        self._may_fail()
        return {"anyone": True}

    def call(self, component: CallFlow, token_id: int) -> None:
        self._may_fail()
