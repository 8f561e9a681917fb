"""Background work on notes: removing the old ones."""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.journal import purging


@app.periodic(cron="23 19 * * *")
@app.task(name="journal.purge", queue="journal", queueing_lock="journal.purge", retry=3)
def purge(timestamp: int) -> int:
    """Each day at 19:23 UTC, night in China: remove what was kept for long enough; how many rows."""
    return sum(purging.purge().values())


@app.periodic(cron="43 18 * * *")
@app.task(name="journal.purge_sessions", queue="journal", queueing_lock="journal.purge_sessions", retry=3)
def purge_sessions(timestamp: int) -> int:
    """Each day at 18:43 UTC: sessions that have expired, and wrong passwords that count no more; how many."""
    return purging.purge_sessions()
