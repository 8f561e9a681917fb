"""Webhooks as their makers write them: for forms that they design and whose records they may all read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.exceptions import Conflict, Fault, Forbidden, NotFound, Refused
from forms_app.models import CustomApp, Verb, Webhook, WebhookDelivery, WebhookState
from forms_app.people.actor import Actor
from forms_app.people.roles import apps_in_sight
from forms_app.records.changes.reading import require_history
from forms_app.records.query.parsing import Parser
from forms_app.schema.form_schema import FormSchema
from forms_app.webhooks import addresses, schedule, source
from forms_app.webhooks.events import EVENTS, PLANNED
from forms_app.webhooks.signing import new_salt, secret_of
from forms_app.webhooks.standing import app_rights, suffices, webhooks_of

MOST = 100
"""Webhooks of one organization."""
MOST_AGAIN = 10_000
"""Deliveries that may be asked for again at a time."""


def webhook_of(actor: Actor, webhook_id: int) -> Webhook:
    """One of the webhooks that the actor may change. Raises NotFound."""
    found = webhooks_of(actor).filter(pk=webhook_id).select_related("member", "state").first()
    if found is None:
        raise NotFound([Fault("unknown_webhook", _("There is no such webhook."), field="id", got=webhook_id)])
    return found


@transaction.atomic
def webhook_make(*, values: Mapping[str, Any], actor: Actor) -> tuple[Webhook, str]:
    """A new webhook, told of what is committed from now on: (its row, its secret, which is told only here). `values`
    hold `custom_form_id` or `custom_app_id`, `url`, `events`, and if wanted `filters`, `enabled`. Raises Refused with
    every fault, NotFound, Forbidden."""
    schema, app, written = checked_new(values, actor)
    webhook = Webhook.objects.create(
        organization_id=actor.organization_id,
        custom_form_id=schema.id if schema else None,
        custom_app=app,
        salt=new_salt(),
        **_setter(actor),
        **written,
    )
    WebhookState.objects.create(webhook=webhook, began=source.now())
    return webhook, secret_of(webhook.salt)


@transaction.atomic
def webhook_change(*, webhook: Webhook, values: Mapping[str, Any], actor: Actor) -> Webhook:
    """Change the given values, no others. From now on the webhook reads as the actor does: else whoever may read less
    could have what another one reads sent to themselves. Raises as `webhook_make`."""
    row = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    written = checked_changes(row, values, actor)
    was_off = not row.enabled
    for name, value in {**written, **_setter(actor)}.items():
        setattr(row, name, value)
    row.save()
    if row.enabled and (was_off or "url" in written):
        _forgive(row)
    return row


def checked_new(values: Mapping[str, Any], actor: Actor) -> tuple[FormSchema | None, CustomApp | None, dict[str, Any]]:
    """The form or app, and the columns of a new webhook. Raises as `webhook_make`."""
    schema, app = _place(values, actor)
    faults: list[Fault] = []
    written = {"enabled": True, "filters": [], **_read(values, schema, actor, faults)}
    _address(values.get("url"), written["enabled"], faults)
    for name in ("url", "events"):
        if name not in values:
            faults.append(Fault("required", _("This parameter is needed."), field=name))
    if Webhook.objects.filter(organization_id=actor.organization_id).count() >= MOST:
        message = _("An organization has at most {limit} webhooks.").format(limit=MOST)
        faults.append(Fault("too_many_webhooks", message, allowed={"max": MOST}))
    if faults:
        raise Refused(faults)
    return schema, app, written


def checked_changes(row: Webhook, values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The columns that these values change. Raises as `webhook_make`."""
    own = {"custom_form_id": row.custom_form_id} if row.custom_form_id else {"custom_app_id": row.custom_app_id}
    schema, _app = _place(own, actor)
    faults: list[Fault] = []
    written = _read(values, schema, actor, faults)
    if "url" in values or values.get("enabled"):
        _address(values.get("url", row.url), values.get("enabled", row.enabled), faults)
    if row.filters and "filters" not in values:
        _filters(row.filters, schema, actor, faults)  # the actor may see other fields than who set them
    if faults:
        raise Refused(faults)
    return written


def webhook_renew_secret(*, webhook: Webhook, actor: Actor) -> str:
    """Another secret, told only here; the old one is void at once. Raises NotFound."""
    row = webhook_of(actor, webhook.pk)
    row.salt = new_salt()
    row.save(update_fields=["salt", "updated_at"])
    return secret_of(row.salt)


def webhook_delete(*, webhook: Webhook, actor: Actor) -> None:
    """Remove the webhook with what it delivered and what waited. Raises NotFound."""
    webhook_of(actor, webhook.pk).delete()


