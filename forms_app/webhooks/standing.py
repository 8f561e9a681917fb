"""As whom a webhook reads, which forms it is told of, and why it may not."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from forms_app.models import CustomApp, CustomForm, Status, Verb, Webhook
from forms_app.people.actor import Actor
from forms_app.people.rights import ALL_ROWS, VERBS, Rights, summed
from forms_app.people.roles import apps_in_sight, forms_in_sight, given_to
from forms_app.records.query.parsing import Parser
from forms_app.records.query.terms import Terms
from forms_app.schema.form_schema import FormSchema


class Stopped(Exception):
    """The webhook may not go on. `reason` is one of WebhookState.Stopped."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def actor_of(webhook: Webhook) -> Actor:
    """Who set it up last, within the limits of the token that they used."""
    member = webhook.member
    return Actor(
        member.organization_id,
        member.pk,
        member.uid,
        None if webhook.verbs is None else frozenset(webhook.verbs),
        None if webhook.form_ids is None else frozenset(webhook.form_ids),
    )


def app_rights(actor: Actor, app_id: int) -> Rights:
    """What the actor has on every form of an app, those that come included."""
    if actor.form_ids is not None:
        return Rights()
    if actor.system:
        return Rights(frozenset(VERBS), frozenset({ALL_ROWS}))
    rights = summed(grant for grant in given_to(actor) if grant.form_id is None and grant.app_id in (None, app_id))
    return rights if actor.verbs is None else rights.only(actor.verbs)


def suffices(rights: Rights) -> bool:
    """Whether who has these rights on a form may have a webhook on it: they design it, and read every record."""
    return rights.may(Verb.DESIGN) and rights.all_rows


def forms_of(webhook: Webhook) -> Sequence[FormSchema]:
    """The enabled forms that keep a history and that its member may have webhooks on, whole. Raises Stopped."""
    actor = actor_of(webhook)
    if not webhook.member.is_active:
        raise Stopped("rights")
    if webhook.custom_form_id is not None:
        schema = FormSchema.find(webhook.custom_form_id)
        if schema is None or not suffices(schema.rights(actor)):
            raise Stopped("rights")
        schemas = [schema]
    else:
        if not suffices(app_rights(actor, webhook.custom_app_id or 0)):
            raise Stopped("rights")
        forms = CustomForm.objects.filter(custom_app=webhook.custom_app_id, status=Status.ENABLE)
        found = (FormSchema.find(form_id) for form_id in forms.order_by("pk").values_list("pk", flat=True))
        schemas = [schema for schema in found if schema is not None and suffices(schema.rights(actor))]
    return [schema for schema in schemas if schema.enabled and schema.keeps_history]


def terms_of(webhook: Webhook, schema: FormSchema) -> Terms:
    """Its filters on the form as its member sees it. Raises Stopped where they fit no more."""
    if not webhook.filters:
        return Terms()
    parser = Parser(schema.seen_by(actor_of(webhook)))
    terms = Terms(parser.filters(webhook.filters))
    if parser.wrong:
        raise Stopped("filters")
    return terms


def in_sight(actor: Actor) -> Q:
    """The condition on webhooks that the actor may see and change: those of forms, and of apps, that they design."""
    forms = CustomForm.objects.filter(forms_in_sight(actor, Verb.DESIGN)).values("pk")
    apps = CustomApp.objects.filter(apps_in_sight(actor, Verb.DESIGN)).values("pk")
    return Q(organization_id=actor.organization_id) & (Q(custom_form__in=forms) | Q(custom_app__in=apps))


def webhooks_of(actor: Actor) -> QuerySet[Webhook]:
    """These webhooks."""
    return Webhook.objects.filter(in_sight(actor))


def condition(webhook: Webhook) -> str:
    """How it fares: `off`, `stopped` (by the server, for a reason), `failing` (nothing is accepted now), `on`."""
    state = webhook.state
    if not webhook.enabled:
        return "stopped" if state.stopped else "off"
    return "failing" if state.failures else "on"
