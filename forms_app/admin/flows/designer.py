"""The flow designer: a flow on one page. It shows the draft, takes it back as a whole, checks it and publishes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from forms_app.admin.designing import fault_object, plain, posted_object, refusal, unreadable
from forms_app.admin.flows import page
from forms_app.admin.flows.texts import diagram_words, hints, texts
from forms_app.admin.forms import palette
from forms_app.admin.people.acting import actor_in, member_of
from forms_app.design.formula_fields import formula_fault
from forms_app.exact_json import fingerprint
from forms_app.exceptions import Conflict, DomainError, Fault, Refused
from forms_app.flows.checks import flow_fault
from forms_app.flows.compiled import CompiledFlow, compiled_flow
from forms_app.flows.language import PARTS, FlowRefused, read_definition
from forms_app.flows.naming import proposed_api_path
from forms_app.flows.publishing import flow_design_of, flow_faults, flow_publish, flow_save, flow_unpublish
from forms_app.formula import FormulaRefused
from forms_app.models import CustomForm, Flow
from forms_app.people.roles import forms_in_sight
from forms_app.schema.form_schema import FormSchema

View = Callable[..., HttpResponse]
DESIGN = {
    "name": str,
    "description": str,
    "api_path": str,
    "api_enabled": bool,
    "attachments": bool,
    "locks_record": bool,
    "definition": dict,
}
OPTIONAL = ("locks_record",)
"""What older pages do not post: it stays as it is."""


def flow_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the flow's, view, last part of its name)."""

    def flow_of(request: HttpRequest, flow_id: int, change: bool = True) -> Flow:
        permitted = model_admin.has_change_permission if change else model_admin.has_view_permission
        if not permitted(request):
            raise PermissionDenied
        flows = model_admin.get_queryset(request).select_related("custom_form", "published")
        flow: Flow = get_object_or_404(flows, pk=flow_id)
        return flow

    @require_http_methods(["GET", "HEAD", "POST"])
    def design(request: HttpRequest, flow_id: int) -> HttpResponse:
        if request.method == "POST":
            return _save(request, flow_of(request, flow_id))
        return _designer_page(request, flow_of(request, flow_id, change=False), model_admin)

    @require_POST
    def check(request: HttpRequest, flow_id: int) -> HttpResponse:
        """What forbids publishing the draft as it is on the page; saves nothing."""
        flow = flow_of(request, flow_id)
        posted = posted_object(request)
        if posted is None or not _is_design(posted.get("design")):
            return _refusal([unreadable()])
        faults = flow_faults(flow=flow, definition=posted["design"]["definition"])
        return JsonResponse({"faults": list(map(_fault_object, faults))})

    @require_POST
    def formula(request: HttpRequest, flow_id: int) -> HttpResponse:
        """Checks one formula against the draft as it is on the page, or against the flow that it calls."""
        flow = flow_of(request, flow_id)
        posted = posted_object(request)
        if posted is None:
            return _refusal([unreadable()])
        try:
            return JsonResponse(_checked_formula(request, flow, posted))
        except Refused as refused:
            return _refusal(refused.faults)

    @require_POST
    def publish(request: HttpRequest, flow_id: int) -> HttpResponse:
        flow = flow_of(request, flow_id)
        posted = posted_object(request)
        if posted is None or not isinstance(posted.get("base"), str):
            return _refusal([unreadable()])
        if posted["base"] != fingerprint(flow_design_of(flow)):
            message = _("Somebody else has changed this flow since you opened it.")
            return _refusal([Fault("changed_meanwhile", message, field="base")], 409)
        return _answered(flow, lambda: flow_publish(flow=flow, by=_by(request, flow)))

    @require_POST
    def unpublish(request: HttpRequest, flow_id: int) -> HttpResponse:
        flow = flow_of(request, flow_id)
        return _answered(flow, lambda: flow_unpublish(flow=flow, by=_by(request, flow)))

    @require_GET
    def version(request: HttpRequest, flow_id: int, number: int) -> HttpResponse:
        """The definition of one version, to be drawn."""
        flow = flow_of(request, flow_id, change=False)
        flow_version = get_object_or_404(flow.versions, number=number)
        return JsonResponse({"definition": flow_version.definition})

    @require_GET
    def people(request: HttpRequest, flow_id: int) -> HttpResponse:
        """Members or departments to choose from."""
        flow = flow_of(request, flow_id)
        kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip().replace("\0", "")
        return JsonResponse({"people": page.people_found(flow.custom_form.organization_id, kind, text[:100])})

    @require_GET
    def called(request: HttpRequest, flow_id: int) -> HttpResponse:
        """What a component may set and read of a flow that it calls."""
        flow = flow_of(request, flow_id, change=False)
        other = _callable(request, flow, request.GET.get("flow", "").replace("\0", ""))
        if other is None:
            raise Http404
        return JsonResponse(plain(page.called(other)))

    return (
        ("design/", design, "design"),
        ("design/check/", check, "check"),
        ("design/formula/", formula, "formula"),
        ("design/publish/", publish, "publish"),
        ("design/unpublish/", unpublish, "unpublish"),
        ("design/people/", people, "people"),
        ("design/called/", called, "called"),
        ("design/versions/<int:number>/", version, "version"),
    )


