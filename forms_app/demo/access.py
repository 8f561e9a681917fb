"""Who may come in: the administrator's account and the tokens."""

from __future__ import annotations

import hashlib

from django.contrib.auth import get_user_model

from forms_app.demo.parts import is_made, make_once
from forms_app.demo.people import MEMBER_UID, ORGANIZATION
from forms_app.models import AccessToken, Member, Role
from forms_app.models.role import ADMINISTRATORS
from forms_app.people.security_codes import security_code_issue
from forms_app.people.tokens import digest, token_create


def make_account(secrets: dict[str, str]) -> None:
    """An administrator, unless there are accounts already; the demo's member browses the API with it."""
    accounts = get_user_model()._default_manager
    if accounts.exists():
        return
    account = accounts.create_superuser(username=secrets["admin_username"], password=secrets["admin_password"])
    if is_made("organization 1"):  # somebody else's first organization may bear the same id
        member = Member.objects.filter(organization_id=ORGANIZATION, uid=MEMBER_UID, user=None).first()
        if member is not None:
            member.user = account
            member.save(update_fields=["user"])
            member.roles.add(Role.objects.get(organization_id=ORGANIZATION, name=ADMINISTRATORS))


def make_token(organization_id: int, token: str) -> None:
    """A token acting as the organization's member 1. Its part carries a hash of it: a copy with another DATA_DIR brings
    a token that never existed here, while one that was revoked or deleted stays so."""
    make_once(f"token {hashlib.sha256(token.encode()).hexdigest()}", lambda: _token(organization_id, token))


def token_works(token: str) -> bool:
    """Whether the token still opens anything: it may have been revoked, deleted, or signed with another SECRET_KEY."""
    live = AccessToken.objects.filter(digest=digest(token), revoked_at=None, member__is_active=True)
    return live.exists()


def _token(organization_id: int, token: str) -> None:
    member = Member.objects.filter(organization_id=organization_id, uid=MEMBER_UID, is_active=True).first()
    if member is not None:
        token_create(member=member, name="示例令牌", token=token)


def issue_security_code(username: str) -> str | None:
    """A new security code of that account; None where it is gone, or stands for nobody."""
    account = get_user_model()._default_manager.filter(username=username, is_active=True, member__is_active=True)
    user = account.first()
    return security_code_issue(user=user) if user else None
