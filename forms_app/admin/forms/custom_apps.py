"""Apps: the sets that forms stand in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from forms_app.admin.people.scope import ScopedAdmin
from forms_app.models import CustomApp


@admin.register(CustomApp)
class CustomAppAdmin(ScopedAdmin):
    list_display = ("name", "id", "organization", "status", "form_count", "updated_at")
    list_filter = ("organization", "status")
    list_select_related = ("organization",)
    search_fields = ("name",)
    autocomplete_fields = ("organization",)
    ordering = ("id",)
    fields = ("organization", "name", "description", "status")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomApp]:
        custom_apps: QuerySet[CustomApp] = super().get_queryset(request)
        return custom_apps.annotate(form_count=Count("custom_forms"))

    @admin.display(description=_("forms"), ordering="form_count")
    def form_count(self, custom_app: Any) -> SafeString:
        url = reverse("admin:forms_app_customform_changelist")
        return format_html('<a href="{}?custom_app__id__exact={}">{}</a>', url, custom_app.pk, custom_app.form_count)

    def get_readonly_fields(self, request: HttpRequest, obj: CustomApp | None = None) -> tuple[str, ...]:
        # Tokens, people and records of its forms belong to the organization.
        return ("organization",) if obj else ()
