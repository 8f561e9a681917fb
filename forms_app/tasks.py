"""Background work, run by procrastinate's worker. Each task is enqueued in the transaction that makes it necessary."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from procrastinate.contrib.django import app

from forms_app.database.cursor import fetch
from forms_app.exact_json import reads
from forms_app.indexes import building, choosing
from forms_app.records.recompute import recompute_batch, related_ids
from forms_app.tickets import calls


@app.task(queue="recompute", retry=5)
def recompute_related(*, form_id: int, relation: str, target_ids: list[int], after: int = 0) -> None:
    """Recompute the records of the form behind id `after` that relate to these, batch by batch."""
    while ids := related_ids(form_id, relation, target_ids, settings.RECOMPUTE_INLINE, after):
        recompute_batch(form_id, ids)
        after = ids[-1]


@app.task(queue="recompute", retry=5)
def recompute_form(*, form_id: int) -> None:
    """Recompute every record of the form, after a change of its definition."""
    after = 0
    while True:
        sql = f"SELECT id FROM form_entity WHERE custom_form_id = {int(form_id)} AND id > %s ORDER BY id LIMIT %s"
        ids = [row[0] for row in fetch(sql, [after, settings.RECOMPUTE_INLINE])]
        if not ids:
            return
        recompute_batch(form_id, ids)
        after = ids[-1]


# Builds share a lock, so that one runs at a time: it takes a disk and a processor, and may take minutes, in which the
# worker's other places are there for other work.
@app.task(queue="indexes", lock="indexes", retry=3)
def build_index(*, form_id: int, field_id: int, kind: str) -> None:
    """Build an index that was requested."""
    building.build(form_id=form_id, field_id=field_id, kind=kind)


@app.task(queue="indexes", lock="indexes", retry=3)
def build_indexes(*, form_id: int) -> None:
    """Build all indexes that were requested for a form."""
    building.build_form(form_id)


@app.task(queue="indexes", retry=3)
def tend_form(*, form_id: int) -> None:
    """Ask for the indexes that a form should have now, and give up the others."""
    choosing.tend(form_id)


@app.periodic(cron="* * * * *")
@app.task(queue="indexes", queueing_lock="tend_indexes")
def tend_indexes(timestamp: int) -> None:
    """Every minute: the same for all forms, and mend what a killed build or a restored dump left behind."""
    choosing.tend()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: Any, timestamp: int) -> None:
    """Every minute: do again what a worker was killed in the middle of; nobody else would ever touch those jobs."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


@app.task(queue="indexes", lock="indexes", retry=3)
def drop_index(*, form_id: int, field_id: int, kind: str) -> None:
    """Drop an index that was given up."""
    building.drop(form_id=form_id, field_id=field_id, kind=kind)


@app.task(queue="tickets", retry=5)
def open_called_ticket(*, form_id: int, token_id: int, flow_id: int, values: str, start_input: str) -> None:
    """Open the ticket of another flow that a token waits for; `values` and `start_input` as JSON texts."""
    calls.called_ticket_open(
        form_id=form_id, token_id=token_id, flow_id=flow_id, values=reads(values), start_input=reads(start_input)
    )


@app.task(queue="tickets", retry=5)
def return_to_caller(*, form_id: int, token_id: int, called_form_id: int, called_ticket_id: int) -> None:
    """Let the ticket go on that called one which has ended."""
    calls.caller_resume(
        form_id=form_id, token_id=token_id, called_form_id=called_form_id, called_ticket_id=called_ticket_id
    )
