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

from apaas.requests.parameters import CALLS, Parameter

PREFIX = "/apaas/"
_CONVERTER = re.compile(r"<\w+:(\w+)>")
_ID_NAMES = re.compile(r"\{(?:record|form)_id\}")


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
            Call("mass_destroy", _("Mass destroy"), _("Destroys records: all of them or none.")),
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
    kind = str(schema.get("type", ""))
    if kind == "array":
        return f"array of {kind_of(schema.get('items'))}".removesuffix(" of ")
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f"{kind} {least}–{most}"
    return kind if least is None else f"{kind} ≥ {least}"
