"""Webhooks: their list, setting one up, switching it on and off. Its secret is in one answer only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from unfold.decorators import action, display

from forms_app.admin.people.acting import is_operator, own_actor
from forms_app.admin.people.noted import moment
from forms_app.admin.people.scope import ScopedAdmin
from forms_app.admin.webhooks.deliveries import deliveries_view, what_came
from forms_app.admin.webhooks.webhook_form import WebhookForm
from forms_app.models import Webhook
from forms_app.webhooks.due import MOST_COUNTED, waiting
from forms_app.webhooks.receiver import ERRORS
from forms_app.webhooks.standing import condition
from forms_app.webhooks.trying import webhook_try
from forms_app.webhooks.writes import webhook_change, webhook_delete, webhook_make, webhook_renew_secret

STATES = {"on": _("on"), "off": _("off"), "failing": _("failing"), "stopped": _("stopped")}
PLACE = ("custom_form", "custom_app")


@admin.register(Webhook)
class WebhookAdmin(ScopedAdmin):
    form = WebhookForm
    list_display = ("url", "place", "shown_state", "waits", "last", "member", "organization", "ways")
    list_filter = ("organization", "enabled")
    list_select_related = ("member", "organization", "state", "custom_form", "custom_app")
    search_fields = ("url", "custom_form__name", "custom_app__name")
    autocomplete_fields = PLACE
    ordering = ("-id",)
    actions = None
    actions_submit_line = ("test", "new_secret")
    made_template = "admin/forms_app/webhook/made.html"

    class Media:
        css: ClassVar = {"all": ("forms_app/admin.css",)}

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(deliveries_view(self))
        return [path("<int:webhook_id>/deliveries/", view, name="forms_app_webhook_deliveries"), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Webhook | None = None) -> tuple[str, ...]:
        given = ("url", "events", "filters", "enabled")
        return (*PLACE, *given) if obj is None else ("place", *given, "why", "waits", "last", "member", "ways")

    def get_readonly_fields(self, request: HttpRequest, obj: Webhook | None = None) -> tuple[str, ...]:
        return () if obj is None else ("place", "why", "waits", "last", "member", "ways")

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        return PLACE

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A webhook reads as the member who sets it up: an operator is none."""
        return own_actor(request) is not None and bool(super().has_add_permission(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return own_actor(request) is not None and bool(super().has_change_permission(request, obj))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        answer: HttpResponse = super().add_view(request, form_url, {**(extra_context or {}), **only_save})
        return answer

    @admin.display(description=_("of"))
    def place(self, webhook: Webhook) -> str:
        """The form or the app."""
        return str(webhook.custom_form or gettext("App {name}").format(name=webhook.custom_app))

    @display(  # type: ignore[untyped-decorator]
        description=_("state"), label={"on": "success", "off": "info", "failing": "warning", "stopped": "danger"}
    )
    def shown_state(self, webhook: Webhook) -> tuple[str, Any]:
        state = condition(webhook)
        return state, STATES[state]

    @admin.display(description=_("state"))
    def why(self, webhook: Webhook) -> str:
        """How it fares, and why."""
        state = condition(webhook)
        said = [str(STATES[state])]
        if webhook.state.stopped:
            said.append(webhook.state.get_stopped_display())
        if webhook.state.error:
            error = webhook.state.error
            said.append(str(ERRORS.get(error, gettext("It answered {status}.").format(status=error))))
        return " · ".join(said)

    @admin.display(description=_("waiting"))
    def waits(self, webhook: Webhook) -> str:
        """How many events and refused records wait."""
        left = waiting(webhook)
        events = f"{left.entries}+" if left.entries >= MOST_COUNTED else str(left.entries)
        if not left.records:
            return events
        text = gettext("{events}, and {records} records whose event was refused")
        return text.format(events=events, records=left.records)

    @admin.display(description=_("last delivered"))
    def last(self, webhook: Webhook) -> SafeString | str:
        at = webhook.state.delivered_at
        return moment(at) if at is not None else "—"

    @admin.display(description=_("open"))
    def ways(self, webhook: Webhook) -> SafeString:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            reverse("admin:forms_app_webhook_deliveries", args=[webhook.pk]),
            _("Deliveries"),
        )

    @sensitive_variables("secret")
    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        actor = own_actor(request)
        assert actor is not None  # has_add_permission, has_change_permission
        values = form.values(form.cleaned_data)
        if change:
            obj.__dict__.update(webhook_change(webhook=obj, values=values, actor=actor).__dict__)
            super().save_model(request, obj, form, change)  # does what the pressed button asks for
            return
        row, secret = webhook_make(values=values, actor=actor)
        request.made_secret = secret  # type: ignore[attr-defined]
        obj.__dict__.update(row.__dict__)

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        actor = own_actor(request)
        if actor is None:
            super().delete_model(request, obj)
        else:
            webhook_delete(webhook=obj, actor=actor)

    def response_add(self, request: HttpRequest, obj: Webhook, post_url_continue: Any = None) -> HttpResponse:
        return self.with_secret(request, obj, _("The webhook is made"))

    def response_change(self, request: HttpRequest, obj: Webhook) -> HttpResponse:
        if hasattr(request, "made_secret"):
            return self.with_secret(request, obj, _("The webhook has a new secret"))
        answer: HttpResponse = super().response_change(request, obj)
        return answer

    @sensitive_variables("secret")
    def with_secret(self, request: HttpRequest, obj: Webhook, title: Any) -> HttpResponse:
        """The page that shows the secret: the answer to the POST itself, so that it is written to no session."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "webhook": obj,
            "secret": request.made_secret,  # type: ignore[attr-defined]
            "change_url": reverse("admin:forms_app_webhook_change", args=[obj.pk]),
            "list_url": reverse("admin:forms_app_webhook_changelist"),
        }
        response = TemplateResponse(request, self.made_template, context)
        response["Cache-Control"] = "no-store"
        return response

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> Any:
        """One that is being made has neither; an operator changes none."""
        return [] if not object_id or is_operator(request) else super().get_actions_submit_line(request, object_id)

    @action(description=_("Save and send a test"), icon="send", permissions=("change",))  # type: ignore[untyped-decorator]
    def test(self, request: HttpRequest, obj: Webhook) -> None:
        actor = own_actor(request)
        if actor is not None:
            answer = webhook_try(webhook=obj, actor=actor)
            level = messages.SUCCESS if answer.accepted else messages.ERROR
            messages.add_message(request, level, what_came(answer))

    @action(description=_("New secret"), icon="key", permissions=("change",))  # type: ignore[untyped-decorator]
    def new_secret(self, request: HttpRequest, obj: Webhook) -> None:
        actor = own_actor(request)
        if actor is not None:
            request.made_secret = webhook_renew_secret(webhook=obj, actor=actor)  # type: ignore[attr-defined]
