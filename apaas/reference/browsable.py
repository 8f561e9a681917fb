"""The browsable API: a page for each call, for a developer signed in to the admin. It shows the answer, sends each call
and explains its parameters and the form's fields."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer

from apaas.envelope import EnvelopeRenderer
from apaas.errors import ERRORS
from apaas.reference.calls import BY_NAME, GROUPS, Call, default_of, endpoints, kind_of, parameters, preferred
from apaas.reference.examples import FieldExample, FormExamples
from apaas.reference.layout import laid_out
from apaas.reference.sample_requests import curl
from apaas.reference.samples import sample, sample_id, sample_request
from apaas.requests.parameters import QUIET
from apaas.requests.readers import Parameter
from forms_app.exact_json import dumps, shows
from forms_app.field_types._references import spelt_id
from forms_app.models import CustomForm, Member, Status
from forms_app.people.actor import Actor
from forms_app.records.evaluation import related_forms
from forms_app.schema.form_schema import FormSchema

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LOOSER = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self'", "img-src 'self' data:"
)
"""Swagger UI styles its elements one by one and holds its pictures in the page."""
MOST_TIDIED = 1_000_000
"""Characters of an answer that the page lays out; a longer one is shown cut."""


class EnvelopePage(BaseRenderer):
    """The envelope, readable, with what a developer needs to send the call."""

    media_type = "text/html"
    format = "api"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> str:
        """`data` of any view of the API as a page."""
        context = renderer_context or {}
        view, request, response = context["view"], context["request"], context["response"]
        response["Content-Security-Policy"] = POLICY
        actor = getattr(view, "actor", None)
        plain = request._request
        form_id = spelt_id(getattr(view, "kwargs", {}).get("form_id") or plain.GET.get("custom_form_id"))
        template = getattr(view, "page_template", None)
        if template and not response.exception:
            response["Content-Security-Policy"] = LOOSER
            return render_to_string(template, {"form_id": form_id, "document_url": document_url(form_id)}, plain)
        page: dict[str, Any] = {
            "errors": ERRORS,
            "texts": texts(),
            "account_url": reverse("admin:forms_app_member_changelist"),
        }
        if response.exception or not getattr(view, "explains_only", False):
            page["answer"] = answer(data, context)
        # A page about a fault of ours asks the database nothing more.
        if actor is not None and response.status_code < 500:
            name = getattr(view, "shown_call", "") or (view.call if getattr(view, "action", None) else "")
            page |= call_page(BY_NAME.get(name), actor, form_id, plain)
        return render_to_string("apaas/call.html", page, plain)


def document_url(form_id: int | None) -> str:
    """Where the OpenAPI document is, of the API or of the API on one form."""
    url = reverse("openapi")
    return url if form_id is None else f"{url}?custom_form_id={form_id}"


def texts() -> dict[str, str]:
    """What the page's script says."""
    return {
        "copied": _("Copied"),
        "notJson": _("This is not JSON: {reason}"),
        "notObject": _("The parameters must be one JSON object."),
        "unreachable": _("The server could not be reached."),
        "bytes": _("{count} bytes of {type}"),
    }


def answer(data: Any, renderer_context: Mapping[str, Any]) -> dict[str, Any]:
    """The answer as JSON text, laid out by lines: numbers stay the text that they are."""
    request, response = renderer_context["request"], renderer_context["response"]
    body = EnvelopeRenderer().render(data, renderer_context=renderer_context).decode()
    if len(body) <= MOST_TIDIED:
        body = orjson.dumps(shows(body), option=orjson.OPT_INDENT_2).decode()
    began = getattr(request, "began", None)
    return {
        "text": body[:MOST_TIDIED],
        "cut": len(body) > MOST_TIDIED,
        "status": response.status_code,
        "failed": response.exception,
        "milliseconds": None if began is None else round((time.perf_counter() - began) * 1000),
        "request_id": getattr(request, "request_id", ""),
        "method": request.method,
        "address": request._request.get_full_path(),
    }


