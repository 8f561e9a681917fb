"""Who builds or drops an index on a partition."""

from __future__ import annotations

from django.db import models


class IndexLease(models.Model):
    """One builder at a time has a partition, to a time that it moves on while it works."""

    leaf = models.CharField(max_length=63, primary_key=True)
    holder = models.UUIDField()
    held_until = models.DateTimeField()

    class Meta:
        db_table = "form_index_lease"

    def __str__(self) -> str:
        return f"{self.leaf}: {self.held_until}"
