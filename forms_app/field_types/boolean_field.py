"""是否: true or false (ours)."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._booleans import BOOLEANS, BooleanValue
from forms_app.field_types.base import Column, FieldType, SettingSerializer, registry
from forms_app.formula import BOOLEAN, FormulaType
from forms_app.operators.families import Exact
from forms_app.operators.index_kinds import BTREE


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
    families = BOOLEANS
    sortable = True
    indexes = (BTREE,)
    accepts = ((True, True), (False, False), (None, None))
    rejects = (("true", "wrong_type"), (1, "wrong_type"), (0, "wrong_type"), ("", "wrong_type"))
    operands = {Exact: (True, False)}

    def formula_type(self, column: Column) -> FormulaType | None:
        return BOOLEAN
