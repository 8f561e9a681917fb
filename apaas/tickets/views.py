"""The calls of the ticket API. HTTP 200 whatever happens (503 when the database is away): the body says the rest."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apaas import journal, sign_in, throttling
from apaas.acyclic import AcyclicViewSet
from apaas.envelope import Negotiation
from apaas.errors import (
    NOT_AUTHENTICATED,
    NOT_FOUND,
    RETRY_SECONDS,
    SERVER_ERROR,
    UNAVAILABLE,
    error_of,
    faults_of,
    note,
    said,
)
from apaas.exceptions import MethodNotAllowed, NotAuthenticated, Throttled
from apaas.requests.headers import header_faults
from apaas.requests.readers import fault
from apaas.requests.reading import from_query, query_of
from apaas.tickets import parameters
from apaas.tickets.answers import (
    OPEN,
    PUSH,
    QUERY,
    SECURITY,
    UNKNOWN_ACCOUNT,
    URL_ERROR,
    PlainJsonRenderer,
    Wording,
    failure,
    language_of,
    reason_of,
    success,
)
from apaas.tickets.bodies import received
from apaas.tickets.callers import Caller, caller_of, member_actor
from apaas.tickets.keys import done_once, key_for, noted
from apaas.tickets.writes import Write
from forms_app.exceptions import Fault, NotFound, Refused
from forms_app.flows.finding import callable_flow
from forms_app.journal.events import Kind
from forms_app.models import Flow
from forms_app.models.flow import API_PATH
from forms_app.people.security_codes import security_code_issue
from forms_app.records.numbering import reserve
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.pushing import ticket_stages
from forms_app.tickets.sight import form_at_stage

CODES = "X-Fault-Codes"
"""The header with the codes of the faults that a failure's reason tells, for programs: the body is the document's."""


class PlainViewSet(AcyclicViewSet):
    """A call whose failures are a body of their own. `words` are those of the call."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    renderer_classes = [PlainJsonRenderer]
    parser_classes: list[Any] = []
    content_negotiation_class = Negotiation
    metadata_class = None
    http_method_names = ["get", "put", "post", "delete", "patch"]
    format_kwarg = None
    words: Wording = OPEN

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The answer, its reasons in the caller's language."""
        language = language_of(request)
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
        response["Content-Language"] = language
        return response

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        raise MethodNotAllowed

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        return self.failed

    def failed(self, exc: Exception, context: dict[str, Any]) -> Response:
        """The failure body with every fault; ours is logged, and names the request's id."""
        set_rollback()
        row = error_of(exc)
        request_id = getattr(context["request"]._request, "request_id", "")
        note(exc, row, request_id)
        journal.saw(context["request"]._request, refusal=(row.status, said(row, faults_of(exc))))
        reason = reason_of(faults_of(exc), self.spelt) or row.alone
        if row is SERVER_ERROR:
            reason = f"{reason} {request_id}"
        response = Response(failure(self.words, reason), status=503 if row is UNAVAILABLE else 200)
        if codes := dict.fromkeys(fault.code for fault in faults_of(exc)):
            response[CODES] = ", ".join(codes)
        if row is UNAVAILABLE:
            response["Retry-After"] = str(RETRY_SECONDS)
        if isinstance(exc, Throttled) or (isinstance(exc, NotAuthenticated) and exc.wait):
            response["Retry-After"] = str(exc.wait)
        return response

    def spelt(self, wrong: Fault) -> str:
        """The name of a fault's field as the caller knows it."""
        return wrong.field


class SecurityViewSet(PlainViewSet):
    """The security code of an account that is linked to a member."""

    words = SECURITY

    def issue(self, request: Request) -> Response:
        """HTTP Basic in, a code out."""
        user = signed_in(request._request)
        if user is None:
            journal.saw(request._request, refusal=(NOT_AUTHENTICATED.status, str(NOT_AUTHENTICATED.code)))
            return Response(UNKNOWN_ACCOUNT)
        try:
            actor = member_actor(user)
            journal.saw(request._request, seen_actor=actor)
            throttling.check(actor, request._request)
        except NotAuthenticated as refused:
            journal.saw(request._request, refusal=(NOT_AUTHENTICATED.status, said(NOT_AUTHENTICATED, refused.faults)))
            return Response({"status": 403, "message": refused.faults[0].message})
        code = security_code_issue(user=user)
        journal.door(Kind.CODE_ISSUED, request._request, user_id=user.pk)
        return Response({"status": 200, "message": SECURITY.done, "result": {"security": code}})


