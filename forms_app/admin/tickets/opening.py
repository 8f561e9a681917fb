"""Opening a ticket: the form of a flow's start, its variables and attachments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from forms_app.admin.flows.texts import diagram_words
from forms_app.admin.people.acting import own_member, seen_form
from forms_app.admin.records.entry import entry_groups, other_faults, status_of
from forms_app.admin.tickets.entry import ATTACHMENTS, TicketEntry
from forms_app.admin.tickets.frame import drawn, ticket_url
from forms_app.admin.tickets.variables import posted_variables, variable_faults, variable_fields
from forms_app.exceptions import Conflict, DiskFull, Fault, NotFound, Refused, TooLarge
from forms_app.field_types import Text
from forms_app.flows.compiled import CompiledFlow, compiled_flow
from forms_app.flows.sight import FlowSight
from forms_app.models import Flow, Status, StoredFile, Ticket, Verb
from forms_app.people.actor import Actor
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.pushing import ticket_open

View = Callable[..., HttpResponse]


def open_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the tickets', view, last part of its name)."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def open_page(request: HttpRequest, flow_id: int) -> HttpResponse:
        member = own_member(request)
        flow = _flow(flow_id, member.organization_id if member else None)
        if member is None or flow.published is None:
            return no_member(model_admin, request)
        schema, actor = seen_form(request, flow.custom_form_id)
        if not schema.rights(actor).may(Verb.CREATE):
            raise Http404
        compiled = compiled_flow(flow.published.pk, flow.published.definition, schema.whole)
        return _answer(model_admin, request, flow, compiled, schema, actor)

    return (("open/<int:flow_id>/", open_page, "open"),)


def published_flows(organization_id: int) -> QuerySet[Flow]:
    """The published flows of an organization whose form is enabled."""
    flows = Flow.objects.filter(published__isnull=False, custom_form__status=Status.ENABLE)
    return flows.filter(custom_form__organization_id=organization_id).order_by("name", "pk")


def openable_flows(actor: Actor) -> list[Flow]:
    """Those of which the actor may open tickets."""
    flows = published_flows(actor.organization_id).select_related("custom_form")
    schemas = [(flow, FormSchema.find(flow.custom_form_id)) for flow in flows]
    return [flow for flow, schema in schemas if schema and schema.rights(actor).may(Verb.CREATE)]


def no_member(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Says why an account that is no member can't do this."""
    context = {**model_admin.admin_site.each_context(request), "title": _("My stages")}
    return TemplateResponse(request, "admin/forms_app/ticket/no_member.html", context, status=403)


def _flow(flow_id: int, organization_id: int | None) -> Flow:
    """The flow, if tickets of it may be opened. Raises Http404. Who is no member gets to know that for every flow."""
    flows: QuerySet[Flow] = Flow.objects.select_related("published", "custom_form")
    if organization_id is not None:
        flows = published_flows(organization_id).select_related("published", "custom_form")
    flow: Flow | None = flows.filter(pk=flow_id).first() if flow_id < 2**63 else None
    if flow is None:
        raise Http404
    return flow


def _answer(
    model_admin: Any, request: HttpRequest, flow: Flow, compiled: CompiledFlow, schema: FormSchema, actor: Actor
) -> HttpResponse:
    """The page; after a post that is accepted the way to the ticket."""
    start, variables = compiled.definition.start, list(compiled.variables.values())
    entry = TicketEntry(schema, start, actor, None, flow.attachments)
    faults: list[Fault] = []
    posted = None
    if request.method == "POST":
        try:
            ticket = _open(request, flow, entry, posted_variables(variables, request.POST))
        except (Refused, Conflict, TooLarge, DiskFull) as refused:
            faults, posted = [*refused.faults], request.POST.dict()
        except NotFound:
            raise Http404 from None
        else:
            messages.success(request, _("Ticket {number} was opened.").format(number=ticket.data_no))
            return HttpResponseRedirect(ticket_url(ticket.id))
    beside, others = variable_faults(variables, faults)
    fields = entry.fields(others, posted)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("New ticket"),
        "is_fullwidth": "1",
        "flow": flow,
        "stage": start,
        "groups": entry_groups(schema, fields),
        "variables": variable_fields(variables, values={}, faults=beside, post=request.POST if posted else None),
        "fault_count": len(beside) + len(others),
        "faults": other_faults(fields, [fault for fault in others if fault.field != ATTACHMENTS]),
        "attachments": attachment_input(flow, faults),
        "files_again": bool(faults) and bool(request.FILES),
        "back_url": reverse("admin:forms_app_ticket_worklist") + "?tab=new",
        "diagram": {
            **_drawn(flow, compiled, schema, actor),
            "words": diagram_words(),
        },
    }
    return TemplateResponse(request, "admin/forms_app/ticket/open.html", context, status=status_of(faults))


def _drawn(flow: Flow, compiled: CompiledFlow, schema: FormSchema, actor: Actor) -> dict[str, Any]:
    definition = flow.published.definition if flow.published else {}
    return drawn(definition, schema, None if schema.rights(actor).may(Verb.DESIGN) else FlowSight(compiled, actor))


def attachment_input(flow: Flow, faults: Sequence[Fault]) -> dict[str, Any]:
    """What the page's input for attachments shows."""
    file_messages = [fault.message for fault in faults if fault.field == ATTACHMENTS]
    return {"allowed": flow.attachments, "name": ATTACHMENTS, "faults": file_messages}


def _open(request: HttpRequest, flow: Flow, entry: TicketEntry, variables: dict[str, str]) -> Ticket:
    """Raises Refused, Conflict, TooLarge, DiskFull, NotFound."""

    def act(values: dict[str, Any], files: Sequence[StoredFile]) -> Ticket:
        start_input = {name: Text(text) for name, text in variables.items()}
        return ticket_open(flow=flow, values=values, actor=entry.actor, start_input=start_input, files=files)

    return entry.read(request).write(act)
