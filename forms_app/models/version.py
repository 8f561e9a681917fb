"""One row of tags that every worker reads at most twice a second to know whether its caches still hold."""

from __future__ import annotations

from django.db import models


class CacheVersion(models.Model):
    """`definitions`: forms and what belongs to them; `people`: members, departments; `tokens`: access tokens.

    Each is a new random number at every change, never a count: a number seen inside a transaction that was rolled back
    must not come again for something else.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    definitions = models.BigIntegerField(default=1)
    people = models.BigIntegerField(default=1)
    tokens = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_cache_version")]

    def __str__(self) -> str:
        return f"{self.definitions}/{self.people}/{self.tokens}"
