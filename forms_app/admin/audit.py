"""All changes of an organization: a list, and what each request changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_app.admin.people.noted import moment
from forms_app.admin.people.scope import ReadOnlyAdmin
from forms_app.audit.kinds import KINDS
from forms_app.audit.reading import events, kind_name, summary
from forms_app.models import AuditEntry


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.name, model._meta.verbose_name) for model, kind in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Read only: an audit that can be changed is none."""

    list_display = ("when", "who_shown", "thing", "changed", "by")
    list_filter = (KindFilter, "action", ("at", admin.DateFieldListFilter))
    search_fields = ("label", "who", "account", "token", "request_id")
    search_help_text = _("Name of the thing, who changed it, or request id")
    ordering = ("-id",)
    date_hierarchy = "at"
    show_full_result_count = False
    list_per_page = 50

    @admin.display(description=_("time"), ordering="id")
    def when(self, entry: AuditEntry) -> str:
        return moment(entry.at)

    @admin.display(description=_("who"))
    def who_shown(self, entry: AuditEntry) -> str:
        by = f"{entry.who or entry.account}"
        return " · ".join(filter(None, [by, entry.token])) or gettext("the system")

    @admin.display(description=_("what"))
    def thing(self, entry: AuditEntry) -> str:
        said = f"{entry.get_action_display()} · {kind_name(entry)}"
        return format_html('<span class="whitespace-nowrap">{}</span> <strong>{}</strong>', said, entry.label)

    @admin.display(description=_("changed values"))
    def changed(self, entry: AuditEntry) -> str:
        return Truncator(summary(entry)).chars(60)

    @admin.display(description=_("by"))
    def by(self, entry: AuditEntry) -> str:
        return Truncator(entry.call).chars(60)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        titled = {"title": gettext("Changes"), **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, titled)
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The whole of what the entry's request changed."""
        entry: AuditEntry | None = self.get_object(request, object_id)
        if entry is None:
            raise Http404
        if not self.has_view_permission(request, entry):
            raise PermissionDenied
        together = self.get_queryset(request).filter(pk=entry.pk)
        if entry.request_id:
            together = self.get_queryset(request).filter(request_id=entry.request_id, at__date=entry.at.date())
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("What one request changed"),
            "opts": self.opts,
            "events": events(together.order_by("-id")[:500]),
            "addresses": True,
        }
        return TemplateResponse(request, "admin/forms_app/audit/history.html", context)
