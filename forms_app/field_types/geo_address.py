"""定位: a point on the earth."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from forms_app.exact_json import dumps
from forms_app.exceptions import Fault, Refused
from forms_app.field_types._numbers import NumberValue
from forms_app.field_types._values import spelt_json
from forms_app.field_types.base import Column, FieldType, Text, registry

LIMITS = {"latitude": 90, "longitude": 180}


class GeoValue(NumberValue):
    default_error_messages = {"out_of_range": _("{key} must lie between {low} and {high}.")}
    expected = _('an object {"latitude": number, "longitude": number}')

    def clean(self, raw: Any, current: Any = None) -> Any:
        if isinstance(raw, Text):
            raw = spelt_json(raw)
            if isinstance(raw, Mapping):  # untyped as a whole, so its numbers may be spelt as texts
                raw = {key: Text(item) if isinstance(item, str) else item for key, item in raw.items()}
        return super().clean(raw, current)

    def parse(self, raw: Any, current: Any = None) -> dict[str, Any]:  # type: ignore[override]
        if not isinstance(raw, Mapping):
            self.wrong_type(raw)
        faults: list[Fault] = [
            self.fault("unknown_key", got=key, key=key, allowed=list(LIMITS)) for key in raw if key not in LIMITS
        ]
        point = {}
        for key, limit in LIMITS.items():
            if raw.get(key) is None:
                faults.append(self.fault("missing_key", got=raw, key=key))
                continue
            try:
                point[key] = self.number(raw[key])
            except Refused as refused:
                faults += refused.faults
                continue
            if not -limit <= point[key] <= limit:
                faults.append(
                    self.fault("out_of_range", got=raw[key], key=key, low=-limit, high=limit, allowed=[-limit, limit])
                )
        if faults:
            raise Refused(faults)
        return point

    def written_schema(self) -> dict[str, Any]:
        properties = {key: {"type": "number", "minimum": -limit, "maximum": limit} for key, limit in LIMITS.items()}
        return {"type": "object", "properties": properties, "required": [*LIMITS], "additionalProperties": False}


@registry.register
class GeoAddress(FieldType):
    """Latitude and longitude in degrees (WGS 84 or what the client uses); no filter."""

    name = "geo_address"
    label = _("Location")
    prefix = "geo_address"
    group = _("Places and files")
    control = "point"
    Field = GeoValue
    accepts = (
        (
            {"latitude": Decimal("29.952211"), "longitude": Decimal("90.080563")},
            {"latitude": Decimal("29.952211"), "longitude": Decimal("90.080563")},
        ),
        ({"latitude": -90, "longitude": 180}, {"latitude": -90, "longitude": 180}),
    )
    rejects = (
        ({"latitude": 91, "longitude": 0}, "out_of_range"),
        ({"latitude": 0, "longitude": Decimal("-180.1")}, "out_of_range"),
        ({"latitude": 1}, "missing_key"),
        ({"latitude": "1", "longitude": 2}, "wrong_type"),
        ({"latitude": 1, "longitude": 2, "altitude": 3}, "unknown_key"),
        ({}, "missing_key"),
        ([1, 2], "wrong_type"),
    )

    def control_data(self, column: Column) -> dict[str, Any]:
        return {"limits": LIMITS}

    def control_text(self, shown: Any) -> str:
        # As texts: a browser's numbers lose digits.
        return super().control_text(shown and {key: dumps(shown[key]).decode() for key in LIMITS})
