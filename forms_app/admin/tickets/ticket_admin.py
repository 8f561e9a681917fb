"""Tickets: the list for who may view them, and the pages below it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from forms_app.admin.people.acting import actor_in
from forms_app.admin.people.scope import ReadOnlyAdmin
from forms_app.admin.tickets.frame import ticket_url
from forms_app.admin.tickets.opening import open_views
from forms_app.admin.tickets.page import ticket_views
from forms_app.admin.tickets.stage import stage_views
from forms_app.admin.tickets.worklist import worklist_views
from forms_app.models import Member, Ticket, TicketToken
from forms_app.tickets.worklist import record_titles, standing


class StoppedFilter(SimpleListFilter):
    """Tickets that an error has stopped."""

    title = _("stopped by an error")
    parameter_name = "stopped"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return (("yes", _("Yes")),)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> QuerySet[Ticket]:
        if self.value() != "yes":
            return queryset
        tokens = TicketToken.objects.filter(custom_form_id=OuterRef("custom_form_id"), ticket_id=OuterRef("pk"))
        return queryset.filter(Exists(tokens.stopped()))


class TicketList(ChangeList):
    """A page of tickets with what stands in other tables: loaded for all of its rows at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        places = standing((row.custom_form_id, row.pk) for row in rows) if rows else {}
        titles: dict[tuple[int, int], str] = {}
        for organization_id in {row.organization_id for row in rows}:
            records = [(r.custom_form_id, r.entity_id) for r in rows if r.organization_id == organization_id]
            titles |= record_titles(records, actor_in(request, organization_id))
        members = Member.objects.filter(
            organization_id__in={row.organization_id for row in rows}, uid__in={row.creator_uid for row in rows}
        )
        names = {
            (organization, uid): name for organization, uid, name in members.values_list("organization", "uid", "name")
        }
        for row in rows:
            row.places = places.get((row.custom_form_id, row.pk), [])
            row.record = titles.get((row.custom_form_id, row.entity_id), "")
            row.opener = names.get((row.organization_id, row.creator_uid), f"#{row.creator_uid}")
        self.result_list = rows


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    """Only lists: tickets are opened by members, and move by being pushed."""

    list_display = ("number", "flow", "shown_state", "stands_at", "record_title", "opener", "opened_at", "moved_at")
    list_display_links = None
    list_filter = ("state", StoppedFilter, "flow")
    list_select_related = ("flow",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("data_no",)
    search_help_text = _("Ticket number")
    ordering = ("-id",)
    actions = None

    def get_urls(self) -> list[Any]:
        views = [view for views in (worklist_views, open_views, ticket_views, stage_views) for view in views(self)]
        own = [
            path(below, self.admin_site.admin_view(view), name=f"forms_app_ticket_{name}")
            for below, view, name in views
        ]
        return [*own, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TicketList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        tickets: QuerySet[Ticket] = super().get_queryset(request)
        return tickets.defer("variables")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ticket], search_term: str
    ) -> tuple[QuerySet[Ticket], bool]:
        """Tickets of that number."""
        text = search_term.strip().lstrip("#")
        if not text:
            return queryset, False
        is_number = text.isascii() and text.isdecimal() and len(text) < 19
        return queryset.filter(data_no=int(text)) if is_number else queryset.none(), False

    @admin.display(description=_("ticket number"), ordering="data_no")
    def number(self, ticket: Ticket) -> SafeString:
        return format_html(
            '<a class="font-semibold text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            ticket_url(ticket.pk),
            ticket.data_no,
        )

    @display(  # type: ignore[untyped-decorator]
        description=_("state"),
        ordering="state",
        label={"running": "info", "stopped": "danger", "ended": "success", "closed": "warning"},
    )
    def shown_state(self, ticket: Any) -> tuple[str, str]:
        if any(place.state == TicketToken.State.STOPPED for place in ticket.places):
            return "stopped", gettext("stopped by an error")
        return ticket.state, str(Ticket.State(ticket.state).label)

    @admin.display(description=_("stands at"))
    def stands_at(self, ticket: Any) -> SafeString | str:
        if not ticket.places:
            return ticket.outcome or "—"
        return format_html_join(gettext(", "), '<span title="{}">{}</span>', self._places(ticket))

    def _places(self, ticket: Any) -> list[tuple[str, str]]:
        return [(str(TicketToken.State(place.state).label), place.name) for place in ticket.places]

    @admin.display(description=_("record"))
    def record_title(self, ticket: Any) -> str:
        return ticket.record or f"#{ticket.entity_id}"

    @admin.display(description=_("opened by"))
    def opener(self, ticket: Any) -> str:
        return str(ticket.opener)

    @admin.display(description=_("opened at"), ordering="created_at")
    def opened_at(self, ticket: Ticket) -> SafeString:
        return _moment(ticket.created_at)

    @admin.display(description=_("moved at"), ordering="updated_at")
    def moved_at(self, ticket: Ticket) -> SafeString:
        return _moment(ticket.updated_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The ticket's own page, wherever somebody leads to Django's."""
        if object_id.isascii() and object_id.isdecimal():
            return HttpResponseRedirect(ticket_url(int(object_id)))
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return answer


def _moment(at: datetime) -> SafeString:
    return format_html('<span class="whitespace-nowrap">{}</span>', date_format(timezone.localtime(at), "Y-m-d H:i"))
