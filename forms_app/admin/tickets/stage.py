"""A stage of a ticket: its form to fill in and push, beside where the ticket stands and how it came there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from forms_app.admin.enumerated import enumerated
from forms_app.admin.records.entry import entry_groups, other_faults, status_of
from forms_app.admin.tickets.entry import ATTACHMENTS, TicketEntry
from forms_app.admin.tickets.frame import Course, Sight, sight_of, standing_names, ticket_url
from forms_app.admin.tickets.history import entries
from forms_app.admin.tickets.opening import attachment_input
from forms_app.exact_json import reads
from forms_app.exceptions import Conflict, DiskFull, Fault, Forbidden, NotFound, Refused, TooLarge
from forms_app.flows.language import ACTIONS, WAITING, HumanInput
from forms_app.models import StoredFile, TicketToken
from forms_app.records.query import EntityQuery
from forms_app.tickets.pushing import ticket_push
from forms_app.tickets.rows import open_tokens

View = Callable[..., HttpResponse]
GONE = ("stale_data_id", "ticket_ended", "stopped", "record_gone")
"""Why a stage can't be pushed by anybody any more."""


@dataclass(frozen=True)
class Filled:
    """A stage with its record, as one account fills it in."""

    sight: Sight
    token: TicketToken
    stage: HumanInput
    entry: TicketEntry
    record_title: str


def stage_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the tickets', view, last part of its name)."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def stage(request: HttpRequest, ticket_id: int, data_id: int) -> HttpResponse:
        sight = sight_of(request, ticket_id)
        course = Course(sight)
        token = next((open_token for open_token in course.tokens if open_token.id == data_id), None)
        if token is None or token.state != WAITING:
            return _gone(model_admin, request, course, data_id)
        if not sight.may_push(token):
            return _refused(model_admin, request, sight, course, token)
        filled = _filled(sight, token)
        if filled is None:
            messages.error(request, _("The ticket's record does not exist any more."))
            return HttpResponseRedirect(ticket_url(sight.ticket.pk))
        return _answer(model_admin, request, filled, course)

    return (("<int:ticket_id>/stages/<int:data_id>/", stage, "stage"),)


def _gone(model_admin: Any, request: HttpRequest, course: Course, data_id: int) -> HttpResponse:
    """On to the ticket, with a message of where it stands; what was posted stays in sight, to be taken along elsewhere.
    Raises Http404 for what never was a stage of it."""
    sight = course.sight
    tokens = TicketToken.objects.of_ticket(sight.form_id, sight.ticket.pk)
    token = tokens.filter(pk=data_id).first() if data_id < 2**63 else None
    if token is None:
        raise Http404
    gone = _pushed_already(course.tokens)
    filled = _filled(sight, token) if request.method == "POST" else None
    if filled is not None:
        return _stage_page(model_admin, request, filled, course, posted=request.POST.dict(), gone=gone)
    messages.warning(request, gone)
    return HttpResponseRedirect(ticket_url(sight.ticket.pk))


def _pushed_already(tokens: Sequence[TicketToken]) -> str:
    names = standing_names(tokens)
    if not names:
        return _("This stage was pushed already, and the ticket has ended.")
    return _("This stage was pushed already. The ticket now stands at: {names}.").format(names=enumerated(names))


def _refused(model_admin: Any, request: HttpRequest, sight: Sight, course: Course, token: TicketToken) -> HttpResponse:
    """Says why this account may not push here."""
    context = {
        **_frame(model_admin, request, sight, course),
        "token": token,
        "assignees": course.assignees(token),
        "acting": sight.member,
        "disabled": not sight.schema.enabled,
    }
    return TemplateResponse(request, "admin/forms_app/ticket/not_yours.html", context, status=403)


