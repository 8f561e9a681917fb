"""Background work on files: removing what nobody came back for."""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.files.previews import previews_remove


@app.periodic(cron="17 * * * *")
@app.task(name="files.remove_previews", queue="purge", queueing_lock="remove_previews")
def remove_previews(timestamp: int) -> None:
    """Every hour: the uploaded sheets whose import was never confirmed."""
    previews_remove()
