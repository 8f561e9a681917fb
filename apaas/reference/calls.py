"""The calls as developers read about them: their groups, what each is for, and their addresses from the URL table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import get_resolver
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apaas.requests.parameters import CALLS
from apaas.requests.readers import Parameter
from forms_app.field_types._references import MAX_ID

PREFIX = "/apaas/"
_CONVERTER = re.compile(r"<\w+:(\w+)>")
_ID_NAMES = re.compile(r"\{(?:record|form|role|token|webhook)_id\}")


@dataclass(frozen=True)
class Call:
    """A call of the API. `name` is its key in `apaas.requests.parameters.CALLS`."""

    name: str
    title: str | Promise
    explains: str | Promise
    on_form: bool = True
    """Whether it needs a form: `custom_form_id`."""


GROUPS: tuple[tuple[str | Promise, tuple[Call, ...]], ...] = (
    (
        _("Apps and forms"),
        (
            Call("custom_apps", _("Apps"), _("The apps that the caller may see, in pages."), on_form=False),
            Call("custom_forms", _("Forms"), _("The forms of an app, or all, in pages."), on_form=False),
            Call(
                "custom_form",
                _("Form design"),
                _("A form with its groups, fields, options and tabs."),
                on_form=False,
            ),
        ),
    ),
    (
        _("Read records"),
        (
            Call("list", _("List"), _("A page of records: filtered, searched, sorted, with exact totals.")),
            Call("ids", _("Ids"), _("The ids of all matching records, in order.")),
            Call("export", _("Export"), _("All matching records as one file, in order, made while it is sent.")),
            Call("simple", _("Simple list"), _("Id and label of records, to pick one.")),
            Call("detail", _("Detail"), _("One record.")),
        ),
    ),
    (
        _("Write records"),
        (
            Call("create", _("Create"), _("A new record, owned by the caller.")),
            Call("update", _("Update"), _("Changes the fields that are sent, and no others.")),
            Call("transfer", _("Transfer"), _("Gives records to another owner: all of them or none.")),
            Call(
                "mass_create",
                _("Mass create"),
                _("1 to 1000 new records: all, or with partial those that are right."),
            ),
            Call(
                "mass_update",
                _("Mass update"),
                _("Changes 1 to 1000 records, each by its own values: all, or with partial those that are right."),
            ),
            Call(
                "mass_upsert",
                _("Mass upsert"),
                _("Changes the records that have the rows' values of a unique field, and makes those that none has."),
            ),
            Call("mass_destroy", _("Mass destroy"), _("Destroys records: all of them or none.")),
        ),
    ),
    (
        _("History and trash"),
        (
            Call("history", _("History"), _("What happened to a record, the newest first: by whom, and what changed.")),
            Call("changes", _("Changes"), _("What happened to a form's records, in order, from a cursor on.")),
            Call("trash", _("Trash"), _("A page of destroyed records, the last one first.")),
            Call("restore", _("Restore"), _("Brings destroyed records back: all of them or none.")),
        ),
    ),
    (
        _("Compute"),
        (
            Call(
                "evaluate",
                _("Evaluate"),
                _("The value that a formula field would have with these unsaved values. Nothing is written."),
            ),
        ),
    ),
    (
        _("People"),
        (
            Call("user_list", _("Members"), _("The active members of the organization, in pages."), on_form=False),
            Call("departments", _("Departments"), _("The departments as a tree."), on_form=False),
            Call(
                "users_upsert",
                _("Mass upsert of members"),
                _("Creates or changes members by third_userid. Who is no longer active leaves for a successor."),
                on_form=False,
            ),
            Call(
                "departments_upsert",
                _("Mass upsert of departments"),
                _("Creates or changes departments by third_dept_id."),
                on_form=False,
            ),
        ),
    ),
    (
        _("Roles and tokens"),
        (
            Call("roles", _("Roles"), _("The roles of the organization, in pages."), on_form=False),
            Call("role", _("Role"), _("One role, with who has it and what it gives."), on_form=False),
            Call("role_create", _("New role"), _("A role with no right that the caller lacks."), on_form=False),
            Call("role_update", _("Change a role"), _("Changes what is sent; an empty list empties."), on_form=False),
            Call("role_delete", _("Delete a role"), _("Takes it away from all who have it."), on_form=False),
            Call("tokens", _("Tokens"), _("The tokens of the organization, in pages."), on_form=False),
            Call(
                "token_create",
                _("New token"),
                _("A token for a member, with no right that the caller lacks. Only this answer holds it."),
                on_form=False,
            ),
            Call(
                "token_update", _("Change a token"), _("Changes what is sent; null takes a limit away."), on_form=False
            ),
            Call("token_revoke", _("Revoke a token"), _("Ends it at once."), on_form=False),
            Call(
                "token_rotate",
                _("Rotate a token"),
                _("A successor with the same limits. The old token works on for some hours."),
                on_form=False,
            ),
            Call("rights", _("Rights"), _("What a member may do on a form, and which role gives it.")),
        ),
    ),
    (
        _("Webhooks"),
        (
            Call("webhooks", _("Webhooks"), _("The webhooks of what the caller designs, in pages."), on_form=False),
            Call("webhook", _("One webhook"), _("A webhook, how it fares and what waits for it."), on_form=False),
            Call(
                "webhook_create",
                _("New webhook"),
                _("An address that is told what happens to records and tickets. Only this answer has its secret."),
                on_form=False,
            ),
            Call(
                "webhook_update",
                _("Change a webhook"),
                _("Changes what is sent. From then on it is told what the caller may read."),
                on_form=False,
            ),
            Call("webhook_delete", _("Delete a webhook"), _("With what it delivered and what waited."), on_form=False),
            Call(
                "webhook_deliveries",
                _("Deliveries"),
                _("What was sent, and what was answered; the last first, in pages."),
                on_form=False,
            ),
            Call(
                "webhook_replay",
                _("Send again"),
                _("Has one delivery, or those of a span of time, sent again."),
                on_form=False,
            ),
        ),
    ),
    (
        _("Files"),
        (
            Call("upload", _("Upload"), _("Keeps a file; the answer is one item for a file field."), on_form=False),
            Call("download", _("Download"), _("A file that was uploaded, always as a download."), on_form=False),
        ),
    ),
)
BY_NAME = {call.name: call for _title, calls in GROUPS for call in calls}


@dataclass(frozen=True)
class Endpoint:
    """A method and a path; `{id}` or `{token}` stands in it where one is needed."""

    method: str
    path: str

    @property
    def has_body(self) -> bool:
        """Whether a browser can send a body with it. This server reads one on GET too."""
        return self.method != "GET"


@cache
def endpoints() -> Mapping[str, tuple[Endpoint, ...]]:
    """The endpoints of each call, as the URL table has them."""
    by_call: dict[str, list[Endpoint]] = {}
    for pattern in get_resolver("apaas.urls").url_patterns:
        route = str(pattern.pattern)
        for method, action in getattr(getattr(pattern, "callback", None), "actions", {}).items():
            view: Any = pattern.callback.cls(action=action)  # type: ignore[union-attr]
            # DRF adds HEAD to the actions of a view that has answered.
            if not route.endswith("/") and view.call in BY_NAME and method != "head":
                by_call.setdefault(view.call, []).append(Endpoint(method.upper(), PREFIX + template(route)))
    return {name: tuple(listed) for name, listed in by_call.items()}


def preferred(name: str) -> Endpoint:
    """The endpoint that samples use: a browser, and many a proxy, send no body with GET."""
    listed = endpoints()[name]
    return next((endpoint for endpoint in listed if endpoint.has_body), listed[0])


def template(route: str) -> str:
    """A route of the URL table as the documentation writes it: `form_entities/{id}`."""
    return _ID_NAMES.sub("{id}", _CONVERTER.sub(r"{\1}", route))


def parameters(name: str) -> tuple[Parameter, ...]:
    return CALLS.get(name, ())


def default_of(parameter: Parameter) -> Any:
    """What counts where the parameter is not sent; None for nothing."""
    return settings.DEFAULT_PER_PAGE if parameter.name == "per_page" else parameter.default


def kind_of(schema: Mapping[str, Any] | None) -> str:
    """A parameter's type in a few words, from its JSON Schema."""
    if not schema:
        return ""
    named = schema.get("type", "")
    kind = str(named if isinstance(named, str) else named[0])
    if kind == "array":
        return f"array of {kind_of(schema.get('items'))}".removesuffix(" of ")
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None and most < MAX_ID:
        return f"{kind} {least}–{most}"
    return kind if least is None else f"{kind} ≥ {least}"