def webhook_replay(
    *,
    webhook: Webhook,
    actor: Actor,
    delivery_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Have one delivery, or all that were last sent from `since` to `until`, sent again: how many. Raises Refused,
    NotFound, Conflict."""
    webhook = webhook_of(actor, webhook.pk)
    rows = webhook.deliveries.filter(entry_id__isnull=False)
    if (delivery_id is None) == (since is None):
        message = _("Say which: delivery_id, or since and, if wanted, until.")
        raise Refused([Fault("required", message, field="delivery_id")])
    if delivery_id is not None:
        rows = rows.filter(pk=delivery_id)
    else:
        rows = rows.filter(at__gte=since) if until is None else rows.filter(at__gte=since, at__lte=until)
    if not webhook.enabled:
        raise Conflict([Fault("switched_off", _("The webhook is switched off."), field="id", got=webhook.pk)])
    count = rows.count()
    if delivery_id is not None and not count:
        message = _("This webhook has no such delivery.")
        raise NotFound([Fault("unknown_delivery", message, field="delivery_id", got=delivery_id)])
    if count > MOST_AGAIN:
        message = _("At most {limit} items are allowed.").format(limit=MOST_AGAIN)
        raise Refused([Fault("too_many_items", message, field="since", got=count, allowed={"max": MOST_AGAIN})])
    return WebhookDelivery.objects.filter(pk__in=rows.values("pk")).update(again_at=schedule.now())


def _forgive(webhook: Webhook) -> None:
    """Try at once, and count from now: somebody has mended it."""
    WebhookState.objects.filter(pk=webhook.pk).update(
        failures=0, failing_since=None, next_at=None, stopped="", stopped_at=None, error=""
    )
    webhook.stuck.update(next_at=schedule.now(), attempts=1)


def _setter(actor: Actor) -> dict[str, Any]:
    return {
        "member_id": actor.member_id,
        "verbs": None if actor.verbs is None else sorted(actor.verbs),
        "form_ids": None if actor.form_ids is None else sorted(actor.form_ids),
    }


def _place(values: Mapping[str, Any], actor: Actor) -> tuple[FormSchema | None, CustomApp | None]:
    """The form, as the actor sees it, or the app. Raises Refused, NotFound, Forbidden."""
    form_id, app_id = values.get("custom_form_id"), values.get("custom_app_id")
    if (form_id is None) == (app_id is None):
        message = _("Name a form or an app, and not both.")
        raise Refused([Fault("required", message, field="custom_form_id")])
    if not actor.member_id:
        message = _("A webhook acts as the member who sets it up: sign in as one.")
        raise Forbidden([Fault("no_member", message)])
    if form_id is not None:
        schema = FormSchema.of(form_id, actor)
        _require(schema.whole.rights(actor))
        require_history(schema)
        return schema, None
    app = CustomApp.objects.filter(apps_in_sight(actor), pk=app_id or 0).first()
    if app is None:
        raise NotFound([Fault("unknown_app", _("There is no such app."), field="custom_app_id", got=app_id)])
    _require(app_rights(actor, app.pk))
    return None, app


def _require(rights: Any) -> None:
    """Raises Forbidden."""
    if not rights.may(Verb.DESIGN):
        message = _("No role allows this: {verb}.").format(verb=Verb.DESIGN.label)
        raise Forbidden([Fault("missing_verb", message, got=str(Verb.DESIGN))])
    if not suffices(rights):
        message = _("A webhook tells of every record: it needs the right to read all of them.")
        raise Forbidden([Fault("needs_all_rows", message)])


def _read(values: Mapping[str, Any], schema: FormSchema | None, actor: Actor, faults: list[Fault]) -> dict[str, Any]:
    """The columns of the given values; what is wrong with them is noted."""
    written: dict[str, Any] = {}
    if "url" in values:
        written["url"] = values["url"]
    if "events" in values:
        written["events"] = _events(values["events"], faults)
    if "filters" in values:
        written["filters"] = _filters(values["filters"] or [], schema, actor, faults)
    if "enabled" in values:
        written["enabled"] = values["enabled"]
    return written


def _address(url: str | None, enabled: bool, faults: list[Fault]) -> None:
    """What is wrong with an address. While the webhook is off, its name may be none yet."""
    if url is None:
        return
    try:
        addresses.check(url)
    except Refused as refused:
        faults += [fault for fault in refused.faults if enabled or fault.code != addresses.UNKNOWN_HOST]


def _events(names: Sequence[str] | None, faults: list[Fault]) -> list[str]:
    if not names:
        faults.append(Fault("required", _("Name at least one event."), field="events", allowed=list(EVENTS)))
    for place, name in enumerate(names or ()):
        if name in PLANNED:
            message = _("Tickets can't be returned or withdrawn yet, so there is no such event.")
            faults.append(Fault("not_supported", message, "events", index=place, allowed=list(EVENTS), got=name))
        elif name not in EVENTS:
            message = _("There is no such event.")
            faults.append(Fault("unknown_value", message, "events", index=place, allowed=list(EVENTS), got=name[:64]))
    return [event for event in EVENTS if event in (names or ())]


def _filters(raw: Any, schema: FormSchema | None, actor: Actor, faults: list[Fault]) -> Any:
    """The filters as they were sent, after a look whether they can be read."""
    if not raw:
        return []
    if schema is None:
        message = _("Filters name the fields of one form: name a form instead of an app.")
        faults.append(Fault("not_supported", message, field="filters"))
        return []
    parser = Parser(schema)
    parser.filters(raw)
    faults += [wrong.placed() for wrong in parser.wrong]
    return [raw] if isinstance(raw, Mapping) else list(raw)
