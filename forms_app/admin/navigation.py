"""The sidebar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_app.admin.people.acting import is_operator, own_member


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections of the sidebar, with what the account may see."""
    sections: list[dict[str, Any]] = [
        {
            "title": _("Forms"),
            "items": [
                _item(request, _("Start"), "", "home", always=True),
                _item(request, _("Apps"), "forms_app.customapp", "apps"),
                _item(request, _("Forms"), "forms_app.customform", "dynamic_form"),
                _item(request, _("Flows"), "forms_app.flow", "schema"),
            ],
        },
        {
            "title": _("Tickets"),
            "items": [
                _worklist(request),
                _item(request, _("Tickets"), "forms_app.ticket", "confirmation_number"),
            ],
        },
        {
            "title": _("People"),
            "items": [
                _item(request, _("Organizations"), "forms_app.organization", "domain"),
                _item(request, _("Departments"), "forms_app.department", "account_tree"),
                _item(request, _("Members"), "forms_app.member", "badge"),
                _item(request, _("Roles"), "forms_app.role", "shield_person"),
                _item(request, _("What a member may do"), "forms_app.role", "rule", page="rights"),
            ],
        },
        {
            "title": _("Access"),
            "items": [
                _item(request, _("Access tokens"), "forms_app.accesstoken", "key"),
                _item(request, _("Webhooks"), "forms_app.webhook", "webhook"),
                _item(request, _("Accounts"), "auth.user", "person"),
                _item(request, _("Changes"), "forms_app.auditentry", "history"),
                _item(request, _("Sign-ins"), "forms_app.accessevent", "login"),
                _item(request, _("Call log"), "forms_app.apicall", "receipt_long"),
            ],
        },
        {
            "title": _("Data"),
            "items": [
                _item(request, _("Regions"), "forms_app.region", "map"),
                _item(request, _("Files"), "forms_app.storedfile", "attach_file"),
                *_of_operators(request),
                _item(request, _("Indexes"), "forms_app.customform", "manage_search", page="indexes"),
            ],
        },
    ]
    # Of two addresses that a page lies below, the nearer one is its own.
    items: list[dict[str, Any]] = [item for section in sections for item in section["items"]]
    below = [item for item in items if request.path.startswith(item["link"]) and item["link"] != reverse("admin:index")]
    own = max(below, key=lambda item: len(item["link"]), default=None)
    for item in items:
        item["active"] = item is own or request.path == item["link"]
    return sections


def _item(
    request: HttpRequest, title: str, model: str, icon: str, always: bool = False, page: str = "changelist"
) -> dict[str, Any]:
    if always:
        return {"title": title, "icon": icon, "link": reverse("admin:index")}
    app, name = model.split(".")
    permitted = any(request.user.has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change"))
    return {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:{app}_{name}_{page}"),
        "permission": (lambda request: True) if permitted else (lambda request: False),
    }


def _of_operators(request: HttpRequest) -> list[dict[str, Any]]:
    """What only who runs the platform looks after."""
    item = _item(request, _("Scheduled jobs"), "forms_app.scheduledrun", "schedule")
    return [item] if is_operator(request) else []


def _worklist(request: HttpRequest) -> dict[str, Any]:
    """For every account that is linked to an active member."""
    return {
        "title": _("My stages"),
        "icon": "checklist",
        "link": reverse("admin:forms_app_ticket_worklist"),
        "permission": lambda request: own_member(request) is not None,
    }
