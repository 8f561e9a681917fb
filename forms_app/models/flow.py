"""Flows: how a form's tickets move. A definition is data; each publication keeps its own, for the tickets it began."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from forms_app.models.custom_form import CustomForm
from forms_app.models.people import Member
from forms_app.models.tracked import TrackedQuerySet

API_PATH = r"^[a-z0-9-]{1,64}\Z"


def new_api_path() -> str:
    """An API path that nobody else has."""
    return str(uuid.uuid4())


class Flow(models.Model):
    """A flow of a form's tickets. `draft` is what the designer edits (shape: docs/flow-definition.md); tickets begin on
    `published`."""

    custom_form = models.ForeignKey(CustomForm, models.PROTECT, related_name="flows", verbose_name=_("form"))
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    api_path = models.CharField(
        _("API path"),
        max_length=64,
        unique=True,
        default=new_api_path,
        validators=[RegexValidator(API_PATH, _("Lower-case letters, digits and -, at most 64."))],
        help_text=_("The last part of the addresses of its calls. It can't change once the flow was published."),
    )
    api_enabled = models.BooleanField(_("API calls"), default=True, help_text=_("Lets other systems use the flow."))
    attachments = models.BooleanField(
        _("attachments"), default=False, help_text=_("Files may be attached to its tickets.")
    )
    locks_record = models.BooleanField(
        _("locked records"),
        default=True,
        help_text=_("While a ticket is running, the values of its record change only through the ticket."),
    )
    draft: models.JSONField[Any, Any] = models.JSONField(
        _("draft"), default=dict, editable=False, encoder=DjangoJSONEncoder
    )
    published = models.ForeignKey(
        "FlowVersion",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("published version"),
    )
    creator = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("creator"), editable=False
    )
    update_user = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("changed by"), editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("flow")
        verbose_name_plural = _("flows")
        constraints = [models.UniqueConstraint(fields=["custom_form", "name"], name="flow_name")]

    def __str__(self) -> str:
        return self.name


class FlowVersion(models.Model):
    """A definition as it was published. It never changes: running tickets finish on it."""

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="versions", verbose_name=_("flow"))
    number = models.PositiveIntegerField(_("version"))
    definition: models.JSONField[Any, Any] = models.JSONField(_("definition"), encoder=DjangoJSONEncoder)
    published_by = models.ForeignKey(
        Member, models.SET_NULL, null=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published at"), auto_now_add=True)

    class Meta:
        verbose_name = _("version of a flow")
        verbose_name_plural = _("versions of flows")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["flow", "number"], name="flow_version")]

    def __str__(self) -> str:
        return f"{self.flow_id} · {self.number}"


class FlowCounter(models.Model):
    """The last ticket number of a flow. Not a column of the flow, whose rows are saved as a whole."""

    pk = models.CompositePrimaryKey("custom_form_id", "flow_id")
    custom_form_id = models.BigIntegerField()
    flow_id = models.BigIntegerField()
    last_no = models.BigIntegerField(default=0)

    class Meta:
        db_table = "flow_counter"

    def __str__(self) -> str:
        return f"{self.flow_id}: {self.last_no}"
