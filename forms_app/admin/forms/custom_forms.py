"""Forms: their list, making one, and the ways to its designer and its records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from forms_app.admin.counted import counted
from forms_app.admin.forms.designer import designer_views
from forms_app.admin.forms.indexes import index_views
from forms_app.admin.people.acting import member_of
from forms_app.admin.people.scope import ScopedAdmin
from forms_app.admin.records.browsing import record_views
from forms_app.admin.records.entry_lookups import lookup_views
from forms_app.admin.records.entry_pages import entry_views
from forms_app.admin.records.export_pages import export_views
from forms_app.admin.records.history import history_views
from forms_app.admin.records.selection import selection_views
from forms_app.admin.records.trash import trash_views
from forms_app.design.forms import form_create
from forms_app.models import CustomApp, CustomForm, FormCounter, Status


class NewForm(forms.ModelForm):
    """All that a form needs to begin with; the rest is designed."""

    class Meta:
        model = CustomForm
        fields = ("custom_app", "name", "description")


@admin.register(CustomForm)
class CustomFormAdmin(ScopedAdmin):
    form = NewForm
    list_display = ("name", "id", "custom_app", "shown_status", "record_count", "updated_at", "ways")
    list_filter = ("organization", "custom_app", "status")
    list_select_related = ("custom_app",)
    search_fields = ("name", "data_table_name")
    autocomplete_fields = ("custom_app",)
    ordering = ("-updated_at", "-id")
    fields = ("custom_app", "name", "description")
    actions = None
    """A form is disabled, never deleted here: other forms and their formulas may lead to it."""

    def get_urls(self) -> list[Any]:
        info = "forms_app_customform"
        own = [
            path(f"<int:form_id>/{address}", self.admin_site.admin_view(view), name=f"{info}_{name}")
            for address, view, name in (
                *designer_views(self),
                *record_views(self),
                *export_views(self),
                *selection_views(self),
                *history_views(self),
                *trash_views(self),
                *entry_views(self),
                *lookup_views(self),
            )
        ]
        own += [
            path(address, self.admin_site.admin_view(view), name=f"{info}_{name}")
            for address, view, name in index_views(self)
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomForm]:
        custom_forms: QuerySet[CustomForm] = super().get_queryset(request)
        counters = FormCounter.objects.filter(custom_form_id__in=custom_forms.order_by().values("pk"))
        live = counters.order_by().values_list("custom_form_id").annotate(total=Sum("live"))
        return custom_forms.annotate(live=counted(dict(live)))

    @display(  # type: ignore[untyped-decorator]
        description=_("status"), ordering="status", label={"enable": "success", "disable": "warning"}
    )
    def shown_status(self, custom_form: CustomForm) -> tuple[str, str]:
        return custom_form.status, str(Status(custom_form.status).label)

    @admin.display(description=_("records"), ordering="live")
    def record_count(self, custom_form: Any) -> int:
        return int(custom_form.live)

    @admin.display(description=_("open"))
    def ways(self, custom_form: CustomForm) -> SafeString:
        ways = (
            ("admin:forms_app_customform_design", _("Design")),
            ("admin:forms_app_customform_records", _("Records")),
            ("form-api", _("API")),
        )
        links = [(reverse(name, args=[custom_form.pk]), title) for name, title in ways]
        links.insert(
            2, (f"{reverse('admin:forms_app_flow_changelist')}?custom_form__id__exact={custom_form.pk}", _("Flows"))
        )
        return format_html_join(" · ", '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', links)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        answer: HttpResponse = super().add_view(request, form_url, {**(extra_context or {}), **only_save})
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The designer, for who may change forms."""
        if self.has_change_permission(request) and object_id.isascii() and object_id.isdecimal():
            return HttpResponseRedirect(reverse("admin:forms_app_customform_design", args=[object_id]))
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return answer

    def save_model(self, request: HttpRequest, obj: CustomForm, form: Any, change: bool) -> None:
        custom_app: CustomApp = form.cleaned_data["custom_app"]
        made = form_create(
            custom_app=custom_app,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            by=member_of(request, custom_app.organization_id),
        )
        obj.__dict__.update(made.__dict__)

    def response_add(self, request: HttpRequest, obj: CustomForm, post_url_continue: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:forms_app_customform_design", args=[obj.pk]))
