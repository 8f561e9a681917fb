"""What a field type is, and what it is told about its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.fields import empty

from forms_app.exact_json import exact
from forms_app.exceptions import Refused
from forms_app.field_types._controls import Controlled
from forms_app.field_types._described import Directory, Labels, Option, Ref, UnknownFieldType
from forms_app.field_types._settings import SettingSerializer
from forms_app.field_types._spelling import Spelled
from forms_app.field_types._values import Text, ValueField, excerpt
from forms_app.formula import FormulaType
from forms_app.operators import lookups_of, operators
from forms_app.operators.families import Clearable, Family
from forms_app.operators.index_kinds import Expression, Index
from forms_app.operators.lookups import Lookup
from forms_app.registry import Registry

__all__ = [
    "Column",
    "Directory",
    "FieldType",
    "Labels",
    "Option",
    "Ref",
    "SettingSerializer",
    "Text",
    "ValueField",
    "excerpt",
    "registry",
]


@dataclass(frozen=True, eq=False)
class Column:
    """One name of a form: a field, or a system column such as `created_at`.

    `setting` is the field's checked setting, `options` its choices by token in their order, `expression` its SQL.
    Frozen; built once per definition version and shared between requests.
    """

    name: str
    label: str
    type: FieldType
    expression: Expression
    setting: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    field_id: int | None = None
    number: int = 0
    enabled: bool = True
    indexed: bool = True  # whether it may have the indexes that it wishes for
    ready: frozenset[str] = frozenset()  # the kinds of its indexes that are valid
    since: datetime | None = None  # from when on it has its type
    value_field: ValueField = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "value_field", self.type.value_field(self))

    @property
    def required(self) -> bool:
        return bool(self.setting.get("required"))

    @property
    def unique(self) -> bool:
        return bool(self.setting.get("unique"))

    @property
    def labels(self) -> Mapping[str, str]:
        """The label of each option by its token."""
        return {option.value: option.label for option in self.options.values()} if self.type.has_options else {}

    @cached_property
    def lookups(self) -> Mapping[str, Lookup]:
        """What filters may ask of it, by the operator's name."""
        return lookups_of(self.type.column_families(self))

    def finds_by_index(self, op: str) -> bool:
        """Whether an index serves filters by this operator. Every form has those of the system columns."""
        index = self.lookups[op].index
        return index is not None and (self.field_id is None or index.kind in self.ready)

    def clean(self, raw: Any, current: Any = None) -> Any:
        """What is stored for `raw`, None for empty. `current` is what the record holds now: sending that back is no
        fault, however the setting changed since. Raises Refused with every fault of the value, each named after this
        column."""
        try:
            return self.value_field.clean(raw, current)
        except Refused as refused:
            if current is not None and self._is_sent_back(raw, current, refused):
                return current
            raise Refused(fault.named(self.name, self.label) for fault in refused.faults) from None

    def _is_sent_back(self, raw: Any, current: Any, refused: Refused) -> bool:
        bounds = self.type.bounds
        if not all(fault.code in bounds for fault in refused.faults):
            return False
        setting = {name: value for name, value in self.setting.items() if name not in bounds.values()}
        try:
            return bool(replace(self, setting=setting).value_field.clean(raw, current) == current)
        except Refused:
            return False

    def operand(self, op: str, raw: Any) -> Any:
        """The operand of operator `op` for `raw`. Raises Refused, as `clean`."""
        try:
            return operators.get(op).operand(self.value_field.comparing, raw)
        except Refused as refused:
            raise Refused(fault.named(self.name, self.label) for fault in refused.faults) from None


