"""An export that is made in the background, and kept until it is fetched."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from forms_app.models.form_rows import FormQuerySet
from forms_app.models.stored_file import file_token


class ExportJob(models.Model):
    """One file that an account asked for. What it was asked for is kept as the page's address says it, and read again
    when the file is made: by the definition and the rights of that moment."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being made")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")

    pk = models.CompositePrimaryKey("custom_form_id", "token")
    custom_form_id = models.BigIntegerField()
    token = models.CharField(max_length=32, default=file_token)
    account_id = models.BigIntegerField()
    asked = models.TextField()
    """The parameters of the records page."""
    names = models.JSONField(default=list)
    """The columns, by name."""
    file_format = models.CharField(max_length=8)
    language = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.TextField(default="")
    """Why it failed, in that language."""
    total = models.BigIntegerField(null=True)
    """Records that the file will have, as far as that can be told beforehand."""
    rows = models.BigIntegerField(default=0)
    file_name = models.CharField(max_length=300, default="")
    size = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = FormQuerySet.as_manager()

    class Meta:
        db_table = "form_export"

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.token}: {self.state}"

    @property
    def path(self) -> str:
        """Where the file lies in the product's storage."""
        return f"exports/{self.custom_form_id}/{self.token}"
