"""Organizations, their departments and their members."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from forms_app.admin.enumerated import enumerated
from forms_app.admin.people.account_page import account_page
from forms_app.admin.people.acting import is_operator
from forms_app.admin.people.keeping import KeepingAdmin
from forms_app.admin.people.leaving_page import asked_successors, leaving_page
from forms_app.admin.people.member_form import MemberForm
from forms_app.admin.people.numbering import NumberedForm
from forms_app.admin.people.scope import ScopedAdmin, ScopedAutocompleteFilter
from forms_app.admin.people.sheets import DepartmentSheet, MemberSheet, SheetAdmin
from forms_app.models import Department, Member, Organization
from forms_app.people.delegation import may_move


@admin.register(Organization)
class OrganizationAdmin(ScopedAdmin):
    list_display = ("name", "id", "member_count", "created_at")
    search_fields = ("name",)
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        organizations: QuerySet[Organization] = super().get_queryset(request)
        return organizations.annotate(member_count=Count("member"))

    @admin.display(description=_("members"), ordering="member_count")
    def member_count(self, organization: Any) -> int:
        return int(organization.member_count)


class DepartmentForm(NumberedForm):
    numbered = "did"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        parent, department = cleaned.get("parent"), self.instance
        if parent and self.organization_id and parent.organization_id != self.organization_id:
            self.add_error("parent", _("This department belongs to another organization."))
        elif parent and department.pk and department.pk in _chain(parent):
            self.add_error("parent", _("A department can't stand below itself."))
        elif parent and department.pk and self.actor and not may_move(self.actor, department.did, parent.did):
            self.add_error("parent", _("There its people would have more rights than you have yourself."))
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
class DepartmentAdmin(SheetAdmin, KeepingAdmin):
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


@admin.register(Member)
class MemberAdmin(SheetAdmin, KeepingAdmin):
    resource_classes = [MemberSheet]
    form = MemberForm
    list_display = ("name", "uid", "organization", "department_names", "phone", "user", "is_active")
    list_filter = ("organization", ("departments", ScopedAutocompleteFilter), "is_active")
    list_filter_submit = True
    list_select_related = ("organization", "user")
    search_fields = ("name", "uid", "phone", "third_userid")
    autocomplete_fields = ("organization", "departments", "user")
    ordering = ("organization", "uid")

    class Media:
        css: ClassVar = {"all": ("forms_app/admin.css",)}

    def get_urls(self) -> list[Any]:
        @require_http_methods(["GET", "HEAD", "POST"])
        def account(request: HttpRequest, member_id: int) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            return account_page(self, request, get_object_or_404(self.get_queryset(request), pk=member_id))

        @require_http_methods(["GET", "HEAD", "POST"])
        def leave(request: HttpRequest, member_id: int) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            return leaving_page(self, request, get_object_or_404(self.get_queryset(request), pk=member_id))

        own = [
            path("<int:member_id>/account/", self.admin_site.admin_view(account), name="forms_app_member_account"),
            path("<int:member_id>/leave/", self.admin_site.admin_view(leave), name="forms_app_member_leave"),
        ]
        return [*own, *super().get_urls()]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found: tuple[Any, bool] = super().get_search_results(request, asked_successors(request, queryset), search_term)
        return found

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Whoever saves comes to the account anyway."""
        answer: HttpResponse = super().add_view(
            request, form_url, {**(extra_context or {}), "show_save_and_continue": False}
        )
        return answer

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members: QuerySet[Member] = super().get_queryset(request)
        return members.prefetch_related("departments")

    @admin.display(description=_("departments"))
    def department_names(self, member: Member) -> str:
        return enumerated(department.name for department in member.departments.all())

    @admin.display(description=_("account"))
    def account_state(self, member: Member) -> SafeString:
        """Whether the member can sign in, and the button that makes an account or a new link."""
        account = member.user
        if account is None:
            state, button = "", gettext("Make an account")
        elif not account.has_usable_password():
            state, button = gettext("{name}: invited, the password is not set yet"), gettext("New link")
        else:
            state, button = "{name}", gettext("New link")
        shown = state.format(name=account.username) if account else ""
        url = reverse("admin:forms_app_member_account", args=[member.pk])
        return format_html('<span>{}</span> <a class="fd-button" href="{}">{}</a>', shown, url, button)

    @admin.display(description=_("rights"))
    def rights(self, member: Member) -> SafeString:
        url = f"{reverse('admin:forms_app_role_rights')}?member={member.pk}"
        return format_html('<a class="fd-button" href="{}">{}</a>', url, _("What this member may do"))

    @admin.display(description=_("leaving"))
    def leaves(self, member: Member) -> SafeString:
        url = reverse("admin:forms_app_member_leave", args=[member.pk])
        return format_html('<a class="fd-button" href="{}">{}</a>', url, _("Leaves the company"))

    def get_fieldsets(self, request: HttpRequest, obj: Member | None = None) -> Any:
        """Any account of the platform may be chosen by an operator alone, roles once it is known of which
        organization."""
        about = ["organization", "name", "uid", "phone", "departments", "is_active"]
        roles = ["roles"] if obj or not is_operator(request) else []
        account = (["account_state", "rights", "leaves"] if obj else []) + (["user"] if is_operator(request) else [])
        fieldsets: list[tuple[Any, dict[str, Any]]] = [(None, {"fields": about if is_operator(request) else about[1:]})]
        fieldsets += [(_("Roles"), {"fields": roles})] if roles else []
        fieldsets += [(_("Account"), {"fields": account})] if account else []
        return [*fieldsets, (_("Other systems"), {"fields": ["path_uid", "third_userid"], "classes": ["collapse"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> tuple[str, ...]:
        # Records name their people by uid: another number would be another person.
        return ("organization", "uid", "account_state", "rights", "leaves") if obj else ()

    def response_add(self, request: HttpRequest, obj: Member, post_url_continue: Any = None) -> HttpResponse:
        """From a new member on to the account."""
        if "_addanother" in request.POST or "_popup" in request.POST:
            answer: HttpResponse = super().response_add(request, obj, post_url_continue)
            return answer
        self.message_user(request, _("The member {name} was added.").format(name=obj.name), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:forms_app_member_account", args=[obj.pk]))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who leaves is deactivated: records go on naming them, and their number must not become another's."""
        return is_operator(request) and super().has_delete_permission(request, obj)
