"""The page by which a member leaves: what goes to whom and what ends, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from forms_app.admin.enumerated import enumerated
from forms_app.admin.people.acting import actor_in, own_member
from forms_app.admin.people.scope import scoped
from forms_app.exceptions import Fault, Forbidden, Refused
from forms_app.models import AccessToken, Member
from forms_app.people.delegation import may_act_as
from forms_app.staff.belongings import Belongings, belongings
from forms_app.staff.leaving import member_leave

LEAVER = "leaver"
"""Of a look-up of members: whose successor is looked for."""


class SuccessorSelect(AutocompleteSelect):
    """A box that looks up who stays in the leaver's organization."""

    leaver: Member

    def get_url(self) -> str:
        return f"{super().get_url()}?{LEAVER}={self.leaver.pk}"


class LeavingForm(forms.Form):
    """Who takes over."""

    successor = forms.ModelChoiceField(
        Member.objects.none(), label=gettext_lazy("Who takes over"), required=False, blank=True
    )

    def __init__(self, data: Any, *, site: Any, member: Member) -> None:
        super().__init__(data)
        field: Any = self.fields["successor"]
        field.widget = SuccessorSelect(AccessToken._meta.get_field("member"), site)
        field.widget.leaver = member
        field.queryset = successors(Member.objects.all(), member)
        field.widget.choices = field.choices
        field.error_messages["invalid_choice"] = _("Choose an active member of the same organization.")


def successors(members: QuerySet[Member], leaver: Member) -> QuerySet[Member]:
    """Those of the members who could take over from the leaver."""
    return members.filter(organization_id=leaver.organization_id, is_active=True).exclude(pk=leaver.pk)


def asked_successors(request: HttpRequest, members: QuerySet[Member]) -> QuerySet[Member]:
    """The members that a look-up may find: who could take over, where it is asked for a leaver."""
    text = request.GET.get(LEAVER, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        return members
    leaver = scoped(Member.objects.all(), request).filter(pk=int(text)).first()
    return successors(members, leaver) if leaver else members.none()


def leaving_page(model_admin: Any, request: HttpRequest, member: Member) -> HttpResponse:
    """The page; after a post that is accepted the way to the member's. Raises PermissionDenied."""
    if not model_admin.has_change_permission(request, member):
        raise PermissionDenied
    actor = actor_in(request, member.organization_id)
    form = LeavingForm(request.POST if request.method == "POST" else None, site=model_admin.admin_site, member=member)
    theirs = belongings(member, actor)
    faults: Sequence[Fault] = ()
    if request.method == "POST" and form.is_valid():
        successor: Member | None = form.cleaned_data["successor"]
        try:
            if theirs.stages and successor is None:
                raise Refused([_needed()])
            member_leave(member=member, successor=successor, actor=actor)
        except (Refused, Forbidden) as refused:
            faults = refused.faults
        else:
            for text in _told(member, successor, theirs):
                messages.success(request, text)
            return HttpResponseRedirect(reverse("admin:forms_app_member_change", args=[member.pk]))
    others = []
    for fault in faults:
        if fault.field == "successor_uid":
            form.add_error("successor", fault.message)
        else:
            others.append(fault.message)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("{name} leaves").format(name=member.name),
        "member": member,
        "member_url": reverse("admin:forms_app_member_change", args=[member.pk]),
        "form": form,
        "theirs": theirs,
        "faults": others,
        "lacking": not may_act_as(actor, member),
        "oneself": own_member(request) == member,
        "media": model_admin.media + form.media,
    }
    wrong = bool(others or form.errors)
    return TemplateResponse(request, "admin/forms_app/member/leave.html", context, status=422 if wrong else 200)


def _needed() -> Fault:
    message = _("Stages wait for this member. Choose who takes them over.")
    return Fault("required", message, field="successor_uid")


def _told(member: Member, successor: Member | None, theirs: Belongings) -> list[str]:
    """What was done, in sentences."""
    told = [_("{name} has left and can't sign in any more.").format(name=member.name)]
    if theirs.tokens or theirs.codes:
        tokens = ngettext("{count} access token", "{count} access tokens", theirs.tokens).format(count=theirs.tokens)
        codes = ngettext("{count} security code", "{count} security codes", theirs.codes).format(count=theirs.codes)
        ended = enumerated(text for count, text in ((theirs.tokens, tokens), (theirs.codes, codes)) if count)
        told.append(_("Ended: {what}.").format(what=ended))
    if successor is None:
        return told
    if theirs.later:
        text = _("Their records and stages go to {name} in the background; that can take some minutes.")
        return [*told, text.format(name=successor.name)]
    records = ngettext("{count} record", "{count} records", theirs.records or 0).format(count=theirs.records or 0)
    stages = ngettext("{count} stage", "{count} stages", theirs.waiting).format(count=theirs.waiting)
    text = _("{name} has taken over {records} and {stages}.")
    return [*told, text.format(name=successor.name, records=records, stages=stages)]
