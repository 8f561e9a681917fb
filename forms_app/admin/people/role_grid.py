"""A role as a grid: a row for all forms, for each app and each form, as a page shows it and posts it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forms_app.models import CustomApp, CustomField, CustomForm, FormTab, Rows, Status, Verb
from forms_app.people.actor import Actor
from forms_app.people.rights import VERBS
from forms_app.people.roles import apps_in_sight, forms_in_sight

Grant = dict[str, Any]
TARGETS = ("custom_form_id", "custom_app_id")
TAB = "tab:"
"""Begins the choice of a tab's rows in the grid."""


@dataclass
class GridRow:
    """What the role gives on one target. `place` names its inputs; `state` says what is the matter with the target."""

    place: int
    target: tuple[str, int] | None
    label: str
    grant: Grant
    tabs: list[tuple[str, str]] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    state: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def level(self) -> str:
        return {None: "all", "custom_app_id": "app", "custom_form_id": "form"}[self.target[0] if self.target else None]

    @property
    def form_id(self) -> int | None:
        return self.target[1] if self.target and self.target[0] == "custom_form_id" else None

    @property
    def given(self) -> bool:
        return bool(self.grant.get("verbs"))

    @property
    def verbs(self) -> list[tuple[str, str, bool]]:
        """(verb, its label, whether it is given); over all forms `people` too."""
        offered = [*VERBS] if self.target else [*Verb.values]
        return [(verb, str(Verb(verb).label), verb in self.grant.get("verbs", ())) for verb in offered]

    @property
    def rows(self) -> list[tuple[str, str, bool]]:
        """(value, label, whether it is chosen)."""
        chosen = self.grant.get("rows", Rows.ALL)
        chosen = TAB + chosen["tab"] if isinstance(chosen, Mapping) else chosen
        named = [(rows, str(Rows(rows).label)) for rows in Rows.values if rows != Rows.TAB]
        tabs = [(TAB + name, _("Tab: {label}").format(label=label)) for name, label in self.tabs]
        return [(value, label, value == chosen) for value, label in [*named, *tabs]]

    @property
    def access(self) -> list[tuple[str, str, str]]:
        """(field, its label, "" or "hidden" or "read_only")."""
        ways = {name: way for way in ("read_only", "hidden") for name in self.grant.get(way, ())}
        return [(name, label, ways.get(name, "")) for name, label in self.fields]

    @property
    def limited(self) -> int:
        """How many fields are held back."""
        return len({*self.grant.get("hidden", ()), *self.grant.get("read_only", ())})


@dataclass
class GridApp:
    """An app with its forms; `open` where the role says something of one of them."""

    row: GridRow
    forms: list[GridRow]

    @property
    def open(self) -> bool:
        return any(row.given or row.faults for row in self.forms)


ACCESS = (("", gettext_lazy("as given")), ("read_only", gettext_lazy("read only")), ("hidden", gettext_lazy("hidden")))


def grid_of(grants: Iterable[Grant], actor: Actor) -> tuple[list[GridRow], list[GridApp]]:
    """(rows for all forms, apps) with a row for each grant and one more for each target without: all that exists for
    the actor, and what the grants name besides. Five statements."""
    grants = list(grants)
    named = {grant["custom_form_id"] for grant in grants if grant.get("custom_form_id")}
    named_apps = {grant["custom_app_id"] for grant in grants if grant.get("custom_app_id")}
    sight = CustomForm.objects.filter(organization_id=actor.organization_id)
    forms = sight.filter(forms_in_sight(actor)) | sight.filter(pk__in=named)
    found = list(forms.order_by("name", "pk"))
    app_ids = {form.custom_app_id for form in found} | named_apps
    apps = CustomApp.objects.filter(Q(pk__in=app_ids) | apps_in_sight(actor), organization_id=actor.organization_id)
    tabs = _by_form(FormTab.objects.filter(custom_form__in=named).values_list("custom_form_id", "name", "label"))
    places = iter(range(100_000))
    by_target: dict[tuple[str, int] | None, list[Grant]] = {}
    for grant in grants:
        by_target.setdefault(_target(grant), []).append(grant)

    def rows(target: tuple[str, int] | None, label: str, state: str = "") -> list[GridRow]:
        return [GridRow(next(places), target, label, grant, state=state) for grant in by_target.get(target) or [{}]]

    everything = rows(None, _("All forms"))
    grid_apps: list[GridApp] = []
    for app in apps.order_by("name", "pk"):
        first, *more = rows(("custom_app_id", app.pk), app.name, _disabled(app.status))
        mine = [form for form in found if form.custom_app_id == app.pk]
        for form in mine:
            more += rows(("custom_form_id", form.pk), form.name, _disabled(form.status))
        grid_apps.append(GridApp(first, more))
    with_fields = [row for app in grid_apps for row in app.forms if row.form_id in named]
    fields = fields_of(named)
    for row in with_fields:
        row.tabs = tabs.get(row.form_id or 0, [])
        row.fields = with_gone(fields.get(row.form_id or 0, []), row.grant)
    return everything, grid_apps


def fields_of(form_ids: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """The fields of each form as (name, label), in order; a disabled one says so."""
    rows = CustomField.objects.filter(custom_form__in=form_ids).order_by("custom_field_group__position", "position")
    found: dict[int, list[tuple[str, str]]] = {}
    for form_id, name, label, status in rows.values_list("custom_form_id", "name", "label", "status"):
        found.setdefault(form_id, []).append((name, label + _disabled(status, " ({state})")))
    return found


def with_gone(fields: list[tuple[str, str]], grant: Grant) -> list[tuple[str, str]]:
    """The fields, and those that the grant names though they are removed."""
    known = {name for name, _label in fields}
    gone = [name for name in {*grant.get("hidden", ()), *grant.get("read_only", ())} if name not in known]
    return [*fields, *((name, _("{name} (removed)").format(name=name)) for name in sorted(gone))]


def tabs_of(form_id: int) -> list[tuple[str, str]]:
    return list(FormTab.objects.filter(custom_form=form_id).values_list("name", "label"))


def _by_form(rows: Iterable[tuple[int, str, str]]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for form_id, name, label in rows:
        found.setdefault(form_id, []).append((name, label))
    return found


def _target(grant: Grant) -> tuple[str, int] | None:
    return next(((key, int(grant[key])) for key in TARGETS if grant.get(key)), None)


def _disabled(status: str, text: str = "{state}") -> str:
    return "" if status == Status.ENABLE else text.format(state=Status(status).label)


def posted_grants(post: QueryDict) -> list[Grant]:
    """The grants of the rows that give something, as `role_save` takes them."""
    grants = []
    for text in post.getlist("row"):
        verbs = post.getlist(f"{text}-verbs")
        if not text.isascii() or not text.isdecimal() or not verbs:
            continue
        kind, _colon, key = post.get(f"{text}-target", "").partition(":")
        rows = post.get(f"{text}-rows", "")
        grant: Grant = {"verbs": verbs, "rows": {"tab": rows.removeprefix(TAB)} if rows.startswith(TAB) else rows}
        if kind:
            grant[f"custom_{kind}_id"] = key
        for way in ("hidden", "read_only"):
            grant[way] = [name for name in post.getlist(f"{text}-fields") if post.get(f"{text}-field-{name}") == way]
        grants.append(grant)
    return grants
