"""The API page of a flow."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apaas.reference.examples import FormExamples
from apaas.reference.pages.answers import nobody
from apaas.reference.pages.flow_examples import FlowExamples
from apaas.reference.pages.flow_parameters import field_rows, variable_rows
from apaas.reference.pages.flow_tabs import FlowPage, flow_tabs
from apaas.reference.pages.flow_tickets import FlowTickets
from apaas.reference.pages.tabs import Heading, Link, api_page
from apaas.reference.pages.views import explained_for
from forms_app.admin.flows.designer import address
from forms_app.admin.people.acting import own_member, seen_form
from forms_app.flows.compiled import CompiledFlow, compiled_flow
from forms_app.flows.language import FlowRefused, Start, read_definition
from forms_app.models import Flow, Verb
from forms_app.schema.form_schema import FormSchema


@require_safe
def flow_api(request: HttpRequest, flow_id: int) -> HttpResponse:
    """The calls on this flow's tickets, for who may see its design. Raises PermissionDenied, Http404."""
    flows = Flow.objects.select_related("custom_form__custom_app", "custom_form__organization", "published")
    flow = get_object_or_404(flows, pk=flow_id)
    schema, actor = seen_form(request, flow.custom_form_id)
    if not schema.rights(actor).may(Verb.DESIGN):
        raise PermissionDenied
    reads = schema.rights(actor).may(Verb.READ)
    schema, actor = schema.whole, explained_for(actor)
    compiled = compiled_for(flow, schema)
    form_examples = FormExamples(schema, actor, None if reads else nobody())
    examples = FlowExamples(compiled, form_examples) if compiled else None
    page = FlowPage(
        flow=flow,
        origin=request.build_absolute_uri("/")[:-1],
        examples=examples,
        tickets=FlowTickets(flow, schema, actor),
        has_member=own_member(request) is not None,
    )
    return api_page(
        request,
        heading_of(request, flow),
        flow_tabs(page),
        template="apaas/flow_api.html",
        fields=field_rows(examples) if examples else [],
        variables=variable_rows(examples) if examples else [],
    )


def compiled_for(flow: Flow, schema: FormSchema) -> CompiledFlow | None:
    """The published version, else the draft; None where that can't be read or has no start."""
    if flow.published:
        return compiled_flow(flow.published.pk, flow.published.definition, schema)
    try:
        definition = read_definition(flow.draft)
    except FlowRefused:
        return None
    return CompiledFlow(definition, schema) if definition.of_type(Start) else None


def heading_of(request: HttpRequest, flow: Flow) -> Heading:
    user, form = request.user, flow.custom_form
    links = [Link(_("Design"), reverse("admin:forms_app_flow_design", args=[flow.pk]))]
    tickets = address("admin:forms_app_ticket_changelist", query=f"?flow__id__exact={flow.pk}")
    if tickets and user.has_perm("forms_app.view_ticket"):
        links.append(Link(_("Tickets"), tickets))
    if user.has_perm("forms_app.view_customform"):
        links.append(Link(_("API of the form"), reverse("form-api", args=[form.pk])))
    if user.has_perm("forms_app.view_accesstoken"):
        links.append(Link(_("Access tokens"), reverse("admin:forms_app_accesstoken_changelist")))
    version = _("version {number}").format(number=flow.published.number) if flow.published else _("not published")
    return Heading(
        title=flow.name,
        subtitle=f"{form.organization} · {form.custom_app} · {form.name} · {version}",
        back=Link(_("All flows"), reverse("admin:forms_app_flow_changelist")),
        links=links,
        warnings=warnings_of(flow),
    )


def warnings_of(flow: Flow) -> list[str]:
    """Why the calls don't answer as the page shows."""
    warnings = []
    if flow.custom_form.status != "enable":
        warnings.append(_("The form is disabled: the API answers as if the flow did not exist."))
    if flow.published is None:
        warnings.append(_("The flow is not published: no ticket can be opened. The samples are made of its draft."))
    if not flow.api_enabled:
        warnings.append(_("API calls are switched off in the flow's settings: all of them are refused."))
    return warnings
