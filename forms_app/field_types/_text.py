"""What the text types share: checks of a string, what is looked for in it, the indexes of grams and of the order."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.exact_json import number_text
from forms_app.field_types._values import storable
from forms_app.field_types.base import Column, FieldType, SettingSerializer, ValueField
from forms_app.formula import TEXT, FormulaType
from forms_app.operators.families import Textual
from forms_app.operators.index_kinds import GRAMS, ORDER


class TextValue(ValueField):
    """A string of at most the field's length."""

    default_error_messages = {
        "too_long": _("At most {limit} characters are allowed."),
        "too_short": _("At least {limit} characters are needed."),
    }
    empties = ("",)
    keeps_digits = True
    expected = _("a text")
    format: ClassVar[str] = ""
    """JSON Schema's name for texts of this kind."""

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self.limit = column.setting.get("max_length") or settings.MAX_TEXT_LENGTH
        self.least = column.setting.get("min_length") or 0

    def parse(self, raw: Any, current: Any = None) -> str:
        if not isinstance(raw, str):
            self.wrong_type(raw)
        if not storable(raw):
            self.refuse("invalid_text", got=raw)
        if len(raw) > self.limit:
            self.refuse("too_long", got=raw, limit=self.limit, allowed={"max_length": self.limit})
        if len(raw) < self.least:
            self.refuse("too_short", got=raw, limit=self.least, allowed={"min_length": self.least})
        return str(raw)

    def shows_nothing(self, stored: Any) -> bool:
        return stored is None or is_blank_text(stored)

    def written_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "maxLength": self.limit}
        if self.format:
            schema["format"] = self.format
        return schema | ({"minLength": self.least} if self.least else {})


class UniqueSetting(SettingSerializer):
    """Settings of a type that can be unique and have a default."""

    unique = serializers.BooleanField(default=False, label=_("Unique"))


class TextSetting(UniqueSetting):
    min_length = serializers.IntegerField(min_value=0, required=False, allow_null=True, label=_("Minimum length"))
    max_length = serializers.IntegerField(min_value=1, required=False, allow_null=True, label=_("Maximum length"))
    default = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, label=_("Default"))
    limit_setting = "MAX_TEXT_LENGTH"

    def validate_max_length(self, value: int | None) -> int | None:
        most = getattr(settings, self.limit_setting)
        if value and value > most:
            raise serializers.ValidationError(_("At most {limit} characters are allowed.").format(limit=most))
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("max_length") and (attrs.get("min_length") or 0) > attrs["max_length"]:
            raise serializers.ValidationError({"min_length": _("The minimum is above the maximum.")})
        return attrs


class TextType(FieldType):
    """Base of the types whose value is one string."""

    limits = {"too_short": "min_length", "too_long": "max_length"}
    Field = TextValue
    Setting: ClassVar[type[SettingSerializer]] = TextSetting
    families = (Textual(),)
    searchable = True
    sortable = True
    indexes = (GRAMS, ORDER)
    unique_expression = "md5({text})"

    def sort_expression(self, column: Column) -> tuple[str, list[Any]] | None:
        # jsonb compares strings in the database's collation and takes no COLLATE; text in C sorts alike everywhere.
        return f'({column.expression.text} COLLATE "C")', []

    def sort_prefix(self, column: Column) -> tuple[str, ...]:
        return ORDER.keys(column.expression)

    def sort_value(self, column: Column, stored: Any) -> Any:
        return stored.encode()

    def assigned(self, column: Column, value: Any) -> Any:
        return number_text(value) if isinstance(value, Decimal) else super().assigned(column, value)

    def formula_type(self, column: Column) -> FormulaType | None:
        return TEXT


UNSEEN = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"} | {
    chr(code)
    for start, end in ((0x34F, 0x34F), (0x17B4, 0x17B5), (0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(start, end + 1)
}
"""Letters, marks and a symbol of Unicode that are drawn as nothing: Hangul fillers and the empty pattern of Braille;
joiners, vowels and selectors of variations that only change what stands before them (Default_Ignorable_Code_Point)."""


def is_blank(character: str) -> bool:
    """Whether a character leaves nothing to see: a space of any script, a line's end, a control or format character."""
    return character in UNSEEN or unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf")


def is_blank_text(text: str) -> bool:
    """Whether a text leaves nothing to see."""
    return all(map(is_blank, text))


@lru_cache(maxsize=65536)
def remembered(check: Any, raw: str) -> bool:
    """`check(raw)`, remembered: a load of 100,000 rows must not pay 80 µs for each repeated value."""
    return bool(check(raw))
