"""Webhooks: which address is told of which events, how far each has come, and what it answered (docs/contract.md §5.5).

They belong to an organization: their tables are no part of a form's records, and are not distributed by its forms.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forms_app.models.custom_form import CustomApp, CustomForm
from forms_app.models.people import Member, Organization
from forms_app.models.tracked import TrackedQuerySet


class Webhook(models.Model):
    """An address that is told of changes. It says what `member`, who set it up last, may read, within the limits of the
    token that they used: `verbs` and `form_ids` as an Actor has them."""

    organization = models.ForeignKey(Organization, models.CASCADE, verbose_name=_("organization"), editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("set up by"), editable=False)
    verbs: models.JSONField[Any, Any] = models.JSONField(null=True, editable=False)
    form_ids: models.JSONField[Any, Any] = models.JSONField(null=True, editable=False)
    custom_form = models.ForeignKey(
        CustomForm, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("form")
    )
    custom_app = models.ForeignKey(
        CustomApp, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("app")
    )
    url = models.CharField(_("posted to"), max_length=2_000)
    events: models.JSONField[Any, Any] = models.JSONField(_("events"), default=list)
    filters: models.JSONField[Any, Any] = models.JSONField(_("filters"), default=list, blank=True)
    enabled = models.BooleanField(_("switched on"), default=True)
    salt = models.CharField(max_length=64, editable=False)
    """With SECRET_KEY it makes the secret that signs (webhooks/signing.py): a stolen table proves nothing."""
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(custom_form__isnull=True) ^ Q(custom_app__isnull=True), name="webhook_of_form_or_app"
            )
        ]

    def __str__(self) -> str:
        return self.url


class WebhookState(models.Model):
    """How far a webhook has come and how it fares; written by what delivers."""

    class Stopped(models.TextChoices):
        UNDELIVERED = "undelivered", _("nothing was accepted for three days")
        GONE = "gone", _("the address answered 410 Gone")
        RIGHTS = "rights", _("whoever set it up may no longer read or design this")
        FILTERS = "filters", _("its filters no longer fit the form")
        ADDRESS = "address", _("its address is not allowed any more")

    webhook = models.OneToOneField(Webhook, models.CASCADE, primary_key=True, related_name="state")
    began = models.BigIntegerField()
    """The order of commits when it was made: what was committed before is not told."""
    cursors: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Of each form and stream, how far all is settled, and what is beyond that: webhooks/cursors.py."""
    failures = models.PositiveIntegerField(default=0)
    """How often in a row nothing at all was accepted."""
    error = models.CharField(max_length=20, blank=True)
    """Why, as a delivery has it: a key of webhooks.receiver.ERRORS, or the status that was answered."""
    failing_since = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    """Not to be tried before; None: as soon as there is something."""
    stopped = models.CharField(max_length=20, choices=Stopped, blank=True)
    stopped_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    """Who delivers for it now, and until when: one at a time."""
    delivered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.webhook_id}: {self.failures}"


class WebhookStuck(models.Model):
    """A record, or ticket, whose event was refused: from `entry_id` on its events wait, while others go on."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="stuck", db_index=False)
    custom_form_id = models.BigIntegerField()
    stream = models.CharField(max_length=6)
    subject_id = models.BigIntegerField()
    entry_id = models.BigIntegerField()
    attempts = models.PositiveIntegerField()
    since = models.DateTimeField()
    next_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "custom_form_id", "stream", "subject_id"], name="webhook_stuck_subject"
            )
        ]
        indexes = [models.Index(fields=["webhook", "next_at"], name="webhook_stuck_next_at")]

    def __str__(self) -> str:
        return f"{self.webhook_id}: {self.stream} {self.custom_form_id}/{self.subject_id}"


class WebhookDelivery(models.Model):
    """An event that was sent, and what was answered last. The body is not kept: it is made again of the log."""

    class Status(models.TextChoices):
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("refused")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    message_id = models.CharField(_("message"), max_length=100)
    event = models.CharField(_("event"), max_length=30)
    custom_form_id = models.BigIntegerField(_("form"), null=True)
    stream = models.CharField(max_length=6, blank=True)
    subject_id = models.BigIntegerField(null=True)
    entry_id = models.BigIntegerField(null=True)
    record_id = models.BigIntegerField(_("record"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    status = models.CharField(_("state"), max_length=9, choices=Status)
    answer_status = models.PositiveSmallIntegerField(_("answer"), null=True)
    answer = models.TextField(_("answer's beginning"), blank=True)
    error = models.CharField(_("fault"), max_length=20, blank=True)
    """A key of webhooks.receiver.ERRORS, where nothing was answered."""
    milliseconds = models.FloatField(_("ms"))
    at = models.DateTimeField(_("time"))
    again_at = models.DateTimeField(null=True)
    """Since when it is asked to be sent again."""

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["webhook", "message_id"], name="webhook_delivery_message")]
        indexes = [
            models.Index(fields=["webhook", "at", "id"], name="webhook_delivery_page"),
            models.Index(fields=["at"], name="webhook_delivery_at"),
            models.Index(fields=["webhook", "id"], name="webhook_delivery_again", condition=Q(again_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.message_id
