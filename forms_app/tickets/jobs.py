"""Background work on tickets: calling another flow, and going on where one was called. No transaction locks the tickets
of two flows."""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.exact_json import reads
from forms_app.tickets import calls, closing


@app.task(name="tickets.open_called", queue="tickets", retry=5, aliases=["forms_app.tasks.open_called_ticket"])
def open_called(*, form_id: int, token_id: int, flow_id: int, values: str, start_input: str) -> None:
    """Open the ticket of another flow that a token waits for; `values` and `start_input` as JSON texts."""
    calls.called_ticket_open(
        form_id=form_id, token_id=token_id, flow_id=flow_id, values=reads(values), start_input=reads(start_input)
    )


@app.task(name="tickets.close_called", queue="tickets", retry=5)
def close_called(*, form_id: int, token_ids: list[int], reason: str, uid: int | None) -> None:
    """Close the tickets that were opened for tokens of a ticket that was closed."""
    closing.called_tickets_close(form_id=form_id, token_ids=token_ids, reason=reason, uid=uid)


@app.task(name="tickets.return_to_caller", queue="tickets", retry=5, aliases=["forms_app.tasks.return_to_caller"])
def return_to_caller(*, form_id: int, token_id: int, called_form_id: int, called_ticket_id: int) -> None:
    """Let the ticket go on that called one which has ended."""
    calls.caller_resume(
        form_id=form_id, token_id=token_id, called_form_id=called_form_id, called_ticket_id=called_ticket_id
    )
