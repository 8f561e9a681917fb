"""Background work on notes: removing the old ones."""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.journal import purging


@app.periodic(cron="23 19 * * *")
@app.task(name="journal.purge", queue="journal", queueing_lock="journal.purge", retry=3)
def purge(timestamp: int) -> None:
    """Each day at 19:23 UTC, night in China: remove what was kept for long enough."""
    purging.purge()
