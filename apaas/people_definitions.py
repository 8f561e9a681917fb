"""Members, departments, roles' rights and tokens as clients read them (docs/contract.md §4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from apaas.definitions import time_of
from forms_app.models import AccessToken, Member, Verb
from forms_app.people.rights import TAB_ROWS, Given, Rights


def user_of(member: Member) -> dict[str, Any]:
    """A member as the document's list of users shows one: the first department is theirs, others assist."""
    departments = sorted(member.departments.all(), key=lambda department: department.did)
    first = departments[0] if departments else None
    return {
        "id": member.pk,
        "uid": member.uid,
        "name": member.name,
        "phone": member.phone,
        "email": (member.user.email or None) if member.user else None,
        "path_uid": member.path_uid,
        "third_userid": member.third_userid,
        "organization_id": member.organization_id,
        "organization_name": member.organization.name,
        "department_id": first.did if first else None,
        "department_name": first.name if first else None,
        "assist_departments": [{"id": other.did, "name": other.name} for other in departments[1:]],
    }


def time_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else time_of(moment)


def token_state(row: AccessToken) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= timezone.now() else "valid"


def token_of(row: AccessToken) -> dict[str, Any]:
    """A token, without the token itself."""
    return {
        "id": row.pk,
        "uid": row.member.uid,
        "name": row.name,
        "hint": row.hint,
        "state": token_state(row),
        "verbs": row.verbs,
        "custom_form_ids": [form.pk for form in row.custom_forms.all()] if row.restricted else None,
        "networks": row.networks,
        "expires_at": time_or_none(row.expires_at),
        "calls_per_minute": row.calls_per_minute,
        "calls_at_once": row.calls_at_once,
        "successor_id": row.successor_id,
        "last_used_at": time_or_none(row.last_used_at),
        "created_at": time_of(row.created_at),
    }


def rights_of(rights: Rights, hidden_from_reader: frozenset[str]) -> dict[str, Any]:
    """Rights on a form, without the names of fields that do not exist for the reader."""
    return {
        "verbs": [verb for verb in Verb.values if verb in rights.verbs],
        "rows": [rows_of(name) for name in sorted(rights.rows)],
        "hidden": sorted(rights.hidden - hidden_from_reader),
        "read_only": sorted(rights.read_only - hidden_from_reader),
    }


def rows_of(name: str) -> str | dict[str, str]:
    return {"tab": name.removeprefix(TAB_ROWS)} if name.startswith(TAB_ROWS) else name


def grant_of(given: Given, hidden_from_reader: frozenset[str]) -> dict[str, Any]:
    """A role's grant that gives something on a form."""
    verbs = [verb for verb in Verb.values if verb in given.verbs]
    own = Rights(given.verbs, frozenset({given.rows}), given.hidden, given.read_only)
    rows = rows_of(given.rows)
    return {
        "id": given.role_id,
        "name": given.role_name,
        **rights_of(own, hidden_from_reader),
        "verbs": verbs,
        "rows": rows,
    }
