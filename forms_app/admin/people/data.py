"""Regions and uploaded files."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from forms_app.admin.people.scope import ReadOnlyAdmin, ScopedAdmin
from forms_app.models import Region, StoredFile


@admin.register(Region)
class RegionAdmin(ScopedAdmin):
    list_display = ("label", "id", "level", "parent")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("label", "id")
    autocomplete_fields = ("parent",)
    ordering = ("id",)

    def get_readonly_fields(self, request: HttpRequest, obj: Region | None = None) -> tuple[str, ...]:
        return ("id",) if obj else ()  # addresses in records hold it


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """Read only: files come and go with the records that hold them."""

    list_display = ("name", "organization", "member", "content_type", "shown_size", "created_at")
    list_filter = ("organization",)
    list_select_related = ("organization", "member")
    search_fields = ("name",)
    ordering = ("-id",)
    fields = ("name", "organization", "member", "content_type", "shown_size", "created_at")

    @admin.display(description=_("size"), ordering="size")
    def shown_size(self, stored_file: StoredFile) -> str:
        return filesizeformat(stored_file.size)
