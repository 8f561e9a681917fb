"""Typical mistakes in the calls of a flow, made of its own fields; the reasons are those of the checks themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from apaas.reference.pages.flow_examples import FlowExamples
from apaas.reference.pages.flow_tickets import FlowTickets
from apaas.reference.pages.flow_trial import trial_open, trial_push
from apaas.reference.pages.refusals import faults_of, is_plain
from apaas.reference.pages.tabs import Refusal
from apaas.tickets import parameters
from apaas.tickets.answers import OPEN, PUSH, QUERY, UNKNOWN_ACCOUNT, Wording, failure, reason_of
from apaas.tickets.callers import unknown_security
from apaas.tickets.form_data import FormData
from apaas.tickets.writes import untyped
from forms_app.exceptions import DomainError
from forms_app.field_types._references import MAX_ID
from forms_app.flows.language import HumanInput
from forms_app.tickets.pushing import ticket_push

STATUS = 404
"""In the body; the HTTP status is 200."""
HIDDEN = "<security>"
"""Stands for the code, as in the document."""
MOST_WRONG = 2
WRONG = "?"
"""No value of a type that is not a text."""
Check = Callable[[], object]
Sent = dict[str, Any]


def refusal(
    title: str, words: Wording, sent: Sent, check: Check, form: FormData | None = None, security: str = HIDDEN
) -> list[Refusal]:
    """The refusal that `check` raises; none where it lets all through."""
    try:
        check()
    except DomainError as refused:
        reason = reason_of(refused.faults, form.spelt if form else lambda fault: fault.field)
        return [Refusal(title, STATUS, {"security": security, **sent}, failure(words, reason))]
    return []


def no_account() -> list[Refusal]:
    """Of the call for a security code."""
    status = int(str(UNKNOWN_ACCOUNT["status"]))
    return [Refusal(_("A wrong account or password"), status, None, UNKNOWN_ACCOUNT)]


def no_security(words: Wording, sent: Sent) -> list[Refusal]:
    def ended() -> None:
        raise unknown_security()

    return refusal(_("A code that has ended"), words, sent, ended, security="no-such-code")


# --- Opening ---------------------------------------------------------------------------------------------


def of_open(examples: FlowExamples) -> list[Refusal]:
    compiled, start, given = examples.compiled, examples.compiled.definition.start, examples.opening
    refusals: list[Refusal] = []

    def mistake(title: str, values: Mapping[str, Any], start_input: Mapping[str, Any], *more: Sent) -> None:
        formdata = [*examples.formdata(values), *more]
        sent: Sent = {"action": "create", "formdata": formdata}
        if start_input:
            sent["start_input"] = start_input
        check = partial(trial_open, compiled, examples.examples.actor, formdata, start_input)
        refusals.extend(refusal(title, OPEN, sent, check, form_of(examples, formdata)))

    required = examples.required(start)
    if required:
        left = {name: value for name, value in given.values.items() if name not in required}
        mistake(_("Nothing in the required fields"), dict(list(left.items())[:MOST_WRONG]), given.start_input)
    if any(variable.required for variable in compiled.variables.values()):
        mistake(_("A required variable is missing"), given.values, {})
    if wrong := wrong_values(examples):
        mistake(_("Values that the fields do not take"), given.values | wrong, given.start_input)
    if broken := examples.breaking(start, given, None):
        mistake(_("The start's rule does not hold"), broken.values, broken.start_input)
    number = max((column.number for column in examples.schema.fields), default=0) + 1
    mistake(_("A field that does not exist"), {}, given.start_input, {"id": f"FORMITM_{number}", "value": "1"})
    return [*refusals, *no_security(OPEN, {"action": "create", "formdata": []})]


def form_of(examples: FlowExamples, formdata: list[Sent]) -> FormData:
    """Knows by which names the fields were sent."""
    form = FormData(examples.schema)
    form.read_values({"formdata": formdata})
    return form


def wrong_values(examples: FlowExamples) -> dict[str, Any]:
    """A wrong text for some of the fields that opening lets be written, an option that does not exist first."""
    wrong: dict[str, Any] = {}
    writable = examples.writable(examples.compiled.definition.start)
    for column in sorted(writable, key=lambda column: not column.options):
        if len(wrong) == MOST_WRONG:
            break
        rejects = sorted(column.type.rejects, key=lambda example: example[1] != "unknown_option")
        for sent in (*(raw for raw, _code in rejects if isinstance(raw, str)), WRONG):
            if sent and is_plain(sent) and faults_of(column, untyped(sent)):
                wrong[column.name] = sent
                break
    return wrong


# --- Querying, pushing -----------------------------------------------------------------------------------


def of_query() -> list[Refusal]:
    sent = {"data_no": "A-17"}
    return [
        *refusal(_("No number of a ticket"), QUERY, sent, lambda: parameters.ticket_number(sent)),
        *no_security(QUERY, {"data_no": "1"}),
    ]


def of_push(examples: FlowExamples, tickets: FlowTickets) -> list[Refusal]:
    update: Sent = {"action": "update"}
    refusals = []
    used = tickets.pushed(examples.stages)
    if used:
        refusals += at_stage(_("A stage that was pushed already"), used, examples, tickets)
    refusals += at_stage(_("A stage that never was"), MAX_ID, examples, tickets)
    refusals += refusal(_("No data_id"), PUSH, update, lambda: parameters.stage_id({}))
    for stage in examples.stages:
        waiting = tickets.waiting(stage)
        if waiting and (more := of_stage(examples, tickets, stage)):
            refusals += more
            break
    return [*refusals, *no_security(PUSH, {**update, "data_id": "1"})]


def at_stage(title: str, data_id: int, examples: FlowExamples, tickets: FlowTickets) -> list[Refusal]:
    """What pushing a stage is answered that can't be pushed any more: it is refused before anything is written."""
    check = partial(ticket_push, flow=tickets.flow, data_id=data_id, values={}, actor=examples.examples.actor)
    return refusal(title, PUSH, {"action": "update", "data_id": str(data_id)}, check)


def of_stage(examples: FlowExamples, tickets: FlowTickets, stage: HumanInput) -> list[Refusal]:
    """The mistakes at a stage where a ticket waits: required fields left out, a field that is only shown."""
    waiting = tickets.waiting(stage)
    ticket = tickets.trial_ticket(waiting.ticket) if waiting else None
    if waiting is None or ticket is None:
        return []

    def mistake(title: str, values: Mapping[str, Any]) -> list[Refusal]:
        formdata = examples.formdata(values)
        sent = {"action": "update", "data_id": str(waiting.data_id), "formdata": formdata}
        check = partial(trial_push, examples.compiled, examples.examples.actor, stage, ticket, formdata)
        return refusal(title, PUSH, sent, check, form_of(examples, formdata))

    refusals = mistake(_("Nothing in the required fields"), {})
    shown = [field.name for field in stage.fields or () if not field.writable and field.name in examples.sent]
    if shown:
        given = examples.pushing(stage, ticket).values
        refusals += mistake(_("A field that the stage only shows"), given | {shown[0]: examples.sent[shown[0]]})
    if broken := examples.breaking(stage, examples.pushing(stage, ticket), ticket):
        refusals += mistake(_("The stage's rule does not hold"), broken.values)
    return refusals
