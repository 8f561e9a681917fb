"""Roles, for who may manage people; and what a member may do on a form, which members may ask of themselves."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from apaas.envelope import NO_DATA
from apaas.pagination import page_values, paged
from apaas.people_definitions import grant_of, rights_of
from apaas.viewsets.exactly_once import exactly_once
from apaas.viewsets.people import PeopleViewSet
from forms_app.exceptions import Fault, NotFound
from forms_app.models import Member, Role
from forms_app.people.actor import Actor
from forms_app.people.delegation import require_people
from forms_app.people.role_documents import role_delete, role_document, role_documents, role_save
from forms_app.people.roles import given_to, may_manage_people
from forms_app.schema.form_schema import FormSchema


class RoleViewSet(PeopleViewSet):
    """The roles of the caller's organization."""

    calls = {
        "list": "roles",
        "retrieve": "role",
        "create": "role_create",
        "update": "role_update",
        "destroy": "role_delete",
    }

    def list(self, request: Request) -> HttpResponseBase:
        """All roles."""
        roles = self.roles().order_by("id")
        page, per_page = page_values(self.checked_values())
        models = role_documents(roles[(page - 1) * per_page : page * per_page])
        return self.answer(paged(models, page, per_page, total=roles.count()))

    def retrieve(self, request: Request, role_id: int) -> HttpResponseBase:
        """One role."""
        role = self.found(role_id)
        self.checked_values()
        return self.answer(role_document(role))

    @exactly_once
    def create(self, request: Request) -> HttpResponseBase:
        """A new role."""
        self.roles()
        role = role_save(organization_id=self.actor.organization_id, values=self.sent, actor=self.actor)
        return self.answer(role_document(role))

    @exactly_once
    def update(self, request: Request, role_id: int) -> HttpResponseBase:
        """The role with what was sent, and the rest as it was."""
        role = self.found(role_id)
        values = {"name": role.name, **self.sent}
        saved = role_save(organization_id=role.organization_id, values=values, actor=self.actor, role=role)
        return self.answer(role_document(saved))

    @exactly_once
    def destroy(self, request: Request, role_id: int) -> HttpResponseBase:
        """Take the role away from all who have it."""
        role = self.found(role_id)
        self.checked_values()
        role_delete(role=role, actor=self.actor)
        return self.answer(NO_DATA)

    def roles(self) -> QuerySet[Role]:
        """The roles that the caller may manage. Raises Forbidden."""
        require_people(self.actor, self.actor.organization_id)
        return Role.objects.filter(organization_id=self.actor.organization_id)

    def found(self, role_id: int) -> Role:
        role = self.roles().filter(pk=role_id).first()
        if role is None:
            raise NotFound([Fault("unknown_role", _("There is no such role."), field="id", got=role_id)])
        return role


class RightsViewSet(PeopleViewSet):
    """What a member may do on a form."""

    calls = {"list": "rights"}

    def list(self, request: Request) -> HttpResponseBase:
        """The sum, and each role's share. Fields that are hidden from who asks are not named."""
        values = self.checked_values()
        schema = FormSchema.of(values["custom_form_id"], self.actor)
        actor = self.asked_of(values["uid"])
        rights = schema.whole.rights(actor)
        given = [grant for grant in given_to(actor) if grant.applies(schema.id, schema.app_id)]
        return self.answer(
            {
                "custom_form_id": schema.id,
                "uid": actor.uid,
                **rights_of(rights, schema.hidden),
                "people": may_manage_people(actor),
                "roles": [grant_of(grant, schema.hidden) for grant in given],
            }
        )

    def asked_of(self, uid: int | None) -> Actor:
        """The caller, or the member of that uid as they are without a token. Raises Forbidden, NotFound."""
        if uid is None or uid == self.actor.uid:
            return self.actor
        require_people(self.actor, self.actor.organization_id)
        member = Member.objects.filter(organization_id=self.actor.organization_id, uid=uid, is_active=True).first()
        if member is None:
            message = _("There is no active member with uid {id}.").format(id=uid)
            raise NotFound([Fault("unknown_member", message, field="uid", got=uid)])
        return Actor(member.organization_id, member.pk, member.uid)
