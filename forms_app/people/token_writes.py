"""Tokens as their makers may write them: for members of their own organization, with no right that they lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.caching import tags
from forms_app.exceptions import Fault, Forbidden, NotFound, Refused
from forms_app.models import AccessToken, CustomForm, Member, Verb
from forms_app.people.actor import Actor
from forms_app.people.delegation import may_act_as, require_people
from forms_app.people.networks import checked_networks
from forms_app.people.roles import forms_in_sight
from forms_app.people.tokens import token_create, token_limit, token_revoke, token_rotate

LONGEST_NAME = 100


@dataclass(frozen=True)
class Bounds:
    """Until when and from where the maker's own token works: what it makes works no longer, and from nowhere else."""

    expires_at: datetime | None = None
    networks: tuple[str, ...] = ()


UNBOUND = Bounds()


def tokens_of(actor: Actor) -> QuerySet[AccessToken]:
    """The tokens that the actor may manage. Raises Forbidden."""
    require_people(actor, actor.organization_id)
    return AccessToken.objects.filter(organization_id=actor.organization_id)


def token_of(actor: Actor, token_id: int) -> AccessToken:
    """One of them. Raises Forbidden, NotFound."""
    found = tokens_of(actor).filter(pk=token_id).select_related("member").first()
    if found is None:
        raise NotFound([Fault("unknown_token", _("There is no such token."), field="id", got=token_id)])
    return found


@transaction.atomic
def token_make(*, values: Mapping[str, Any], actor: Actor, bounds: Bounds = UNBOUND) -> tuple[AccessToken, str]:
    """A new token for the member with `uid`: (its row, the token itself). `values` also holds `name`, and as far as the
    token is limited `verbs`, `custom_form_ids`, `networks`, `expires_at`, `calls_per_minute`, `calls_at_once`. Raises
    Refused with every fault, Forbidden for more than the actor has."""
    require_people(actor, actor.organization_id)
    uid = values["uid"]
    member = Member.objects.filter(organization_id=actor.organization_id, uid=uid, is_active=True).first()
    faults = []
    if member is None:
        message = _("There is no active member with uid {id}.").format(id=uid)
        faults.append(Fault("unknown_member", message, field="uid", got=uid))
    limits, forms = _read(values, actor, faults)
    if faults or member is None:
        raise Refused(faults)
    _require(actor, member, limits.get("verbs"), forms, bounds, limits.get("expires_at"), limits.get("networks", ()))
    return token_create(member=member, custom_forms=forms or (), **limits)


@transaction.atomic
def token_change(
    *, access_token: AccessToken, values: Mapping[str, Any], actor: Actor, bounds: Bounds = UNBOUND
) -> AccessToken:
    """Change the given values of a token, no others; None takes a limit away. Raises as `token_make` does."""
    require_people(actor, access_token.organization_id)
    tags.hold()
    row = AccessToken.objects.select_for_update(no_key=True).select_related("member").get(pk=access_token.pk)
    faults: list[Fault] = []
    limits, forms = _read(values, actor, faults)
    if faults:
        raise Refused(faults)
    for name, value in limits.items():
        setattr(row, name, value)
    if "custom_form_ids" not in values and row.restricted:
        forms = list(row.custom_forms.all())
    _require(actor, row.member, row.verbs, forms, bounds, row.expires_at, row.networks)
    row.save(update_fields=[*limits, "name"])
    if "custom_form_ids" in values:
        token_limit(access_token=row, custom_forms=forms or ())
    return row


@transaction.atomic
def token_renew(
    *, access_token: AccessToken, hours: int, actor: Actor, bounds: Bounds = UNBOUND
) -> tuple[AccessToken, str]:
    """`token_rotate` for who may make such a token. Raises Forbidden, Conflict."""
    require_people(actor, access_token.organization_id)
    forms = list(access_token.custom_forms.all()) if access_token.restricted else None
    end, networks = access_token.expires_at, access_token.networks
    _require(actor, access_token.member, access_token.verbs, forms, bounds, end, networks)
    return token_rotate(access_token=access_token, hours=hours)


