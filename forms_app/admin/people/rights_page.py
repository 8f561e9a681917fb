"""What may this member do: forms, verbs, records, fields, and which role gives it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forms_app.admin.enumerated import enumerated
from forms_app.admin.people.acting import actor_in
from forms_app.admin.people.scope import scoped
from forms_app.models import AccessToken, CustomField, Member, Rows, Verb
from forms_app.people.explaining import FormRights, form_rights, people_by, roles_and_ways
from forms_app.people.roles import forms_in_sight


class MemberChoice(forms.Form):
    """Whose rights are shown. The widget looks its members up as the choice of a token's does."""

    member = forms.ModelChoiceField(Member.objects.none(), label=gettext_lazy("member"), required=False)

    def __init__(self, *args: Any, site: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.widget = AutocompleteSelect(AccessToken._meta.get_field("member"), site)
        field.queryset = scoped(Member.objects.all(), request)
        field.widget.choices = field.choices


def rights_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The page for the parameter `member`. Raises PermissionDenied, Http404 for a member who does not exist for the
    account."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    text = request.GET.get("member", "")
    member = None
    if text:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
        member = get_object_or_404(scoped(Member.objects.all(), request), pk=number)
    choice = MemberChoice(initial={"member": member}, site=model_admin.admin_site, request=request)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("What a member may do"),
        "is_fullwidth": "1",
        "choice": choice,
        "member": member,
        "media": model_admin.media + choice.media,
        **(_shown(request, member) if member else {}),
    }
    return TemplateResponse(request, "admin/forms_app/role/rights.html", context)


def _shown(request: HttpRequest, member: Member) -> dict[str, Any]:
    seen: Q = forms_in_sight(actor_in(request, member.organization_id))
    explained = form_rights(member, seen)
    labels = _labels(explained)
    return {
        "roles": [
            (role.name, named, reverse("admin:forms_app_role_change", args=[role.pk]))
            for role, named in roles_and_ways(member)
        ],
        "people_by": enumerated(people_by(member)),
        "forms": [_row(each, labels) for each in explained],
        "member_url": reverse("admin:forms_app_member_change", args=[member.pk]),
    }


def _row(each: FormRights, labels: dict[tuple[int, str], str]) -> dict[str, Any]:
    def named(names: frozenset[str]) -> list[str]:
        return [labels.get((each.form.pk, name), name) for name in sorted(names)]

    return {
        "form": each.form,
        "enabled": each.form.status == "enable",
        "verbs": _by_givers(each),
        "rows": [
            (str(Rows(rows).label) if rows in Rows.values else each.tabs[rows], enumerated(each.rows_by.get(rows, ())))
            for rows in sorted(each.rights.rows)
        ]
        if each.rights.may(Verb.READ)
        else [],
        "hidden": named(each.rights.hidden),
        "read_only": named(each.rights.read_only),
    }


def _by_givers(each: FormRights) -> list[tuple[str, str]]:
    """(verbs, roles): those that the same roles give together."""
    together: dict[str, list[str]] = {}
    for verb in Verb.values:
        if verb in each.rights.verbs:
            together.setdefault(enumerated(each.verbs_by.get(verb, ())), []).append(str(Verb(verb).label))
    return [(enumerated(verbs), givers) for givers, verbs in together.items()]


def _labels(explained: list[FormRights]) -> dict[tuple[int, str], str]:
    """The labels of the fields that are held back: one statement."""
    form_ids = [each.form.pk for each in explained if each.rights.hidden or each.rights.read_only]
    rows = CustomField.objects.filter(custom_form__in=form_ids).values_list("custom_form_id", "name", "label")
    return {(form_id, name): label for form_id, name, label in rows}
