"""The site of the administration: who may enter it, and what the sign-in page says to those who may not."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite

from forms_app.models import Member
from forms_app.people.accounts import is_operator, may_enter
from forms_app.people.doors import password_changed
from forms_app.people.telling import told, with_where


class SignInForm(AuthenticationForm):
    """Takes every member's account, and the platform's; Django's own asks for its staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Sign-in name")

    def confirm_login_allowed(self, user: Any) -> None:
        if not may_enter(user):
            raise ValidationError(_("This account is linked to no active member."), code="invalid_login")


class LookUp(AutocompleteJsonView):
    """What is found for a box of choice. Two members may bear the same name: so their numbers are shown, and of all
    else where it belongs."""

    def get_queryset(self) -> Any:
        return with_where(super().get_queryset())

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        if isinstance(obj, Member):
            name = f"{obj.name} #{obj.uid}"
            result["text"] = name if obj.is_active else _("{name} (deactivated)").format(name=name)
        else:
            result["text"] = told(obj, to_operator=is_operator(self.request.user))
        return result


class AdministrationSite(UnfoldAdminSite):
    """Pages for the members of organizations, and for the platform's operators."""

    login_form = SignInForm
    index_title = gettext_lazy("Start")

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        return LookUp.as_view(admin_site=self)(request)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and may_enter(request.user)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response: HttpResponse = super().password_change(request, extra_context)
        if response.status_code == 302 and request.method == "POST":
            password_changed.send(type(self), request=request, user=request.user)
        return response
