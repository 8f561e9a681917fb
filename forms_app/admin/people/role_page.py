"""The page of a role: who has it, and the grid of what it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from forms_app.admin.people.acting import actor_in, is_operator, own_member
from forms_app.admin.people.role_grid import ACCESS, GridRow, fields_of, grid_of, posted_grants, tabs_of
from forms_app.exceptions import Fault, Forbidden, Refused
from forms_app.models import CustomForm, Department, Member, Organization, Role, Rows, Verb
from forms_app.people.role_documents import may_edit, role_document, role_save
from forms_app.people.roles import forms_in_sight

READING = [Verb.READ, Verb.EXPORT]
FILLING = [Verb.READ, Verb.CREATE, Verb.UPDATE]
LEADING = [Verb.READ, Verb.CREATE, Verb.UPDATE, Verb.DESTROY, Verb.TRANSFER, Verb.EXPORT]
TEMPLATES: Mapping[str, tuple[Any, Any, list[Verb], Rows]] = {
    "read_only": (gettext_lazy("Read only"), gettext_lazy("Sees all records and changes none."), READING, Rows.ALL),
    "filler": (
        gettext_lazy("Fills in forms"),
        gettext_lazy("Makes records, sees and changes their own."),
        FILLING,
        Rows.OWN,
    ),
    "head": (
        gettext_lazy("Head of department"),
        gettext_lazy("Has to do with the records of their departments and those below."),
        LEADING,
        Rows.DEPARTMENT_BELOW,
    ),
}
"""What a new role may begin with: name, what it is for, verbs, rows; on all forms."""
PLACE = re.compile(r"grants\[(\d+)\]")


class RoleForm(forms.Form):
    """The name of a role and who has it."""

    name = forms.CharField(label=gettext_lazy("name"), required=False, widget=UnfoldAdminTextInputWidget)
    everyone = forms.BooleanField(
        label=gettext_lazy("everyone"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Each member of the organization has it."),
    )
    members = forms.ModelMultipleChoiceField(Member.objects.none(), label=gettext_lazy("members"), required=False)
    departments = forms.ModelMultipleChoiceField(
        Department.objects.none(),
        label=gettext_lazy("departments"),
        required=False,
        help_text=gettext_lazy("With the departments below them."),
    )

    def __init__(self, data: Any, *, site: Any, organization_id: int, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, model in (("members", Member), ("departments", Department)):
            field: Any = self.fields[name]
            field.widget = AutocompleteSelectMultiple(Role._meta.get_field(name), site)
            field.queryset = model._default_manager.filter(organization=organization_id)
            field.widget.choices = field.choices
        members: Any = self.fields["members"]
        members.label_from_instance = member_label

    def values(self) -> dict[str, Any]:
        """What `role_save` takes of it."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned.get("name", ""),
            "everyone": cleaned.get("everyone", False),
            "members": [member.uid for member in cleaned.get("members") or ()],
            "departments": [department.did for department in cleaned.get("departments") or ()],
        }


def member_label(member: Member) -> str:
    return member.name if member.is_active else _("{name} (deactivated)").format(name=member.name)


def role_page(model_admin: Any, request: HttpRequest, role: Role | None) -> HttpResponse:
    """The page of a role, or of a new one; after a post that is accepted the way to the list. Raises
    PermissionDenied."""
    if not (model_admin.has_change_permission(request, role) if role else model_admin.has_add_permission(request)):
        raise PermissionDenied
    organization = role.organization if role else _organization(request)
    if organization is None:
        return _choose_organization(model_admin, request)
    actor = actor_in(request, organization.pk)
    document = role_document(role) if role else _template(request.GET.get("template", ""))
    editable = role is None or actor.system != "" or may_edit(actor, role)
    faults: Sequence[Fault] = ()
    form = RoleForm(
        request.POST if request.method == "POST" else None,
        site=model_admin.admin_site,
        organization_id=organization.pk,
        initial=_initial(document, organization),
    )
    if request.method == "POST":
        grants = posted_grants(request.POST)
        valid = form.is_valid()
        values = {**form.values(), "grants": grants}
        try:
            if not valid:
                raise Refused
            saved = role_save(organization_id=organization.pk, values=values, actor=actor, role=role)
        except (Refused, Forbidden) as refused:
            faults, document = refused.faults, {**document, **values, "grants": _shown(grants)}
        else:
            messages.success(request, _("The role {name} was saved.").format(name=saved.name))
            return HttpResponseRedirect(reverse("admin:forms_app_role_changelist"))
    everything, apps = grid_of(document.get("grants", ()), actor)
    rows = [*everything, *(row for app in apps for row in (app.row, *app.forms))]
    others = _beside(form, _in_order(rows, document.get("grants", ())), faults)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": role.name if role else _("New role"),
        "is_fullwidth": "1",
        "role": role,
        "organization": organization if is_operator(request) else None,
        "editable": editable,
        "form": form,
        "everything": everything,
        "apps": apps,
        "faults": others,
        "fault_count": len(faults) or sum(map(len, form.errors.values())),
        "verbs": [str(label) for _verb, label in Verb.choices],
        "access": ACCESS,
        "templates": [(key, name, text) for key, (name, text, _verbs, _rows) in TEMPLATES.items()],
        "list_url": reverse("admin:forms_app_role_changelist"),
        "delete_url": reverse("admin:forms_app_role_delete", args=[role.pk]) if role and editable else "",
        "media": model_admin.media + form.media,
    }
    status = 422 if context["fault_count"] else 200
    return TemplateResponse(request, "admin/forms_app/role/page.html", context, status=status)


