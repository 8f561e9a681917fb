"""Registry of functions: a function enters it by being defined."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

from .kinds import FormulaType
from .parameters import Parameter
from .run import Record
from .values import Failure, Value

Result: TypeAlias = FormulaType | Callable[[Sequence[FormulaType]], FormulaType]
Body: TypeAlias = Callable[..., Value]
Check: TypeAlias = Callable[[Value, Sequence[FormulaType]], None]
"""Takes a constant argument and the types of all arguments; raises `Failure` when no evaluation could take it."""
Places: TypeAlias = Callable[[int], Iterable[int]]
"""The number of arguments → indexes of some of them."""

EXAMPLE_NOW = datetime(2024, 2, 29, 15, 30, tzinfo=timezone(timedelta(hours=8)))
"""The time at which the worked examples of TODAY and NOW hold."""
EXAMPLE_RECORD = Record(id=26, created_at=EXAMPLE_NOW, updated_at=EXAMPLE_NOW)
"""The record of the worked examples of RECORD_ID and its like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function of the language: names, parameters, result, words for people, worked example, body.

    The last `repeats` parameters may be given again and again; the last `optional` ones may be left out.
    A lazy body gets callables of the run instead of values.
    """

    name: str
    aliases: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    optional: int
    repeats: int
    gives: Result
    english: str
    example: tuple[str, Value]
    lazy: bool
    volatile: bool
    checks: Mapping[int, Check]
    """Index of an argument → what looks at a constant there when a formula is saved, beside its parameter's check."""
    compared: Places
    """Which of so many arguments are compared with the first: there a text may be an option's label."""
    results: Places
    """Which of so many arguments may be the result: there too."""
    criterion: bool
    """Whether what is compared may be a condition, too, which is no label."""
    items_of_first: bool
    """Whether the result is an item, or some, of the first argument."""
    body: Body

    @property
    def arity(self) -> tuple[int, int | None]:
        """Gives the least and the greatest number of arguments, None for no upper end."""
        most = None if self.repeats else len(self.parameters)
        return len(self.parameters) - self.optional, most

    @property
    def arity_text(self) -> str:
        """Gives the arity in words: `2`, `1-3`, `2 or more`, `in steps of` where arguments come in pairs."""
        least, most = self.arity
        if most is None:
            return f"{least} or more" + (f" in steps of {self.repeats}" if self.repeats > 1 else "")
        return str(least) if least == most else f"{least}-{most}"

    def takes_count(self, count: int) -> bool:
        """Says whether the function can be called with so many arguments."""
        least, most = self.arity
        if most is None:
            return count >= least and (count - least) % self.repeats == 0
        return least <= count <= most

    def parameter(self, index: int) -> Parameter:
        """Gives the parameter of the argument at a 0-based index."""
        fixed = len(self.parameters)
        if index < fixed:
            return self.parameters[index]
        return self.parameters[fixed - self.repeats + (index - fixed) % self.repeats]

    def refusal(self, index: int, constant: Value, given: Sequence[FormulaType]) -> Failure | None:
        """Gives the failure that a constant argument at an index would be in every evaluation, if it is one."""
        try:
            if index in self.checks:
                self.checks[index](constant, given)
        except Failure as failure:
            return failure
        return self.parameter(index).refusal(constant)

    def result(self, arguments: Sequence[FormulaType]) -> FormulaType:
        """Gives the type of a call with arguments of these types."""
        return self.gives if isinstance(self.gives, FormulaType) else self.gives(arguments)


class Registry(Mapping[str, Function]):
    """English name → function; `find` knows the other names too."""

    def __init__(self) -> None:
        self._functions: dict[str, Function] = {}
        self._names: dict[str, Function] = {}

    def __getitem__(self, name: str) -> Function:
        return self._functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def add(self, function: Function) -> None:
        """Adds a function; raises ValueError when one of its names is taken."""
        names = (function.name, *function.aliases)
        for name in names:
            if name in self._names or names.count(name) > 1:
                raise ValueError(f"The function name {name} is taken.")
        self._functions[function.name] = function
        self._names.update(dict.fromkeys(names, function))

    def remove(self, function: Function) -> None:
        """Takes a function and all its names out; raises KeyError when it isn't in."""
        del self._functions[function.name]
        for name in (function.name, *function.aliases):
            del self._names[name]

    @contextmanager
    def added(self, function: Function) -> Iterator[Function]:
        """Adds a function until the end of the block."""
        self.add(function)
        try:
            yield function
        finally:
            self.remove(function)

    def find(self, name: str) -> Function | None:
        """Gives the function of a name as a user writes it, in any case."""
        return self._names.get(name.upper())

    def closest(self, name: str) -> str:
        """Gives the known name most like an unknown one, or nothing."""
        matches = difflib.get_close_matches(name.upper()[:40], self._names, n=1)
        return matches[0] if matches else ""


FUNCTIONS = Registry()


def _none(count: int) -> Iterable[int]:
    return ()


def function(
    name: str,
    *aliases: str,
    takes: Sequence[Parameter],
    gives: Result,
    english: str,
    example: tuple[str, Any],
    optional: int = 0,
    repeats: int = 0,
    lazy: bool = False,
    volatile: bool = False,
    checks: Mapping[int, Check] | None = None,
    compared: Places | None = None,
    results: Places | None = None,
    criterion: bool = False,
    items_of_first: bool = False,
) -> Callable[[Body], Body]:
    """Makes the decorated body a function of the language; it gets the run and the arguments."""

    def register(body: Body) -> Body:
        FUNCTIONS.add(
            Function(
                name=name,
                aliases=aliases,
                parameters=tuple(takes),
                optional=optional,
                repeats=repeats,
                gives=gives,
                english=english,
                example=example,
                lazy=lazy,
                volatile=volatile,
                checks=checks or {},
                compared=compared or _none,
                results=results or _none,
                criterion=criterion,
                items_of_first=items_of_first,
                body=body,
            )
        )
        return body

    return register
