"""A member's account: made by one button, with the link by which its owner sets the password."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from forms_app.admin.people.acting import actor_in
from forms_app.exceptions import Fault, Forbidden, Refused
from forms_app.models import Member
from forms_app.people.delegation import may_act_as
from forms_app.people.invitations import LONGEST_NAME, account_make, invite


class AccountForm(forms.Form):
    """What a new account needs."""

    username = forms.CharField(
        label=gettext_lazy("Sign-in name"), max_length=LONGEST_NAME, required=False, widget=UnfoldAdminTextInputWidget
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address"), max_length=254, required=False, widget=UnfoldAdminEmailInputWidget
    )


def account_page(model_admin: Any, request: HttpRequest, member: Member) -> HttpResponse:
    """The page that makes an account, or a new link for it. Raises PermissionDenied."""
    if not model_admin.has_change_permission(request, member):
        raise PermissionDenied
    actor = actor_in(request, member.organization_id)
    account: User | None = member.user
    form = AccountForm(request.POST if request.method == "POST" else None, initial=_suggested(member))
    faults: Sequence[Fault] = ()
    if request.method == "POST":
        try:
            if account is None:
                valid = form.is_valid()
                if not valid:
                    raise Refused
                account = account_make(member=member, actor=actor, **form.cleaned_data)
            return _invited(model_admin, request, member, account, invite(member=member, actor=actor))
        except (Refused, Forbidden) as refused:
            faults = refused.faults
    others = []
    for fault in faults:
        if account is None and fault.field in form.fields:
            form.add_error(fault.field, fault.message)
        else:
            others.append(fault.message)
    wrong = bool(others or form.errors)
    context = {
        **_context(model_admin, request, member),
        "account": account,
        "form": form if account is None else None,
        "faults": others,
        "lacking": not may_act_as(actor, member),
        "mails": bool(settings.EMAIL_HOST),
    }
    return TemplateResponse(request, "admin/forms_app/member/account.html", context, status=422 if wrong else 200)


def _context(model_admin: Any, request: HttpRequest, member: Member) -> dict[str, Any]:
    return {
        **model_admin.admin_site.each_context(request),
        "title": _("Account of {name}").format(name=member.name),
        "member": member,
        "member_url": reverse("admin:forms_app_member_change", args=[member.pk]),
        "days": settings.INVITATION_DAYS,
    }


def _suggested(member: Member) -> dict[str, str]:
    """What the other systems call the person, else their number in the organization, which nobody else has."""
    return {"username": member.third_userid or f"{member.organization_id}-{member.uid}", "email": ""}


def _invited(
    model_admin: Any, request: HttpRequest, member: Member, account: User, link: tuple[str, str]
) -> HttpResponse:
    """The page with the link: the answer to the POST itself, so that it is kept nowhere."""
    url = request.build_absolute_uri(reverse("invitation", args=link))
    mailed = _mail(account, url) if settings.EMAIL_HOST and account.email else False
    if mailed:
        messages.success(request, _("The link was mailed to {email}.").format(email=account.email))
    context = {**_context(model_admin, request, member), "account": account, "link": url}
    response = TemplateResponse(request, "admin/forms_app/member/invited.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _mail(account: User, url: str) -> bool:
    """Whether the mail went out; if not, the link on the page still does."""
    days = settings.INVITATION_DAYS
    text = _("You can sign in as {name}. Set your password here:").format(name=account.username)
    until = ngettext("The link works once, for {count} day.", "The link works once, for {count} days.", days)
    body = f"{text}\n\n{url}\n\n{until.format(count=days)}\n"
    return bool(send_mail(_("Your account"), body, None, [account.email], fail_silently=True))
