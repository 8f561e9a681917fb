"""What an operator is: one way to compare, as clients name it in a filter. Each has a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Generic, NoReturn, Protocol, TypeVar

from django.utils.functional import Promise

from forms_app.operators.families import Family
from forms_app.operators.lookups import Lookup
from forms_app.registry import Registry

F = TypeVar("F", bound=Family)


class Reader(Protocol):
    """What an operator asks of a type's value field; each piece raises Refused for what the type does not take."""

    def single(self, raw: Any) -> Any: ...
    def several(self, raw: Any) -> Any: ...
    def start(self, raw: Any) -> Any: ...
    def end(self, raw: Any) -> Any: ...
    def term(self, raw: Any) -> str: ...
    def given(self, raw: Any) -> bool: ...
    def truth(self, raw: Any) -> bool | None: ...
    def each(self, raw: Sequence[Any], parse: Callable[[Any], Any]) -> list[Any]: ...
    def refuse(self, code: str, **params: Any) -> NoReturn: ...


class Operator(Lookup, Generic[F]):
    """One operator: how its operand is read, and how stored values are compared with it.

    One instance per operator, without state. Its SQL and the twin in Python are those of the family's lookup, or its
    own.
    """

    name: ClassVar[str]
    """Wire name; the module's name too, with a `_` behind it where Python keeps the word for itself."""
    label: ClassVar[str | Promise]
    """What it says between a field and a value."""
    formula: ClassVar[str] = ""
    """How a formula says it: a sign, or a function, with NOT before what it denies; "" for what none says."""
    position: ClassVar[int]
    """Where lists show it, those with less first."""
    family: type[F]
    """The values that it applies to."""
    compares: ClassVar[bool] = True
    """Its operand is of the field's values: it must be given, and may name departments. False for what is asked about
    the field alone."""
    operands: ClassVar[Sequence[Any]] = ()
    """Worked examples as a client sends them, where they are not the field's values (those stand on its type)."""
    control: ClassVar[str] = "value"
    """How a person fills the operand in: `value`, `several`, `range`, `nothing`."""

    def operand(self, field: Reader, raw: Any) -> Any:
        """What the lookup compares with, for the `value` of a filter. Raises Refused."""
        raise NotImplementedError(type(self).__name__)

    def lookup(self, family: F) -> Lookup:
        """How values of the family are compared."""
        return self


operators: Registry[Operator[Any]] = Registry()


def lookups_of(families: Iterable[Family]) -> dict[str, Lookup]:
    """All that may be asked of values of these families, by the operator's name, in the order of lists."""
    lookups: dict[str, Lookup] = {}
    for operator in sorted(operators, key=lambda operator: operator.position):
        for family in families:
            if isinstance(family, operator.family):
                lookups[operator.name] = operator.lookup(family)
                break
    return lookups
