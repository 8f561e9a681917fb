"""Calls of the APIs: which token asked what, when, and what it was answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from forms_app.admin.people.acting import own_actor
from forms_app.admin.people.noted import NotedAdmin, TimeFilter, in_one_line, moment
from forms_app.admin.people.scope import ScopedAutocompleteFilter
from forms_app.models import ApiCall, CustomForm
from forms_app.people.roles import forms_in_sight

SHORT = 12
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")


def seen_forms(request: HttpRequest) -> QuerySet[CustomForm]:
    """The forms whose names the account may know: of others a call shows the number that was asked for."""
    actor, forms = own_actor(request), CustomForm.objects.order_by("name", "pk")
    return forms if actor is None else forms.filter(forms_in_sight(actor))


class StatusFilter(DropdownFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return (("2", _("done")), ("4", _("refused (4xx)")), ("5", _("our fault (5xx)")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiCall]) -> QuerySet[ApiCall]:
        value = self.value()
        if value not in ("2", "4", "5"):
            return queryset
        least = int(value) * 100
        return queryset.filter(status__gte=least, status__lt=least + 100)


class MethodFilter(DropdownFilter):
    title = _("method")
    parameter_name = "method"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(method, method) for method in METHODS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiCall]) -> QuerySet[ApiCall]:
        return queryset.filter(method=self.value()) if self.value() in METHODS else queryset


class FormFilter(DropdownFilter):
    title = _("form")
    parameter_name = "form"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(str(pk), name) for pk, name in seen_forms(request).values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiCall]) -> QuerySet[ApiCall]:
        text = self.value() or ""
        is_number = text.isascii() and text.isdecimal() and len(text) < 19
        return queryset.filter(form_id=int(text)) if is_number else queryset


class CallList(ChangeList):
    """A page of calls with the names of their forms, loaded for all rows at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        name_forms(rows, request)
        self.result_list = rows


def name_forms(calls: Iterable[Any], request: HttpRequest) -> None:
    """Leave with each call what it shows of its form."""
    asked = {call.form_id for call in calls if call.form_id}
    names = dict(seen_forms(request).filter(pk__in=asked).values_list("pk", "name")) if asked else {}
    for call in calls:
        call.form_name = names.get(call.form_id) or (f"#{call.form_id}" if call.form_id else "—")


@admin.register(ApiCall)
class ApiCallAdmin(NotedAdmin):
    list_display = (
        "time",
        "token_or_session",
        "shown_member",
        "call",
        "shown_form",
        "shown_status",
        "code",
        "duration",
        "shown_id",
        "organization",
    )
    list_filter = (
        "organization",
        ("token", ScopedAutocompleteFilter),
        ("member", ScopedAutocompleteFilter),
        FormFilter,
        StatusFilter,
        MethodFilter,
        ("at", TimeFilter),
    )
    list_select_related = ("organization", "member", "token")
    sortable_by = ("time",)
    search_fields = ("request_id",)
    search_help_text = _("Request id")
    fields = (
        "time",
        "call",
        "shown_form",
        "status",
        "code",
        "duration",
        "request_id",
        "token_or_session",
        "member",
        "address",
        "shown_weight",
        "shown_body",
        "organization",
    )

    class Media:
        css: ClassVar = {"all": ("forms_app/admin.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CallList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            name_forms([found], request)
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApiCall], search_term: str
    ) -> tuple[QuerySet[ApiCall], bool]:
        """The calls with just this id: an index finds them."""
        text = search_term.strip()
        return (queryset.filter(request_id=text) if text else queryset), False

    @admin.display(description=_("time"), ordering="at")
    def time(self, call: ApiCall) -> SafeString:
        return moment(call.at)

    @admin.display(description=_("access token"))
    def token_or_session(self, call: ApiCall) -> str:
        if call.token_id:
            return str(call.token or f"#{call.token_id}")
        return str(_("session or code")) if call.member_id else "—"

    @admin.display(description=_("member"))
    def shown_member(self, call: ApiCall) -> SafeString | str:
        return in_one_line(str(call.member)) if call.member else "—"

    @admin.display(description=_("request id"))
    def shown_id(self, call: ApiCall) -> SafeString:
        """Its beginning, where it is long; all of it is on the call's page."""
        cut = call.request_id if len(call.request_id) <= SHORT else f"{call.request_id[:SHORT]}…"
        return format_html('<span class="whitespace-nowrap" title="{}">{}</span>', call.request_id, cut)

    @admin.display(description=_("call"))
    def call(self, call: ApiCall) -> SafeString:
        return in_one_line(str(call))

    @admin.display(description=_("form"))
    def shown_form(self, call: Any) -> str:
        return str(call.form_name)

    @display(  # type: ignore[untyped-decorator]
        description=_("status"), label={"2": "success", "4": "warning", "5": "danger"}
    )
    def shown_status(self, call: ApiCall) -> tuple[str, int]:
        return str(call.status)[0], call.status

    @admin.display(description=_("ms"))
    def duration(self, call: ApiCall) -> str:
        return f"{call.milliseconds:.1f}"

    @admin.display(description=_("stands for"))
    def shown_weight(self, call: ApiCall) -> str:
        return f"{call.weight:.1f}".removesuffix(".0")

    @admin.display(description=_("what was sent, masked"))
    def shown_body(self, call: ApiCall) -> SafeString | str:
        return format_html('<code class="fa-sent">{}</code>', call.body) if call.body else "—"
