"""Background work on notes: removing the old ones."""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.journal import purging


@app.periodic(cron="23 3 * * *")
@app.task(name="journal.purge", queue="journal", queueing_lock="journal.purge", retry=3)
def purge(timestamp: int) -> None:
    """Every night: remove what was kept for long enough."""
    purging.purge()
