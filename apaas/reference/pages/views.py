"""The API page of a form."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apaas.reference.browsable import field_row
from apaas.reference.examples import FormExamples
from apaas.reference.pages.answers import nobody
from apaas.reference.pages.form_tabs import form_tabs
from apaas.reference.pages.tabs import Heading, Link, api_page
from forms_app.admin.people.acting import own_member, seen_form
from forms_app.models import CustomForm, Member, Verb
from forms_app.people.actor import Actor
from forms_app.people.rights import Rights


@require_safe
def form_api(request: HttpRequest, form_id: int) -> HttpResponse:
    """The nine calls on this form's records as the account's member may send them. Names of records and people are
    shown to who may read records. Raises Http404."""
    schema, actor = seen_form(request, form_id)
    form = get_object_or_404(CustomForm.objects.select_related("custom_app", "organization"), pk=form_id)
    heading = heading_of(request, form, schema.rights(actor))
    sees_records = schema.rights(actor).may(Verb.READ)
    actor = explained_for(actor)
    examples = FormExamples(schema, actor, actor if sees_records else nobody())
    return api_page(
        request,
        heading,
        form_tabs(examples, request.build_absolute_uri("/")[:-1]),
        template="apaas/form_api.html",
        fields=[field_row(field) for field in examples.fields],
        system_fields=[field_row(field) for field in examples.system_fields],
    )


def explained_for(actor: Actor) -> Actor:
    """For whom the examples are made: the actor; in place of the platform, which is nobody, the organization's first
    member."""
    if actor.member_id:
        return actor
    active = Member.objects.filter(organization_id=actor.organization_id, is_active=True)
    member = active.order_by("uid").first()
    return replace(actor, member_id=member.pk, uid=member.uid) if member else actor


def heading_of(request: HttpRequest, form: CustomForm, rights: Rights) -> Heading:
    user = request.user
    links = []
    if rights.may(Verb.DESIGN):
        links.append(Link(_("Design"), reverse("admin:forms_app_customform_design", args=[form.pk])))
    if rights.may(Verb.READ):
        links.append(Link(_("Records"), reverse("admin:forms_app_customform_records", args=[form.pk])))
    if user.has_perm("forms_app.view_accesstoken"):
        links.append(Link(_("Access tokens"), reverse("admin:forms_app_accesstoken_changelist")))
    if own_member(request):
        links.append(Link(_("Browsable API"), f"{reverse('call-page', args=['list'])}?custom_form_id={form.pk}"))
    listed = "forms_app_customform_changelist" if user.has_perm("forms_app.view_customform") else "index"
    disabled = _("The form is disabled: the API answers as if it did not exist.")
    return Heading(
        title=form.name,
        subtitle=f"{form.organization} · {form.custom_app} · #{form.pk}",
        back=Link(_("All forms"), reverse(f"admin:{listed}")),
        links=links,
        warnings=[] if form.status == "enable" else [disabled],
    )
