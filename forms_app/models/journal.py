"""What is noted of those who come in: events of access, and calls of the APIs. Rows stand by themselves: whom they name
may be gone, and no constraint asks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from forms_app.models.people import Member, Organization
from forms_app.models.token import AccessToken


def named(model: Any, label: Any) -> Any:
    """Whom or what a row names; it goes its own way."""
    return models.ForeignKey(
        model,
        models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=label,
    )


class AccessEvent(models.Model):
    """Somebody came in, went out or was refused. What is refused again and again is one row an hour with a count."""

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        COMPANY_SIGN_IN = "company_sign_in", _("signed in through the company")
        SIGNED_OUT = "signed_out", _("signed out")
        SIGN_IN_FAILED = "sign_in_failed", _("sign-in refused")
        LOCKED = "locked", _("has to wait")
        INVITATION_USED = "invitation_used", _("invitation used")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        CODE_ISSUED = "code_issued", _("security code given")
        CODE_REFUSED = "code_refused", _("security code refused")
        TOKEN_REFUSED = "token_refused", _("token refused")

    class Reason(models.TextChoices):
        UNKNOWN = "unknown", _("unknown")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")
        WRONG_NETWORK = "wrong network", _("from another network")
        INACTIVE_MEMBER = "inactive member", _("the member is deactivated")
        WRONG_PASSWORD = "wrong password", _("wrong password")
        TOO_EARLY = "too early", _("too many wrong passwords")
        UNKNOWN_ACCOUNT = "unknown account", _("no such account")
        NO_MEMBER = "no member", _("the company's account fits no member")
        PROVIDER = "provider", _("the company's sign-in failed")

    organization = named(Organization, _("organization"))
    kind = models.CharField(_("event"), max_length=20, choices=Kind.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    user = named(settings.AUTH_USER_MODEL, _("account"))
    account = models.CharField(_("sign-in name"), max_length=150, blank=True)
    """As it is called, never as it was typed: a password in the wrong place is nobody's name."""
    member = named(Member, _("member"))
    token = named(AccessToken, _("access token"))
    token_name = models.CharField(_("token's name"), max_length=100, blank=True)
    hint = models.CharField(_("access token"), max_length=12, blank=True)
    """`…wxyz`, the end of a known token; `#1a2b3c4d`, a hash of an unknown one."""
    by = models.CharField(_("done by"), max_length=150, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    agent = models.CharField(_("browser or client"), max_length=120, blank=True)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    count = models.PositiveBigIntegerField(_("times"), default=1)
    at = models.DateTimeField(_("time"))
    last_at = models.DateTimeField(_("last time"))
    collapsed = models.CharField(max_length=32, null=True, unique=True, editable=False)
    """What all that this row counts has in common, hashed, with its hour; NULL where each event has its own row."""

    class Meta:
        verbose_name = _("event of access")
        verbose_name_plural = _("sign-ins")
        indexes = [
            models.Index(fields=["at"], name="access_event_at"),
            models.Index(fields=["organization", "at"], name="access_event_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.account or self.token_name or self.hint}"


class ApiCall(models.Model):
    """A call of one of the APIs, or one chosen by chance of so many (`weight`)."""

    organization = named(Organization, _("organization"))
    member = named(Member, _("member"))
    token = named(AccessToken, _("access token"))
    method = models.CharField(_("method"), max_length=10)
    path = models.CharField(_("call"), max_length=120)
    """The pattern of the address with the ids that it names; never a text of the caller's."""
    form_id = models.BigIntegerField(_("form"), null=True)
    """As it was asked for: it may be none, or nobody's that the caller knows."""
    status = models.PositiveSmallIntegerField(_("status"))
    code = models.CharField(_("refusal"), max_length=100, blank=True)
    milliseconds = models.FloatField(_("ms"))
    request_id = models.CharField(_("request id"), max_length=64)
    address = models.CharField(_("address"), max_length=45, blank=True)
    weight = models.FloatField(_("stands for"), default=1)
    body = models.TextField(_("what was sent, masked"), blank=True)
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("API call")
        verbose_name_plural = _("logged calls")
        indexes = [
            models.Index(fields=["at"], name="api_call_at"),
            models.Index(fields=["organization", "at"], name="api_call_organization"),
            models.Index(fields=["token", "at"], name="api_call_token"),
            models.Index(fields=["request_id"], name="api_call_request"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
