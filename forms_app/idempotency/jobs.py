"""Background work on keys: removing the old ones."""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.idempotency.purging import keys_purge


@app.periodic(cron="41 * * * *")
@app.task(name="idempotency.purge", queue="purge", queueing_lock="idempotency.purge")
def purge(timestamp: int) -> int:
    """Every hour: the keys that were kept for long enough; how many."""
    return keys_purge()
