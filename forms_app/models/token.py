"""Access tokens: who a client acts as, and what it may do."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from forms_app.models.custom_form import CustomForm
from forms_app.models.people import Member, Organization
from forms_app.models.tracked import TrackedQuerySet


class AccessToken(models.Model):
    """A token of the API. Only a keyed hash of it is kept; the token itself is shown once, when it is made."""

    organization = models.ForeignKey(Organization, models.CASCADE, verbose_name=_("organization"), editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="access_tokens", verbose_name=_("acts as"))
    name = models.CharField(_("name"), max_length=100, help_text=_("What uses it, e.g. the name of the other system."))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=12, editable=False)
    verbs: models.JSONField[Any, Any] = models.JSONField(
        _("verbs"),
        null=True,
        blank=True,
        help_text=_("What it may do of what its member may; none chosen: all of it."),
    )
    restricted = models.BooleanField(default=False, editable=False)
    """Limited to `custom_forms`; kept apart, so that a limited token stays so when its last form is deleted."""
    custom_forms = models.ManyToManyField(
        CustomForm,
        blank=True,
        related_name="+",
        verbose_name=_("forms"),
        help_text=_("None chosen: all forms of the organization."),
    )
    networks: models.JSONField[Any, Any] = models.JSONField(
        _("networks"),
        default=list,
        blank=True,
        help_text=_("From where it may be used, e.g. 10.0.0.0/8; none: from everywhere."),
    )
    calls_per_minute = models.PositiveIntegerField(
        _("calls a minute"), null=True, blank=True, help_text=_("Empty: as many as the server allows.")
    )
    calls_at_once = models.PositiveIntegerField(
        _("calls at a time"), null=True, blank=True, help_text=_("Empty: as many as the server allows.")
    )
    successor = models.OneToOneField(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="predecessor",
        verbose_name=_("replaced by"),
    )
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return self.name


class CallWindow(models.Model):
    """How often an organization called in the current window of time; used only when THROTTLE_RATE is set."""

    organization = models.OneToOneField(Organization, models.CASCADE, primary_key=True)
    window = models.BigIntegerField()
    calls = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.calls}"


class TokenCallWindow(models.Model):
    """How often a token with a rate of its own called in the current minute."""

    access_token = models.OneToOneField(AccessToken, models.CASCADE, primary_key=True, db_constraint=False)
    window = models.BigIntegerField()
    calls = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.access_token_id}: {self.calls}"
