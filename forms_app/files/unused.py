"""Files that were uploaded and that no record or ticket ever held: kept for UNUSED_FILE_DAYS, then removed.

What a record once held stays: its history and the trash may name it (docs/decisions/013-files.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from forms_app.files.storing import forget_bytes
from forms_app.models import FileUse, StoredFile, TicketAttachment

BATCH = 500
# By hand: Django would look for what hangs on each, in every form.
_DELETE = "DELETE FROM forms_app_storedfile WHERE id = ANY(%s)"


def unused_remove() -> int:
    """Remove the files that nothing held within UNUSED_FILE_DAYS; how many."""
    before = timezone.now() - timedelta(days=settings.UNUSED_FILE_DAYS)
    gone, after = 0, 0
    while ids := _uploaded(before, after):
        removed = _removed(_loose(ids))
        for stored in removed:
            forget_bytes(stored)
        gone, after = gone + len(removed), ids[-1]
    return gone


def _uploaded(before: datetime, after: int) -> list[int]:
    files = StoredFile.objects.filter(pk__gt=after, created_at__lt=before).order_by("pk")
    return list(files.values_list("pk", flat=True)[:BATCH])


def _loose(ids: Sequence[int]) -> list[int]:
    """Those of the files that nothing holds or held."""
    used = set(FileUse.objects.filter(stored_file__in=ids).values_list("stored_file_id", flat=True))
    used |= set(TicketAttachment.objects.filter(stored_file__in=ids).values_list("stored_file_id", flat=True))
    return [pk for pk in ids if pk not in used]


@transaction.atomic
def _removed(ids: Sequence[int]) -> list[StoredFile]:
    """Delete the rows. Who is about to hold a file has its row locked: that one is left, and what is held meanwhile."""
    if not ids:
        return []
    locked = list(StoredFile.objects.select_for_update(skip_locked=True).filter(pk__in=ids))
    loose = set(_loose([stored.pk for stored in locked]))
    removed = [stored for stored in locked if stored.pk in loose]
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [[stored.pk for stored in removed]])
    return removed
