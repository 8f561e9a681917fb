"""The form of a member: who they are, where they stand, and the roles that are theirs by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from forms_app.admin.people.numbering import NumberedForm
from forms_app.models import Member, Role
from forms_app.people.actor import Actor
from forms_app.people.delegation import may_act_as, may_place
from forms_app.people.role_documents import may_edit, member_roles_save


class MemberForm(NumberedForm):
    numbered = "uid"
    roles = forms.ModelMultipleChoiceField(
        Role.objects.none(),
        label=gettext_lazy("Roles"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("Besides those that the member has by department, or as everyone."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "roles" in self.fields:
            self._offer_roles()

    def _offer_roles(self) -> None:
        field: Any = self.fields["roles"]
        offered = Role.objects.filter(organization=self.instance.organization_id).order_by("pk")
        had = set(self.instance.roles.values_list("pk", flat=True)) if self.instance.pk else set()
        # What everyone has anyway, and what its editor may not give, is not to be ticked.
        keys = [
            role.pk
            for role in offered
            if role.pk in had or (not role.everyone and (self.actor is None or may_edit(self.actor, role)))
        ]
        field.queryset = offered.filter(pk__in=keys)
        self.initial["roles"] = sorted(had)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        departments = cleaned.get("departments") or ()
        if self.organization_id and any(d.organization_id != self.organization_id for d in departments):
            self.add_error("departments", ValidationError(_("A department belongs to another organization.")))
        elif self.actor and not may_place(self.actor, self.instance, [department.did for department in departments]):
            message = _("There the member would have more rights than you have yourself.")
            self.add_error("departments", ValidationError(message))
        if self.actor:
            self._check_delegation(self.actor, cleaned)
        return cleaned

    def _check_delegation(self, actor: Actor, cleaned: dict[str, Any]) -> None:
        if self.instance.pk and not may_act_as(actor, self.instance):
            for name in {"third_userid", "path_uid"} & {*self.changed_data}:
                # By these other systems, and the company's sign-in, know who somebody is.
                self.add_error(name, _("Only who has all rights of the member may change this."))
        if "roles" in cleaned:
            had = set(self.instance.roles.all()) if self.instance.pk else set()
            for role in had ^ set(cleaned["roles"]):
                if not may_edit(actor, role):
                    message = _("The role {name} gives more than you have yourself.").format(name=role.name)
                    self.add_error("roles", message)

    def _save_m2m(self) -> None:
        """With the departments the ticked roles, once the member is saved."""
        super()._save_m2m()  # type: ignore[misc]
        member: Member = self.instance
        roles: Iterable[Role] | None = self.cleaned_data.get("roles")
        if roles is not None:
            actor = self.actor or Actor.acting_for(member.organization_id, "platform")
            member_roles_save(member=member, roles=roles, actor=actor)
