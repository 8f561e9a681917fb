"""Who an account is among the people of an organization."""

from __future__ import annotations

from django.http import HttpRequest

from forms_app.models import Member


def member_of(request: HttpRequest, organization_id: int) -> Member | None:
    """The member whom the signed-in account stands for in that organization, if it does."""
    member = _linked(request)
    return member if member is not None and member.organization_id == organization_id else None


def own_member(request: HttpRequest) -> Member | None:
    """The active member whom the signed-in account stands for, in whatever organization."""
    member = _linked(request)
    return member if member is not None and member.is_active else None


def _linked(request: HttpRequest) -> Member | None:
    """The member that the account is linked to: one statement a request, since the account remembers it."""
    member: Member | None = getattr(request.user, "member", None)
    return member
