"""Opening and pushing a ticket with what a client sent: parameters, values of fields, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from apaas.requests.readers import fault
from apaas.tickets import parameters
from apaas.tickets.bodies import Sent
from apaas.tickets.callers import Caller
from apaas.tickets.form_data import FormData
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Text
from forms_app.files.storing import file_item, with_files
from forms_app.models import Flow, StoredFile, TicketToken
from forms_app.people.permission import may_write
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.pushing import ticket_open, ticket_push
from forms_app.tickets.sight import ticket_in_sight

T = TypeVar("T")


class Write:
    """One call of the edit address: everything of it is read first, so that a refusal names all that is wrong."""

    def __init__(self, caller: Caller, flow: Flow, schema: FormSchema, sent: Sent, action: str | None) -> None:
        self.caller = caller
        self.flow = flow
        self.schema = schema
        self.params = sent.params
        self.form = FormData(schema)
        self.form.read_values(sent.params)
        meant = self.form.read_files(sent.params, sent.files, flow.attachments)
        self.faults: list[Fault] = [] if action else [parameters.action_fault(sent.params)]
        self.faults += parameters.unknown_faults(
            [*sent.params, *(name for name in sent.files if name not in meant)], action
        )

    def open(self) -> str:
        """Open a ticket; gives its number, "" where the flow's start validates. Raises what `ticket_open` raises."""
        start_input = self.noted(lambda: parameters.mapped(self.params, "start_input"))
        self.refuse()

        def write(stored: Sequence[StoredFile]) -> str:
            ticket = ticket_open(
                flow=self.flow,
                values=self.values(stored),
                actor=self.caller.actor,
                start_input={name: untyped(value) for name, value in (start_input or {}).items()},
                files=stored[: self.form.general],
            )
            return "" if validates(self.flow) else str(ticket.data_no)

        return self.kept(write)

    def push(self) -> None:
        """Push a stage. Raises what `ticket_push` raises."""
        data_id = self.noted(lambda: parameters.stage_id(self.params))
        data_no = self.noted(lambda: parameters.ticket_number(self.params))
        quick_action = self.noted(lambda: parameters.quick_action(self.params))
        if data_id is not None and data_no is not None and not self.belongs(data_id, data_no):
            message = _("{data_id} is no stage of the ticket {data_no}.").format(data_id=data_id, data_no=data_no)
            self.faults.append(fault("data_no", "other_ticket", message, data_no))
        self.refuse()
        assert data_id is not None
        stage_id = data_id

        def write(stored: Sequence[StoredFile]) -> None:
            ticket_push(
                flow=self.flow,
                data_id=stage_id,
                values=self.values(stored),
                actor=self.caller.actor,
                quick_action=quick_action,
                files=stored[: self.form.general],
            )

        self.kept(write)

    def values(self, stored: Sequence[StoredFile]) -> dict[str, Any]:
        """The values of fields, those of file fields included."""
        items: dict[str, list[Any]] = {}
        for upload, row in list(zip(self.form.uploads, stored, strict=True))[self.form.general :]:
            items.setdefault(upload.field, []).append(file_item(row))
        return {**self.form.values, **items}

    def kept(self, write: Callable[[Sequence[StoredFile]], T]) -> T:
        may_write(self.caller.actor)
        return with_files(uploads=self.form.uploads, actor=self.caller.actor, write=write)

    def belongs(self, data_id: int, data_no: int) -> bool:
        """Whether a stage is one of this ticket's, as far as the caller may know."""
        own = TicketToken.objects.filter(custom_form_id=self.schema.id, ticket__custom_form_id=self.schema.id)
        own = own.filter(pk=data_id, ticket__flow=self.flow, ticket__data_no=data_no).select_related("ticket")
        stage = own.first()
        return stage is not None and ticket_in_sight(stage.ticket, self.schema.whole, self.caller.actor)

    def noted(self, step: Callable[[], T]) -> T | None:
        """The result of `step`; None where it is refused, with its faults noted."""
        try:
            return step()
        except Refused as refused:
            self.faults += refused.faults
            return None

    def refuse(self) -> None:
        """Raises Refused if anything was found wrong; then what is wrong with the values is told too."""
        if self.faults or self.form.faults:
            self.form.note_values()
            raise Refused([*self.faults, *self.form.faults])


def untyped(value: Any) -> Any:
    """A text as one that any type reads as its own."""
    return Text(value) if isinstance(value, str) else value


def validates(flow: Flow) -> bool:
    """Whether the start of the published definition validates: then a create tells no number."""
    components = flow.published.definition["components"] if flow.published else []
    return any(part["type"] == "start" and part.get("validation") for part in components)
