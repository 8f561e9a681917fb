"""地址: country, province, city, district and the rest of the address."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.exceptions import Fault, Refused
from forms_app.field_types._text import is_blank_text
from forms_app.field_types._values import Text, spelt_json, storable
from forms_app.field_types.base import Column, FieldType, Ref, SettingSerializer, ValueField, registry
from forms_app.formula import TEXT, FormulaType
from forms_app.operators.families import Exact
from forms_app.operators.index_kinds import CONTAINMENT
from forms_app.operators.lookups import Containing

LEVELS = ("country_id", "province_id", "city_id", "district_id")
DETAIL = "detail_address"


class AddressValue(ValueField):
    default_error_messages = {
        "wrong_region": _("A region id is a text of 1 to {limit} characters, or an integer."),
        "detail_too_long": _("The detailed address must be a text of at most {limit} characters."),
        "level_required": _("The address must go down to {key}."),
    }
    spelt_as_json = True
    expected = _('an object such as {"country_id": "156", "province_id": "110000", "detail_address": "…"}')

    def region(self, raw: Any) -> str:
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 10**18:
            raw = str(raw)
        if not isinstance(raw, str) or not 1 <= len(raw) <= settings.MAX_REFERENCE_LENGTH or not storable(raw):
            self.refuse("wrong_region", got=raw, limit=settings.MAX_REFERENCE_LENGTH)
        return str(raw)

    def regions(self, raw: Any, keys: tuple[str, ...]) -> dict[str, str]:
        """The region ids of the levels given (null and "" are not given); `keys` are allowed. Raises Refused."""
        if not isinstance(raw, Mapping):
            self.wrong_type(raw)
        faults: list[Fault] = [
            self.fault("unknown_key", got=key, key=key, allowed=list(keys)) for key in raw if key not in keys
        ]
        regions: dict[str, str] = {}
        for level in LEVELS:
            if raw.get(level) in (None, ""):
                continue
            try:
                regions[level] = self.region(raw[level])
            except Refused as refused:
                faults += refused.faults
        if faults:
            raise Refused(faults)
        return regions

    def parse(self, raw: Any, current: Any = None) -> dict[str, str]:
        value = self.regions(raw, (*LEVELS, DETAIL))
        detail = raw.get(DETAIL)
        limit = self.column.setting.get("max_length") or settings.MAX_TEXT_LENGTH
        if detail not in (None, ""):
            if not isinstance(detail, str) or len(detail) > limit:
                self.refuse("detail_too_long", got=detail, limit=limit)
            if not storable(detail):
                self.refuse("invalid_text", got=detail)
            value[DETAIL] = str(detail)
        if not value:
            self.refuse("empty_shape", got=raw)
        needed = self.column.setting.get("down_to")
        if needed and needed not in value:
            self.refuse("level_required", got=raw, key=needed)
        return value

    def shows_nothing(self, stored: Any) -> bool:
        return stored is None or (stored.keys() == {DETAIL} and is_blank_text(stored[DETAIL]))

    def written_schema(self) -> dict[str, Any]:
        return self.levels_schema({"type": ["string", "integer", "null"]})

    def shown_schema(self) -> dict[str, Any]:
        return self.levels_schema({"type": "string"})

    def levels_schema(self, level: Mapping[str, Any]) -> dict[str, Any]:
        properties = {**dict.fromkeys(LEVELS, level), DETAIL: {"type": ["string", "null"]}}
        schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        needed = self.column.setting.get("down_to")
        return schema | ({"required": [needed]} if needed else {})

    def item(self, raw: Any) -> dict[str, str]:
        regions = self.regions(raw, LEVELS)
        if not regions:
            self.refuse("wrong_operand", got=raw, expected=", ".join(LEVELS))
        return regions


class AddressSetting(SettingSerializer):
    down_to = serializers.ChoiceField(
        [
            ("country_id", _("country")),
            ("province_id", _("province")),
            ("city_id", _("city")),
            ("district_id", _("district")),
        ],
        required=False,
        allow_blank=True,
        label=_("Must go down to"),
    )
    max_length = serializers.IntegerField(
        min_value=1, max_value=1000, required=False, allow_null=True, label=_("Length of the detailed address")
    )


@registry.register
class AddressSelect(FieldType):
    """Region ids by level (texts) and a detailed address; shown with the regions' names where they are known."""

    name = "address_select"
    label = _("Address")
    prefix = "address_select"
    refers = True
    group = _("Places and files")
    control = "address"
    further_limits = {"detail_too_long": "max_length", "level_required": "down_to"}
    Field = AddressValue
    Setting = AddressSetting
    families = (Exact(Containing()),)
    indexes = (CONTAINMENT,)
    accepts = (
        (
            {
                "country_id": "4",
                "province_id": "9",
                "city_id": "73",
                "district_id": "732",
                "detail_address": "马路口驴子街",
            },
            {
                "country_id": "4",
                "province_id": "9",
                "city_id": "73",
                "district_id": "732",
                "detail_address": "马路口驴子街",
            },
        ),
        ({"country_id": 4, "province_id": 9}, {"country_id": "4", "province_id": "9"}),
        ({"detail_address": "只有街道"}, {"detail_address": "只有街道"}),
    )
    rejects = (
        ({"country_id": True}, "wrong_region"),
        ({"country_id": "x" * 65}, "wrong_region"),
        ({"country": "4"}, "unknown_key"),
        ({"detail_address": 5}, "detail_too_long"),
        ({}, "empty_shape"),
        ("上海", "wrong_type"),
        ([], "wrong_type"),
    )
    operands = {
        Exact: ({"city_id": "73", "country_id": "4", "district_id": "732", "province_id": "9"}, {"country_id": 4}),
    }

    def compared(self, posted: Sequence[str], several: bool) -> Any:
        """Its regions: the rest of an address is no place that records are found by."""
        raw = spelt_json(Text(next(iter(posted), "")))
        return {key: value for key, value in raw.items() if key != DETAIL} if isinstance(raw, Mapping) else raw

    def references(self, column: Column, stored: Any) -> Iterable[Ref]:
        return [Ref("region", stored[level]) for level in LEVELS if level in stored] if stored else ()

    def must_exist(self, column: Column, stored: Any) -> Iterable[Ref]:
        return ()  # other systems have their own region ids; names are shown where they are known

    def keys(self, column: Column) -> Any:
        def display(value: Any, labels: Any) -> list[str] | None:
            names = [labels.region(value[level]) for level in LEVELS if level in value]
            return names if any(names) else None

        return ((column.name, None), (f"{column.name}_display", display))

    def control_data(self, column: Column) -> dict[str, Any]:
        return {"lookup": "regions", "levels": list(LEVELS), "detail": DETAIL}

    def formula_type(self, column: Column) -> FormulaType | None:
        return TEXT

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else stored.get(DETAIL)
