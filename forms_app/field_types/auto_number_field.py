"""自动编号: a number that the server gives, such as GD-20230816-0007."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._text import TextType, TextValue
from forms_app.field_types.base import Column, SettingSerializer, registry
from forms_app.operators.families import Textual

PATTERNS = {"": "", "YYYY": "%Y", "YYYYMM": "%Y%m", "YYYYMMDD": "%Y%m%d", "YYMMDD": "%y%m%d"}
PERIODS = {"never": "", "year": "%Y", "month": "%Y%m", "day": "%Y%m%d"}


class AutoNumberSetting(SettingSerializer):
    required: Any = serializers.HiddenField(default=False)  # each record gets a number
    prefix = serializers.CharField(
        required=False, allow_blank=True, max_length=32, default="", trim_whitespace=False, label=_("Prefix")
    )
    date_pattern = serializers.ChoiceField(list(PATTERNS), default="", allow_blank=True, label=_("Date"))
    separator = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=4,
        default="-",
        trim_whitespace=False,
        label=_("Separator after the date"),
    )
    digits = serializers.IntegerField(min_value=1, max_value=18, default=4, label=_("Digits"))
    start = serializers.IntegerField(min_value=0, max_value=10**15, default=1, label=_("First number"))
    reset = serializers.ChoiceField(
        [("never", _("never")), ("year", _("every year")), ("month", _("every month")), ("day", _("every day"))],
        default="never",
        label=_("Starts again"),
    )
    mode = serializers.ChoiceField(
        [("fast", _("fast, gaps allowed")), ("gap_free", _("without gaps"))], default="fast", label=_("Mode")
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # A number that starts again while its date part stays the same would come twice.
        needed = {"never": 0, "year": 1, "month": 2, "day": 3}[attrs["reset"]]
        shown = {"": 0, "YYYY": 1, "YYYYMM": 2, "YYYYMMDD": 3, "YYMMDD": 3}[attrs["date_pattern"]]
        if shown < needed:
            raise serializers.ValidationError({"reset": _("The date in the number must tell the periods apart.")})
        return attrs


class AutoNumberValue(TextValue):
    default_error_messages = {"read_only": _("The server gives this value; it can't be written.")}

    def clean(self, raw: Any, current: Any = None) -> Any:
        self.refuse("read_only", got=raw)


@registry.register
class AutoNumberField(TextType):
    """Text made from a prefix, a date and a counter; never given twice."""

    name = "auto_number_field"
    label = _("Auto number")
    prefix = "auto_number"
    group = _("Advanced")
    Field = AutoNumberValue
    Setting = AutoNumberSetting
    writable = False
    numbered = True
    rejects = (("GD-20230816-0007", "read_only"), (7, "read_only"), (None, "read_only"))
    operands = {Textual: ("20", "-0", "gd")}

    def example_setting(self, related_form_id: int) -> dict[str, Any]:
        return {"prefix": "GD-", "date_pattern": "YYYYMMDD", "reset": "day"}

    def period(self, column: Column, moment: datetime) -> str:
        return moment.strftime(PERIODS[column.setting.get("reset", "never")])

    def numbered_text(self, column: Column, moment: datetime, number: int) -> str:
        setting = column.setting
        pattern = PATTERNS[setting.get("date_pattern", "")]
        date = moment.strftime(pattern) + setting.get("separator", "-") if pattern else ""
        return f"{setting.get('prefix', '')}{date}{number:0{setting.get('digits', 4)}d}"
