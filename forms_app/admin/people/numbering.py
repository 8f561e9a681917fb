"""Numbers that follow on within an organization: `did` of departments, `uid` of members."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Max, Model
from django.utils.translation import gettext_lazy as _

from forms_app.people.actor import Actor


def next_number(model: type[Model], organization_id: int, name: str) -> int:
    """One above the highest `name` that the organization's rows have."""
    rows = model._default_manager.filter(organization=organization_id)
    return int(rows.aggregate(most=Max(name))["most"] or 0) + 1


class NumberedForm(forms.ModelForm):
    """A form whose number within the organization may be left out: then it is the next one."""

    numbered: str
    actor: Actor | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.numbered in self.fields:
            self.fields[self.numbered].required = False
            self.fields[self.numbered].help_text = _("Left empty, it is the next number of the organization.")

    @property
    def organization_id(self) -> int | None:
        chosen = self.cleaned_data.get("organization")
        return int(chosen.pk) if chosen else self.instance.organization_id

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.numbered not in self.fields or not self.organization_id or self.errors.get(self.numbered):
            return cleaned
        model, number = self._meta.model, cleaned.get(self.numbered)
        if number is None:
            cleaned[self.numbered] = next_number(model, self.organization_id, self.numbered)
        elif model._default_manager.filter(organization=self.organization_id, **{self.numbered: number}).exists():
            # The model can't say so where the organization is not asked for.
            self.add_error(self.numbered, _("This number is taken."))
        return cleaned
