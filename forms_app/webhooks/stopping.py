"""Switching a webhook off that can't go on, and telling those who can mend it."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from forms_app.models import Member, Webhook, WebhookState
from forms_app.people.accounts import language_of
from forms_app.people.administrators import administration
from forms_app.webhooks import schedule

log = structlog.get_logger(__name__)


def stop(webhook: Webhook, reason: str) -> None:
    """Switch the webhook off, for one of WebhookState.Stopped. It keeps its place: switched on again, it goes on there.
    Its maker and the organization's administrators are mailed, where the server has mail; its page says it anyhow."""
    with transaction.atomic():
        webhook.enabled = False
        webhook.save(update_fields=["enabled", "updated_at"])
        WebhookState.objects.filter(pk=webhook.pk).update(stopped=reason, stopped_at=schedule.now())
    log.warning("webhook switched off", webhook_id=webhook.pk, reason=reason)
    if settings.EMAIL_HOST:
        for member in _whom(webhook):
            _mail(webhook, reason, member)


def _whom(webhook: Webhook) -> list[Member]:
    """Who has an address to be told at: the administrators, and who set the webhook up."""
    told = administration(webhook.organization_id).active().select_related("user")
    by_key = {member.pk: member for member in [webhook.member, *told] if member.is_active}
    return [member for member in by_key.values() if member.user is not None and member.user.email]


def _mail(webhook: Webhook, reason: str, member: Member) -> None:
    user = member.user
    if user is None:
        return
    with translation.override(language_of(user) or settings.LANGUAGE_CODE):
        why = str(WebhookState.Stopped(reason).label)
        text = _("The webhook to {url} was switched off: {why}. What happens meanwhile is kept for it.")
        body = text.format(url=webhook.url, why=why)
        send_mail(_("A webhook was switched off"), body, None, [user.email], fail_silently=True)
