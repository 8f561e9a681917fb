"""What a field type says about being filled in by hand: the control, and what it has to show and to post."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from forms_app.exact_json import dumps
from forms_app.field_types._described import Described
from forms_app.field_types._values import ValueField


class Filled(Described, Protocol):
    """What a control has to know of its field."""

    @property
    def value_field(self) -> ValueField: ...


Field = TypeVar("Field", bound=Filled)


class Controlled(Generic[Field]):
    """The part of a field type that a form to fill in asks. A type that says nothing gets one line of text."""

    control: ClassVar[str] = "text"
    """How a person fills it in: the name of a template in `admin/forms_app/entry/controls/`."""

    limits: ClassVar[Mapping[str, str]] = {}
    """Fault code → the setting it is about: where that is set, the fault's sentence is told beforehand."""

    def control_data(self, column: Field) -> dict[str, Any]:
        """What the control has to know beside the value, as JSON can say it: `options`, `lookup` …"""
        return {}

    def control_text(self, shown: Any) -> str:
        """The text that the control posts while nobody touches it, for a value as clients read it. `Text` of it is read
        back as the same value."""
        if isinstance(shown, str):
            return shown
        return "" if shown is None else dumps(shown).decode()

    def hints(self, column: Field) -> list[str]:
        """Sentences that say beforehand what the field's setting refuses."""
        messages, setting = column.value_field.error_messages, column.setting
        given = [(code, setting.get(name)) for code, name in self.limits.items()]
        return [
            str(messages[code]).format(limit=limit) for code, limit in given if limit is not None and limit is not False
        ]
