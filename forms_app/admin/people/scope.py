"""What of each kind exists for an account: the one filter that every list, choice, look-up and page goes through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from forms_app.admin.history_page import history_page, is_audited
from forms_app.admin.people.acting import is_operator, own_actor
from forms_app.models import (
    AccessEvent,
    AccessToken,
    ApiCall,
    AuditEntry,
    CustomApp,
    CustomForm,
    Department,
    Flow,
    Member,
    Role,
    Ticket,
    Verb,
    Webhook,
)
from forms_app.people.accounts import makes_apps
from forms_app.people.actor import Actor
from forms_app.people.roles import apps_in_sight, forms_in_sight, may_manage_people
from forms_app.people.telling import told
from forms_app.webhooks.standing import in_sight

M = TypeVar("M", bound=Model)
ORGANIZATION = "organization"


def _designed(actor: Actor) -> Q:
    return forms_in_sight(actor, Verb.DESIGN)


def _of_designed_forms(actor: Actor) -> Q:
    return Q(custom_form__in=CustomForm.objects.filter(_designed(actor)).values("pk"))


def _people(path: str = ORGANIZATION) -> Callable[[Actor], Q]:
    def people(actor: Actor) -> Q:
        return Q(**{path: actor.organization_id}) if may_manage_people(actor) else Q(pk__in=())

    return people


def _changes(actor: Actor) -> Q:
    """Those of people and rights; of apps, forms and flows so far as they are designed. Whoever designs them all sees
    also what happened to one that is gone."""
    own = _people("organization_id")(actor)
    if makes_apps(actor):
        return own
    designed = Q()
    for model in (CustomApp, CustomForm, Flow):
        seen = model._default_manager.filter(SIGHTS[model](actor)).values("pk")
        designed |= Q(page_kind=model._meta.model_name, page_id__in=seen)
    return own & (designed | ~Q(page_kind__in=["customapp", "customform", "flow"]))


SIGHTS: Mapping[type[Model], Callable[[Actor], Q]] = {
    CustomApp: lambda actor: apps_in_sight(actor, Verb.DESIGN),
    CustomForm: _designed,
    Flow: _of_designed_forms,
    Ticket: _of_designed_forms,
    Department: _people(),
    Member: _people(),
    Role: _people(),
    AccessToken: _people(),
    AccessEvent: _people(),
    ApiCall: _people(),
    User: _people("member__organization"),
    AuditEntry: _changes,
    Webhook: in_sight,
}
"""What of a kind a member administers; of other kinds nothing."""


def scoped(queryset: QuerySet[M], request: HttpRequest) -> QuerySet[M]:
    """So much of the rows as the account administers: all for an operator."""
    if is_operator(request):
        return queryset
    actor, sight = own_actor(request), SIGHTS.get(queryset.model)
    return queryset.filter(sight(actor)) if actor is not None and sight is not None else queryset.none()


class ScopedRelatedFilter(RelatedFieldListFilter):
    """A list's filter by a related thing, of which the account sees its own."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        rows = scoped(field.remote_field.model._default_manager.all(), request)
        ordering = self.field_admin_ordering(field, request, model_admin)
        choices: list[tuple[str, Any]] = field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to={"pk__in": rows.values("pk")}
        )
        return choices


class ScopedAutocompleteFilter(AutocompleteSelectFilter):
    """The same with a box to type in; what an address names that is not the account's is not shown by its name."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            field = choice["form"].fields[self.lookup_kwarg]
            field.queryset = scoped(field.queryset.all(), self.request)
            yield choice


class ScopedAdmin(ModelAdmin):
    """The base of every list and page of the administration. To an operator it shows whose each thing is; all others
    have to do with their own organization alone, and see no word of it."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return scoped(super().get_queryset(request), request)

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_field_queryset(db, db_field, request)
        if queryset is None:
            queryset = db_field.remote_field.model._default_manager.all()
        return scoped(queryset, request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A box that says of what is chosen in it the same as of what is found for it."""
        box = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if box is not None and db_field.remote_field.model in (CustomApp, CustomForm, Department):
            box.label_from_instance = partial(told, to_operator=is_operator(request))
        return box

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self.exists_for(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.exists_for(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.exists_for(request, obj)

    def exists_for(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the thing, if one is asked about (by itself or by its key), exists for the account."""
        key = getattr(obj, "pk", obj)
        if key is None or is_operator(request):
            return True
        return scoped(self.model._default_manager.filter(pk=key), request).exists()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Another one is added after one that is new; who changes one thing has no other in mind."""
        another = {} if kwargs.get("add") else {"show_save_and_add_another": False}
        answer: HttpResponse = super().render_change_form(
            request, {**context, "show_history": is_audited(self), **another}, *args, **kwargs
        )
        return answer

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What the audit tells of it, in place of Django's own log, which knows of pages alone."""
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            raise Http404
        if not self.has_view_or_change_permission(request, thing):
            raise PermissionDenied
        return history_page(self, request, thing, extra_context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the audit does."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Likewise."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Likewise."""

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        raise Http404

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._of_operators(super().get_list_display(request), request)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [self._filter(each) for each in self._of_operators(super().get_list_filter(request), request)]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._of_operators(super().get_fields(request, obj), request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [
            (title, {**options, "fields": self._of_operators(options["fields"], request)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._of_operators(super().get_readonly_fields(request, obj), request)

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        return self._of_operators(super().get_autocomplete_fields(request), request)

    def get_ordering(self, request: HttpRequest) -> Any:
        return self._of_operators(super().get_ordering(request), request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A form that knows by whom it is filled in, as `actor` (None: by an operator). What a member makes is made in
        their organization."""
        base = super().get_form(request, obj, change=change, **kwargs)
        own, named = own_actor(request), {field.name for field in self.model._meta.get_fields()}
        made_in = own.organization_id if own and obj is None and ORGANIZATION in named else None

        class OwnForm(base):  # type: ignore[misc,valid-type]
            actor = own

            def __init__(self, *args: Any, **given: Any) -> None:
                if made_in is not None:
                    given["instance"] = given.get("instance") or self._meta.model()
                    given["instance"].organization_id = made_in
                super().__init__(*args, **given)

        return OwnForm

    def _of_operators(self, names: Any, request: HttpRequest) -> list[Any]:
        return [name for name in names if name != ORGANIZATION or is_operator(request)]

    def _filter(self, name: Any) -> Any:
        """A filter that names a relation becomes one that knows whose things are whose."""
        if not isinstance(name, str):
            return name
        model: Any = self.model
        for part in name.split("__"):
            field: Field[Any, Any] | None = model._meta.get_field(part) if model else None
            model = field.remote_field.model if field is not None and field.remote_field else None
        return (name, ScopedRelatedFilter) if model else name


class ReadOnlyAdmin(ScopedAdmin):
    """The base of pages of what is made, changed and removed elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
