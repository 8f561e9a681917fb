"""The audit log: who changed a definition, a person or a right, when, by what, from what to what."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One change of one row. Written in the transaction of the change, and never changed. It refers to nothing by a
    foreign key: it stays when what it tells of is gone. `page_kind` and `page_id` name the thing on whose page it is
    shown, as the form of a field."""

    class Action(models.TextChoices):
        CREATED = "created", _("created")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")

    organization_id = models.BigIntegerField(_("organization"), null=True)
    kind = models.CharField(_("kind"), max_length=40)
    object_id = models.BigIntegerField()
    label = models.CharField(_("name"), max_length=200)
    page_kind = models.CharField(max_length=40)
    page_id = models.BigIntegerField()
    action = models.CharField(_("action"), max_length=8, choices=Action)
    changes: models.JSONField[Any, Any] = models.JSONField(_("changes"), default=list, encoder=DjangoJSONEncoder)
    """[{"name", "path"?, "before"?, "after"?}], of related rows [{"name", "added"?: [id], "removed"?: [id]}]."""
    at = models.DateTimeField(_("time"))
    member_id = models.BigIntegerField(null=True)
    who = models.CharField(_("who"), max_length=100, blank=True)
    """The member's name as it was."""
    account_id = models.BigIntegerField(null=True)
    account = models.CharField(_("account"), max_length=150, blank=True)
    token_id = models.BigIntegerField(null=True)
    token = models.CharField(_("access token"), max_length=100, blank=True)
    call = models.CharField(_("by"), max_length=200, blank=True)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)

    class Meta:
        db_table = "audit_entry"
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["page_kind", "page_id", "-id"], name="audit_entry_page"),
            models.Index(fields=["organization_id", "-id"], name="audit_entry_organization"),
            models.Index(fields=["at"], name="audit_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.action}"
