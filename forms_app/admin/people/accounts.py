"""Accounts that sign in: what concerns an organization, for its administrators; all of them, for the platform's."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from forms_app.admin.people.acting import is_operator, own_actor
from forms_app.admin.people.scope import ScopedAdmin
from forms_app.people.accounts import linked_member
from forms_app.people.delegation import may_act_as
from forms_app.people.doors import password_changed

admin.site.unregister(User)
# What an account may do, its member's roles say: Django's groups and permissions give nobody anything.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ScopedAdmin):  # type: ignore[misc]
    """An organization's administrator sees the accounts of its members, and what opens doors on none of them. Accounts
    are made on their members' pages."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_select_related = ("member",)
    search_fields = ("username", "email", "member__name")

    def get_list_display(self, request: HttpRequest) -> Any:
        platform = ("is_superuser",) if is_operator(request) else ()
        return ("username", "member_name", "email", "is_active", *platform, "last_login")

    def get_list_filter(self, request: HttpRequest) -> Any:
        return ("is_active", "is_superuser") if is_operator(request) else ("is_active",)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if not is_operator(request):
            return [(None, {"fields": ("username", "member_name", "email", "is_active", "last_login", "date_joined")})]
        if obj is None:
            return super().get_fieldsets(request, obj)
        about = ("username", "password", "member_name", "email", "is_active", "is_superuser")
        return [(None, {"fields": (*about, "last_login", "date_joined")})]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        # Not one's own: else nobody might be left who can sign in and switch it on again.
        own = ("is_active",) if obj is not None and obj == request.user and not is_operator(request) else ()
        return ("member_name", "last_login", "date_joined", *own)

    @admin.display(description=_("member"), ordering="member__name")
    def member_name(self, user: User) -> str:
        member = linked_member(user)
        return str(member) if member else "—"

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """The account of a member with more rights is not changed, nor given another password: it would lend them."""
        if not super().has_change_permission(request, obj):
            return False
        actor, member = own_actor(request), linked_member(obj) if obj is not None else None
        return actor is None or member is None or may_act_as(actor, member)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if response.status_code == 302 and request.method == "POST":
            password_changed.send(type(self), request=request, user=self.get_object(request, unquote(id)))
        return response
