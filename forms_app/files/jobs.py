"""Background work on files: removing what nobody came back for."""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.files.previews import previews_remove
from forms_app.files.unused import unused_remove


@app.periodic(cron="17 * * * *")
@app.task(name="files.remove_previews", queue="purge", queueing_lock="remove_previews")
def remove_previews(timestamp: int) -> int:
    """Every hour: the uploaded sheets whose import was never confirmed; how many."""
    return previews_remove()


@app.periodic(cron="37 18 * * *")
@app.task(name="files.remove_unused", queue="purge", queueing_lock="files.remove_unused", retry=3)
def remove_unused(timestamp: int) -> int:
    """Each day at 18:37 UTC, night in China: the files that nothing ever held; how many."""
    return unused_remove()
