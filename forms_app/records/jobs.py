"""Background work on records: recomputing more of them than one request may wait for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from procrastinate.contrib.django import app

from forms_app.models import FormEntity
from forms_app.records.changes.entries import SYSTEM, Deed
from forms_app.records.changes.partitions import count_on, partitions_drop, partitions_keep
from forms_app.records.recompute import recompute_batch, related_ids
from forms_app.records.stripping import strip_batch
from forms_app.records.trash import trash_purge

STRIPPED = 1_000
"""Records of one transaction of `strip_values`."""


@app.task(name="records.recompute_related", queue="recompute", retry=5, aliases=["forms_app.tasks.recompute_related"])
def recompute_related(
    *, form_id: int, relation: str, target_ids: list[int], after: int = 0, deed: Sequence[Any] = SYSTEM
) -> None:
    """Recompute the records of the form behind id `after` that relate to these, batch by batch."""
    while ids := related_ids(form_id, relation, target_ids, settings.RECOMPUTE_INLINE, after):
        recompute_batch(form_id, ids, Deed(*deed))
        after = ids[-1]


@app.task(name="records.recompute_form", queue="recompute", retry=5, aliases=["forms_app.tasks.recompute_form"])
def recompute_form(*, form_id: int, deed: Sequence[Any] = SYSTEM) -> None:
    """Recompute every record of the form, after a change of its definition."""
    after = 0
    while True:
        records = FormEntity.objects.of_form(form_id).filter(id__gt=after).order_by("id")
        ids = list(records.values_list("id", flat=True)[: settings.RECOMPUTE_INLINE])
        if not ids:
            return
        recompute_batch(form_id, ids, Deed(*deed))
        after = ids[-1]


@app.task(name="records.strip_values", queue="recompute", retry=5)
def strip_values(*, form_id: int, name: str, deed: Sequence[Any] = SYSTEM) -> None:
    """Take out of every record of the form what a field of this name left that was removed."""
    after: int | None = 0
    while after is not None:
        after = strip_batch(form_id, name, after=after, most=STRIPPED, deed=Deed(*deed))


@app.periodic(cron="11 18 * * *")
@app.task(name="records.purge_trash", queue="purge", queueing_lock="records.purge_trash", retry=3)
def purge_trash(timestamp: int) -> int:
    """Each day at 18:11 UTC, night in China: forget what was destroyed long enough ago; how many records."""
    return trash_purge()


@app.periodic(cron="17 18 * * *")
@app.task(name="records.keep_change_log", queue="purge", queueing_lock="records.keep_change_log", retry=3)
def keep_change_log(timestamp: int) -> int:
    """Each day at 18:17 UTC: make the partitions of the months to come, and drop those that are over; how many."""
    partitions_keep()
    count_on()
    return len(partitions_drop())