def call_page(call: Call | None, actor: Actor, form_id: int | None, request: HttpRequest) -> dict[str, Any]:
    """All but the answer: navigation, the forms to choose from, and what is known of the call on the chosen one."""
    forms = CustomForm.objects.filter(organization_id=actor.organization_id, status=Status.ENABLE)
    listed = list(forms.order_by("custom_app_id", "id").values("id", "name", "custom_app_id", "custom_app__name"))
    ids = [form["id"] for form in listed]
    chosen = form_id if form_id in ids else next(iter(ids), None)
    member = Member.objects.filter(pk=actor.member_id).select_related("organization").first()
    page = {
        "member": member,
        "forms": listed,
        "chosen": chosen,
        "groups": [
            (title, [(item, [e.method for e in endpoints()[item.name]], address(item.name, chosen)) for item in calls])
            for title, calls in GROUPS
        ],
        "call": call,
    }
    if call is None:
        return page
    examples = FormExamples(FormSchema.of(chosen, actor), actor) if chosen is not None else None
    return page | {"form_examples": examples} | call_parts(call, examples, request)


def address(name: str, form_id: int | None) -> str:
    """The page of a call."""
    url = reverse("call-page", args=[name])
    return url if form_id is None else f"{url}?custom_form_id={form_id}"


def call_parts(call: Call, examples: FormExamples | None, request: HttpRequest) -> dict[str, Any]:
    """The call's tables, and what its form of the page sends."""
    body, record_id = sample(call.name, examples), sample_id(call.name, examples)
    listed, first = endpoints()[call.name], preferred(call.name)
    origin = request.build_absolute_uri("/")[:-1]
    path = first.path.replace("{id}", str(record_id))
    return {
        "endpoints": listed,
        "parameters": parameter_rows(call.name, examples),
        "quiet": [parameter_row(row) for row in QUIET],
        "path_id": record_id if "{id}" in first.path else None,
        "needs_token": "{token}" in first.path,
        "body": laid_out(body) if body else "",
        "curl": curl(sample_request(origin, call.name, first, path, body)),
        "sender": {
            "call": call.name,
            "origin": origin,
            "endpoints": [{"method": endpoint.method, "path": endpoint.path} for endpoint in listed],
            "first": listed.index(first),
        },
        "fields": [field_row(field) for field in examples.fields] if examples and call.on_form else [],
        "system_fields": [field_row(field) for field in examples.system_fields] if examples and call.on_form else [],
    }


def parameter_rows(name: str, examples: FormExamples | None) -> list[dict[str, Any]]:
    """The table of a call's parameters; `evaluate` has one for each form that this one relates to."""
    rows = list(parameters(name))
    if name == "evaluate" and examples:
        for table, form in related_forms(examples.schema, examples.actor):
            rows.append(Parameter(table, rows[0].read, related_text(form), schema={"type": "object"}))
    return [parameter_row(row) for row in rows]


def related_text(form: FormSchema) -> str:
    return _("Unsaved values that stand in for the related record of the form {name}.").format(name=form.name)


def parameter_row(parameter: Parameter) -> dict[str, Any]:
    default = default_of(parameter)
    return {
        "name": parameter.name,
        "required": parameter.required,
        "type": kind_of(parameter.schema),
        "default": "" if default is None else dumps(default).decode(),
        "explains": parameter.explains,
    }


def field_row(field: FieldExample) -> dict[str, Any]:
    """A line of the fields' table, its values as JSON text."""
    column = field.column
    return {
        "column": column,
        "written": None if field.written is None else dumps(field.written).decode(),
        "member": dumps({column.name: field.written}).decode()[1:-1],
        "read": [(key.removeprefix(column.name), dumps(value).decode()) for key, value in field.read.items()],
        "filters": [(item["op"], None if item["value"] is None else dumps(item).decode()) for item in field.filters],
        "sorts": column.type.sort_expression(column) is not None,
        "searched": column.type.is_searchable(column),
        "options": list(column.options.values()),
    }
