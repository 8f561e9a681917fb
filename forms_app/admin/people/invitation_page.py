"""The page behind an invitation's link, where the owner of a new account sets the password and is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import reverse_lazy
from unfold.widgets import UnfoldAdminPasswordWidget

from forms_app.people.accounts import may_enter
from forms_app.people.doors import invitation_used
from forms_app.people.invitations import invitation_tokens


class InvitationView(PasswordResetConfirmView):
    """Django's page for a link to set a password, with links of our own; it keeps the link out of the address."""

    template_name = "admin/forms_app/member/invitation.html"
    token_generator = invitation_tokens
    post_reset_login = True
    post_reset_login_backend = "forms_app.people.accounts.RoleBackend"
    success_url = reverse_lazy("admin:index")
    reset_url_token = "set-password"

    def get_user(self, uidb64: str) -> Any:
        """None also for who may not enter: the link of a deactivated member opens nothing."""
        user = super().get_user(uidb64)
        return user if user is not None and may_enter(user) else None

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        for name in form.fields:
            form.fields[name].widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        return form

    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)
        invitation_used.send(type(self), request=self.request, user=self.user)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**admin.site.each_context(self.request), **super().get_context_data(**kwargs)}


invitation = InvitationView.as_view()
