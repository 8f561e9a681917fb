"""What the calls on webhooks take (docs/contract.md §5.5)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from apaas.requests.people_parameters import PAGING, changing
from apaas.requests.readers import (
    ID_SCHEMA,
    Parameter,
    anything,
    boolean,
    identifier,
    moment,
    one_of,
    text,
    texts,
)
from forms_app.models import WebhookDelivery
from forms_app.webhooks.addresses import LONGEST
from forms_app.webhooks.events import EVENTS, PLANNED

STATUSES = WebhookDelivery.Status.values
TIME = {"type": "string"}
WEBHOOK = (
    Parameter(
        "url",
        text,
        gettext_lazy("Where each event is posted: https, or http."),
        required=True,
        schema={"type": "string", "maxLength": LONGEST},
    ),
    Parameter(
        "events",
        texts(2 * len(EVENTS + PLANNED)),
        gettext_lazy("What it is told of."),
        required=True,
        schema={"type": "array", "items": {"type": "string", "enum": list(EVENTS)}, "minItems": 1},
    ),
    Parameter(
        "filters",
        anything,
        gettext_lazy("As the list's: which records, by what they are after the change. Of one form only."),
        schema={"type": "array", "items": {"type": "object"}},
    ),
    Parameter(
        "enabled",
        boolean,
        gettext_lazy("Whether it is switched on. What happens while it is off is told afterwards."),
        schema={"type": "boolean"},
    ),
)
WEBHOOK_CALLS: dict[str, tuple[Parameter, ...]] = {
    "webhooks": PAGING,
    "webhook": (),
    "webhook_create": (
        Parameter("custom_form_id", identifier, gettext_lazy("The form."), schema=ID_SCHEMA),
        Parameter("custom_app_id", identifier, gettext_lazy("Or the app, with all its forms."), schema=ID_SCHEMA),
        *WEBHOOK,
    ),
    "webhook_update": changing(WEBHOOK),
    "webhook_delete": (),
    "webhook_deliveries": (
        Parameter(
            "status",
            one_of(STATUSES),
            gettext_lazy("Those that were accepted, or those that were not."),
            schema={"type": "string", "enum": STATUSES},
        ),
        *PAGING,
    ),
    "webhook_replay": (
        Parameter("delivery_id", identifier, gettext_lazy("One delivery."), schema=ID_SCHEMA),
        Parameter("since", moment, gettext_lazy("Or all that were last sent from this time on."), schema=TIME),
        Parameter("until", moment, gettext_lazy("With since: up to this time."), schema=TIME),
    ),
}
