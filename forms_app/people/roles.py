"""Which roles a member has, and what they give: cached by the people's tag."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from forms_app.caching.tagged import Tagged
from forms_app.models import CustomForm, Grant, Role, Rows, Verb
from forms_app.people.actor import Actor
from forms_app.people.directory import OrganizationDirectory, directory_of
from forms_app.people.rights import BLIND, EVERYTHING, NONE, TAB_ROWS, Given, Rights, summed

_given: Tagged[dict[int, Sequence[Given]]] = Tagged("grants of each member", dict, tag="people", most=50_000)
_rights: Tagged[dict[tuple[Actor, int, int], Rights]] = Tagged(
    "rights of each actor on each form", dict, tag="people", most=200_000
)


def rights_of(actor: Actor, *, organization_id: int, form_id: int, app_id: int) -> Rights:
    """What the actor may do on a form of that organization. One statement for a member whose roles are not known."""
    if not actor.reaches(form_id, organization_id):
        return NONE
    if actor.system or actor.stage_form_id == form_id:
        return EVERYTHING if actor.verbs is None else EVERYTHING.only(actor.verbs)
    known = _rights.current()
    rights = known.get((actor, form_id, app_id))
    if rights is None:
        rights = summed(grant for grant in given_to(actor) if grant.applies(form_id, app_id))
        if actor.verbs is not None:
            rights = rights.only(actor.verbs)
        known[actor, form_id, app_id] = rights
    return rights


def forms_in_sight(actor: Actor, verb: str | None = None) -> Q:
    """The condition on forms that exist for the actor, or on which they may `verb`."""
    limit = Q(organization_id=actor.organization_id)
    if actor.form_ids is not None:
        limit &= Q(pk__in=actor.form_ids)
    if actor.system:
        return limit
    grants = [grant for grant in given_to(actor) if _gives(grant, actor, verb)]
    if any(grant.form_id is None and grant.app_id is None for grant in grants):
        return limit
    form_ids = {grant.form_id for grant in grants if grant.form_id is not None}
    app_ids = {grant.app_id for grant in grants if grant.app_id is not None}
    return limit & (Q(pk__in=form_ids) | Q(custom_app__in=app_ids))


def apps_in_sight(actor: Actor, verb: str | None = None) -> Q:
    """The condition on apps all of whose forms a role gives the actor."""
    if actor.form_ids is not None:
        return Q(pk__in=())
    limit = Q(organization_id=actor.organization_id)
    if actor.system:
        return limit
    grants = [grant for grant in given_to(actor) if grant.form_id is None and _gives(grant, actor, verb)]
    if any(grant.app_id is None for grant in grants):
        return limit
    return limit & Q(pk__in={grant.app_id for grant in grants})


def _gives(grant: Given, actor: Actor, verb: str | None) -> bool:
    """Whether a grant gives something that has a meaning by itself, or this verb."""
    wanted = {verb} if verb else {str(Verb.READ), *BLIND}
    return bool(wanted & grant.verbs & (wanted if actor.verbs is None else actor.verbs))


def has_rights(actor: Actor) -> bool:
    """Whether a role gives the actor anything at all: a verb that has a meaning, on some form, or `people`. One
    statement for a token that is limited to some forms."""
    if actor.system or may_manage_people(actor):
        return True
    if actor.form_ids is not None:
        return CustomForm.objects.filter(forms_in_sight(actor)).exists()
    return any(_gives(grant, actor, None) for grant in given_to(actor))


def may_manage_people(actor: Actor) -> bool:
    """Whether the actor has the verb `people` over the organization."""
    if actor.verbs is not None and Verb.PEOPLE not in actor.verbs:
        return False
    return bool(actor.system) or any(Verb.PEOPLE in grant.verbs for grant in given_to(actor))


def given_to(actor: Actor) -> Sequence[Given]:
    """The grants of all roles that the actor's member has."""
    known = _given.current()
    grants = known.get(actor.member_id)
    if grants is None:
        directory = directory_of(actor.organization_id)
        roles = roles_of(directory, actor.organization_id, actor.member_id, actor.uid)
        grants = known[actor.member_id] = _read(roles)
    return grants


def grants_in(organization_id: int, member_id: int | None, dids: Sequence[int]) -> Sequence[Given]:
    """The grants of the roles that a member would have who stands in or below exactly these departments."""
    return _read(_roles(organization_id, member_id, dids))


def roles_of(directory: OrganizationDirectory, organization_id: int, member_id: int, uid: int) -> Q:
    """The condition on roles that the member has: by name, by a department that they stand in or below, or as
    everyone."""
    return _roles(organization_id, member_id, directory.departments_above(directory.departments_of(uid)))


def _roles(organization_id: int, member_id: int | None, dids: Sequence[int]) -> Q:
    given = Q(everyone=True) | Q(departments__did__in=dids)
    return Q(organization_id=organization_id) & (given if member_id is None else given | Q(members=member_id))


def _read(roles: Q) -> Sequence[Given]:
    ids = Role.objects.filter(roles).values("pk")
    grants = Grant.objects.filter(role__in=ids).select_related("role", "tab").order_by("role_id", "pk")
    return tuple(given(grant) for grant in grants)


def given(grant: Grant) -> Given:
    """A grant's row as it is summed up."""
    return Given(
        role_id=grant.role_id,
        role_name=grant.role.name,
        form_id=grant.custom_form_id,
        app_id=grant.custom_app_id,
        verbs=frozenset(grant.verbs),
        rows=f"{TAB_ROWS}{grant.tab.name}" if grant.rows == Rows.TAB and grant.tab else grant.rows,
        hidden=frozenset(grant.hidden),
        read_only=frozenset(grant.read_only),
    )
