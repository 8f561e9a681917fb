"""Tickets: records on their way through a flow; where they stand, and how they came there.

The tables are made by SQL in the migrations. Their keys begin with `custom_form_id`, as a record's does; the ids alone
are unique too, so Django may take them for the key. Every statement names the form: read from `of_form` or `of_ticket`
on, join by `ticket` and `tokens`, which compare both columns, write by `update` and `bulk_create`. `save` and `delete`
of a row that exists would go by its id alone. No foreign key of the database leads to a record: tickets and their
history outlive it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forms_app.exact_json import ExactDecoder, ExactEncoder
from forms_app.models.custom_form import CustomForm, Status
from forms_app.models.flow import Flow, FlowVersion
from forms_app.models.form_rows import FormQuerySet, M
from forms_app.models.stored_file import StoredFile


class NextTicketId(models.Func):
    """`nextval` of the sequence behind the ids of tickets, tokens, steps and attachments."""

    template = "nextval('ticket_id_seq')"
    arity = 0
    output_field = models.BigIntegerField()


class ChangeTx(models.Func):
    """The order of commits, as migration 0018 numbers it."""

    template = "form_change_tx()"
    arity = 0
    output_field = models.BigIntegerField()


class TicketQuerySet(FormQuerySet["Ticket"]):
    """Tickets by their form, or, over all forms, by what an index of its own finds: who opened or called them."""

    def running(self) -> Self:
        return self.filter(state=Ticket.State.RUNNING)

    def over(self) -> Self:
        """Those that ended or were closed."""
        return self.exclude(state=Ticket.State.RUNNING)

    def opened_by(self, organization_id: int, uid: int) -> Self:
        """Those that a member opened, of all forms."""
        return self.filter(organization_id=organization_id, creator_uid=uid)

    def called_by(self, form_id: int, token_ids: Iterable[int]) -> Self:
        """Those that were opened for tokens of this form's tickets, of all forms, in order."""
        return self.filter(caller_form_id=form_id, caller_token_id__in=token_ids).order_by("id")


class TicketPartQuerySet(FormQuerySet[M]):
    """What belongs to tickets."""

    def of_ticket(self, form_id: int, ticket_id: int) -> Self:
        return self.of_form(form_id).filter(ticket_id=ticket_id)


class TicketTokenQuerySet(TicketPartQuerySet["TicketToken"]):
    """Tokens by where they stand and who may push them."""

    def of_tickets(self, tickets: Iterable[tuple[int, int]]) -> Self:
        """Those of these tickets (form, ticket)."""
        by_form: dict[int, set[int]] = {}
        for form_id, ticket_id in tickets:
            by_form.setdefault(form_id, set()).add(ticket_id)
        if not by_form:
            return self.none()
        return self.filter(reduce(or_, (Q(custom_form_id=form, ticket_id__in=ids) for form, ids in by_form.items())))

    def open(self) -> Self:
        """Where tickets stand, in the order of arrival."""
        return self.exclude(state=TicketToken.State.DONE).order_by("id")

    def stopped(self) -> Self:
        """Those that an error has stopped."""
        return self.filter(state=TicketToken.State.STOPPED)

    def pushable_by(self, organization_id: int, uid: int, dids: Iterable[int]) -> Self:
        """Those that wait for a person and that this member may push, who stands in these departments or below them, of
        all forms that are enabled: one that was disabled takes no push."""
        named = reduce(or_, (Q(department_dids__contains=did) for did in dids), Q(member_uids__contains=uid))
        waiting = self.filter(organization_id=organization_id, state=TicketToken.State.WAITING)
        return waiting.filter(named | Q(anyone=True), custom_form__status=Status.ENABLE)


