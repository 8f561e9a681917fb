"""What the choice types share: tokens, options, displays."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from django.utils.translation import gettext_lazy as _

from forms_app.exceptions import Refused
from forms_app.field_types._spelling import NOBODY, Names
from forms_app.field_types._values import Text, fault, spelt_json
from forms_app.field_types.base import Column, FieldType, Labels, Option, ValueField

_TOKEN = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==", re.ASCII)


def new_token() -> str:
    """An option token as the document's: Base64 of 16 random bytes, 24 characters."""
    return base64.b64encode(os.urandom(16)).decode()


def is_token(text: object) -> bool:
    """Well-formed as an option token, whether or not an option has it."""
    return isinstance(text, str) and _TOKEN.fullmatch(text) is not None


class ChoiceValue(ValueField):
    """Option tokens of this field."""

    default_error_messages = {
        "unknown_option": _("This field has no option {token}."),
        "disabled_option": _("The option {label} is disabled and can't be chosen anew."),
        "malformed_token": _("An option token has 24 characters, Base64 of 16 bytes."),
    }
    expected = _("an option token")
    keeps_digits = True

    def option(self, raw: Any, kept: Sequence[str] = ()) -> str:
        """`raw` if it is a token that may be chosen, or stays (`kept`: what the record holds). Raises Refused."""
        if not isinstance(raw, str):
            self.wrong_type(raw)
        option = self.column.options.get(raw)
        if option is None:
            self.unknown(raw)
        if not option.enabled and raw not in kept:
            self.refuse("disabled_option", got=raw, label=option.label, allowed=self.choices())
        return str(raw)

    def unknown(self, raw: str) -> NoReturn:
        self.refuse("unknown_option", got=raw, token=raw[:64].encode(errors="replace").decode(), allowed=self.choices())

    def choices(self) -> list[dict[str, str]]:
        """What may be chosen, as the faults say it: the first hundred."""
        enabled = (option for option in self.column.options.values() if option.enabled)
        return [
            {"value": option.value, "label": option.label} for option, _place in zip(enabled, range(100), strict=False)
        ]

    def token(self, raw: Any) -> str:
        """A well-formed token for a filter. Raises Refused."""
        if not isinstance(raw, str):
            self.wrong_type(raw)
        if not is_token(raw) and raw not in self.column.options:
            self.refuse("malformed_token", got=raw)
        return str(raw)

    def token_schema(self, options: Iterable[Option]) -> dict[str, Any]:
        """A token of one of these options, with their labels."""
        listed = list(options)
        if not listed:
            return {"type": "string"}
        return {
            "type": "string",
            "enum": [option.value for option in listed],
            "x-enum-descriptions": [option.label for option in listed],
        }

    def enabled(self) -> list[Option]:
        """What may be chosen."""
        return [option for option in self.column.options.values() if option.enabled]


class ChoiceType(FieldType):
    """Base of the types whose values are options."""

    group = _("Choices")
    has_options = True
    compared_by = "select"
    further_limits = {"disabled_option": ""}

    def control_data(self, column: Column) -> dict[str, Any]:
        return {"options": [option._asdict() for option in column.options.values()]}

    def compared(self, posted: Sequence[str], several: bool) -> Any:
        """Tokens: one of them is never cut into pieces."""
        return [*filter(None, posted)] if several else next(iter(posted), None)

    def assigned(self, column: Column, value: Any) -> Any:
        """A formula reads and gives labels; one that several options have means the first of them, and one that only a
        disabled option has means that, which is refused as what it is."""
        options = sorted(column.options.values(), key=lambda option: not option.enabled)  # those first that are taken
        tokens = {option.label: option.value for option in reversed(options)}
        if isinstance(value, tuple):
            return [tokens.get(label, label) for label in value]
        return tokens.get(value, value)

    def from_ticket(self, column: Column, raw: Any) -> Any:
        """Clients of tickets send labels beside tokens."""
        raw = spelt_json(raw) if isinstance(raw, Text) else raw
        if isinstance(raw, list):
            return [self.by_label(column, item) for item in raw]
        return self.by_label(column, raw)

    def by_label(self, column: Column, raw: Any, among: Iterable[Option] | None = None) -> Any:
        """The token of the option of this label, an enabled one if there is any; anything else as it is. Raises Refused
        for a label that several have."""
        if not isinstance(raw, str) or raw in column.options:
            return raw
        named = [option for option in (column.options.values() if among is None else among) if option.label == raw]
        chosen = [option for option in named if option.enabled] or named
        if len(chosen) > 1:
            message = _("Several options are called {label}: send the option's token.").format(label=raw[:64])
            allowed = [option.value for option in chosen[:100]]
            raise Refused(
                [fault("ambiguous_option", message, got=raw, allowed=allowed).named(column.name, column.label)]
            )
        return chosen[0].value if chosen else raw

    def as_shown(self, column: Column, stored: Any, labels: Labels, names: Names) -> str:
        """By label, where that is read back as the same options."""
        text = self.labelled(column, stored)
        try:
            read = None if text is None else column.value_field.clean(self.from_text(column, text, NOBODY), stored)
        except Refused:
            read = None
        return text if text is not None and read == stored else self.as_text(column, stored)

    def labelled(self, column: Column, stored: Any) -> str | None:
        """The options in words; None where one is gone."""
        raise NotImplementedError(self.name)

    def unknown_labels(self, column: Column, labels: Iterable[str]) -> list[str]:
        """Those that no option has as its label or token."""
        known = {option.label for option in column.options.values()} | column.options.keys()
        return [label for label in labels if label and label not in known and not is_token(label)]

    def label_of(self, column: Column, token: str) -> str | None:
        option = column.options.get(token)
        return option.label if option else None


EXAMPLE_OPTIONS = (
    Option("H6Qq/ojoIFNyICUXzx3UOw==", "官网"),
    Option("qxjjDA3ECTzu2olh+sPR9A==", "转介绍"),
    Option("QpbX0pPJ6koOUsZBXwtclg==", "展会"),
    Option("AAAAAAAAAAAAAAAAAAAAAA==", "电话黄页", enabled=False),
)
