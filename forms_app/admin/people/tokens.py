"""Access tokens. The token itself is in one answer only, that to the request which made it; it is kept nowhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from forms_app.admin.enumerated import enumerated
from forms_app.admin.people.acting import is_operator, own_actor
from forms_app.admin.people.scope import ScopedAdmin
from forms_app.exceptions import Refused
from forms_app.models import AccessToken, CustomForm, Verb
from forms_app.people.actor import Actor
from forms_app.people.delegation import may_act_as
from forms_app.people.networks import checked_networks
from forms_app.people.roles import forms_in_sight
from forms_app.people.tokens import token_create, token_limit, token_revoke

LIMITS = {"member", "verbs", "custom_forms", "networks", "expires_at", "calls_per_minute", "calls_at_once"}
"""What decides how much a token may do."""
SHOWN = ("hint", "revoked_at", "last_used_at", "created_at", "calls")
"""What a token's page tells beside."""


class TokenForm(forms.ModelForm):
    actor: Actor | None = None
    verbs = forms.MultipleChoiceField(
        label=_("May"),
        choices=Verb.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What it may do of what its member may; none chosen: all of it."),
    )
    networks = forms.CharField(
        label=_("Networks"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("From where it may be used, one a line, e.g. 10.0.0.0/8; none: from everywhere."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["networks"] = "\n".join(self.instance.networks)

    def clean_verbs(self) -> list[str] | None:
        return self.cleaned_data["verbs"] or None

    def clean_networks(self) -> list[str]:
        try:
            return checked_networks(self.cleaned_data["networks"].split())
        except Refused as refused:
            raise ValidationError([fault.message for fault in refused.faults]) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        member = cleaned.get("member") or getattr(self.instance, "member", None)
        custom_forms = cleaned.get("custom_forms") or ()
        if self.actor and member and LIMITS & {*self.changed_data}:
            form_ids = [form.pk for form in custom_forms] if custom_forms or self.instance.restricted else None
            if not may_act_as(self.actor, member, verbs=cleaned.get("verbs"), form_ids=form_ids):
                self.add_error(
                    None, _("The member may do more than you may yourself: limit the token to what you may.")
                )
        if member and any(form.organization_id != member.organization_id for form in custom_forms):
            self.add_error("custom_forms", _("A form belongs to another organization than the member."))
        if self.instance.restricted and "custom_forms" in cleaned and not custom_forms:
            self.add_error("custom_forms", _("This token is limited to forms; without any it would open them all."))
        return cleaned


@admin.register(AccessToken)
class AccessTokenAdmin(ScopedAdmin):
    form = TokenForm
    list_display = ("name", "hint", "member", "organization", "verb_names", "state", "expires_at", "last_used_at")
    list_filter = ("organization",)
    list_select_related = ("member", "organization")
    search_fields = ("name", "hint", "member__name")
    ordering = ("-id",)
    actions = ("revoke_selected",)
    actions_submit_line = ("revoke",)
    made_template = "admin/forms_app/accesstoken/made.html"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        answer: HttpResponse = super().add_view(request, form_url, {**(extra_context or {}), **only_save})
        return answer

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A member ticks forms; an operator, who sees those of all organizations, looks them up."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "custom_forms" and not is_operator(request):
            field.widget = UnfoldAdminCheckboxSelectMultipleWidget(choices=field.choices)
            field.help_text = db_field.help_text
        return field

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Of forms all that exist for the account: it may limit a token to what it may not design."""
        actor = own_actor(request)
        if db_field.name == "custom_forms" and actor is not None:
            return CustomForm.objects.filter(forms_in_sight(actor)).order_by("name", "pk")
        return super().get_field_queryset(db, db_field, request)

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        return ("member", "custom_forms") if is_operator(request) else ("member",)

    def get_fields(self, request: HttpRequest, obj: AccessToken | None = None) -> tuple[str, ...]:
        limits = ("networks", "expires_at", "calls_per_minute", "calls_at_once")
        given = ("member", "name", "verbs", "custom_forms", *limits)
        return (*given, *SHOWN) if obj else given

    def get_readonly_fields(self, request: HttpRequest, obj: AccessToken | None = None) -> tuple[str, ...]:
        return ("member", *SHOWN) if obj else ()

    @admin.display(description=_("Call log"))
    def calls(self, access_token: AccessToken) -> SafeString:
        url = reverse("admin:forms_app_apicall_changelist")
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}?token__id__exact={}">{}</a>',
            url,
            access_token.pk,
            _("Calls of this token"),
        )

    @admin.display(description=_("May"))
    def verb_names(self, access_token: AccessToken) -> str:
        """All that its member may, or so much of it."""
        if access_token.verbs is None:
            return str(_("all that the member may"))
        return enumerated(Verb(verb).label for verb in access_token.verbs)

    @display(  # type: ignore[untyped-decorator]
        description=_("state"),
        label={"valid": "success", "revoked": "danger", "expired": "warning"},
    )
    def state(self, access_token: AccessToken) -> tuple[str, Any]:
        if access_token.revoked_at:
            return "revoked", _("revoked")
        if access_token.expires_at and access_token.expires_at <= timezone.now():
            return "expired", _("expired")
        return "valid", _("valid")

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> Any:
        """A token that is being made, or that is revoked, can't be revoked."""
        if not object_id or AccessToken.objects.filter(pk=object_id, revoked_at__isnull=False).exists():
            return []
        return super().get_actions_submit_line(request, object_id)

    @sensitive_variables("token")
    def save_model(self, request: HttpRequest, obj: AccessToken, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        values = form.cleaned_data
        row, token = token_create(
            member=values["member"],
            name=values["name"],
            verbs=values["verbs"],
            networks=values["networks"],
            expires_at=values["expires_at"],
            calls_per_minute=values["calls_per_minute"],
            calls_at_once=values["calls_at_once"],
        )
        obj.__dict__.update(row.__dict__)
        request.made_token = token  # type: ignore[attr-defined]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        token_limit(access_token=form.instance, custom_forms=form.cleaned_data["custom_forms"])

    @sensitive_variables("token")
    def response_add(self, request: HttpRequest, obj: AccessToken, post_url_continue: Any = None) -> HttpResponse:
        """The page that shows the token: the answer to the POST itself, so that it is written to no session."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("The token is made"),
            "access_token": obj,
            "token": request.made_token,  # type: ignore[attr-defined]
            "change_url": reverse("admin:forms_app_accesstoken_change", args=[obj.pk]),
            "list_url": reverse("admin:forms_app_accesstoken_changelist"),
        }
        response = TemplateResponse(request, self.made_template, context)
        response["Cache-Control"] = "no-store"
        return response

    @action(description=_("Revoke now"), icon="block", permissions=("change",))  # type: ignore[untyped-decorator]
    def revoke(self, request: HttpRequest, obj: AccessToken) -> None:
        token_revoke(access_token=obj)
        messages.success(request, _("The token {name} is revoked.").format(name=obj.name))

    @admin.action(description=_("Revoke the selected tokens"), permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[AccessToken]) -> None:
        tokens = list(queryset.filter(revoked_at__isnull=True))
        for access_token in tokens:
            token_revoke(access_token=access_token)
        messages.success(request, _("{count} tokens are revoked.").format(count=len(tokens)))
