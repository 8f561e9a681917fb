"""多选: any number of options."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._choices import EXAMPLE_OPTIONS, ChoiceType, ChoiceValue
from forms_app.field_types._spelling import ITEM_JOIN, Names, is_json, items_of
from forms_app.field_types._values import Text, spelt_json
from forms_app.field_types.base import Column, SettingSerializer, registry
from forms_app.formula import TEXT, FormulaType, list_of
from forms_app.operators.families import Exact, Listed
from forms_app.operators.index_kinds import CONTAINMENT
from forms_app.operators.lookups import Containing


class MultipleValue(ChoiceValue):
    default_error_messages = {
        "repeated_option": _("The option {label} is there twice."),
        "too_few_choices": _("At least {limit} options must be chosen."),
        "too_many_choices": _("At most {limit} options may be chosen."),
    }
    empties = ([],)
    spelt_as_json = True
    expected = _("a list of option tokens")

    def parse(self, raw: Any, current: Any = None) -> list[str]:
        if isinstance(raw, str) or not isinstance(raw, Sequence):
            self.wrong_type(raw)
        if len(raw) > max(len(self.column.options), 1) * 2:
            self.refuse("too_many_choices", got=raw, limit=len(self.column.options))
        tokens = self.each(raw, lambda item: self.option(item, current or ()))
        for place, token in enumerate(tokens):
            if token in tokens[:place]:
                self.refuse("repeated_option", got=token, index=place, label=self.column.options[token].label)
        least, most = self.column.setting.get("min_choices"), self.column.setting.get("max_choices")
        if least and len(tokens) < least:
            self.refuse("too_few_choices", got=raw, limit=least, allowed={"min_choices": least})
        if most and len(tokens) > most:
            self.refuse("too_many_choices", got=raw, limit=most, allowed={"max_choices": most})
        return tokens

    def written_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.token_schema(self.enabled()), "uniqueItems": True}

    def shown_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.token_schema(self.column.options.values())}

    def item(self, raw: Any) -> list[str]:
        return [self.token(raw)]


class MultipleSetting(SettingSerializer):
    min_choices = serializers.IntegerField(min_value=1, required=False, allow_null=True, label=_("At least"))
    max_choices = serializers.IntegerField(min_value=1, required=False, allow_null=True, label=_("At most"))
    default = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True, label=_("Default"))

    def validate_default(self, value: list[str] | None) -> list[str] | None:
        if any(token not in self.context["column"].options for token in value or ()):
            raise serializers.ValidationError(_("The default must be one of the options."))
        return value


@registry.register
class MultiSelect(ChoiceType):
    """A list of options, in the order chosen."""

    name = "multi_select"
    label = _("Multiple choice")
    prefix = "multi_select"
    control = "choices"
    limits = {"too_few_choices": "min_choices", "too_many_choices": "max_choices"}
    Field = MultipleValue
    Setting = MultipleSetting
    families = (Exact(Containing()), Listed(Containing()))
    indexes = (CONTAINMENT,)
    example_options = EXAMPLE_OPTIONS
    accepts = (
        (
            ["qxjjDA3ECTzu2olh+sPR9A==", "QpbX0pPJ6koOUsZBXwtclg=="],
            ["qxjjDA3ECTzu2olh+sPR9A==", "QpbX0pPJ6koOUsZBXwtclg=="],
        ),
        (["H6Qq/ojoIFNyICUXzx3UOw=="], ["H6Qq/ojoIFNyICUXzx3UOw=="]),
        ([], None),
    )
    rejects = (
        ("qxjjDA3ECTzu2olh+sPR9A==", "wrong_type"),
        (["qxjjDA3ECTzu2olh+sPR9A==", "WkFg1hVKiht2xdOjfhlpqQ=="], "unknown_option"),
        (["AAAAAAAAAAAAAAAAAAAAAA=="], "disabled_option"),
        (["qxjjDA3ECTzu2olh+sPR9A==", "qxjjDA3ECTzu2olh+sPR9A=="], "repeated_option"),
        ([1], "wrong_type"),
        ({}, "wrong_type"),
        ("", "wrong_type"),
    )
    operands = {
        Exact: ("QpbX0pPJ6koOUsZBXwtclg==",),
        Listed: (["qxjjDA3ECTzu2olh+sPR9A=="], ["H6Qq/ojoIFNyICUXzx3UOw==", "WkFg1hVKiht2xdOjfhlpqQ=="]),
    }

    def keys(self, column: Column) -> Any:
        return (
            (column.name, None),
            (f"{column.name}_display", lambda value, labels: [self.label_of(column, token) for token in value]),
        )

    def labelled(self, column: Column, stored: Any) -> str | None:
        labels = [self.label_of(column, token) for token in stored]
        return None if None in labels else ITEM_JOIN.join(map(str, labels))

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        """Labels or tokens with signs between them, or JSON. A label that holds such a sign is found as a whole."""
        if is_json(text):
            return Text(text)
        known = {option.label for option in column.options.values()} | column.options.keys()
        items = [text.strip()] if text.strip() in known else items_of(text)
        return [self.by_label(column, item) for item in items]

    def new_labels(self, column: Column, text: str) -> Sequence[str]:
        if is_json(text):
            return ()
        known = {option.label for option in column.options.values()}
        return self.unknown_labels(column, [text.strip()] if text.strip() in known else items_of(text))

    def from_ticket(self, column: Column, raw: Any) -> Any:
        """One choice is a list of one; `[甲,乙]`, as the original's samples write a list, is read too."""
        if isinstance(raw, Text) and raw and not isinstance(spelt_json(raw), list):
            bare = raw[1:-1].split(",") if raw.startswith("[") and raw.endswith("]") else [raw]
            raw = [item.strip() for item in bare if item.strip()]
        return super().from_ticket(column, raw)

    def assigned(self, column: Column, value: Any) -> Any:
        return super().assigned(column, (value,) if isinstance(value, str) else value)

    def formula_type(self, column: Column) -> FormulaType | None:
        return list_of(TEXT)

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else tuple(self.label_of(column, token) for token in stored)
