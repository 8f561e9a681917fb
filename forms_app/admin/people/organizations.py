"""Organizations, their departments and their members."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from forms_app.admin.people.sheets import DepartmentSheet, MemberSheet, SheetAdmin
from forms_app.models import Department, Member, Organization


def next_number(model: type[Model], organization: Organization, name: str) -> int:
    """One above the highest `name` that the organization's rows have."""
    rows = model._default_manager.filter(organization=organization)
    return int(rows.aggregate(most=Max(name))["most"] or 0) + 1


@admin.register(Organization)
class OrganizationAdmin(ModelAdmin):
    list_display = ("name", "id", "member_count", "created_at")
    search_fields = ("name",)
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        organizations: QuerySet[Organization] = super().get_queryset(request)
        return organizations.annotate(member_count=Count("member"))

    @admin.display(description=_("members"), ordering="member_count")
    def member_count(self, organization: Any) -> int:
        return int(organization.member_count)


class NumberedForm(forms.ModelForm):
    """A form whose number within the organization may be left out: then it is the next one."""

    numbered: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.numbered in self.fields:
            self.fields[self.numbered].required = False
            self.fields[self.numbered].help_text = _("Left empty, it is the next number of the organization.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        organization = cleaned.get("organization") or self.instance.organization_id
        if self.numbered in self.fields and cleaned.get(self.numbered) is None and organization:
            cleaned[self.numbered] = next_number(self._meta.model, organization, self.numbered)
        return cleaned


class DepartmentForm(NumberedForm):
    numbered = "did"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        parent = cleaned.get("parent")
        organization = cleaned.get("organization") or getattr(self.instance, "organization", None)
        if parent and organization and parent.organization_id != organization.pk:
            self.add_error("parent", _("This department belongs to another organization."))
        elif parent and self.instance.pk and self.instance.pk in _chain(parent):
            self.add_error("parent", _("A department can't stand below itself."))
        return cleaned


def _chain(department: Department) -> set[int]:
    """The department and all above it."""
    parents = dict(Department.objects.filter(organization=department.organization_id).values_list("pk", "parent"))
    chain: set[int] = set()
    place: int | None = department.pk
    while place is not None and place not in chain:
        chain.add(place)
        place = parents.get(place)
    return chain


@admin.register(Department)
class DepartmentAdmin(SheetAdmin, ModelAdmin):
    resource_classes = [DepartmentSheet]
    form = DepartmentForm
    list_display = ("name", "path", "did", "organization")
    list_filter = ("organization",)
    list_select_related = ("organization", "parent__parent__parent__parent")
    search_fields = ("name", "did")
    autocomplete_fields = ("organization", "parent")
    ordering = ("organization", "parent__parent__did", "parent__did", "did")
    fields = ("organization", "name", "parent", "did", "third_dept_id")

    @admin.display(description=_("path"))
    def path(self, department: Department) -> SafeString:
        """The departments above, from the top; more than four are cut."""
        names: list[str] = []
        above = department.parent
        while above is not None and len(names) < 4:
            names.insert(0, above.name)
            above = above.parent if len(names) < 4 else None
        names.append(department.name)
        return format_html('<span class="department-path">{}</span>', " / ".join(names))

    def get_readonly_fields(self, request: HttpRequest, obj: Department | None = None) -> tuple[str, ...]:
        return ("organization", "did") if obj else ()


class MemberForm(NumberedForm):
    numbered = "uid"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        organization = cleaned.get("organization") or getattr(self.instance, "organization", None)
        if organization and any(d.organization_id != organization.pk for d in cleaned.get("departments") or ()):
            self.add_error("departments", ValidationError(_("A department belongs to another organization.")))
        return cleaned


@admin.register(Member)
class MemberAdmin(SheetAdmin, ModelAdmin):
    resource_classes = [MemberSheet]
    form = MemberForm
    list_display = ("name", "uid", "organization", "department_names", "phone", "user", "is_active")
    list_filter = ("organization", ("departments", AutocompleteSelectFilter), "is_active")
    list_filter_submit = True
    list_select_related = ("organization", "user")
    search_fields = ("name", "uid", "phone", "third_userid")
    autocomplete_fields = ("organization", "departments", "user")
    ordering = ("organization", "uid")
    fieldsets = (
        (None, {"fields": ("organization", "name", "uid", "phone", "departments", "is_active")}),
        (_("Account"), {"fields": ("user",)}),
        (_("Other systems"), {"fields": ("path_uid", "third_userid"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members: QuerySet[Member] = super().get_queryset(request)
        return members.prefetch_related("departments")

    @admin.display(description=_("departments"))
    def department_names(self, member: Member) -> str:
        return "、".join(department.name for department in member.departments.all())

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> tuple[str, ...]:
        # Records name their people by uid: another number would be another person.
        return ("organization", "uid") if obj else ()
