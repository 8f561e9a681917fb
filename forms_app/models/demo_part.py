"""What quickstart's demo has made once, so that what an administrator deleted of it never comes back."""

from __future__ import annotations

from django.db import models


class DemoPart(models.Model):
    """A part of the demo that was made, whatever became of it since."""

    name = models.CharField(max_length=100, primary_key=True)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
