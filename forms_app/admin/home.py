"""The first page: a member's forms to fill in and read, their stages; for who sets up the product, its steps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_app.admin.people.acting import acting, own_member
from forms_app.admin.people.scope import scoped
from forms_app.admin.tickets.worklist import waiting_count
from forms_app.models import CustomForm, Status, Verb, Webhook
from forms_app.people.actor import Actor
from forms_app.people.roles import forms_in_sight, rights_of

MOST_FORMS = 300
"""So many are listed; who has more finds the others through their app."""


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the first page shows."""
    steps = [
        (_("Organization"), _("The company whose forms and people these are."), "forms_app.organization", "domain"),
        (_("Members and departments"), _("Who owns records and acts by tokens."), "forms_app.member", "badge"),
        (_("App"), _("A set of forms that belong together."), "forms_app.customapp", "apps"),
        (_("Form"), _("Design groups, fields, options and tabs on one page."), "forms_app.customform", "dynamic_form"),
        (
            _("Access token"),
            _("Lets another system use the API as a member."),
            "forms_app.accesstoken",
            "key",
        ),
    ]
    shown = [_step(request, *step) for step in steps]
    # Who may take none of these steps comes for their forms and stages.
    context["steps"] = [step for step in shown if step["add_url"] or step["list_url"]]
    if request.user.has_perm("forms_app.view_webhook"):
        stopped = scoped(Webhook.objects.filter(enabled=False), request).exclude(state__stopped="").count()
        context["stopped"] = {"count": stopped, "url": reverse("admin:forms_app_webhook_changelist")}
    member = own_member(request)
    if member is not None:
        context["worklist"] = {
            "url": reverse("admin:forms_app_ticket_worklist"),
            "count": waiting_count(acting(member)),
        }
        context["member"] = member
        context["apps"] = own_forms(acting(member))
    return context


def _step(request: HttpRequest, title: str, text: str, model: str, icon: str) -> dict[str, Any]:
    app, name = model.split(".")
    can_add = request.user.has_perm(f"{app}.add_{name}")
    can_view = request.user.has_perm(f"{app}.view_{name}")
    return {
        "title": title,
        "text": text,
        "icon": icon,
        "add_url": reverse(f"admin:{app}_{name}_add") if can_add else "",
        "list_url": reverse(f"admin:{app}_{name}_changelist") if can_view else "",
    }


def own_forms(actor: Actor) -> list[dict[str, Any]]:
    """The enabled forms that the actor may fill in or read, by app: [{"name", "forms": [{"name", "add_url",
    "records_url"}]}]. One statement."""
    rows = CustomForm.objects.filter(forms_in_sight(actor), status=Status.ENABLE)
    rows = rows.order_by("custom_app__name", "custom_app", "name", "pk")[:MOST_FORMS]
    apps: dict[int, dict[str, Any]] = {}
    for form_id, name, app_id, app in rows.values_list("pk", "name", "custom_app", "custom_app__name"):
        rights = rights_of(actor, organization_id=actor.organization_id, form_id=form_id, app_id=app_id)
        addresses = {
            "add_url": _address("record_add", form_id) if rights.may(Verb.CREATE) else "",
            "records_url": _address("records", form_id) if rights.may(Verb.READ) else "",
        }
        if any(addresses.values()):
            forms = apps.setdefault(app_id, {"name": app, "forms": []})["forms"]
            forms.append({"name": name, **addresses})
    return list(apps.values())


def _address(page: str, form_id: int) -> str:
    return reverse(f"admin:forms_app_customform_{page}", args=[form_id])
