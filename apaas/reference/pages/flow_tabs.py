"""The tabs of a flow's API page: the security code, 開單, 查詢, 推單."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from apaas.reference.calls import Endpoint
from apaas.reference.layout import json_scalar
from apaas.reference.pages import flow_parameters as rows
from apaas.reference.pages import flow_refusals as refusals
from apaas.reference.pages.flow_examples import FlowExamples, Given
from apaas.reference.pages.flow_tickets import FlowTickets
from apaas.reference.pages.tabs import Sample, Tab
from apaas.reference.sample_requests import Picked, SampleRequest, Secret, curl_keeping, python_keeping
from apaas.reference.samples import FIRST_ID
from apaas.tickets.answers import LANGUAGE, OPEN, PUSH, QUERY, SECURITY, success
from forms_app.flows.language import ACTIONS, HumanInput
from forms_app.models import Flow

CODE = Secret("SECURITY", gettext_lazy("your security code, or an access token"))
ACCOUNT = (
    Secret("APAAS_USER", gettext_lazy("your account")),
    Secret("APAAS_PASSWORD", gettext_lazy("your password")),
)
A_CODE = "67ec416f-f68d-4916-927c-b146290ce5b5"
FILE, PICTURE = "contract.pdf", "photo.jpg"


@dataclass(frozen=True)
class FlowPage:
    """What the tabs are made of. Without `examples` the flow has no definition that can be read: no samples."""

    flow: Flow
    origin: str
    examples: FlowExamples | None
    tickets: FlowTickets
    has_member: bool
    """Whether who looks at it is linked to a member."""

    def address(self, name: str) -> str:
        if name == "security-code":
            return f"{self.origin}{reverse(name)}/"  # as the document spells it
        return self.origin + reverse(name, args=[self.flow.api_path])

    def sends(self, name: str, **parts: Any) -> SampleRequest:
        """A request to that address. Its language is what this page is in, for the reasons of failures."""
        language = get_language() or LANGUAGE
        headers: dict[str, str | Secret] = {} if language == LANGUAGE else {"Accept-Language": language}
        method = "GET" if name == "security-code" else "POST"
        return SampleRequest(method, self.address(name), headers, **parts)

    def endpoint(self, name: str) -> list[Endpoint]:
        sample = self.sends(name)
        return [Endpoint(sample.method, sample.url.removeprefix(self.origin))]


def flow_tabs(page: FlowPage) -> list[Tab]:
    """A tab for each call."""
    return [security_tab(page), open_tab(page), query_tab(page), push_tab(page)]


def failing() -> str:
    return _("Failures too are answered with HTTP 200: the status in the body and the reason tell. 503: try again.")


# --- The security code -----------------------------------------------------------------------------------


def security_tab(page: FlowPage) -> Tab:
    request = page.sends("security-code", auth=ACCOUNT)
    answer = {"status": 200, "message": SECURITY.done, "result": {"security": A_CODE}}
    picks = 'answer["result"]["security"]'
    keeping = (curl_keeping(CODE, request, picks), python_keeping(CODE, request, picks))
    lacks = _("Your account is linked to no member, so it gets no code. An access token does as well.")
    warning = "" if page.has_member else lacks
    explains = _(
        "A code that stands for your account in the other calls; it ends after {seconds} seconds without a call."
    )
    return Tab(
        name="security",
        title=_("Security code"),
        explains=explains.format(seconds=settings.SECURITY_CODE_IDLE_SECONDS),
        endpoints=page.endpoint("security-code"),
        parameters=[rows.row("Authorization", _("header"), _("HTTP Basic: account and password of a member."), True)],
        variants=[
            Sample("get", _("Get it"), request, answer, warning),
            Sample("keep", _("Keep it in $SECURITY"), request, answer, warning, keeping),
        ],
        refusals=refusals.no_account(),
        failing=failing(),
    )


# --- Opening ---------------------------------------------------------------------------------------------


def open_tab(page: FlowPage) -> Tab:
    examples = page.examples
    note = why_not_open(examples)
    return Tab(
        name="open",
        title=_("Open a ticket"),
        explains=open_explains(examples),
        endpoints=page.endpoint("ticket-edit"),
        parameters=rows.open_rows(page.flow, examples) if examples else [],
        variants=open_samples(page, examples) if examples and not note else [],
        refusals=refusals.of_open(examples) if examples else [],
        note=note,
        failing=failing(),
    )


def open_explains(examples: FlowExamples | None) -> str:
    if examples is None:
        return ""
    rule = examples.compiled.definition.start.validation
    if rule is None:
        return _("A new record of the form, and its way through the flow begins. The result is the ticket's number.")
    sentence = _("A new ticket, if this holds: {formula}. As the start checks a rule, the result is empty.")
    return sentence.format(formula=examples.shown(rule))


def why_not_open(examples: FlowExamples | None) -> str:
    if examples is None:
        return unreadable()
    missing = examples.missing(examples.compiled.definition.start)
    return no_example(missing) if missing else ""


def unreadable() -> str:
    return _("The flow's draft is not finished: no samples can be made of it.")


def no_example(missing: list[Any]) -> str:
    sentence = _("No example can be made: there is nothing to choose from yet for {fields}.")
    return sentence.format(fields=", ".join(str(column.label) for column in missing))


def open_samples(page: FlowPage, examples: FlowExamples) -> list[Sample]:
    """Without files, and with some where the flow or its start takes them."""
    given, start = examples.opening, examples.compiled.definition.start
    number = "" if start.validation else str((page.tickets.newest or 0) + 1)
    answer, warning = success(OPEN, number), rule_warning(examples, given) or _("The sample opens a ticket.")
    plain = page.sends("ticket-edit", body=opening(examples, given))
    samples = [Sample("plain", _("Without files"), plain, answer, warning)]
    files = {"files": FILE} if page.flow.attachments else {}
    holding = [column for column in examples.writable(start) if column.type.holds_files][:1]
    form = opening(examples, examples.again(given))
    for column in holding:
        part = f"FORMITM_{column.number}"
        files[part] = PICTURE
        form["files_item"] = [part]
        form["formdata"] = [item for item in form["formdata"] if item["id"] != part]
    if files:
        named = ", ".join(files.values())
        needs = _("The files {names} are sent from the folder where it runs.").format(names=named)
        request = page.sends("ticket-edit", form=form, files=files)
        samples.append(Sample("files", _("With files"), request, answer, f"{warning} {needs}"))
    return samples


def opening(examples: FlowExamples, given: Given) -> dict[str, Any]:
    sent: dict[str, Any] = {"security": CODE, "action": "create", "formdata": examples.formdata(given.values)}
    return sent | ({"start_input": given.start_input} if given.start_input else {})


def rule_warning(examples: FlowExamples, given: Given) -> str:
    """That no values were found which the rule lets through."""
    if given.refused is None:
        return ""
    warning = _("Put in values of your own: no example was found for the rule {formula}, which else says: {message}")
    return warning.format(formula=examples.shown(given.refused), message=given.refused.message)


# --- Querying --------------------------------------------------------------------------------------------


def query_tab(page: FlowPage) -> Tab:
    number, stages = page.tickets.newest, page.tickets.stages()
    warning = ""
    if number is None:
        warning = _("No ticket was opened yet, so the result is empty.")
    elif not stages:
        warning = _("Ticket {number}, the newest, has ended, so the result is empty.").format(number=number)
    answer = success(QUERY, [{"data_id": str(stage.data_id), "stop_chart_text": stage.name} for stage in stages])
    return Tab(
        name="query",
        title=_("Query a ticket"),
        explains=_(
            "The stages where a ticket waits, each with the data_id that a push needs. It changes at every stage; "
            "in a parallel there are several. [] for one that ended, or never was."
        ),
        endpoints=page.endpoint("ticket-query"),
        parameters=rows.query_rows(),
        variants=[Sample("query", _("Query a ticket"), asking(page, number), answer, warning)],
        refusals=refusals.of_query(),
        failing=failing(),
    )


def asking(page: FlowPage, number: int | None) -> SampleRequest:
    return page.sends("ticket-query", body={"security": CODE, "data_no": str(number or FIRST_ID)})


# --- Pushing ---------------------------------------------------------------------------------------------


def push_tab(page: FlowPage) -> Tab:
    examples = page.examples
    note = unreadable() if examples is None else ""
    if examples and not examples.stages:
        note = _("This flow has no stage where somebody pushes.")
    return Tab(
        name="push",
        title=_("Push a ticket"),
        explains=_("Takes the data of a stage and lets the ticket go on. Each data_id is pushed exactly once."),
        endpoints=page.endpoint("ticket-edit"),
        parameters=rows.push_rows(page.flow, examples) if examples else [],
        variants=[sample for stage in examples.stages for sample in stage_samples(page, examples, stage)]
        if examples
        else [],
        refusals=refusals.of_push(examples, page.tickets) if examples else [],
        note=note,
        failing=failing(),
    )


def stage_samples(page: FlowPage, examples: FlowExamples, stage: HumanInput) -> list[Sample]:
    """One with the stage's fields, one for each of its quick actions."""
    waiting = page.tickets.waiting(stage)
    ticket = page.tickets.trial_ticket(waiting.ticket) if waiting and stage.validation else None
    given = examples.pushing(stage, ticket or examples.opened)
    remark = rule_warning(examples, given)
    if missing := examples.missing(stage):
        remark = no_example(missing)
    if waiting:
        where = _("The sample pushes ticket {number}.").format(number=waiting.ticket.data_no)
    else:
        where = _("No ticket waits here now: open one first, or name its stage by the variable DATA_ID.")
    warning = f"{where} {remark}".strip()
    number = waiting.ticket.data_no if waiting else page.tickets.newest
    picks = (
        'next((stage["data_id"] for stage in answer["result"] '
        f'if stage["stop_chart_text"] == {json_scalar(stage.name)}), "")'
    )
    data_id = Picked("DATA_ID", asking(page, number), picks, _("No ticket waits at: {name}").format(name=stage.name))

    def pushing(more: Mapping[str, Any]) -> SampleRequest:
        return page.sends("ticket-edit", body={"security": CODE, "action": "update", "data_id": data_id, **more})

    answer = success(PUSH, "")
    formdata = examples.formdata(given.values)
    samples = [Sample(stage.id, stage.name, pushing({"formdata": formdata}), answer, warning)]
    for key, action in zip(ACTIONS, stage.actions, strict=False):
        title = f"{stage.name} → {action.name}"
        samples.append(Sample(f"{stage.id}.{key}", title, pushing({"quick_action": key}), answer, where))
    return samples
