"""Which rows are audited, and on whose page each is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model

from forms_app.models import (
    AccessToken,
    CustomApp,
    CustomField,
    CustomForm,
    Department,
    FieldGroup,
    FieldOption,
    Flow,
    FormTab,
    Grant,
    Member,
    Organization,
    Role,
    Webhook,
)

STAMPS = frozenset({"id", "created_at", "updated_at", "creator_id", "update_user_id", "organization_id"})
"""What an entry says anyhow."""


@dataclass(frozen=True)
class Kind:
    """`page` is the way to the thing on whose page the row's changes are shown, `organization` the way to whose it is,
    both as Django's lookups write them; "" is the row itself. `left_out` are columns that are not told, `secret` those
    of which only is told that they changed, `related` the sets of related rows that are told."""

    model: type[Model]
    page: str = ""
    organization: str = "organization_id"
    left_out: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    related: tuple[str, ...] = ()
    label: Callable[[Any], str] = str

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)

    @cached_property
    def columns(self) -> Mapping[str, bool]:
        """The columns that are told, and whether each is secret."""
        names = [each.attname for each in self.model._meta.concrete_fields]
        told = [name for name in names if (name in self.only if self.only else name not in STAMPS | self.left_out)]
        return {name: name in self.secret for name in told}

    @cached_property
    def page_name(self) -> str:
        model: Any = self.model
        for part in filter(None, self.page.split("__")):
            model = model._meta.get_field(part).related_model
        return str(model._meta.model_name)

    def pages(self, rows: Mapping[Any, Mapping[str, Any]]) -> dict[Any, tuple[int | None, int | None]]:
        """Of rows by their keys: (the key of the thing on whose page it is shown, whose organization it is in). One
        statement, or none where the rows say it themselves."""
        if not self.page and self.organization in ("pk", "organization_id"):
            own = self.organization == "organization_id"
            return {key: (key, row["organization_id"] if own else key) for key, row in rows.items()}
        page = f"{self.page}__pk" if self.page else "pk"
        stored = self.model._base_manager.filter(pk__in=list(rows)).values_list("pk", page, self.organization)
        return {key: (page_id, organization_id) for key, page_id, organization_id in stored}


_KINDS: tuple[Kind, ...] = (
    Kind(Organization, organization="pk"),
    Kind(Department),
    Kind(Member, left_out=frozenset({"language"}), related=("departments",)),
    Kind(
        User,
        page="member",
        organization="member__organization_id",
        only=frozenset({"username", "email", "is_active", "is_staff", "is_superuser", "password"}),
        secret=frozenset({"password"}),
    ),
    Kind(Role, related=("members", "departments")),
    Kind(
        Grant,
        page="role",
        organization="role__organization_id",
        left_out=frozenset({"role_id"}),
        label=lambda grant: str(grant.custom_form or grant.custom_app or ""),
    ),
    Kind(
        AccessToken,
        left_out=frozenset({"digest", "restricted", "last_used_at"}),
        related=("custom_forms",),
    ),
    Kind(CustomApp),
    Kind(CustomForm, left_out=frozenset({"definition_version", "data_table_name"})),
    Kind(
        FieldGroup,
        page="custom_form",
        organization="custom_form__organization_id",
        left_out=frozenset({"custom_form_id"}),
    ),
    Kind(
        CustomField,
        page="custom_form",
        organization="custom_form__organization_id",
        left_out=frozenset({"custom_form_id", "number", "typed_at"}),
    ),
    Kind(FieldOption, page="custom_field__custom_form", organization="custom_field__custom_form__organization_id"),
    Kind(
        FormTab,
        page="custom_form",
        organization="custom_form__organization_id",
        left_out=frozenset({"custom_form_id"}),
    ),
    Kind(Flow, organization="custom_form__organization_id"),
    Kind(Webhook, left_out=frozenset({"verbs", "form_ids"}), secret=frozenset({"salt"})),
)
KINDS: Mapping[type[Model], Kind] = {kind.model: kind for kind in _KINDS}
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