class TicketBase(models.Model):
    """What all tables of tickets begin with."""

    id = models.BigIntegerField(primary_key=True, db_default=NextTicketId(), editable=False)
    custom_form = models.ForeignKey(CustomForm, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


def ticket_key(related_name: str) -> models.ForeignObject:
    """The ticket of a row, by its whole key: (`custom_form_id`, `ticket_id`)."""
    return models.ForeignObject(
        Ticket,
        models.CASCADE,
        from_fields=["custom_form", "ticket_id"],
        to_fields=["custom_form", "id"],
        related_name=related_name,
        verbose_name=_("ticket"),
    )


class Ticket(TicketBase):
    """A record moving through a flow, under the version that it began with."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        ENDED = "ended", _("ended")
        CLOSED = "closed", _("closed")

    organization_id = models.BigIntegerField(_("organization"))
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="tickets", verbose_name=_("flow"))
    flow_version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="+", verbose_name=_("version"))
    entity_id = models.BigIntegerField(_("record"))
    data_no = models.BigIntegerField(_("ticket number"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    outcome = models.CharField(_("ended at"), max_length=100, blank=True)
    variables: models.JSONField[Any, Any] = models.JSONField(
        _("variables"), default=dict, encoder=ExactEncoder, decoder=ExactDecoder
    )
    creator_uid = models.BigIntegerField(_("opened by (uid)"))
    caller_form_id = models.BigIntegerField(null=True)
    caller_token_id = models.BigIntegerField(null=True)
    """The token of another ticket that waits for this one's end."""
    depth = models.PositiveSmallIntegerField(default=0)
    """How many tickets called one another down to this one."""
    created_at = models.DateTimeField(_("opened at"))
    updated_at = models.DateTimeField(_("moved at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        db_table = "ticket"
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        permissions = [
            ("push_any_ticket", "Can push any ticket at every stage"),
            ("resume_ticket", "Can resume and close tickets"),
        ]

    def __str__(self) -> str:
        return f"{self.flow_id}-{self.data_no}"


class TicketToken(TicketBase):
    """A place where a ticket stands. `id` is the `data_id`; a row is closed when the ticket moves on, never reused."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for a person")
        CALLING = "calling", _("waiting for another flow")
        JOINING = "joining", _("waiting for other branches")
        STOPPED = "stopped", _("stopped by an error")
        DONE = "done", _("done")

    ticket_id = models.BigIntegerField()
    ticket = ticket_key("tokens")
    organization_id = models.BigIntegerField()
    component = models.CharField(max_length=64)
    name = models.CharField(_("stage"), max_length=100)
    state = models.CharField(_("state"), max_length=8, choices=State)
    branches: models.JSONField[Any, Any] = models.JSONField(default=list)
    """The open parallels that the token runs in, outermost first: [run, branch, branches of the run]."""
    anyone = models.BooleanField(default=False)
    member_uids: models.JSONField[Any, Any] = models.JSONField(default=list)
    department_dids: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Who may push: everyone of the organization, or these members and who stands in these departments or below."""
    message = models.TextField(blank=True)
    """Why it is stopped."""
    created_at = models.DateTimeField(_("since"))
    closed_at = models.DateTimeField(null=True)

    objects = TicketTokenQuerySet.as_manager()

    class Meta:
        db_table = "ticket_token"
        verbose_name = _("stage of a ticket")
        verbose_name_plural = _("stages of tickets")

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"


class TicketStep(TicketBase):
    """One entry of a ticket's history: what happened at a component, which tokens it closed and opened."""

    ticket_id = models.BigIntegerField()
    ticket = ticket_key("steps")
    action = models.CharField(max_length=8)
    """open, push, decide, fork, join, set, call, return, end, arrive, stop, resume, assign, close: language.moves;
    edit, transfer: records.statements, at no component; comment: tickets.worklog."""
    component = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    uid = models.BigIntegerField(null=True)
    """Who; None for what the flow did by itself."""
    closed: models.JSONField[Any, Any] = models.JSONField(default=list)
    opened: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Ids of tokens; an opened one with where and how it stands: [id, component, state]."""
    changed: models.JSONField[Any, Any] = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)
    """Field, $variable or @assignees → [before, after]."""
    entity_version = models.BigIntegerField()
    """The record's version after it."""
    message = models.TextField(blank=True)
    created_at = models.DateTimeField()
    tx = models.BigIntegerField(null=True, db_default=ChangeTx(), editable=False)
    """With `id` the order in which steps were committed, as the change log has it; NULL: before that was noted."""

    objects = TicketPartQuerySet.as_manager()

    class Meta:
        db_table = "ticket_step"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.action} {self.name}"


class TicketAttachment(TicketBase):
    """A file that was attached to a ticket as a whole."""

    ticket_id = models.BigIntegerField()
    ticket = ticket_key("attachments")
    stored_file = models.ForeignKey(StoredFile, models.PROTECT, related_name="attached", verbose_name=_("file"))
    uid = models.BigIntegerField()
    created_at = models.DateTimeField()

    objects = TicketPartQuerySet.as_manager()

    class Meta:
        db_table = "ticket_attachment"

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.stored_file_id}"


class SecurityCode(models.Model):
    """A code that stands for an account in the ticket API while it is used. Only a keyed hash of it is kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey("auth.User", models.CASCADE, related_name="+")
    session_auth_hash = models.CharField(max_length=64)
    """The account's when the code was given, as a session holds it: it changes with the password."""
    last_used_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.digest[:8]}"
