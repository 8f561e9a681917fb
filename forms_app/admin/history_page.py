"""What happened to a thing, on a page of its own beside each thing's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from forms_app.audit.kinds import BY_NAME
from forms_app.audit.reading import entries_of, events

AT_ONCE = 100
"""Entries of one page."""


def is_audited(model_admin: Any) -> bool:
    return model_admin.opts.model_name in BY_NAME


def history_page(model_admin: Any, request: HttpRequest, thing: Any, extra: Mapping[str, Any] | None) -> HttpResponse:
    """The changes of a thing that the account may see, newest first; `before` in the address goes on behind an entry.
    Raises Http404 for what is not audited."""
    if not is_audited(model_admin):
        raise Http404
    text = request.GET.get("before", "")
    entries = entries_of(type(thing), thing.pk)
    if text.isascii() and text.isdecimal() and len(text) < 19:
        entries = entries.filter(pk__lt=int(text))
    shown = list(entries[: AT_ONCE + 1])
    more, shown = shown[AT_ONCE:], shown[:AT_ONCE]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Changes of {name}").format(name=thing),
        "opts": model_admin.opts,
        "object": thing,
        "module_name": str(model_admin.opts.verbose_name_plural),
        "events": events(shown),
        "older": shown[-1].pk if more else None,
        **(extra or {}),
    }
    return TemplateResponse(request, "admin/forms_app/audit/history.html", context)
