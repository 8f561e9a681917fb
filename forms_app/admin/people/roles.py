"""Roles: their list, their pages, and what a member may do by them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from forms_app.admin.enumerated import enumerated
from forms_app.admin.people.acting import actor_in
from forms_app.admin.people.keeping import KeepingAdmin
from forms_app.admin.people.rights_page import rights_page
from forms_app.admin.people.role_page import form_limits, role_page
from forms_app.models import Role, Verb
from forms_app.people.role_documents import may_edit, role_delete


@admin.register(Role)
class RoleAdmin(KeepingAdmin):
    list_display = ("name", "organization", "who", "gives")
    list_filter = ("organization",)
    list_select_related = ("organization",)
    search_fields = ("name",)
    ordering = ("organization", "id")
    actions = None
    """One by one: each may give more than who deletes it has."""

    def get_urls(self) -> list[Any]:
        @require_safe
        def limits(request: HttpRequest, form_id: int) -> HttpResponse:
            return form_limits(self, request, form_id)

        @require_safe
        def rights(request: HttpRequest) -> HttpResponse:
            return rights_page(self, request)

        own = [
            path("limits/<int:form_id>/", self.admin_site.admin_view(limits), name="forms_app_role_limits"),
            path("rights/", self.admin_site.admin_view(rights), name="forms_app_role_rights"),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        roles: QuerySet[Role] = super().get_queryset(request)
        counted = roles.annotate(
            member_count=Count("members", distinct=True), department_count=Count("departments", distinct=True)
        )
        return counted.prefetch_related("grants__custom_form", "grants__custom_app")

    @admin.display(description=_("who has it"))
    def who(self, role: Any) -> str:
        if role.everyone:
            return gettext("everyone")
        members = ngettext("{count} member", "{count} members", role.member_count).format(count=role.member_count)
        departments = ngettext("{count} department", "{count} departments", role.department_count)
        parts = [members] if role.member_count else []
        parts += [departments.format(count=role.department_count)] if role.department_count else []
        return enumerated(parts) or gettext("nobody")

    @admin.display(description=_("what it gives"))
    def gives(self, role: Role) -> str:
        """The first grants in words."""
        texts = []
        for grant in role.grants.all():
            where = grant.custom_form or grant.custom_app or gettext("all forms")
            verbs = enumerated(Verb(verb).label for verb in grant.verbs if verb in Verb.values)
            texts.append(gettext("{where}: {verbs}").format(where=where, verbs=verbs))
        return gettext("; ").join(texts[:3]) + (" …" if len(texts) > 3 else "")

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The grid, in place of Django's form."""
        role = self.get_object(request, object_id) if object_id is not None else None
        if object_id is not None and role is None:
            self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return role_page(self, request, role)

    def has_delete_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or may_edit(actor_in(request, obj.organization_id), obj)

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        role_delete(role=obj, actor=actor_in(request, obj.organization_id))
        messages.info(request, gettext("Who had the role has what their other roles give."))
