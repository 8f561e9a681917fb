"""Background work on exports: removing the old ones. Making one needs the page that was asked
(`forms_app/admin/records/jobs.py`)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.exporting.background import exports_purge


@app.periodic(cron="23 * * * *")
@app.task(name="exporting.purge", queue="purge", queueing_lock="exporting.purge")
def purge(timestamp: int) -> int:
    """Every hour: the exports that were kept for long enough; how many."""
    return exports_purge()
