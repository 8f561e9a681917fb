"""What was answered to a writing call that its caller had named, so that the same call again writes nothing."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forms_app.models.form_rows import FormQuerySet


class IdempotencyKey(models.Model):
    """A call that was written once. `custom_form_id` is 0 where a call belongs to no form. Only a success is kept: the
    row is committed with what the call wrote, its answer in it."""

    pk = models.CompositePrimaryKey("custom_form_id", "caller", "key")
    custom_form_id = models.BigIntegerField()
    caller = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    digest = models.BinaryField()
    answer = models.BinaryField(null=True)
    headers = models.JSONField(default=dict)
    made_at = models.DateTimeField(db_default=Now())

    objects = FormQuerySet.as_manager()

    class Meta:
        db_table = "form_idempotency_key"
        indexes = [models.Index(fields=["custom_form_id", "made_at"], name="idempotency_key_made_at")]

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.caller}/{self.key}"
