"""Forms and their records, the values in a JSONField."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Form(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Record(models.Model):
    form = models.ForeignKey(Form, models.CASCADE, related_name="records")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at", "-id"]
        indexes = [
            GinIndex(fields=["data"], name="record_data"),
            models.Index(fields=["form", "-updated_at", "-id"], name="record_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}/{self.pk}"
