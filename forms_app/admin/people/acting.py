"""As whom a signed-in account acts: pages have the rights of its member, and no others."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from forms_app.models import Member
from forms_app.people import accounts
from forms_app.people.accounts import acting
from forms_app.people.actor import Actor
from forms_app.schema.form_schema import FormSchema

__all__ = ["acting", "actor_in", "form_seen_by", "is_operator", "member_of", "own_actor", "own_member", "seen_form"]


def own_member(request: HttpRequest) -> Member | None:
    """The active member whom the signed-in account stands for."""
    member = accounts.linked_member(request.user)
    return member if member is not None and member.is_active else None


def own_actor(request: HttpRequest) -> Actor | None:
    """The same as who acts; None for an operator."""
    member = own_member(request)
    return acting(member) if member is not None else None


def member_of(request: HttpRequest, organization_id: int) -> Member | None:
    """The active member whom the account stands for in that organization, if it does."""
    member = own_member(request)
    return member if member is not None and member.organization_id == organization_id else None


def is_operator(request: HttpRequest) -> bool:
    """Whether the account is one of the platform's: a superuser that belongs to no organization. It sees all."""
    return accounts.is_operator(request.user)


def actor_in(request: HttpRequest, organization_id: int) -> Actor:
    """As whom the account acts in that organization: as its member there, or as the platform. Raises Http404: for all
    others nothing of the organization exists."""
    return _actor_of(request.user, organization_id)


def _actor_of(user: Any, organization_id: int) -> Actor:
    member = accounts.linked_member(user)
    if member is not None and member.is_active and member.organization_id == organization_id:
        return acting(member)
    if accounts.is_operator(user):
        return Actor.acting_for(organization_id, "platform")
    raise Http404


def seen_form(request: HttpRequest, form_id: int) -> tuple[FormSchema, Actor]:
    """A form, enabled or not, as the account sees it, and as whom it acts there. Raises Http404 where the form does not
    exist for it."""
    return form_seen_by(request.user, form_id)


def form_seen_by(user: Any, form_id: int) -> tuple[FormSchema, Actor]:
    """The same of an account that nobody is signed in with at the moment."""
    schema = FormSchema.find(form_id) if form_id < 2**63 else None
    if schema is None:
        raise Http404
    actor = _actor_of(user, schema.organization_id)
    if not schema.rights(actor).verbs:
        raise Http404
    return schema.seen_by(actor), actor
