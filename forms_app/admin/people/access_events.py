"""Sign-ins, failed ones, and tokens and codes that were refused."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from forms_app.admin.people.noted import NotedAdmin, TimeFilter, calls_link, moment
from forms_app.admin.people.scope import ScopedAutocompleteFilter
from forms_app.models import AccessEvent

Kind = AccessEvent.Kind
COLOURS = {
    **dict.fromkeys(Kind, "default"),
    Kind.SIGNED_IN: "success",
    Kind.COMPANY_SIGN_IN: "success",
    Kind.SIGN_IN_FAILED: "danger",
    Kind.LOCKED: "danger",
    Kind.CODE_REFUSED: "warning",
    Kind.TOKEN_REFUSED: "warning",
    Kind.PASSWORD_CHANGED: "info",
    Kind.INVITATION_USED: "info",
}


@admin.register(AccessEvent)
class AccessEventAdmin(NotedAdmin):
    list_display = ("time", "shown_kind", "reason", "who", "shown_token", "address", "count", "last", "organization")
    list_filter = (
        "organization",
        ("kind", ChoicesDropdownFilter),
        ("member", ScopedAutocompleteFilter),
        ("at", TimeFilter),
    )
    list_select_related = ("organization", "member")
    date_hierarchy = "at"
    search_fields = ("account", "member__name", "token_name", "address", "hint")
    search_help_text = _("Name, token or address")
    fields = (
        "time",
        "kind",
        "reason",
        "account",
        "member",
        "shown_token",
        "by",
        "address",
        "agent",
        "shown_request",
        "count",
        "last",
        "organization",
    )

    @admin.display(description=_("time"), ordering="at")
    def time(self, event: AccessEvent) -> SafeString:
        return moment(event.at)

    @admin.display(description=_("last time"), ordering="last_at")
    def last(self, event: AccessEvent) -> SafeString | str:
        return moment(event.last_at) if event.count > 1 else "—"

    @display(description=_("event"), ordering="kind", label=COLOURS)  # type: ignore[untyped-decorator]
    def shown_kind(self, event: AccessEvent) -> tuple[str, str]:
        return event.kind, str(Kind(event.kind).label)

    @admin.display(description=_("who"), ordering="account")
    def who(self, event: AccessEvent) -> str:
        """The member, and the name by which they sign in; of a token its member."""
        names: list[Any] = [event.member, f"({event.account})" if event.member and event.account else event.account]
        return " ".join(str(name) for name in names if name) or "—"

    @admin.display(description=_("access token"), ordering="token_name")
    def shown_token(self, event: AccessEvent) -> str:
        return " ".join(filter(None, (event.token_name, event.hint))) or "—"

    @admin.display(description=_("request id"))
    def shown_request(self, event: AccessEvent) -> SafeString | str:
        return calls_link(event.request_id)
