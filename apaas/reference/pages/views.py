"""The API page of a form."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apaas.reference.browsable import field_row
from apaas.reference.examples import FormExamples
from apaas.reference.pages.answers import nobody
from apaas.reference.pages.form_tabs import form_tabs
from apaas.reference.pages.tabs import Heading, Link, api_page
from forms_app.admin.people.acting import member_of
from forms_app.models import CustomForm, Member
from forms_app.people.actor import Actor
from forms_app.schema.form_schema import FormSchema


@require_safe
def form_api(request: HttpRequest, form_id: int) -> HttpResponse:
    """The nine calls on this form's records, for who may see its design. Names of records and people are shown to who
    may see records. Raises PermissionDenied, Http404."""
    user = request.user
    if not (user.has_perm("forms_app.view_customform") or user.has_perm("forms_app.change_customform")):
        raise PermissionDenied
    form = get_object_or_404(CustomForm.objects.select_related("custom_app", "organization"), pk=form_id)
    schema = FormSchema.find(form_id)
    if schema is None:
        raise Http404
    sees_records = user.has_perm("forms_app.view_formentity")
    actor = acting(request, form.organization_id)
    examples = FormExamples(schema, actor, actor if sees_records else nobody())
    return api_page(
        request,
        heading_of(request, form, sees_records),
        form_tabs(examples, request.build_absolute_uri("/")[:-1]),
        template="apaas/form_api.html",
        fields=[field_row(field) for field in examples.fields],
        system_fields=[field_row(field) for field in examples.system_fields],
    )


def acting(request: HttpRequest, organization_id: int) -> Actor:
    """For whom the examples are made: the member that the account is linked to, else the organization's first."""
    member = member_of(request, organization_id)
    if member is None or not member.is_active:
        active = Member.objects.filter(organization_id=organization_id, is_active=True)
        member = active.order_by("uid").first()
    return Actor(organization_id, member.pk if member else 0, member.uid if member else 0, read_only=True)


def heading_of(request: HttpRequest, form: CustomForm, sees_records: bool) -> Heading:
    user = request.user
    links = []
    if user.has_perm("forms_app.change_customform"):
        links.append(Link(_("Design"), reverse("admin:forms_app_customform_design", args=[form.pk])))
    if sees_records:
        links.append(Link(_("Records"), reverse("admin:forms_app_customform_records", args=[form.pk])))
    if user.has_perm("forms_app.view_accesstoken"):
        links.append(Link(_("Access tokens"), reverse("admin:forms_app_accesstoken_changelist")))
    if member_of(request, form.organization_id):
        links.append(Link(_("Browsable API"), f"{reverse('call-page', args=['list'])}?custom_form_id={form.pk}"))
    disabled = _("The form is disabled: the API answers as if it did not exist.")
    return Heading(
        title=form.name,
        subtitle=f"{form.organization} · {form.custom_app} · #{form.pk}",
        back=Link(_("All forms"), reverse("admin:forms_app_customform_changelist")),
        links=links,
        warnings=[] if form.status == "enable" else [disabled],
    )
