"""One row of tags that every worker reads at most twice a second to know whether its caches still hold."""

from __future__ import annotations

from django.db import models


class CacheVersion(models.Model):
    """`definitions`: forms and what belongs to them; `people`: members, departments; `tokens`: access tokens.

    Each is a new random number at every change, never a count: a number seen inside a transaction that was rolled back
    must not come again for something else. `era` is new where positions of the log were lost (forms_app/replicas).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    definitions = models.BigIntegerField(default=1)
    people = models.BigIntegerField(default=1)
    tokens = models.BigIntegerField(default=1)
    era = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_cache_version")]

    def __str__(self) -> str:
        return f"{self.definitions}/{self.people}/{self.tokens}"


class ReadPosition(models.Model):
    """How far the log was written when a member's last write was answered: what they read must have come as far.

    Unlogged: it is lost where PostgreSQL crashes, and no standby has it that is promoted. So row 0 carries an era, lost
    with the others; what is written in its place is in the log too (CacheVersion), and no replica is read from before
    it has that.
    """

    caller = models.BigIntegerField(primary_key=True)
    position = models.BigIntegerField()
    era = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "read_position"

    def __str__(self) -> str:
        return f"{self.caller}: {self.position}"
