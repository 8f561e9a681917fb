"""下拉选择: one option out of many, looked up by typing."""

from django.utils.translation import gettext_lazy as _

from forms_app.field_types._single_choice import SingleChoice
from forms_app.field_types.base import registry


@registry.register
class Select2Field(SingleChoice):
    """One of many options; on the wire the same as the single choice."""

    name = "select2_field"
    label = _("Drop-down choice")
    prefix = "select2"
    control = "choice"