def address(name: str, *args: Any, query: str = "") -> str:
    """The address of a page, "" where there is none."""
    try:
        return reverse(name, args=args) + query
    except NoReverseMatch:
        return ""


def _designer_page(request: HttpRequest, flow: Flow, model_admin: Any) -> HttpResponse:
    editable = model_admin.has_change_permission(request)
    addresses = {"save": "design", **{name: name for name in ("check", "formula", "publish", "unpublish", "people")}}
    urls = {key: reverse(f"admin:forms_app_flow_{name}", args=[flow.pk]) for key, name in addresses.items()}
    urls["called"] = reverse("admin:forms_app_flow_called", args=[flow.pk])
    urls["version"] = reverse("admin:forms_app_flow_version", args=[flow.pk, 0])
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Flow designer"),
        "flow": flow,
        "editable": editable,
        "is_fullwidth": "1",
        "list_url": reverse("admin:forms_app_flow_changelist"),
        "form_url": address("admin:forms_app_customform_design", flow.custom_form_id),
        "tickets_url": address("admin:forms_app_ticket_changelist", query=f"?flow__id__exact={flow.pk}"),
        "api_url": address("flow-api", flow.pk),
        "designer": plain(
            {
                **page.state_of(flow),
                "editable": editable,
                "urls": urls,
                "fields": page.fields_of(flow.custom_form),
                "functions": palette.functions(),
                "flows": page.flows_of(actor_in(request, flow.custom_form.organization_id)),
                "people": page.people_named(flow),
                "kinds": page.kinds(),
                "proposed_path": proposed_api_path(form_id=flow.custom_form_id, name=flow.name, flow_id=flow.pk),
                "words": {**diagram_words(), "hints": hints()},
                "texts": texts(),
            }
        ),
    }
    return TemplateResponse(request, "admin/forms_app/flow/design.html", context)


def _save(request: HttpRequest, flow: Flow) -> HttpResponse:
    posted = posted_object(request)
    if posted is None or not _is_design(posted.get("design")) or not isinstance(posted.get("base"), str):
        return _refusal([unreadable()])
    design, base = posted["design"], posted["base"]
    return _answered(flow, lambda: flow_save(flow=flow, design=design, by=_by(request, flow), base=base))


def _answered(flow: Flow, act: Callable[[], Any]) -> HttpResponse:
    """The page's new state after `act`, or why it was refused."""
    try:
        act()
    except DomainError as error:
        return _refusal(error.faults, 409 if isinstance(error, Conflict) else 400)
    fresh = Flow.objects.select_related("custom_form", "published").get(pk=flow.pk)
    return JsonResponse(plain(page.state_of(fresh)))


def _checked_formula(request: HttpRequest, flow: Flow, posted: dict[str, Any]) -> dict[str, Any]:
    """What the formula gives: {"result", "is_list", "volatile"}. Raises Refused with places in the text as indexes."""
    compiled = _compiled(request, flow, posted)
    try:
        formula = compiled.formula(str(posted.get("formula") or ""))
    except FormulaRefused as refused:
        raise Refused(map(formula_fault, refused.faults)) from None
    kind = formula.result
    if posted.get("expected") == "boolean" and (kind.is_list or kind.kind not in ("boolean", "any")):
        raise Refused([Fault("not_boolean", _("It must give yes or no. It gives: {kind}").format(kind=_(kind.kind)))])
    return {"result": kind.kind, "is_list": kind.is_list, "volatile": False}


def _compiled(request: HttpRequest, flow: Flow, posted: dict[str, Any]) -> CompiledFlow:
    """Where the formula would run: in the draft on the page, or in the called flow's published version."""
    if posted.get("flow"):
        other = _callable(request, flow, str(posted["flow"]).replace("\0", ""))
        schema = FormSchema.find(other.custom_form_id) if other else None
        if other is None or other.published is None or schema is None:
            raise Refused([Fault("unknown_flow", _("There is no such published flow."))])
        return compiled_flow(other.published.pk, other.published.definition, schema)
    try:
        definition = read_definition(posted.get("definition"))
    except FlowRefused as refused:
        raise Refused(map(flow_fault, refused.faults)) from None
    schema = FormSchema.find(flow.custom_form_id)
    assert schema is not None  # a flow's form is never deleted
    return CompiledFlow(definition, schema)


def _callable(request: HttpRequest, flow: Flow, api_path: str) -> Flow | None:
    """The published flow of a form that exists for the account."""
    actor = actor_in(request, flow.custom_form.organization_id)
    flows = Flow.objects.select_related("custom_form", "published").filter(published__isnull=False, api_path=api_path)
    return flows.filter(custom_form__in=CustomForm.objects.filter(forms_in_sight(actor))).first()


def _by(request: HttpRequest, flow: Flow) -> Any:
    return member_of(request, flow.custom_form.organization_id)


def _is_design(design: Any) -> bool:
    """The shape of the settings; that of the definition is checked where it is read."""
    return isinstance(design, dict) and all(
        isinstance(design.get(key), kind) or (key in OPTIONAL and key not in design) for key, kind in DESIGN.items()
    )


def _fault_object(fault: Fault) -> dict[str, Any]:
    """A fault as the page reads it: `part` is the part of a component's panel that it stands at."""
    return fault_object(fault, part=PARTS.get(fault.code))


def _refusal(faults: Iterable[Fault], status: int = 400) -> HttpResponse:
    return refusal(faults, status, _fault_object)
