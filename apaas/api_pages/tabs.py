"""What an API page shows, whatever it is about, and the page made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apaas.calls import Endpoint
from apaas.errors import ErrorCode
from apaas.layout import laid_out
from apaas.sample_requests import SampleRequest, curl, python


@dataclass(frozen=True)
class Refusal:
    """A typical mistake: the parameters that make it (None where there is nothing to show), and what is answered."""

    title: str
    status: int
    sent: Any
    answer: Any

    @property
    def sent_text(self) -> str:
        return "" if self.sent is None else laid_out(self.sent)

    @property
    def answer_text(self) -> str:
        return laid_out(self.answer)


@dataclass(frozen=True)
class Tab:
    """One call. Without a `request` there is no sample, and `note` says why; `warning` stands above the sample."""

    name: str
    title: str | Promise
    explains: str | Promise
    endpoints: Sequence[Endpoint]
    parameters: Sequence[Mapping[str, Any]]
    """Rows with name, required, type, default, explains."""
    request: SampleRequest | None = None
    answer: Any = None
    errors: Sequence[ErrorCode] = ()
    refusals: Sequence[Refusal] = ()
    note: str = ""
    warning: str = ""

    @property
    def samples(self) -> list[tuple[str, str, str]]:
        """(key, language, text) of each sample."""
        if self.request is None:
            return []
        return [("curl", "curl", curl(self.request)), ("python", "Python", python(self.request))]

    @property
    def answer_text(self) -> str:
        return laid_out(self.answer)


@dataclass(frozen=True)
class Link:
    """A way from the page to another."""

    title: str
    url: str


@dataclass(frozen=True)
class Heading:
    """What stands above the tabs."""

    title: str
    subtitle: str
    back: Link
    links: Sequence[Link] = ()
    warnings: Sequence[str] = ()


def api_page(
    request: HttpRequest,
    heading: Heading,
    tabs: Sequence[Tab],
    template: str = "apaas/api_page.html",
    **more: Any,
) -> HttpResponse:
    """The page in the admin's frame. `more`: what a `template` that extends `apaas/api_page.html` shows besides."""
    context = {
        **admin.site.each_context(request),
        "title": _("API"),
        "is_fullwidth": "1",
        "heading": heading,
        "tabs": tabs,
        "texts": {"copied": _("Copied")},
        **more,
    }
    return TemplateResponse(request, template, context)
