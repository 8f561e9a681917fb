"""单选: one option."""

from django.utils.translation import gettext_lazy as _

from forms_app.field_types._single_choice import SingleChoice
from forms_app.field_types.base import registry


@registry.register
class SelectField(SingleChoice):
    """One of a few options."""

    name = "select_field"
    label = _("Single choice")
    prefix = "select"
