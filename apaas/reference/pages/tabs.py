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

from apaas.errors import ErrorCode
from apaas.reference.calls import Endpoint
from apaas.reference.layout import laid_out
from apaas.reference.sample_requests import SampleRequest, curl, python


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
class Sample:
    """A request that works when pasted, and what it is answered; `warning` stands above it. Of several in a tab one is
    chosen by its title."""

    name: str
    title: str
    request: SampleRequest
    answer: Any
    warning: str = ""
    texts: Sequence[str] = ()
    """For curl and Python, where they do more than send the request."""

    @property
    def samples(self) -> list[tuple[str, str, str]]:
        """(key, language, text) of each language."""
        shell, program = self.texts or (curl(self.request), python(self.request))
        return [("curl", "curl", shell), ("python", "Python", program)]

    @property
    def answer_text(self) -> str:
        return laid_out(self.answer)


@dataclass(frozen=True)
class Tab:
    """One call. Without a `request` there is no sample, and `note` says why; `warning` stands above the sample. A call
    with several samples has `variants` in its place."""

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
    variants: Sequence[Sample] = ()
    failing: str | Promise = ""
    """What is to be known of all its failures."""

    @property
    def shown(self) -> Sequence[Sample]:
        if self.request is None:
            return self.variants
        return [Sample(self.name, str(self.title), self.request, self.answer, self.warning)]

    @property
    def samples(self) -> list[tuple[str, str, str]]:
        """(key, language, text) of each sample."""
        return [text for sample in self.shown for text in sample.samples]

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
