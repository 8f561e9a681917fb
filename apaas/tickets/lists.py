"""The original's further calls: my missions, the list of a flow's tickets, the work log."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from apaas import throttling
from apaas.exceptions import MethodNotAllowed
from apaas.requests.readers import fault
from apaas.tickets import parameters
from apaas.tickets.answers import LISTS, LOG, LOG_ENTRY, success
from apaas.tickets.bodies import Sent, received
from apaas.tickets.callers import caller_of
from apaas.tickets.keys import done_once, key_for, noted
from apaas.tickets.searching import read_search
from apaas.tickets.views import TicketViewSet, refuse_query
from forms_app.exceptions import Refused
from forms_app.idempotency.keeping import Key
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.listing import FIELD, MISSION_COLUMNS, TICKET_COLUMNS, flow_tickets, missions, with_fields
from forms_app.tickets.worklog import worklog, worklog_add


class ListViewSet(TicketViewSet):
    """Lists that are searched, ordered and cut as the original's clients ask."""

    words = LISTS

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        raise MethodNotAllowed

    def missions(self, request: Request) -> Response:
        """The stages that wait for the caller."""
        with received(request._request) as sent:
            caller = caller_of(sent.params.get("security"), request._request)
            throttling.check(caller.actor, request._request)
            refuse_query(request._request)
            faults = parameters.unknown_faults([*sent.params, *sent.files], "list")
            search = read_search(sent.params, MISSION_COLUMNS, faults)
            if faults:
                raise Refused(faults)
            rows = search.chosen(missions(caller.actor))
            return Response(success(LISTS, [search.shown(row, MISSION_COLUMNS) for row in rows]))

    def tickets(self, request: Request, api_path: str) -> Response:
        """The tickets of a flow, with what the caller may read of their records."""
        with received(request._request) as sent:
            caller, flow, _seen = self.addressed(sent.params, api_path)
            refuse_query(request._request)
            schema = FormSchema.of(flow.custom_form_id, caller.actor)
            columns = [*TICKET_COLUMNS, *(f"{FIELD}{column.number}" for column in schema.fields)]
            faults = parameters.unknown_faults([*sent.params, *sent.files], "list")
            search = read_search(sent.params, columns, faults)
            if faults:
                raise Refused(faults)
            rows = flow_tickets(flow, schema, caller.actor)
            if any(name.startswith(FIELD) for name in search.names):
                found = search.chosen(with_fields(rows, schema, caller.actor))
            else:  # the values of those alone that are answered
                found = [*with_fields(search.chosen(rows), schema, caller.actor)]
            return Response(success(LISTS, [search.shown(row, columns) for row in found]))


class WorkLogViewSet(TicketViewSet):
    """Entries beside a ticket."""

    words = LOG

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action == "enter":
            self.words = LOG_ENTRY

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        self.words = LOG_ENTRY if "enter" in self.action_map.values() else LOG
        raise MethodNotAllowed

    def enter(self, request: Request) -> HttpResponseBase:
        with received(request._request) as sent:
            place, key = self.place(sent, "log entry")
            content = sent.params.get("content", "")

            def written() -> dict[str, Any]:
                worklog_add(**place, content=content if isinstance(content, str) else str(content))
                return success(LOG_ENTRY, None)

            return done_once(key, written)

    def entries(self, request: Request) -> Response:
        with received(request._request) as sent:
            return Response(success(LOG, worklog(**self.place(sent, "log")[0])))

    def place(self, sent: Sent, call: str) -> tuple[dict[str, Any], Key | None]:
        """Which stage of which ticket, and who asks; with the key of a call that writes. Raises Refused, NotFound."""
        path = sent.params.get("api_path")
        caller, flow, _schema = self.addressed(sent.params, path if isinstance(path, str) else "")
        refuse_query(self.request._request)
        faults = parameters.unknown_faults([*sent.params, *sent.files], call)
        key = key_for(self.request._request, f"ticket_{call.replace(' ', '_')}", caller, flow, sent, faults)
        data_no = noted(faults, lambda: parameters.ticket_number(sent.params))
        data_id = noted(faults, lambda: parameters.stage_id(sent.params))
        if "data_no" not in sent.params:
            faults.append(fault("data_no", "required", _("The ticket number is needed.")))
        if faults:
            raise Refused(faults)
        return {"flow": flow, "data_no": data_no, "data_id": data_id, "actor": caller.actor}, key
