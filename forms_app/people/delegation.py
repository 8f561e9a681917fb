"""What an actor may give on: no right that they lack, neither by a role, nor by a token, an account or a department."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Forbidden
from forms_app.models import CustomForm, Member, Rows, Verb
from forms_app.people.actor import Actor
from forms_app.people.assigned import Assigned
from forms_app.people.directory import directory_of
from forms_app.people.gains import Giver, moving_exceeds
from forms_app.people.rights import ALL_ROWS, EVERYTHING, NONE, Given, Rights, summed
from forms_app.people.roles import given_to, grants_in, may_manage_people

PERSONAL = frozenset({str(Rows.OWN), str(Rows.DEPARTMENT), str(Rows.DEPARTMENT_BELOW)})
"""Rows that are other ones for each person."""
OF_DEPARTMENTS = PERSONAL - {str(Rows.OWN)}


def require_people(actor: Actor, organization_id: int) -> None:
    """Raises Forbidden for who may not manage the people and rights of this organization."""
    if actor.organization_id != organization_id or not may_manage_people(actor):
        message = _("No role allows this: {verb}.").format(verb=Verb.PEOPLE.label)
        raise Forbidden([Fault("missing_verb", message, got=str(Verb.PEOPLE))])


def may_give(actor: Actor, grants: Iterable[Given]) -> bool:
    """Whether the actor has all that these grants give, wherever they give it."""
    return not beyond(actor, grants)


def beyond(actor: Actor, grants: Iterable[Given]) -> Sequence[Given]:
    """Those of the grants that give more than the actor has. One statement, where grants name forms."""
    grants = [grant for grant in grants if grant.verbs]
    if actor.system:
        return []
    apps = _apps_of(grants)
    return [grant for grant in grants if not _covered(actor, grant, apps)]


def may_act_as(
    actor: Actor,
    member: Member,
    *,
    verbs: Collection[str] | None = None,
    form_ids: Collection[int] | None = None,
) -> bool:
    """Whether the actor has all that the member may do, limited to these verbs and forms (None: not limited): then they
    may make a token or an account that acts as the member."""
    if member.organization_id != actor.organization_id:
        return False
    if actor.system:
        return True
    grants = [_limited(grant, verbs) for grant in given_to(_as_actor(member))]
    if form_ids is not None:
        apps = dict(CustomForm.objects.filter(pk__in=form_ids).values_list("pk", "custom_app_id"))
        grants = [
            grant._replace(form_id=form_id, app_id=None)
            for form_id, app_id in apps.items()
            for grant in grants
            if grant.applies(form_id, app_id)
        ]
    if member.pk == actor.member_id:
        return may_give(actor, grants)
    return may_give(actor, impersonal(actor, grants, directory_of(actor.organization_id).departments_of(member.uid)))


def may_place(actor: Actor, member: Member, dids: Collection[int]) -> bool:
    """Whether the actor may put the member into these departments (all that they then stand in): what the departments'
    roles add, and the departments' records that the member then reaches, must be the actor's too."""
    if actor.system:
        return True
    directory = directory_of(actor.organization_id)
    before = set(directory.departments_of(member.uid)) if member.pk else set()
    if not set(dids) - before:
        return True
    after = grants_in(actor.organization_id, member.pk, directory.departments_above(list(dids)))
    had = set(given_to(_as_actor(member)) if member.pk else grants_in(actor.organization_id, None, ()))
    gained = [grant for grant in after if grant not in had]
    if Giver(actor, [*had, *after]).exceeds(had, after):
        return False
    reaching = [grant for grant in after if grant.rows in OF_DEPARTMENTS]
    return may_give(actor, [*gained, *impersonal(actor, reaching, list(set(dids) - before))])


def may_move(actor: Actor, did: int, above: int | None) -> bool:
    """Whether the actor may put the department below another one (None: at the top): what the roles of those above give
    its people, and its people's records, which they then reach, must be the actor's too."""
    if actor.system or above is None:
        return True
    directory = directory_of(actor.organization_id)
    gained = set(directory.departments_above([above])) - set(directory.departments_above([did]))
    grants = set(grants_in(actor.organization_id, None, list(gained)))
    grants -= set(grants_in(actor.organization_id, None, ()))
    if not Giver(actor, ()).has_all and moving_exceeds(actor, Assigned(actor.organization_id), {did: gained}):
        return False
    own = set(directory.departments_above(directory.departments_of(actor.uid)))
    reaching = [grant for grant in given_to(actor) if grant.rows == Rows.DEPARTMENT_BELOW] if gained & own else []
    return may_give(actor, [*grants, *(grant._replace(rows=ALL_ROWS) for grant in reaching)])


def _as_actor(member: Member) -> Actor:
    return Actor(member.organization_id, member.pk, member.uid)


def _limited(grant: Given, verbs: Collection[str] | None) -> Given:
    return grant if verbs is None else grant._replace(verbs=grant.verbs & frozenset(verbs))


def impersonal(actor: Actor, grants: Iterable[Given], dids: Sequence[int]) -> list[Given]:
    """The grants with rows that mean the same for the actor: another person's own are theirs only where they reach that
    person's departments, as those of their own and below."""
    directory = directory_of(actor.organization_id)
    below = set(directory.departments_below(directory.departments_of(actor.uid)))
    rows = str(Rows.DEPARTMENT_BELOW) if dids and set(dids) <= below else ALL_ROWS
    return [grant._replace(rows=rows) if grant.rows in PERSONAL else grant for grant in grants]


def _apps_of(grants: Iterable[Given]) -> Mapping[int, int]:
    """The app of each form that the grants name."""
    form_ids = {grant.form_id for grant in grants if grant.form_id is not None}
    return dict(CustomForm.objects.filter(pk__in=form_ids).values_list("pk", "custom_app_id")) if form_ids else {}


def _covered(actor: Actor, grant: Given, apps: Mapping[int, int]) -> bool:
    if Verb.PEOPLE in grant.verbs and not may_manage_people(actor):
        return False
    # Not its sum: a verb that has no meaning by itself gets one beside another grant.
    wanted = Rights(
        verbs=grant.verbs - {Verb.PEOPLE},
        rows=frozenset({grant.rows}),
        hidden=grant.hidden,
        read_only=grant.read_only,
    )
    return not wanted.verbs or _own(actor, grant, apps).cover(wanted)


def _own(actor: Actor, grant: Given, apps: Mapping[int, int]) -> Rights:
    """What the actor has wherever the grant applies."""
    if actor.form_ids is not None and grant.form_id not in actor.form_ids:
        return NONE
    if actor.system:
        rights = EVERYTHING
    elif grant.form_id is None:
        rights = summed(own for own in given_to(actor) if own.reaches(grant))
    else:
        app_id = apps.get(grant.form_id, 0)
        rights = summed(own for own in given_to(actor) if own.applies(grant.form_id, app_id))
    return rights if actor.verbs is None else rights.only(actor.verbs)
