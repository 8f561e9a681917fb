"""What the types with one option share."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._choices import EXAMPLE_OPTIONS, ChoiceType, ChoiceValue
from forms_app.field_types._spelling import Names
from forms_app.field_types.base import Column, SettingSerializer
from forms_app.formula import TEXT, FormulaType
from forms_app.operators.families import Exact, Listed
from forms_app.operators.index_kinds import BTREE
from forms_app.operators.lookups import AnyOf

MOST_STEPS = 50
"""Options that a sort reads one after the other; planning so many stretches takes longer than a page."""


class SingleValue(ChoiceValue):
    def parse(self, raw: Any, current: Any = None) -> str:
        return self.option(raw, (current,) if isinstance(current, str) else ())

    def written_schema(self) -> dict[str, Any]:
        return self.token_schema(self.enabled())

    def shown_schema(self) -> dict[str, Any]:
        return self.token_schema(self.column.options.values())

    def item(self, raw: Any) -> str:
        return self.token(raw)


class SingleSetting(SettingSerializer):
    default = serializers.CharField(required=False, allow_blank=True, label=_("Default"))

    def validate_default(self, value: str) -> str:
        if value and value not in self.context["column"].options:
            raise serializers.ValidationError(_("The default must be one of the options."))
        return value


class SingleChoice(ChoiceType):
    """Base of the types with one option; sorts in the order of the options."""

    control = "select"
    Field = SingleValue
    Setting = SingleSetting
    families = (Exact(AnyOf()), Listed(AnyOf()))
    sortable = True
    indexes = (BTREE,)
    example_options = EXAMPLE_OPTIONS
    accepts = (("H6Qq/ojoIFNyICUXzx3UOw==", "H6Qq/ojoIFNyICUXzx3UOw=="), (None, None))
    rejects = (
        ("官网", "unknown_option"),
        ("WkFg1hVKiht2xdOjfhlpqQ==", "unknown_option"),
        ("AAAAAAAAAAAAAAAAAAAAAA==", "disabled_option"),
        (["H6Qq/ojoIFNyICUXzx3UOw=="], "wrong_type"),
        ("", "unknown_option"),
        (1, "wrong_type"),
    )
    operands = {
        Exact: ("H6Qq/ojoIFNyICUXzx3UOw==",),
        Listed: (["H6Qq/ojoIFNyICUXzx3UOw=="], ["qxjjDA3ECTzu2olh+sPR9A==", "WkFg1hVKiht2xdOjfhlpqQ=="]),
    }

    def from_ticket(self, column: Column, raw: Any) -> Any:
        """A list of one is the one."""
        sent = super().from_ticket(column, raw)
        return sent[0] if isinstance(sent, list) and len(sent) == 1 else sent

    def labelled(self, column: Column, stored: Any) -> str | None:
        return self.label_of(column, stored)

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        """A token, or the label of one option."""
        return self.by_label(column, text if text in column.options else text.strip())

    def new_labels(self, column: Column, text: str) -> Sequence[str]:
        return self.unknown_labels(column, [text.strip()])

    def sort_expression(self, column: Column) -> tuple[str, list[Any]] | None:
        return f"array_position(%s::text[], {column.expression.text})", [list(column.options)]

    def sort_steps(self, column: Column) -> tuple[str, ...]:
        return tuple(f'"{token}"' for token in column.options) if len(column.options) <= MOST_STEPS else ()

    def sort_value(self, column: Column, stored: Any) -> Any:
        tokens = list(column.options)
        return tokens.index(stored) if stored in tokens else None

    def keys(self, column: Column) -> Any:
        return (
            (column.name, None),
            (f"{column.name}_display", lambda value, labels: self.label_of(column, value)),
        )

    def title(self, column: Column, stored: Any) -> str | None:
        return None if stored is None else self.label_of(column, stored)

    def formula_type(self, column: Column) -> FormulaType | None:
        return TEXT

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else self.label_of(column, stored)
