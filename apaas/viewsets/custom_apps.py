"""Apps and forms, read only: where a client of the document starts (docs/contract.md §2.5)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from apaas.definitions import app_of, form_design_of, form_of
from apaas.filtersets import CustomAppFilterSet, CustomFormFilterSet
from apaas.pagination import page_values, paged
from apaas.viewsets.base import ApiViewSet
from forms_app.exceptions import Fault, NotFound
from forms_app.models import CustomApp, CustomForm
from forms_app.people.actor import Actor
from forms_app.people.roles import apps_in_sight, forms_in_sight
from forms_app.schema.form_schema import FormSchema


class CustomAppViewSet(ApiViewSet):
    """The organization's apps that the caller may see."""

    def list(self, request: Request) -> HttpResponseBase:
        """The apps, or those of a status or name."""
        apps = visible_apps(self.actor).select_related("creator", "update_user").order_by("id")
        return answered(self, CustomAppFilterSet(self.checked_values(), apps).qs, app_of)

    @property
    def call(self) -> str:
        return "custom_apps"


class CustomFormViewSet(ApiViewSet):
    """The forms that exist for the caller."""

    def get_queryset(self) -> QuerySet[CustomForm]:
        forms = CustomForm.objects.filter(forms_in_sight(self.actor))
        return forms.select_related("primary_field", "creator", "update_user").order_by("id")

    @property
    def call(self) -> str:
        return "custom_forms" if self.action == "list" else "custom_form"

    def list(self, request: Request) -> HttpResponseBase:
        """The forms of an app, or all, or those of a status or name."""
        app_id = self.checked_values()["custom_app_id"]
        if app_id is not None and not visible_apps(self.actor).filter(pk=app_id).exists():
            raise NotFound([Fault("unknown_app", _("There is no such app."), field="custom_app_id", got=app_id)])
        return answered(self, CustomFormFilterSet(self.values, self.get_queryset()).qs, self.form_of)

    def retrieve(self, request: Request, form_id: int) -> HttpResponseBase:
        """A form with its groups, fields, options and tabs."""
        self.checked_values()
        form = self.get_queryset().filter(pk=form_id).first()
        if form is None:
            raise NotFound([Fault("unknown_form", _("There is no such form."), field="id", got=form_id)])
        return self.answer(form_design_of(form, self.seen(form)))

    def form_of(self, form: CustomForm) -> dict[str, Any]:
        return form_of(form, self.seen(form))

    def seen(self, form: CustomForm) -> FormSchema:
        """The form as the caller sees it. Raises NotFound where it went meanwhile."""
        schema = FormSchema.find(form.pk)
        if schema is None:
            raise NotFound([Fault("unknown_form", _("There is no such form."), field="id", got=form.pk)])
        return schema.seen_by(self.actor)


def visible_apps(actor: Actor) -> QuerySet[CustomApp]:
    """The apps that exist for the caller: those whose forms a role gives them, and those of which they see a form."""
    forms = CustomForm.objects.filter(forms_in_sight(actor))
    return CustomApp.objects.filter(apps_in_sight(actor) | Q(pk__in=forms.values("custom_app")))


def answered(view: ApiViewSet, queryset: QuerySet[Any], show: Any) -> HttpResponseBase:
    """A page of the queryset, each row shown by `show`."""
    page, per_page = page_values(view.checked_values())
    rows = list(queryset[(page - 1) * per_page : page * per_page])
    total = None if view.values["without_count"] else queryset.count()
    more = total is None and queryset[page * per_page : page * per_page + 1].exists()
    return view.answer(paged([show(row) for row in rows], page, per_page, total=total, more=more))
