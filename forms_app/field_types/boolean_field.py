"""是否: true or false (ours)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._booleans import BOOLEANS, BooleanValue
from forms_app.field_types._spelling import Names
from forms_app.field_types._values import Text
from forms_app.field_types.base import Column, FieldType, Labels, SettingSerializer, registry
from forms_app.formula import BOOLEAN, FormulaType
from forms_app.operators.families import Exact
from forms_app.operators.index_kinds import BTREE

YES = frozenset(("true", "yes", "y", "1", "是", "对", "對", "√", "✓"))
NO = frozenset(("false", "no", "n", "0", "否", "不是", "错", "錯", "×", "✗"))
"""What files say for yes and no; those of `as_shown` among them, whatever its reader's language."""


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

    def as_shown(self, column: Column, stored: Any, labels: Labels, names: Names) -> str:
        return str(_("yes") if stored else _("no"))

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        """Yes and no as people of each language write them."""
        word = text.strip().casefold()
        return word in YES if word in YES or word in NO else Text(text)

    def formula_type(self, column: Column) -> FormulaType | None:
        return BOOLEAN
