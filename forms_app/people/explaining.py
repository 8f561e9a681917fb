"""What a member may do, and which of their roles gives it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from forms_app.models import CustomForm, FormTab, Member, Role, Verb
from forms_app.people.accounts import acting
from forms_app.people.directory import directory_of
from forms_app.people.rights import TAB_ROWS, Given, Rights
from forms_app.people.roles import forms_in_sight, given_to, rights_of, roles_of


@dataclass(frozen=True)
class FormRights:
    """`rights` on one form, and by verb and by rows the names of the roles that give them."""

    form: CustomForm
    rights: Rights
    verbs_by: dict[str, list[str]]
    rows_by: dict[str, list[str]]
    tabs: dict[str, str]
    """The labels of the tabs whose rows are given, by the name of such rows."""


def form_rights(member: Member, forms: Q) -> list[FormRights]:
    """What the member may do on each of these forms that exists for them, by app and name. Two statements."""
    actor = acting(member)
    rows = CustomForm.objects.filter(forms & forms_in_sight(actor)).select_related("custom_app")
    found = list(rows.order_by("custom_app__name", "custom_app", "name", "pk"))
    tabs = FormTab.objects.filter(custom_form__in=found).values_list("custom_form_id", "name", "label")
    labels = {(form_id, TAB_ROWS + name): label for form_id, name, label in tabs}
    grants = given_to(actor)
    explained = []
    for form in found:
        rights = rights_of(actor, organization_id=actor.organization_id, form_id=form.pk, app_id=form.custom_app_id)
        applying = [grant for grant in grants if grant.applies(form.pk, form.custom_app_id)]
        explained.append(
            FormRights(
                form=form,
                rights=rights,
                verbs_by={verb: _givers(g for g in applying if verb in g.verbs) for verb in rights.verbs},
                rows_by={rows: _givers(g for g in applying if g.rows == rows) for rows in rights.rows},
                tabs={rows: labels.get((form.pk, rows), rows.removeprefix(TAB_ROWS)) for rows in rights.rows},
            )
        )
    return explained


def people_by(member: Member) -> list[str]:
    """The names of the roles that let the member manage people."""
    return _givers(grant for grant in given_to(acting(member)) if Verb.PEOPLE in grant.verbs)


def roles_and_ways(member: Member) -> Sequence[tuple[Role, bool]]:
    """The member's roles, and whether each is given to them by name, or else by a department or as to everyone."""
    directory = directory_of(member.organization_id)
    has = roles_of(directory, member.organization_id, member.pk, member.uid)
    roles = Role.objects.filter(pk__in=Role.objects.filter(has).values("pk")).order_by("pk")
    named = set(member.roles.values_list("pk", flat=True))
    return [(role, role.pk in named) for role in roles]


def _givers(grants: Iterable[Given]) -> list[str]:
    return list(dict.fromkeys(grant.role_name for grant in grants))
