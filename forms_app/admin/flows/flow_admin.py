"""Flows: their list, making one, and the ways to its designer, its tickets and its API page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from forms_app.admin.counted import counted
from forms_app.admin.flows.designer import address, flow_views
from forms_app.admin.people.acting import member_of
from forms_app.admin.people.scope import ScopedAdmin
from forms_app.flows.publishing import flow_create
from forms_app.models import CustomForm, Flow, Ticket


class NewFlow(forms.ModelForm):
    """All that a flow needs to begin with; the rest is designed."""

    class Meta:
        model = Flow
        fields = ("custom_form", "name", "description")

    def clean(self) -> Any:
        sent: Any = super().clean()
        form, name = sent.get("custom_form"), sent.get("name")
        if form and name and Flow.objects.filter(custom_form=form, name=name).exists():
            self.add_error("name", gettext("Another flow of the form has this name."))
        return sent


@admin.register(Flow)
class FlowAdmin(ScopedAdmin):
    form = NewFlow
    list_display = ("name", "custom_form", "api_path", "shown_version", "api_enabled", "running", "ways")
    list_filter = ("custom_form__custom_app", "custom_form", "api_enabled")
    list_select_related = ("custom_form", "published")
    search_fields = ("name", "api_path", "custom_form__name")
    autocomplete_fields = ("custom_form",)
    ordering = ("-updated_at", "-id")
    fields = ("custom_form", "name", "description")
    actions = None
    """Flows are deleted one by one: what their tickets need stays."""

    def get_urls(self) -> list[Any]:
        own = [
            path(f"<int:flow_id>/{below}", self.admin_site.admin_view(view), name=f"forms_app_flow_{name}")
            for below, view, name in flow_views(self)
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flow]:
        flows: QuerySet[Flow] = super().get_queryset(request)
        running = Ticket.objects.running().filter(custom_form_id__in=flows.order_by().values("custom_form_id"))
        counts = running.order_by().values_list("flow_id").annotate(count=Count("id"))
        return flows.annotate(running_count=counted(dict(counts)))

    @display(  # type: ignore[untyped-decorator]
        description=_("published version"), ordering="published__number", label={"yes": "success", "no": "warning"}
    )
    def shown_version(self, flow: Flow) -> tuple[str, str]:
        if flow.published is None:
            return "no", gettext("not published")
        return "yes", gettext("version {number}").format(number=flow.published.number)

    @admin.display(description=_("running tickets"), ordering="running_count")
    def running(self, flow: Any) -> int:
        return int(flow.running_count)

    @admin.display(description=_("open"))
    def ways(self, flow: Flow) -> SafeString:
        ways = [
            (reverse("admin:forms_app_flow_design", args=[flow.pk]), _("Design")),
            (address("admin:forms_app_ticket_changelist", query=f"?flow__id__exact={flow.pk}"), _("Tickets")),
            (address("flow-api", flow.pk), _("API")),
        ]
        return format_html_join(
            " · ",
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            [(url, label) for url, label in ways if url],
        )

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        answer: HttpResponse = super().add_view(request, form_url, {**(extra_context or {}), **only_save})
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The designer, for all who may see flows."""
        if self.has_view_permission(request) and object_id.isascii() and object_id.isdecimal():
            return HttpResponseRedirect(reverse("admin:forms_app_flow_design", args=[object_id]))
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return answer

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Asks; but a flow that has tickets stays, and a sentence says so."""
        flow = self.get_object(request, object_id)
        if flow and self.has_delete_permission(request, flow):
            count = flow.tickets.filter(custom_form_id=flow.custom_form_id).count()
        else:
            count = 0
        if flow and count:
            message = ngettext(
                "{flow} has {count} ticket and can't be deleted. Unpublish it, so that no more are opened.",
                "{flow} has {count} tickets and can't be deleted. Unpublish it, so that no more are opened.",
                count,
            )
            self.message_user(request, message.format(flow=flow, count=count), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:forms_app_flow_changelist"))
        answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        return answer

    def save_model(self, request: HttpRequest, obj: Flow, form: Any, change: bool) -> None:
        custom_form: CustomForm = form.cleaned_data["custom_form"]
        made = flow_create(
            custom_form=custom_form,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            by=member_of(request, custom_form.organization_id),
        )
        obj.__dict__.update(made.__dict__)

    def response_add(self, request: HttpRequest, obj: Flow, post_url_continue: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:forms_app_flow_design", args=[obj.pk]))
