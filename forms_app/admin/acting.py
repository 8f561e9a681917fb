"""Who an account is among the people of an organization."""

from __future__ import annotations

from django.http import HttpRequest

from forms_app.models import Member


def member_of(request: HttpRequest, organization_id: int) -> Member | None:
    """The member whom the signed-in account stands for in that organization, if it does."""
    if request.user.pk is None:
        return None
    return Member.objects.filter(user_id=request.user.pk, organization_id=organization_id).first()


def own_member(request: HttpRequest) -> Member | None:
    """The active member whom the signed-in account stands for, in whatever organization."""
    if request.user.pk is None:
        return None
    return Member.objects.filter(user_id=request.user.pk, is_active=True).select_related("organization").first()
