"""关联记录: a record of another form (or of the same)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._references import ReferenceValue, id_of
from forms_app.field_types._spelling import Names, is_json, named_id, number_of, told_apart
from forms_app.field_types._text import UniqueSetting
from forms_app.field_types._values import Text, spelt_json
from forms_app.field_types.base import Column, FieldType, Labels, Ref, registry
from forms_app.formula import NUMBER, FormulaType
from forms_app.operators.families import Exact, Listed
from forms_app.operators.index_kinds import BTREE
from forms_app.operators.lookups import AnyOf

KEYS = ("value", "label", "relation_source")


class RelationValue(ReferenceValue):
    spelt_as_json = True
    expected = _('an object {"value": id}')
    echoes = {"label": {"type": ["string", "null"]}, "relation_source": {"type": ["object", "null"]}}

    def parse(self, raw: Any, current: Any = None) -> int:
        if not isinstance(raw, Mapping):
            self.wrong_type(raw)
        unknown = [key for key in raw if key not in KEYS]
        if unknown:
            self.refuse("unknown_key", got=unknown[0], key=unknown[0], allowed=list(KEYS))
        if raw.get("value") is None:
            self.refuse("missing_key", got=raw, key="value")
        return self.id(raw["value"])

    def written_schema(self) -> dict[str, Any]:
        return self.value_schema(self.id_schema())

    def shown_schema(self) -> dict[str, Any]:
        return self.value_schema({"type": "integer"})

    def value_schema(self, id_schema: Mapping[str, Any]) -> dict[str, Any]:
        properties = {"value": id_schema, **self.echoes}
        return {"type": "object", "properties": properties, "required": ["value"], "additionalProperties": False}

    def item(self, raw: Any) -> int:
        return self.id(raw)


class RelationSetting(UniqueSetting):
    form = serializers.IntegerField(min_value=1, label=_("Related form"))


@registry.register
class RelationField(FieldType):
    """The id of a record of the related form; its label is that record's primary field of today."""

    name = "relation_field"
    label = _("Related record")
    prefix = "cu_rela"
    refers = True
    group = _("People and relations")
    control = "related_record"
    Field = RelationValue
    Setting = RelationSetting
    families = (Exact(AnyOf()), Listed(AnyOf()))
    indexes = (BTREE,)
    unique_expression = "({json})"
    accepts = (
        (
            {
                "value": 1,
                "label": "an echo",
                "relation_source": {"id": 23, "name": "x", "label": "y", "external_type": ""},
            },
            {"value": 1, "label": "record 1"},
        ),
        ({"value": "2"}, {"value": 2, "label": "record 2"}),
    )
    rejects = (
        ({"value": 999}, "unknown_record"),
        ({"value": 0}, "wrong_id"),
        ({"label": "x"}, "missing_key"),
        ({"value": 1, "id": 1}, "unknown_key"),
        (1, "wrong_type"),
        ({}, "missing_key"),
        ([], "wrong_type"),
    )
    operands = {Exact: (1,), Listed: ([1, 2], ["1"])}

    def example_setting(self, related_form_id: int) -> dict[str, Any]:
        return {"form": related_form_id}

    def related_form_id(self, setting: Mapping[str, Any]) -> int | None:
        return setting.get("form")

    def references(self, column: Column, stored: Any) -> Iterable[Ref]:
        return () if stored is None else [Ref("record", stored, column.setting["form"])]

    def keys(self, column: Column) -> Any:
        form_id = column.setting["form"]
        return ((column.name, lambda value, labels: labels.record(form_id, value)),)

    def as_sent(self, column: Column, stored: Any) -> Any:
        return {"value": stored}

    def as_text(self, column: Column, stored: Any) -> str:
        return str(stored)

    def as_shown(self, column: Column, stored: Any, labels: Labels, names: Names) -> str:
        """The label and the id: which labels only one record has would have to be asked for each."""
        label = labels.record(column.setting["form"], stored)["label"]
        return told_apart(label, stored) if label and label == label.strip() else str(stored)

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        """An id, or the label or a unique value of a record, with its id behind it where several have it."""
        form_id = column.setting["form"]
        return Text(text) if is_json(text) else {"value": named_id(text, lambda name: names.records(form_id, name))}

    def names_sought(self, column: Column, text: str) -> str:
        return "" if is_json(text) or number_of(text.strip()) is not None else text.strip()

    def control_data(self, column: Column) -> dict[str, Any]:
        return {"lookup": "records"}

    def control_text(self, shown: Any) -> str:
        # The id as text: a browser's numbers end at 2^53.
        return super().control_text(shown and {"value": str(shown["value"]), "label": shown["label"]})

    def compared(self, posted: Sequence[str], several: bool) -> Any:
        """The id in what the control posts; several stand in one line."""
        raw = spelt_json(Text(next(iter(posted), "")))
        if not isinstance(raw, Mapping):
            return super().compared(posted, several)
        return [raw.get("value")] if several else raw.get("value")

    def assigned(self, column: Column, value: Any) -> Any:
        return None if value is None else {"value": id_of(value)}

    def formula_type(self, column: Column) -> FormulaType | None:
        return NUMBER