def form_limits(model_admin: Any, request: HttpRequest, form_id: int) -> HttpResponse:
    """The part of a form's row that limits records to a tab and holds fields back, for `row`, the place of its row."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    form = get_object_or_404(CustomForm, pk=form_id)
    actor = actor_in(request, form.organization_id)
    if not CustomForm.objects.filter(forms_in_sight(actor), pk=form_id).exists():
        raise Http404
    place = request.GET.get("row", "")
    if not place.isascii() or not place.isdecimal() or len(place) > 6:
        raise Http404
    fields = fields_of([form_id]).get(form_id, [])
    row = GridRow(int(place), ("custom_form_id", form_id), form.name, {}, tabs_of(form_id), fields)
    context = {"row": row, "access": ACCESS}
    return TemplateResponse(request, "admin/forms_app/role/limits.html", context)


def _organization(request: HttpRequest) -> Organization | None:
    """Where a new role is made: one's own organization; an operator says which."""
    member = own_member(request)
    if member is not None:
        return member.organization
    chosen = request.GET.get("organization", "")
    number = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else 0
    return Organization.objects.filter(pk=number).first()


def _choose_organization(model_admin: Any, request: HttpRequest) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("New role"),
        "organizations": Organization.objects.order_by("name", "pk"),
    }
    return TemplateResponse(request, "admin/forms_app/role/organization.html", context)


def _template(name: str) -> dict[str, Any]:
    if name not in TEMPLATES:
        return {"grants": []}
    label, _text, verbs, rows = TEMPLATES[name]
    grant = {"verbs": [str(verb) for verb in verbs], "rows": str(rows), "hidden": [], "read_only": []}
    return {"name": str(label), "grants": [grant]}


def _initial(document: Mapping[str, Any], organization: Organization) -> dict[str, Any]:
    members = Member.objects.filter(organization=organization, uid__in=document.get("members", ()))
    departments = Department.objects.filter(organization=organization, did__in=document.get("departments", ()))
    return {
        "name": document.get("name", ""),
        "everyone": document.get("everyone", False),
        "members": list(members.values_list("pk", flat=True)),
        "departments": list(departments.values_list("pk", flat=True)),
    }


def _shown(grants: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was posted, as far as it can be shown again."""
    shown = []
    for grant in grants:
        kept = dict(grant)
        for key in ("custom_form_id", "custom_app_id"):
            text = str(kept.get(key, ""))
            if key in kept and not (text.isascii() and text.isdecimal() and len(text) < 19):
                break
            if key in kept:
                kept[key] = int(text)
        else:
            shown.append(kept)
    return shown


def _in_order(rows: Sequence[GridRow], grants: Sequence[dict[str, Any]]) -> list[GridRow | None]:
    """The row that shows each grant."""
    return [next((row for row in rows if row.grant is grant), None) for grant in grants]


def _beside(form: RoleForm, rows: Sequence[GridRow | None], faults: Sequence[Fault]) -> list[str]:
    """Puts each fault beside what it is about; gives the messages of those that are about nothing on the page."""
    others = []
    for fault in faults:
        found = PLACE.match(fault.field)
        place = int(found[1]) if found else fault.index if fault.field == "grants" else None
        row = rows[place] if place is not None and place < len(rows) else None
        if row is not None:
            row.faults.append(fault.message)
        elif fault.field in form.fields and form.is_bound:
            form.add_error(fault.field, fault.message)
        else:
            others.append(fault.message)
    return others