def token_end(*, access_token: AccessToken, actor: Actor) -> None:
    """End a token at once. It stays in lists. Raises Forbidden."""
    require_people(actor, access_token.organization_id)
    if access_token.revoked_at is None:
        token_revoke(access_token=access_token)


def _read(
    values: Mapping[str, Any], actor: Actor, faults: list[Fault]
) -> tuple[dict[str, Any], Sequence[CustomForm] | None]:
    """The columns that the values set, and the forms that they limit to (None: to none). What is wrong is added to
    `faults`."""
    limits: dict[str, Any] = {}
    if "name" in values:
        limits["name"] = _name(values["name"], faults)
    if "verbs" in values:
        limits["verbs"] = _verbs(values["verbs"], faults)
    if "networks" in values:
        try:
            limits["networks"] = checked_networks(values["networks"] or ())
        except Refused as refused:
            faults += refused.faults
    if "expires_at" in values:
        limits["expires_at"] = end = values["expires_at"]
        if end is not None and end <= timezone.now():
            message = _("This time has passed already.")
            faults.append(Fault("time_passed", message, field="expires_at", got=end.isoformat()))
    for name in ("calls_per_minute", "calls_at_once"):
        if name in values:
            limits[name] = values[name]
    form_ids = values.get("custom_form_ids")
    return limits, None if form_ids is None else _forms(form_ids, actor, faults)


def _name(raw: Any, faults: list[Fault]) -> str:
    name = str(raw or "").strip()
    if not name:
        faults.append(Fault("required", _("A token needs a name: what uses it."), field="name"))
    elif len(name) > LONGEST_NAME:
        message = _("At most {limit} characters are allowed.").format(limit=LONGEST_NAME)
        faults.append(Fault("too_long", message, field="name", got=name[:64], allowed={"max": LONGEST_NAME}))
    return name


def _verbs(raw: Iterable[str] | None, faults: list[Fault]) -> list[str] | None:
    if raw is None:
        return None
    sent = list(raw)
    for place, verb in enumerate(sent):
        if verb not in Verb.values:
            message = _("There is no such verb.")
            faults.append(Fault("unknown_value", message, "verbs", index=place, got=verb[:64], allowed=Verb.values))
    return [verb for verb in Verb.values if verb in sent]


def _forms(form_ids: Sequence[int], actor: Actor, faults: list[Fault]) -> Sequence[CustomForm]:
    found = {form.pk: form for form in CustomForm.objects.filter(forms_in_sight(actor), pk__in=form_ids)}
    for place, form_id in enumerate(form_ids):
        if form_id not in found:
            message = _("There is no such form.")
            faults.append(Fault("unknown_form", message, field="custom_form_ids", index=place, got=form_id))
    return list(found.values())


def _require(
    actor: Actor,
    member: Member,
    verbs: Sequence[str] | None,
    forms: Sequence[CustomForm] | None,
    bounds: Bounds,
    expires_at: datetime | None,
    networks: Sequence[str],
) -> None:
    """Raises Forbidden where such a token would be able to do what the actor is not."""
    faults = []
    form_ids = None if forms is None else [form.pk for form in forms]
    if not may_act_as(actor, member, verbs=verbs, form_ids=form_ids):
        message = _("This token could do more than you can. Limit its verbs and forms to what you may do yourself.")
        faults.append(Fault("beyond_own_rights", message, field="verbs", got=verbs))
    if bounds.expires_at is not None and (expires_at is None or expires_at > bounds.expires_at):
        message = _("Your own token ends before this one would.")
        allowed = {"max": bounds.expires_at.isoformat()}
        faults.append(Fault("beyond_own_rights", message, field="expires_at", allowed=allowed))
    if bounds.networks and not (networks and all(_inside(network, bounds.networks) for network in networks)):
        message = _("Your own token works from fewer networks than this one would.")
        faults.append(Fault("beyond_own_rights", message, field="networks", allowed=list(bounds.networks)))
    if faults:
        raise Forbidden(faults)


def _inside(network: str, others: Iterable[str]) -> bool:
    inner = ip_network(network)
    return any(
        inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]
        for outer in map(ip_network, others)
    )
