"""Pages by which an organization could lose its last administrator: they refuse it in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from forms_app.admin.people.acting import own_actor
from forms_app.admin.people.scope import ScopedAdmin
from forms_app.exceptions import Refused
from forms_app.people.administrators import keep_administrator, lock_people


class KeepingAdmin(ScopedAdmin):
    """What a member saves or deletes here leaves somebody who manages people, or is not done."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        _lock(request)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        _keep(request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        _lock(request)
        super().delete_model(request, obj)
        _keep(request)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        _lock(request)
        super().delete_queryset(request, queryset)
        _keep(request)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _told(request, lambda: super(KeepingAdmin, self).changeform_view(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _told(request, lambda: super(KeepingAdmin, self).delete_view(request, *args, **kwargs))

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _told(request, lambda: super(KeepingAdmin, self).changelist_view(request, *args, **kwargs))


def _lock(request: HttpRequest) -> None:
    """Before the first row is written: others who write people wait here, and not for one row of several."""
    actor = own_actor(request)
    if actor is not None:
        lock_people(actor.organization_id)


def _keep(request: HttpRequest) -> None:
    actor = own_actor(request)
    if actor is not None:
        keep_administrator(actor)


def _told(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """The view's answer, or its page again with the reason why nothing was written."""
    try:
        with transaction.atomic():  # Django's own action of a list, which deletes several, opens none
            return view()
    except Refused as refused:
        for fault in refused.faults:
            messages.error(request, fault.message)
        return HttpResponseRedirect(request.get_full_path())
