"""What the worker does by the clock: when it was last done, and how that ended."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScheduledRun(models.Model):
    """The last run of a job; a run that went well is kept beside a later one that failed."""

    name = models.CharField(max_length=100, primary_key=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    count = models.BigIntegerField(null=True)
    """How many things it dealt with, where it counts them."""
    error = models.TextField(blank=True)
    """Why it failed; "" where it went well."""
    failures = models.PositiveIntegerField(default=0)
    """How often in a row it failed."""
    well_at = models.DateTimeField(null=True)
    """When it last went well."""

    class Meta:
        verbose_name = _("scheduled job")
        verbose_name_plural = _("scheduled jobs")
        db_table = "scheduled_run"

    def __str__(self) -> str:
        return self.name
