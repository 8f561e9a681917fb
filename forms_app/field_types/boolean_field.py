"""是否: true or false (ours)."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._booleans import BOOLEAN_LOOKUPS, BooleanValue
from forms_app.field_types.base import Column, FieldType, SettingSerializer, registry
from forms_app.field_types.index_kinds import BTREE
from forms_app.formula import BOOLEAN, FormulaType


class BooleanSetting(SettingSerializer):
    default = serializers.BooleanField(required=False, allow_null=True, default=None, label=_("Default"))


@registry.register
class BooleanField(FieldType):
    """Yes or no; empty is neither."""

    name = "boolean_field"
    label = _("Yes/no")
    prefix = "boolean"
    group = _("Choices")
    control = "yes_no"
    Field = BooleanValue
    Setting = BooleanSetting
    lookups = BOOLEAN_LOOKUPS
    sortable = True
    indexes = (BTREE,)
    accepts = ((True, True), (False, False), (None, None))
    rejects = (("true", "wrong_type"), (1, "wrong_type"), (0, "wrong_type"), ("", "wrong_type"))
    operands = {"eq": (True, False), "ne": (True,)}

    def formula_type(self, column: Column) -> FormulaType | None:
        return BOOLEAN
