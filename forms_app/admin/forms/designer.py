"""The designer: a form on one page. It shows the design, takes it back as a whole, and checks a formula in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from forms_app.admin.designing import plain, posted_object, refusal, unreadable
from forms_app.admin.forms import palette
from forms_app.admin.forms.designer_texts import texts
from forms_app.admin.forms.draft import checked_draft
from forms_app.admin.forms.indexes import shared_note
from forms_app.admin.people.acting import actor_in, member_of, seen_form
from forms_app.design.document import design_of
from forms_app.design.forms import form_design
from forms_app.exact_json import fingerprint
from forms_app.exceptions import Conflict, Refused
from forms_app.indexes.sharing import shared_values
from forms_app.models import CustomForm
from forms_app.schema.form_schema import build_schema

View = Callable[..., HttpResponse]


def designer_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the form's, view, last part of its name)."""

    def permitted(request: HttpRequest, form_id: int) -> CustomForm:
        if not model_admin.has_change_permission(request):
            raise PermissionDenied
        form: CustomForm = get_object_or_404(model_admin.get_queryset(request), pk=form_id)
        return form

    @require_http_methods(["GET", "HEAD", "POST"])
    def design(request: HttpRequest, form_id: int) -> HttpResponse:
        form = permitted(request, form_id)
        return _save(request, form) if request.method == "POST" else _designer_page(request, form, model_admin)

    @require_POST
    def formula(request: HttpRequest, form_id: int) -> HttpResponse:
        """Checks a formula against the design as it is on the page; saves nothing."""
        form = permitted(request, form_id)
        posted = posted_object(request)
        if posted is None:
            return refusal([unreadable()])
        design = posted.get("design") if _is_design(posted.get("design")) else None
        try:
            return JsonResponse(checked_draft(form, design, str(posted.get("formula") or "")))
        except Refused as refused:
            return refusal(refused.faults)

    @require_GET
    def fields(request: HttpRequest, form_id: int, related_id: int) -> HttpResponse:
        """What a formula may read of a related form."""
        form = permitted(request, form_id)
        schema, _actor = seen_form(request, related_id)
        if schema.organization_id != form.organization_id:
            raise Http404
        return JsonResponse({"fields": palette.readable_fields(schema)})

    return (
        ("design/", design, "design"),
        ("design/formula/", formula, "formula"),
        ("design/fields/<int:related_id>/", fields, "fields"),
    )


def _designer_page(request: HttpRequest, form: CustomForm, model_admin: Any) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Form designer"),
        "custom_form": form,
        "is_fullwidth": "1",
        "records_url": reverse("admin:forms_app_customform_records", args=[form.pk]),
        "list_url": reverse("admin:forms_app_customform_changelist"),
        "designer": plain(
            {
                **_state(form),
                "urls": {
                    "save": reverse("admin:forms_app_customform_design", args=[form.pk]),
                    "formula": reverse("admin:forms_app_customform_formula", args=[form.pk]),
                    "fields": reverse("admin:forms_app_customform_fields", args=[form.pk, 0]),
                },
                "form_id": form.pk,
                "types": palette.types(),
                "forms": palette.forms_of(actor_in(request, form.organization_id)),
                "functions": palette.functions(),
                "system_columns": palette.system_columns(),
                "operators": palette.operator_words(),
                "texts": texts(),
            }
        ),
    }
    return TemplateResponse(request, "admin/forms_app/customform/design.html", context)


def _state(form: CustomForm) -> dict[str, Any]:
    """What a page begins with, and goes on with after a save."""
    design, schema = design_of(form), build_schema(form.pk)
    return {
        "design": design,
        "base": fingerprint(design),
        "columns": palette.own_columns(schema),
        "shared": {name: shared_note(groups) for name, groups in shared_values(schema).items()},
    }


def _save(request: HttpRequest, form: CustomForm) -> HttpResponse:
    posted = posted_object(request)
    if posted is None or not _is_design(posted.get("design")) or not isinstance(posted.get("base"), str):
        return refusal([unreadable()])
    by = member_of(request, form.organization_id)
    try:
        form_design(form=form, design=posted["design"], by=by, base=posted["base"])
    except Conflict as conflict:
        return refusal(conflict.faults, 409)
    except Refused as refused:
        return refusal(refused.faults)
    return JsonResponse(_state(CustomForm.objects.select_related("primary_field").get(pk=form.pk)))


def _is_design(design: Any) -> bool:
    """The shape that `form_design` walks through: what is in it is checked there."""
    if not isinstance(design, Mapping):
        return False
    shaped = _objects(design.get("groups")) and _objects(design.get("tabs"))
    return shaped and _none_or(str, design, "primary_field") and all(map(_is_group, design["groups"]))


def _is_group(group: Mapping[str, Any]) -> bool:
    fields = group.get("fields")
    return _none_or(int, group, "id") and (fields is None or (_objects(fields) and all(map(_is_field, fields))))


def _is_field(field: Mapping[str, Any]) -> bool:
    options = field.get("options")
    return (
        _none_or(int, field, "id")
        and _none_or(str, field, "field_type", "name")
        and _none_or(bool, field, "indexed")
        and _none_or(dict, field, "setting")
        and (options is None or (_objects(options) and all(_none_or(str, o, "value", "parent") for o in options)))
    )


def _none_or(kind: type, values: Mapping[str, Any], *keys: str) -> bool:
    return all(values.get(key) is None or isinstance(values[key], kind) for key in keys)


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
