"""The settings of a field as its type takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.exceptions import Fault

MISSING = {"required", "null", "blank"}
"""Codes of DRF for a setting that was not given: its own words speak of a field, which here is another thing."""


class SettingSerializer(serializers.Serializer[Any]):
    """The settings of one field type, as the administrator gives them. Unknown ones are refused by name.

    The context holds `column`: the field with this setting not applied yet.
    """

    begins: ClassVar[Mapping[str, Any]] = {}
    """What the designer gives a new field where that is not the default: stored fields without the setting keep it."""

    required: Any = serializers.BooleanField(default=False, label=_("Required"))

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [key for key in data if key not in self.fields]
            if unknown:
                raise serializers.ValidationError({key: [_("Unknown setting.")] for key in unknown})
        return super().to_internal_value(data)

    def refusal(self, name: str, error: Any) -> Fault:
        """What one of `errors` says of the setting `name`."""
        message = str(error)
        if getattr(error, "code", "") in MISSING and name in self.fields:
            message = gettext("The setting {label} is missing.").format(label=self.fields[name].label)
        return Fault(f"setting_{getattr(error, 'code', 'invalid')}", message, field=name)
