"""What is filled in of a webhook: its faults are the domain's own, each at its field."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from forms_app.exact_json import strict
from forms_app.exceptions import DomainError, Fault
from forms_app.models import Webhook
from forms_app.people.actor import Actor
from forms_app.webhooks.events import EVENTS
from forms_app.webhooks.writes import checked_changes, checked_new

SAID = {
    "form_entity.created": _("a record was created"),
    "form_entity.updated": _("a record was changed"),
    "form_entity.transferred": _("a record was handed over"),
    "form_entity.destroyed": _("a record was deleted"),
    "form_entity.restored": _("a record was restored"),
    "form_entity.computed": _("a formula changed because another record did"),
    "ticket.opened": _("a ticket was opened"),
    "ticket.arrived": _("a ticket came to a stage"),
    "ticket.pushed": _("a stage was pushed"),
    "ticket.stopped": _("a ticket was stopped by an error"),
    "ticket.ended": _("a ticket ended or was closed"),
}
"""What each event means."""
FIELDS = {"custom_form_id": "custom_form", "custom_app_id": "custom_app"}


class WebhookForm(forms.ModelForm):
    """A webhook of the account's member (`actor`, None: an operator, who sets none up)."""

    actor: Actor | None = None
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(event, SAID[event]) for event in EVENTS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    filters = forms.CharField(
        label=_("Filters"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_(
            'As the API\'s: [{"name": "amount", "op": "gte", "value": 100}]. Which records, by what they are after the '
            "change; none: all. Of one form only."
        ),
    )

    class Meta:
        model = Webhook
        fields = ("custom_form", "custom_app", "url", "events", "filters", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.filters
        self.initial["filters"] = json.dumps(held, ensure_ascii=False, indent=1) if held else ""

    def clean_filters(self) -> Any:
        text = self.cleaned_data["filters"].strip()
        try:
            return strict(text) if text else []
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("This is not JSON.")) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.actor is not None and not self.errors:
            values = self.values(cleaned)
            try:
                if self.instance.pk:
                    checked_changes(Webhook.objects.get(pk=self.instance.pk), values, self.actor)
                else:
                    checked_new(values, self.actor)
            except DomainError as error:
                self.say(error.faults)
        return cleaned

    def values(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What was filled in, as the domain takes it."""
        named = ("url", "events", "filters", "enabled")
        values: dict[str, Any] = {name: cleaned[name] for name in named if name in cleaned}
        if self.instance.pk:
            return values
        places = {name: cleaned.get(field) for name, field in FIELDS.items()}
        return {**values, **{name: thing.pk for name, thing in places.items() if thing is not None}}

    def say(self, faults: Iterable[Fault]) -> None:
        """Each fault at its field."""
        for fault in faults:
            name = fault.field.partition("[")[0]
            field = FIELDS.get(name, name)
            beside = f"{fault.field}: " if fault.field != name else ""
            self.add_error(field if field in self.fields else None, f"{beside}{fault.message}")
