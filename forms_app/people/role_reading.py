"""What was sent as a role, read and checked: every fault is found, and each names its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.models import CustomApp, CustomField, CustomForm, Department, FormTab, Member, Role, Rows, Verb

LONGEST_NAME = 100
MOST_GRANTS = 1_000
ROLE_KEYS = ("name", "everyone", "members", "departments", "grants")
GRANT_KEYS = ("custom_form_id", "custom_app_id", "verbs", "rows", "hidden", "read_only")
NAMED_ROWS = tuple(rows for rows in Rows.values if rows != Rows.TAB)


@dataclass(frozen=True, eq=False)
class GrantValues:
    """A grant that can be kept."""

    form_id: int | None
    app_id: int | None
    verbs: Sequence[str]
    rows: str
    tab: FormTab | None
    hidden: Sequence[str]
    read_only: Sequence[str]


@dataclass(frozen=True)
class RoleValues:
    """A role that can be kept."""

    name: str
    everyone: bool
    members: Sequence[Member]
    departments: Sequence[Department]
    grants: Sequence[GrantValues]


def read_role(values: Mapping[str, Any], *, organization_id: int, role: Role | None) -> RoleValues:
    """The values of a role of the organization, all keys but the name optional. What `role` has already may stay, also
    a deactivated member or a field that was removed. Raises Refused with every fault."""
    reading = _Reading(organization_id, role)
    read = reading.role(values)
    if reading.faults:
        raise Refused(reading.faults)
    return read


class _Reading:
    """One document being read; faults gather."""

    def __init__(self, organization_id: int, role: Role | None) -> None:
        self.organization_id = organization_id
        self.stored = role
        self.faults: list[Fault] = []

    def role(self, values: Mapping[str, Any]) -> RoleValues:
        values = {key: value for key, value in values.items() if key != "id"}
        self._only(values, ROLE_KEYS, "")
        return RoleValues(
            name=self._name(values.get("name")),
            everyone=self._flag(values.get("everyone"), "everyone"),
            members=self._members(values.get("members")),
            departments=self._departments(values.get("departments")),
            grants=self._grants(values.get("grants")),
        )

    def fault(self, code: str, message: str, field: str, **more: Any) -> None:
        self.faults.append(Fault(code, message, field=field, **more))

    def _only(self, values: Mapping[str, Any], keys: Collection[str], path: str) -> None:
        for key in values:
            if key not in keys:
                message = _("There is no such key: {key}.").format(key=str(key)[:64])
                self.fault("unknown_key", message, f"{path}{str(key)[:64]}", allowed=list(keys))

    def _name(self, raw: Any) -> str:
        if raw is not None and not isinstance(raw, str):
            self.fault("wrong_text", _("A text is expected."), "name", got=str(raw)[:64])
            return ""
        name = (raw or "").strip()
        if not name:
            self.fault("required", _("A role needs a name."), "name")
        elif len(name) > LONGEST_NAME:
            message = _("At most {limit} characters are allowed.").format(limit=LONGEST_NAME)
            self.fault("too_long", message, "name", got=name[:64], allowed={"max": LONGEST_NAME})
        elif "\0" in name or not name.isprintable():
            self.fault("invalid_text", _("The name has a character that can't be shown."), "name", got=ascii(name)[:64])
        else:
            others = Role.objects.filter(organization_id=self.organization_id, name=name)
            if self.stored:
                others = others.exclude(pk=self.stored.pk)
            if others.exists():
                self.fault("repeated_name", _("Another role has this name."), "name", got=name)
        return name

    def _flag(self, raw: Any, field: str) -> bool:
        if raw is not None and not isinstance(raw, bool):
            self.fault("wrong_boolean", _("true or false is expected."), field, got=str(raw)[:64])
        return raw is True

    def _list(self, raw: Any, field: str, most: int) -> Sequence[Any]:
        if raw is None:
            return []
        if not isinstance(raw, list | tuple):
            self.fault("wrong_list", _("A list is expected."), field, got=str(raw)[:64])
            return []
        if len(raw) > most:
            message = _("At most {limit} items are allowed.").format(limit=most)
            self.fault("too_many_items", message, field, got=len(raw), allowed={"max": most})
            return []
        return raw

    def _ids(self, raw: Any, field: str, most: int) -> dict[int, int]:
        """Each id with its first place in the list."""
        ids: dict[int, int] = {}
        for place, one in enumerate(self._list(raw, field, most)):
            number = _id(one)
            if number is None:
                self._wrong_id(field, one, place)
            else:
                ids.setdefault(number, place)
        return ids

    def _wrong_id(self, field: str, got: Any, place: int | None = None) -> None:
        message = _("An id is expected: an integer from 1 to 2^63−1.")
        self.fault("wrong_id", message, field, index=place, got=str(got)[:64])

    def _members(self, raw: Any) -> list[Member]:
        ids = self._ids(raw, "members", settings.MAX_IDS)
        kept = Q(is_active=True) | Q(roles=self.stored.pk) if self.stored else Q(is_active=True)
        rows = Member.objects.filter(kept, organization_id=self.organization_id, uid__in=ids).distinct()
        found = {member.uid: member for member in rows}
        for uid, place in ids.items():
            if uid not in found:
                message = _("There is no active member with this uid.")
                self.fault("unknown_member", message, "members", index=place, got=uid)
        return list(found.values())

    def _departments(self, raw: Any) -> list[Department]:
        ids = self._ids(raw, "departments", settings.MAX_IDS)
        rows = Department.objects.filter(organization_id=self.organization_id, did__in=ids)
        found = {department.did: department for department in rows}
        for did, place in ids.items():
            if did not in found:
                message = _("There is no department with this did.")
                self.fault("unknown_department", message, "departments", index=place, got=did)
        return list(found.values())

    def _grants(self, raw: Any) -> list[GrantValues]:
        sent = []
        for place, one in enumerate(self._list(raw, "grants", MOST_GRANTS)):
            if isinstance(one, Mapping):
                sent.append((place, one))
            else:
                self.fault("wrong_object", _("An object is expected."), "grants", index=place, got=str(one)[:64])
        known = _Known(self.organization_id, [one for _place, one in sent], self.stored)
        return [self._grant(one, f"grants[{place}]", known) for place, one in sent]

    def _grant(self, values: Mapping[str, Any], path: str, known: _Known) -> GrantValues:
        self._only(values, GRANT_KEYS, f"{path}.")
        form_id = self._target(values, "custom_form_id", path, known.forms)
        app_id = self._target(values, "custom_app_id", path, known.apps)
        if form_id is not None and app_id is not None:
            self.fault("form_or_app", _("A grant is for a form or for an app, not for both."), path)
        everywhere = not values.get("custom_form_id") and not values.get("custom_app_id")
        rows, tab = self._rows(values.get("rows"), form_id, path, known)
        hidden = self._fields(values, "hidden", form_id, path, known)
        read_only = self._fields(values, "read_only", form_id, path, known)
        return GrantValues(form_id, app_id, self._verbs(values, everywhere, path), rows, tab, hidden, read_only)

    def _target(self, values: Mapping[str, Any], key: str, path: str, known: Collection[int]) -> int | None:
        raw = values.get(key)
        if raw in (None, ""):
            return None
        number = _id(raw)
        if number is None:
            self._wrong_id(f"{path}.{key}", raw)
        elif number not in known and key == "custom_form_id":
            self.fault("unknown_form", _("There is no such form."), f"{path}.{key}", got=number)
        elif number not in known:
            self.fault("unknown_app", _("There is no such app."), f"{path}.{key}", got=number)
        else:
            return number
        return None

    def _verbs(self, values: Mapping[str, Any], everywhere: bool, path: str) -> list[str]:
        field = f"{path}.verbs"
        sent = self._list(values.get("verbs"), field, len(Verb.values) * 2)
        for place, verb in enumerate(sent):
            if verb not in Verb.values:
                message = _("There is no such verb.")
                self.fault("unknown_value", message, field, index=place, got=str(verb)[:64], allowed=Verb.values)
        if not sent:
            self.fault("required", _("A grant needs at least one verb."), field, allowed=Verb.values)
        if Verb.PEOPLE in sent and not everywhere:
            message = _("This verb is for the whole organization: it can only be given on all forms.")
            self.fault("only_on_all_forms", message, field, got=str(Verb.PEOPLE))
        return [verb for verb in Verb.values if verb in sent]

    def _rows(self, raw: Any, form_id: int | None, path: str, known: _Known) -> tuple[str, FormTab | None]:
        field = f"{path}.rows"
        if raw in (None, ""):
            return str(Rows.ALL), None
        if isinstance(raw, str) and raw in NAMED_ROWS:
            return raw, None
        allowed = [*NAMED_ROWS, {"tab": "…"}]
        if not isinstance(raw, Mapping) or list(raw) != ["tab"] or not isinstance(raw["tab"], str):
            self.fault("unknown_value", _("There are no such rows."), field, got=str(raw)[:64], allowed=allowed)
        elif form_id is None:
            message = _("A tab belongs to a form: name the form too.")
            self.fault("only_on_a_form", message, field, got=raw["tab"][:64])
        elif (form_id, raw["tab"]) not in known.tabs:
            names = [name for form, name in known.tabs if form == form_id]
            self.fault("unknown_scope", _("There is no such tab."), field, got=raw["tab"][:64], allowed=names)
        else:
            return str(Rows.TAB), known.tabs[form_id, raw["tab"]]
        return str(Rows.OWN), None

    def _fields(
        self, values: Mapping[str, Any], key: str, form_id: int | None, path: str, known: _Known
    ) -> Sequence[str]:
        field = f"{path}.{key}"
        names = self._list(values.get(key), field, settings.MAX_ONLY_FIELD_NAMES)
        if names and form_id is None:
            if not values.get("custom_form_id"):
                self.fault("only_on_a_form", _("Fields belong to a form: name the form too."), field)
            return []
        fields = known.fields.get(form_id or 0, {})
        for place, name in enumerate(names):
            if not isinstance(name, str) or name not in fields:
                message, allowed = _("The form has no such field."), list(fields)[:100]
                self.fault("unknown_field", message, field, index=place, got=str(name)[:64], allowed=allowed)
        return list(dict.fromkeys(name for name in names if isinstance(name, str)))


class _Known:
    """What there is in the organization of all that the grants name: four statements."""

    def __init__(self, organization_id: int, grants: Iterable[Mapping[str, Any]], stored: Role | None) -> None:
        form_ids = {number for grant in grants if (number := _id(grant.get("custom_form_id")))}
        app_ids = {number for grant in grants if (number := _id(grant.get("custom_app_id")))}
        inside = {"organization_id": organization_id}
        self.forms = set(CustomForm.objects.filter(pk__in=form_ids, **inside).values_list("pk", flat=True))
        self.apps = set(CustomApp.objects.filter(pk__in=app_ids, **inside).values_list("pk", flat=True))
        tabs = FormTab.objects.filter(custom_form__in=self.forms).order_by("position")
        self.tabs = {(tab.custom_form_id, tab.name): tab for tab in tabs}
        self.fields: dict[int, dict[str, None]] = {}
        fields = CustomField.objects.filter(custom_form__in=self.forms).order_by("pk")
        for form_id, name in fields.values_list("custom_form_id", "name"):
            self.fields.setdefault(form_id, {})[name] = None
        for grant in stored.grants.all() if stored else ():
            names = dict.fromkeys([*grant.hidden, *grant.read_only])
            self.fields.setdefault(grant.custom_form_id or 0, {}).update(names)


def _id(raw: Any) -> int | None:
    """The id that is sent, as an integer or its ASCII digits."""
    if isinstance(raw, str) and raw.isascii() and raw.isdecimal() and len(raw) < 20:
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        return None
    return raw if 0 < raw < 2**63 else None