class FieldType(Controlled["Column"], Spelled["Column"]):
    """One kind of field: how a value is parsed, refused, stored, shown, filtered, sorted and indexed.

    One instance per type, without state. A type never touches the database or the request: it says what its values
    refer to (`references`), and gets the names of a whole page (`Labels`).
    """

    name: ClassVar[str]
    """Wire name; the module's name too."""
    label: ClassVar[str | Promise]
    """`field_type_i18n`."""
    prefix: ClassVar[str]
    """First part of generated field names."""
    group: ClassVar[str | Promise] = _("Basic")
    """Where the designer's palette shows it."""
    Field: ClassVar[type[ValueField]]
    Setting: ClassVar[type[SettingSerializer]] = SettingSerializer
    families: ClassVar[tuple[Family, ...]] = ()
    """In which ways its values can be asked for, and how they are compared; `Clearable` is every type's."""
    searchable: ClassVar[bool] = False
    """May be `search_column_name` and the form's primary field."""
    writable: ClassVar[bool] = True
    numbered: ClassVar[bool] = False
    """The server gives each record the next number; then `period` and `numbered_text` say how it looks."""
    computed: ClassVar[bool] = False
    """Made from other fields by a formula; then `formula` and `stored_result` say how."""
    refers: ClassVar[bool] = False
    """Its values may refer to something whose name is shown: `references` says to what."""
    names_people: ClassVar[bool] = False
    """Its references are members or departments."""
    holds_files: ClassVar[bool] = False
    has_options: ClassVar[bool] = False
    cascades: ClassVar[bool] = False
    """Its options have parents."""
    indexes: ClassVar[tuple[Index, ...]] = ()
    """What it wishes for once its form has grown."""
    unique_expression: ClassVar[str | None] = None
    """What a unique index is made on, with {json} and {text}; None: can't be unique."""
    sortable: ClassVar[bool] = False
    further_limits: ClassVar[Mapping[str, str]] = {}
    """As `limits`, of faults that are not told beforehand; "" for what no setting says."""

    accepts: ClassVar[Sequence[tuple[Any, Any]]] = ()
    """Worked examples: (what is sent, what is read back)."""
    rejects: ClassVar[Sequence[tuple[Any, str]]] = ()
    """(what is sent, code of the fault)."""
    operands: ClassVar[Mapping[type[Family], Sequence[Any]]] = {}
    """Family → operands as a client sends them."""
    example_options: ClassVar[Sequence[Option]] = ()

    def example_setting(self, related_form_id: int) -> dict[str, Any]:
        """A setting that makes the examples true."""
        return {}

    @property
    def bounds(self) -> Mapping[str, str]:
        """Fault code → the setting it is about: what a value may have come to since it was stored."""
        return {**self.limits, **self.further_limits}

    def value_field(self, column: Column) -> ValueField:
        """The DRF field of this column, built once per definition version."""
        return self.Field(column)

    def column_families(self, column: Column) -> tuple[Family, ...]:
        """The families of a column of this type."""
        return (*self.families, Clearable())

    def column_indexes(self, column: Column) -> tuple[Index, ...]:
        """The indexes that this column wishes for once its form has grown."""
        return self.indexes

    def is_searchable(self, column: Column) -> bool:
        return self.searchable

    def is_stored(self, column: Column) -> bool:
        """False for a value that is computed on read."""
        return True

    def resolved(self, operand: Any, directory: Directory) -> Any:
        """The operand with departments replaced by whom and what stands in them today."""
        return operand

    def sort_expression(self, column: Column) -> tuple[str, list[Any]] | None:
        """SQL that sorts the column ascending, with its values to bind; NULL for empty. None: does not sort."""
        return (column.expression.json, []) if self.sortable else None

    def sort_prefix(self, column: Column) -> tuple[str, ...]:
        """SQL that may stand before the sort expression where only the id comes behind it: the same order as far as
        the terms of an index tell it. PostgreSQL sorts the little that is left."""
        return ()

    def sort_steps(self, column: Column) -> tuple[str, ...]:
        """For a type that sorts in an order of its own, with few values to be read one after the other by its index:
        those values as JSON texts. The sort expression is then the value's place among them."""
        return ()

    def sort_value(self, column: Column, stored: Any) -> Any:
        """The same in Python: a value that compares as the SQL sorts."""
        return stored

    def assigned(self, column: Column, value: Any) -> Any:
        """A formula's value as a client would send it to this column."""
        if isinstance(value, date):
            return value.isoformat()
        return list(value) if isinstance(value, tuple) else value

    def from_ticket(self, column: Column, raw: Any) -> Any:
        """A value as clients of tickets send it, as others would. Raises Refused for one that may mean several."""
        return raw

    def default(self, column: Column) -> Any:
        """What a new record holds where nothing was sent; None for nothing. Raises Refused for a default that the
        column does not take (any more)."""
        given = column.setting.get("default")
        return None if given is None else column.clean(exact(given))

    def references(self, column: Column, stored: Any) -> Iterable[Ref]:
        """What a stored value names outside its record, in the order of its items: its labels are loaded with the
        page, and a write checks that it exists."""
        return ()

    def must_exist(self, column: Column, stored: Any) -> Iterable[Ref]:
        """The references whose absence refuses a write; their place is the index of the fault."""
        return self.references(column, stored)

    def keys(self, column: Column) -> Sequence[tuple[str, Callable[[Any, Labels], Any] | None]]:
        """The record's keys of this column: (key, how the stored value is shown; None: as stored)."""
        return ((column.name, None),)

    def title(self, column: Column, stored: Any) -> str | None:
        """The value as one line of text, for labels of records."""
        return None if stored is None else str(stored)

    def formula_type(self, column: Column) -> FormulaType | None:
        """What a formula sees of this column; None: formulas can't read it."""
        return None

    def formula_value(self, column: Column, stored: Any) -> Any:
        """The stored value as a formula reads it."""
        return stored

    def related_form_id(self, setting: Mapping[str, Any]) -> int | None:
        """The form whose records this column's values are, if they are records."""
        return None

    def period(self, column: Column, moment: datetime) -> str:
        """For a numbered type: what the counter belongs to at `moment` (local time)."""
        raise NotImplementedError(self.name)

    def numbered_text(self, column: Column, moment: datetime, number: int) -> str:
        """For a numbered type: the value of the record that gets `number`."""
        raise NotImplementedError(self.name)

    def formula(self, setting: Mapping[str, Any]) -> str | None:
        """For a computed type: its formula's text."""
        return None

    def stored_result(self, column: Column, value: Any) -> Any:
        """For a computed type: what is stored for the formula's value; None for empty."""
        raise NotImplementedError(self.name)

    def checked_setting(self, column: Column) -> dict[str, Any]:
        """The setting after the type's own checks, with its defaults filled in. Raises Refused; each fault's field
        is the setting's name."""
        serializer = self.Setting(data=dict(column.setting), context={"column": column})
        if serializer.is_valid():
            return {
                key: value
                for key, value in serializer.validated_data.items()
                # An empty text says nothing, unless the setting would be something else without it.
                if value is not None and (value != "" or serializer.fields[key].default not in ("", empty))
            }
        faults = []
        for name, errors in serializer.errors.items():
            for error in errors if isinstance(errors, list) else [errors]:
                faults.append(serializer.refusal(str(name), error))
        raise Refused(faults)


registry: Registry[FieldType] = Registry(unknown=UnknownFieldType)