def _filled(sight: Sight, token: TicketToken) -> Filled | None:
    """The stage with what its record holds; None where the record is gone."""
    schema, member = sight.shown, sight.member
    row = EntityQuery(schema, sight.reader).get(sight.ticket.entity_id)
    stage = sight.definition.components[token.component]
    if row is None or member is None or not isinstance(stage, HumanInput):
        return None
    # Every name: a record that holds nothing is not a new one.
    data = {**dict.fromkeys(schema.by_field), **reads(row.data)}
    primary = schema.primary
    named = primary.type.title(primary, data[primary.name]) if primary and data.get(primary.name) is not None else ""
    entry = TicketEntry(schema, stage, sight.reader, data, sight.ticket.flow.attachments)
    return Filled(sight, token, stage, entry, named or "")


def _answer(model_admin: Any, request: HttpRequest, filled: Filled, course: Course) -> HttpResponse:
    """The page; after a push that is accepted the way to the ticket."""
    sight = filled.sight
    if request.method != "POST":
        return _stage_page(model_admin, request, filled, course)
    posted = request.POST.dict()
    try:
        _push(request, filled)
    except (Refused, Conflict, TooLarge, DiskFull, Forbidden) as refused:
        faults = refused.faults
        if isinstance(refused, Conflict) and faults[0].code in GONE:
            return _stage_page(model_admin, request, filled, Course(sight), posted=posted, gone=faults[0].message)
        return _stage_page(model_admin, request, filled, course, faults, posted)
    except NotFound:
        raise Http404 from None
    messages.success(request, _pushed(filled))
    return HttpResponseRedirect(ticket_url(sight.ticket.pk))


def _stage_page(
    model_admin: Any,
    request: HttpRequest,
    filled: Filled,
    course: Course,
    faults: Sequence[Fault] = (),
    posted: dict[str, str] | None = None,
    gone: str = "",
) -> HttpResponse:
    """The form beside the ticket's course. `gone`: why it can't be pushed any more."""
    sight = filled.sight
    fields = filled.entry.fields(faults, posted)
    context = {
        **_frame(model_admin, request, sight, course),
        "record_title": filled.record_title,
        "token": filled.token,
        "stage": filled.stage,
        "actions": list(zip(ACTIONS, filled.stage.actions, strict=False)),
        "groups": entry_groups(sight.shown, fields),
        "fault_count": len(faults),
        "faults": other_faults(fields, [fault for fault in faults if fault.field != ATTACHMENTS]),
        "gone": gone,
        "attachments": attachment_input(sight.ticket.flow, faults),
        "files_again": bool(faults) and bool(request.FILES),
    }
    status = 409 if gone else status_of(faults)
    return TemplateResponse(request, "admin/forms_app/ticket/stage.html", context, status=status)


def _frame(model_admin: Any, request: HttpRequest, sight: Sight, course: Course) -> dict[str, Any]:
    return {
        **model_admin.admin_site.each_context(request),
        "title": _("Stage"),
        "is_fullwidth": "1",
        "sight": sight,
        "ticket": sight.ticket,
        "ticket_url": ticket_url(sight.ticket.pk),
        "opened_by": course.member(sight.ticket.creator_uid),
        "course": course,
        "entries": entries(course),
        "diagram": course.diagram(),
    }


def _push(request: HttpRequest, filled: Filled) -> None:
    """Push the stage with what was posted, or by a quick action, which takes no values. Raises Refused, Conflict,
    TooLarge, DiskFull, Forbidden, NotFound."""
    action = request.POST.get("quick_action") or None
    posted = filled.entry.read(request)
    if action:
        posted = posted.without_values()

    def act(values: dict[str, Any], files: Sequence[StoredFile]) -> None:
        ticket_push(
            flow=filled.sight.ticket.flow,
            data_id=filled.token.id,
            values=values,
            actor=filled.entry.actor,
            quick_action=action,
            files=files,
        )

    posted.write(act)


def _pushed(filled: Filled) -> str:
    names = standing_names(open_tokens(filled.sight.form_id, filled.sight.ticket.pk))
    if not names:
        return _("{stage} was pushed, and the ticket has ended.").format(stage=filled.token.name)
    return _("{stage} was pushed. The ticket now stands at: {names}.").format(
        stage=filled.token.name, names=enumerated(names)
    )
