"""Accounts that sign in: what concerns an organization, for its administrators; all of them, for the platform's."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import ManyToManyField
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from forms_app.admin.people.acting import is_operator, own_actor
from forms_app.admin.people.scope import ScopedAdmin
from forms_app.people.accounts import linked_member
from forms_app.people.delegation import may_act_as
from forms_app.people.doors import password_changed

admin.site.unregister(User)
admin.site.unregister(Group)


VERBS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("view")}


def permission_label(permission: Permission) -> str:
    """Django keeps the names of permissions in the database, in English."""
    verb = VERBS.get(permission.codename.partition("_")[0])
    return str(permission) if verb is None else f"{permission.content_type} | {verb}"


class PermissionLabels(ScopedAdmin):
    """Names the permissions to choose from in the reader's language."""

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        field: ModelMultipleChoiceField[Any] | None = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.related_model is Permission:
            field.label_from_instance = permission_label  # type: ignore[assignment]
        return field


@admin.register(User)
class UserAdmin(DjangoUserAdmin, PermissionLabels):  # type: ignore[misc]
    """An organization's administrator sees the accounts of its members, and what opens doors on none of them: no
    member ever meets a permission. Accounts are made on their members' pages."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_select_related = ("member",)

    def get_list_display(self, request: HttpRequest) -> Any:
        if is_operator(request):
            return super().get_list_display(request)
        return ("username", "member_name", "email", "is_active", "last_login")

    def get_list_filter(self, request: HttpRequest) -> Any:
        return super().get_list_filter(request) if is_operator(request) else ("is_active",)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if is_operator(request):
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ("username", "member_name", "email", "is_active", "last_login", "date_joined")})]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return () if is_operator(request) else ("member_name", "last_login", "date_joined")

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


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, PermissionLabels):  # type: ignore[misc]
    """For operators, whose other accounts Django's permissions say nothing of any more."""
