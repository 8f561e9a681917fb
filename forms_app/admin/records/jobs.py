"""Background work of the records page: its exports.

One at a time: each reads a whole form, and the worker's other places are there for other work.
"""

from __future__ import annotations

from django.utils import translation
from procrastinate.contrib.django import app

from forms_app.admin.records.exporting import export_of
from forms_app.exporting.background import export_make
from forms_app.models import ExportJob


@app.task(name="admin.records.make_export", queue="exports", lock="exports")
def make_export(*, form_id: int, token: str) -> None:
    """Make a file that was asked for, as the account that asked and with its rights of now."""
    job = ExportJob.objects.of_form(form_id).filter(token=token).first()
    if job is not None:
        with translation.override(job.language):
            export_make(job, lambda: export_of(job))
