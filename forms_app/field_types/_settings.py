"""The settings of a field as its type takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class SettingSerializer(serializers.Serializer[Any]):
    """The settings of one field type, as the administrator gives them. Unknown ones are refused by name.

    The context holds `column`: the field with this setting not applied yet.
    """

    required: Any = serializers.BooleanField(default=False, label=_("Required"))

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [key for key in data if key not in self.fields]
            if unknown:
                raise serializers.ValidationError({key: [_("Unknown setting.")] for key in unknown})
        return super().to_internal_value(data)
