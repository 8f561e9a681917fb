"""Exports that are made in the background: asked for, made by a worker, kept for EXPORT_HOURS."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from forms_app.database.queue import defer
from forms_app.exceptions import DomainError, TooExpensive, is_disk_full
from forms_app.exporting.export import Export, ExportTooSlow
from forms_app.files.storing import no_room
from forms_app.models import CustomForm, ExportJob

MAKE = "admin.records.make_export"
TOLD_SECONDS = 0.5
"""Between two looks whether the file is still wanted, at which its progress is told."""
State = ExportJob.State


class ExportRefused(Exception):
    """There is no file; its text says why, to a person."""


def export_ask(*, form_id: int, account_id: int, asked: str, names: list[str], file_format: str) -> ExportJob:
    """Ask for a file. Raises ExportRefused where the account has as many of the form as may be (MAX_EXPORTS)."""
    if exports_of(form_id, account_id).count() >= settings.MAX_EXPORTS:
        message = _("There are {limit} exports of this form already: delete one.").format(limit=settings.MAX_EXPORTS)
        raise ExportRefused(message)
    job = ExportJob.objects.create(
        custom_form_id=form_id,
        account_id=account_id,
        asked=asked,
        names=names,
        file_format=file_format,
        language=translation.get_language() or settings.LANGUAGE_CODE,
    )
    defer(MAKE, form_id=form_id, token=job.token)
    return job


def exports_of(form_id: int, account_id: int) -> QuerySet[ExportJob]:
    """What the account asked for of the form, the latest first."""
    return ExportJob.objects.of_form(form_id).filter(account_id=account_id).order_by("-made_at")


def expires_at(job: ExportJob) -> datetime:
    """From when on the file is removed."""
    return (job.finished_at or job.made_at) + timedelta(hours=settings.EXPORT_HOURS)


def export_make(job: ExportJob, asked: Callable[[], Export]) -> None:
    """Make the file, or say why there is none. `asked` reads what was asked for, by the rights of now; what it refuses
    is the reason. A job that was deleted meanwhile leaves nothing."""
    try:
        _made(job, asked())
    except ExportRefused as refused:
        _failed(job, str(refused))
    except DomainError as refused:
        _failed(job, " ".join(fault.message for fault in refused.faults))
    except ExportTooSlow:
        _failed(job, _("It took longer than an hour: restrict what is exported."))
    except OSError as error:
        if not is_disk_full(error):
            _failed(job, _("The file could not be made."))
            raise
        _failed(job, no_room())
    except Exception:
        _failed(job, _("The file could not be made."))
        raise


def _made(job: ExportJob, export: Export) -> None:
    try:
        total = export.query.count()
    except TooExpensive:
        total = None
    if not _still(job, state=State.RUNNING, rows=0, total=total):
        return
    default_storage.delete(job.path)  # of a worker that was killed behind it
    with tempfile.TemporaryFile() as file:
        if not _written(job, export, file):
            return
        size = file.tell()
        file.seek(0)
        default_storage.save(job.path, File(file))
    done = {"state": State.DONE, "file_name": export.file_name, "size": size, "finished_at": timezone.now()}
    if not _still(job, **done, rows=job.rows):
        default_storage.delete(job.path)


def _written(job: ExportJob, export: Export, file: IO[bytes]) -> bool:
    """Whether the file was still wanted when it was whole."""
    look_at = 0.0
    pieces = export.pieces(lambda count: setattr(job, "rows", job.rows + count))
    job.rows = 0
    try:
        for piece in pieces:
            file.write(piece)
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + TOLD_SECONDS
                if not _still(job, rows=job.rows):
                    return False
    finally:
        pieces.close()
    return True


def _still(job: ExportJob, **facts: object) -> bool:
    """Note this of a job that is not finished; whether it is still there."""
    unfinished = ExportJob.objects.of_form(job.custom_form_id).filter(token=job.token)
    return bool(unfinished.filter(state__in=(State.WAITING, State.RUNNING)).update(**facts))


def _failed(job: ExportJob, reason: str) -> None:
    _still(job, state=State.FAILED, reason=reason, finished_at=timezone.now())


def export_forget(job: ExportJob) -> None:
    """Delete it, whatever its state: one that is being made is given up."""
    ExportJob.objects.of_form(job.custom_form_id).filter(token=job.token).delete()
    default_storage.delete(job.path)


def exports_purge() -> int:
    """Delete what was kept for long enough, form by form; how many."""
    now, gone = timezone.now(), 0
    for form_id in CustomForm.objects.values_list("pk", flat=True):
        for job in ExportJob.objects.of_form(form_id):
            if expires_at(job) <= now:
                export_forget(job)
                gone += 1
    return gone
