"""What a field type says about being filled in by hand: the control, and what it has to show and to post."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from forms_app.exact_json import dumps
from forms_app.field_types._described import Described
from forms_app.field_types._values import Text, ValueField


class Filled(Described, Protocol):
    """What a control has to know of its field."""

    @property
    def value_field(self) -> ValueField: ...


Field = TypeVar("Field", bound=Filled)
SEPARATORS = re.compile(r"[,，、;；\s]+")


class Controlled(Generic[Field]):
    """The part of a field type that a form to fill in asks. A type that says nothing gets one line of text."""

    control: ClassVar[str] = "text"
    """How a person fills it in: the name of a template in `admin/forms_app/entry/controls/`."""

    compared_by: ClassVar[str] = ""
    """The control for one value that records are compared with, where that is another one."""

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

    def comparing_control(self, column: Field) -> str:
        """The control for a value that records are compared with."""
        return self.compared_by or self.control

    def compared(self, posted: Sequence[str], several: bool) -> Any:
        """What a filter compares with, of the texts that its controls post: one value, or `several`; None or empty
        where nothing was given. A single line may hold several, with commas or blanks between them."""
        if not several:
            return Text(posted[0]) if posted else None
        lines = SEPARATORS.split(posted[0]) if len(posted) == 1 else posted
        return [Text(line) for line in lines if line]

    def hints(self, column: Field) -> list[str]:
        """Sentences that say beforehand what the field's setting refuses."""
        messages, setting = column.value_field.error_messages, column.setting
        given = [(code, setting.get(name)) for code, name in self.limits.items()]
        return [
            str(messages[code]).format(limit=limit) for code, limit in given if limit is not None and limit is not False
        ]