def signed_in(request: HttpRequest) -> User | None:
    """The active account whose name and password the request brings by HTTP Basic."""
    scheme, _space, encoded = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        raw = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        name, colon, password = raw.decode().partition(":")
    except UnicodeDecodeError:  # what clients send that know no other encoding
        name, colon, password = raw.decode("latin-1").partition(":")
    if not colon or "\0" in name or len(name) > 150:
        return None
    user = authenticate(request, username=name, password=password)
    if not isinstance(user, User):
        return None
    sign_in.forgive(request, name)
    return user


class TicketViewSet(PlainViewSet):
    """開單, 查詢, 推單 on the flow that the address names."""

    write: Write | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The words of the call come first: whatever fails is said in them."""
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        if self.action == "query":
            self.words = QUERY

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        self.words = QUERY if "query" in self.action_map.values() else OPEN
        raise MethodNotAllowed

    def edit(self, request: Request, api_path: str) -> HttpResponseBase:
        """開單 and 推單; where the action can't be read it fails as 開單."""
        with received(request._request) as sent:
            action = parameters.action_of(sent.params)
            self.words = PUSH if action == "update" else OPEN
            stage = sent.params.get("data_id") if action == "update" else None
            caller, flow, schema = self.addressed(sent.params, api_path, stage)
            refuse_query(request._request)
            self.write = write = Write(caller, flow, schema, sent, action)
            key = key_for(
                request._request,
                "ticket_push" if action == "update" else "ticket_open",
                caller,
                flow,
                sent,
                write.faults,
            )

            if key is not None and action != "update":
                reserve(schema)

            def written() -> dict[str, Any]:
                if action == "update":
                    write.push()
                    return success(PUSH, "")
                return success(OPEN, write.open())

            return done_once(key, written)

    def query(self, request: Request, api_path: str) -> Response:
        """The stages where a ticket waits."""
        with received(request._request) as sent:
            caller, flow, _schema = self.addressed(sent.params, api_path)
            refuse_query(request._request)
            faults = header_faults(request._request, "ticket_query")
            faults += parameters.unknown_faults([*sent.params, *sent.files], "query")
            number = noted(faults, lambda: parameters.ticket_number(sent.params))
            if number is None and "data_no" not in sent.params:
                faults.append(fault("data_no", "required", _("The ticket number is needed.")))
            if faults or number is None:
                raise Refused(faults)
            stages = ticket_stages(flow=flow, data_no=number, actor=caller.actor) if number else []
            result = [{"data_id": str(stage.data_id), "stop_chart_text": stage.name} for stage in stages]
            return Response(success(QUERY, result))

    def addressed(self, params: Mapping[str, Any], api_path: str, stage: Any = None) -> tuple[Caller, Flow, FormSchema]:
        """Who calls, the flow that they call, and its form as they see it, or as it is shown at the stage. Raises
        NotAuthenticated, Throttled, NotFound."""
        caller = caller_of(params.get("security"), self.request._request)
        throttling.check(caller.actor, self.request._request)
        known = re.match(API_PATH, api_path)
        flow = callable_flow(api_path, caller.actor.organization_id) if known else None
        if flow is None:
            raise no_flow()
        try:
            schema = form_at_stage(flow, stage_number(stage), caller.actor)
        except NotFound:
            raise no_flow() from None
        journal.saw(self.request._request, asked_form=flow.custom_form_id)
        if not flow.api_enabled:
            raise NotFound([Fault("api_off", _("API calls are switched off for this flow."))])
        return caller, flow, schema

    def spelt(self, wrong: Fault) -> str:
        return self.write.form.spelt(wrong) if self.write else wrong.field


def stage_number(raw: Any) -> int:
    """The stage that a request names, 0 for none: what is wrong with it is said later."""
    text = str(raw)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def no_flow() -> NotFound:
    return NotFound([Fault("unknown_flow", _("There is no such flow."))])


def refuse_query(request: HttpRequest) -> None:
    """Parameters stand in the body: a code in an address would stand in logs. Raises Refused."""
    faults = [
        fault(name[:128], "unknown_parameter", _("Parameters are read from the body, not from the address."))
        for name in from_query(query_of(request))
    ]
    if faults:
        raise Refused(faults)


class UnknownAddressViewSet(PlainViewSet):
    """Every other address below /rest/ and /accounts/api/."""

    def missing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        journal.saw(request._request, refusal=(NOT_FOUND.status, str(NOT_FOUND.code)))
        return Response(URL_ERROR)

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        return Response(URL_ERROR)
