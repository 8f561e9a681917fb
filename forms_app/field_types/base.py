"""What a field type is, what it is told about its field, and the registry that refuses duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, NoReturn, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.exceptions import Fault, Refused
from forms_app.formula import FormulaType
from forms_app.indexes import Index
from forms_app.lookups import Empty, Expression, Lookup


class Text(str):
    """A value that came without a type (query string, form post): each type reads it as its own."""

    __slots__ = ()


class Option(NamedTuple):
    """One choice of a choice field. `parent` is the token of the option above it in a cascade."""

    value: str
    label: str
    enabled: bool = True
    parent: str | None = None


class Ref(NamedTuple):
    """Something outside the record that a stored value names: its `kind` ("member", "department", "region",
    "record", "file"), its id, and for a record its form."""

    kind: str
    id: Any
    form_id: int = 0


class Labels(Protocol):
    """Today's names for a whole page of values, loaded at once (`forms_app.labels`)."""

    def member(self, uid: int) -> dict[str, Any]: ...
    def department(self, did: int) -> dict[str, Any]: ...
    def region(self, region_id: str) -> str | None: ...
    def record(self, form_id: int, record_id: int) -> dict[str, Any]: ...


class Directory(Protocol):
    """Who stands where in the organization today (`forms_app.directory`)."""

    def members_below(self, dids: Sequence[int]) -> Sequence[int]: ...
    def departments_below(self, dids: Sequence[int]) -> Sequence[int]: ...


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
    def lookups(self) -> Mapping[str, Lookup]:
        return self.type.column_lookups(self)

    def clean(self, raw: Any, current: Any = None) -> Any:
        """What is stored for `raw`, None for empty. `current` is what the record holds now. Raises Refused with
        every fault of the value, each named after this column."""
        try:
            return self.value_field.clean(raw, current)
        except Refused as refused:
            raise Refused(fault.named(self.name, self.label) for fault in refused.faults) from None

    def operand(self, op: str, raw: Any) -> Any:
        """The operand of lookup `op` for `raw`. Raises Refused, as `clean`."""
        try:
            if op in ("empty", "not_empty"):
                return self.value_field.presence(raw) is (op == "empty")
            return self.value_field.operand(op, raw)
        except Refused as refused:
            raise Refused(fault.named(self.name, self.label) for fault in refused.faults) from None


def fault(
    code: str, message: str | Promise, *, got: Any = None, index: int | None = None, allowed: Any = None
) -> Fault:
    """A Fault that shows at most a piece of what was sent."""
    return Fault(code=code, message=str(message), got=excerpt(got), index=index, allowed=allowed)


def excerpt(value: Any, size: int = 200) -> Any:
    """`value` if it is a short scalar, a cut text if it is long, the name of its kind otherwise: an answer never
    echoes a megabyte, nor what JSON can't say."""
    if isinstance(value, str):
        clean = "".join("\ufffd" if "\ud800" <= char <= "\udfff" or char == "\0" else char for char in value[:size])
        return clean + "…" if len(value) > size else clean
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= 63 else excerpt(str(value) if value.bit_length() < 4096 else "…")
    if isinstance(value, Mapping):
        return {excerpt(str(key), 64): excerpt(item, 64) for key, item in list(value.items())[:10]}
    if isinstance(value, Sequence):
        return [excerpt(item, 64) for item in value[:10]]
    return excerpt(str(value), size)


class ValueField(serializers.Field):
    """A DRF field that parses one column's values and refuses what is wrong, with a code and a sentence each.

    Children say `parse(raw, current)` for what a record stores and `operand(op, raw)` for what a filter compares
    with; their messages stand at their top, code → sentence, as DRF's do.
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("This field must not be empty."),
        "wrong_type": _("Expected {expected}."),
        "unknown_key": _("Unknown key {key}."),
        "missing_key": _("The key {key} is missing."),
        "too_many_items": _("At most {limit} items are allowed."),
        "invalid_text": _("The text holds a character that can't be stored (NUL or a lone surrogate)."),
        "empty_shape": _("Send null to clear the field."),
        "wrong_operand": _("Expected {expected}."),
    }
    empties: ClassVar[tuple[Any, ...]] = (None,)
    """What clears the field beside null."""

    expected: ClassVar[str | Promise] = ""
    """What the type takes, as the message of `wrong_type` says it."""

    def __init__(self, column: Column) -> None:
        super().__init__(required=False, allow_null=True)
        self.column = column

    def clean(self, raw: Any, current: Any = None) -> Any:
        """None for an empty value, what is stored otherwise. Raises Refused."""
        if raw is None or any(type(raw) is type(empty) and raw == empty for empty in self.empties):
            return None
        if isinstance(raw, Text) and raw == "":
            return None
        return self.parse(raw, current)

    def parse(self, raw: Any, current: Any = None) -> Any:
        """The stored form of a value that is not empty. Raises Refused."""
        raise NotImplementedError(type(self).__name__)

    def operand(self, op: str, raw: Any) -> Any:
        """The operand for one of the type's lookups. Raises Refused."""
        raise NotImplementedError(f"{type(self).__name__} has no lookup {op}")

    def presence(self, raw: Any) -> bool:
        """The operand of `empty` and `not_empty`: true (also when nothing is sent) or false."""
        if raw is None or raw is True or (isinstance(raw, Text) and raw.lower() == "true"):
            return True
        if not (raw is False or (isinstance(raw, Text) and raw.lower() == "false")):
            self.refuse("wrong_operand", got=raw, expected=_("true or false"))
        return False

    def to_internal_value(self, data: Any) -> Any:
        return self.clean(data)

    def to_representation(self, value: Any) -> Any:
        return value

    def fault(
        self, code: str, *, got: Any = None, index: int | None = None, allowed: Any = None, **params: Any
    ) -> Fault:
        """A fault with this field's message for `code`."""
        return fault(code, str(self.error_messages[code]).format(**params), got=got, index=index, allowed=allowed)

    def refuse(self, code: str, **params: Any) -> NoReturn:
        """Raises Refused with one fault; parameters as `fault`."""
        raise Refused([self.fault(code, **params)])

    def wrong_type(self, raw: Any, index: int | None = None) -> NoReturn:
        self.refuse("wrong_type", got=raw, index=index, expected=self.expected)

    def each(self, raw: Sequence[Any], parse: Callable[[Any], Any]) -> list[Any]:
        """`parse` over a list; faults of every item, each with its index."""
        values, faults = [], []
        for place, item in enumerate(raw):
            try:
                values.append(parse(item))
            except Refused as refused:
                faults += [replace(f, index=place) if f.index is None else f for f in refused.faults]
        if faults:
            raise Refused(faults)
        return values


