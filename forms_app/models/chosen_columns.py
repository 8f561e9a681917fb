"""Which columns of a form's records an account wants to see."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from forms_app.models.custom_form import CustomForm


class ChosenColumns(models.Model):
    """Names of columns in the order of the list. A name that the form has no more, or that is hidden from the account
    since, is passed over when the list is shown."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    custom_form = models.ForeignKey(CustomForm, models.CASCADE, related_name="+", db_index=False)
    names = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["custom_form", "user"], name="chosen_columns_of_user")]

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.user_id}: {', '.join(self.names)}"