class SettingSerializer(serializers.Serializer[Any]):
    """The settings of one field type, as the administrator gives them. Unknown ones are refused by name.

    The context holds `column`: the field with this setting not applied yet.
    """

    required: Any = serializers.BooleanField(default=False, label=_("Required"))

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [key for key in data if key not in self.fields]
            if unknown:
                raise serializers.ValidationError({key: [_("Unknown setting.")] for key in unknown})
        return super().to_internal_value(data)


class FieldType:
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
    lookups: ClassVar[Mapping[str, Lookup]] = {}
    """Operator → lookup; `empty` and `not_empty` are every type's."""
    searchable: ClassVar[bool] = False
    """May be `search_column_name` and the form's primary field."""
    writable: ClassVar[bool] = True
    numbered: ClassVar[bool] = False
    """The server gives each record the next number; then `period` and `numbered_text` say how it looks."""
    computed: ClassVar[bool] = False
    """Made from other fields by a formula; then `formula` and `stored_result` say how."""
    refers: ClassVar[bool] = False
    """Its values may refer to something whose name is shown: `references` says to what."""
    holds_files: ClassVar[bool] = False
    has_options: ClassVar[bool] = False
    cascades: ClassVar[bool] = False
    """Its options have parents."""
    index: ClassVar[Index | None] = None
    unique_expression: ClassVar[str | None] = None
    """What a unique index is made on, with {json} and {text}; None: can't be unique."""
    sortable: ClassVar[bool] = False

    accepts: ClassVar[Sequence[tuple[Any, Any]]] = ()
    """Worked examples: (what is sent, what is read back)."""
    rejects: ClassVar[Sequence[tuple[Any, str]]] = ()
    """(what is sent, code of the fault)."""
    operands: ClassVar[Mapping[str, Sequence[Any]]] = {}
    """Operator → operands as a client sends them."""
    example_options: ClassVar[Sequence[Option]] = ()

    def example_setting(self, related_form_id: int) -> dict[str, Any]:
        """A setting that makes the examples true."""
        return {}

    def value_field(self, column: Column) -> ValueField:
        """The DRF field of this column, built once per definition version."""
        return self.Field(column)

    def column_lookups(self, column: Column) -> Mapping[str, Lookup]:
        """The lookups of a column of this type."""
        return {**self.lookups, **PRESENCE}

    def column_index(self, column: Column) -> Index | None:
        """The index that this column wishes for once its form has grown."""
        return self.index

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

    def sort_value(self, column: Column, stored: Any) -> Any:
        """The same in Python: a value that compares as the SQL sorts."""
        return stored

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
            return {key: value for key, value in serializer.validated_data.items() if value not in (None, "")}
        faults = []
        for name, errors in serializer.errors.items():
            for error in errors if isinstance(errors, list) else [errors]:
                faults.append(
                    Fault(code=f"setting_{getattr(error, 'code', 'invalid')}", message=str(error), field=str(name))
                )
        raise Refused(faults)


PRESENCE: Mapping[str, Lookup] = {"empty": Empty(), "not_empty": Empty()}


class UnknownFieldType(LookupError):
    """No field type of that name."""


class Registry:
    """Field types by wire name. Loud: a duplicate or an unknown name raises."""

    def __init__(self) -> None:
        self._types: dict[str, FieldType] = {}

    def register(self, cls: type[FieldType]) -> type[FieldType]:
        """Class decorator: makes the one instance of the type and keeps it."""
        if cls.name in self._types:
            raise ValueError(f"Two field types are called {cls.name}.")
        self._types[cls.name] = cls()
        return cls

    def get(self, name: str) -> FieldType:
        try:
            return self._types[name]
        except KeyError:
            raise UnknownFieldType(name) from None

    def __iter__(self) -> Iterator[FieldType]:
        return iter(self._types.values())

    def __contains__(self, name: object) -> bool:
        return name in self._types

    def choices(self) -> list[tuple[str, str | Promise]]:
        """For the `choices` of a model field, given as a callable: a new type needs no migration."""
        return [(field_type.name, field_type.label) for field_type in self]

    @contextmanager
    def temporarily(self, cls: type[FieldType]) -> Iterator[FieldType]:
        """A type for the time of a test."""
        self.register(cls)
        try:
            yield self.get(cls.name)
        finally:
            del self._types[cls.name]


registry = Registry()
