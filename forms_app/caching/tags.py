"""How caches learn of changes: a tag per kind of thing, read at most every VERSION_CHECK_SECONDS by each process.

A change is bumped by Django's model signals (admin, services and shell alike); a bulk `update()` calls `bump` itself.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from forms_app.database.cursor import fetch
from forms_app.database.engine import is_citus
from forms_app.models import (
    AccessToken,
    CacheVersion,
    CustomApp,
    CustomField,
    CustomForm,
    Department,
    FieldGroup,
    FieldOption,
    FormTab,
    FormulaReference,
    Grant,
    Member,
    Organization,
    Role,
)

READ = "SELECT definitions, people, tokens FROM forms_app_cacheversion WHERE id = 1"
"""Not by Django's ORM: putting the statement together takes four times as long as the answer does."""


class Tags(NamedTuple):
    """The tags of now; a cache that was filled under an equal tag still holds."""

    definitions: int
    people: int
    tokens: int


class _Uncommitted(threading.local):
    """Tags that only this thread's transaction sees. Another thread that took them for the tags of now would keep what
    it reads, which is still the old, under a tag that is good for the new."""

    changed = False
    read: tuple[float, Tags] | None = None
    held: Tags | None = None


_read: tuple[float, Tags] | None = None
_uncommitted = _Uncommitted()


def current() -> Tags:
    """The tags, at most VERSION_CHECK_SECONDS old."""
    global _read
    if _uncommitted.held is not None:
        return _uncommitted.held
    if _uncommitted.changed and not connection.in_atomic_block:
        read_anew()
    latest = _uncommitted.read if _uncommitted.changed else _read
    now = time.monotonic()
    if latest is None or now - latest[0] >= settings.VERSION_CHECK_SECONDS:
        rows = fetch(READ, [])
        latest = (now, Tags(*rows[0]) if rows else Tags(0, 0, 0))
        if _uncommitted.changed:
            _uncommitted.read = latest
        else:
            _read = latest
    return latest[1]


@contextmanager
def held() -> Iterator[Tags]:
    """The tags of now, which this thread keeps to for a while: it reads from a replica that is known to have what they
    stand for, and would put what it finds there under newer ones."""
    _uncommitted.held = current()
    try:
        yield _uncommitted.held
    finally:
        _uncommitted.held = None


def read_anew() -> None:
    """Read the tags anew at the next call."""
    global _read
    _read = _uncommitted.read = None
    _uncommitted.changed = False


def new_tag() -> int:
    """A number that was never a tag before: a transaction that is rolled back leaves none to come again."""
    return secrets.randbits(62)


def bump(*kinds: str, form_ids: Iterable[int] = ()) -> None:
    """Give each of `kinds` (fields of CacheVersion) and of the forms a new tag, in the caller's transaction. Outside of
    one the forms' come first: who saw the new tag of all would else keep an old one of a form under it."""
    form_ids = set(form_ids)
    if form_ids:
        CustomForm.objects.filter(pk__in=form_ids).update(definition_version=new_tag())
    tags = {kind: new_tag() for kind in kinds}
    if not CacheVersion.objects.filter(pk=1).update(**tags):
        CacheVersion.objects.get_or_create(pk=1, defaults=tags)
    read_anew()
    _uncommitted.changed = connection.in_atomic_block


def hold(**_signal: Any) -> None:
    """Lock the row of tags before a transaction that will change it locks or writes anything else of definitions,
    people or tokens. Citus keeps other writers of a table that is whole on every node out to the commit, also those of
    tables that it refers to: one would wait for the other's row, that one for its table."""
    if is_citus() and connection.in_atomic_block:
        fetch("SELECT id FROM forms_app_cacheversion WHERE id = 1 FOR UPDATE", [])


def _definition_changed(sender: type, instance: Any, **kwargs: Any) -> None:
    if kwargs.get("raw"):
        return
    if isinstance(instance, CustomForm):
        form_ids = [instance.pk]
    elif isinstance(instance, CustomApp):
        form_ids = list(CustomForm.objects.filter(custom_app=instance).values_list("pk", flat=True))
    elif isinstance(instance, FieldOption):
        form_ids = [instance.custom_field.custom_form_id]
    elif isinstance(instance, FormulaReference):
        form_ids = [instance.target_form_id, instance.custom_field.custom_form_id]
    else:
        form_ids = [instance.custom_form_id]
    bump("definitions", form_ids=form_ids)


def _people_changed(sender: type, **kwargs: Any) -> None:
    bump("people", "tokens")


def _roles_changed(sender: type, **kwargs: Any) -> None:
    bump("people")


def _token_changed(sender: type, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
    if update_fields != frozenset({"last_used_at"}):
        bump("tokens")


def connect() -> None:
    """Listen to the models; called once, when the app is ready."""
    definitions = (CustomApp, CustomForm, FieldGroup, CustomField, FieldOption, FormTab, FormulaReference)
    people = (Organization, Department, Member)
    roles = (Role, Grant)
    for before in (pre_save, pre_delete):
        for model in (*definitions, *people, *roles, AccessToken):
            before.connect(hold, model)
    for signal in (post_save, post_delete):
        for definition in definitions:
            signal.connect(_definition_changed, definition)
        for model in people:
            signal.connect(_people_changed, model)
        for role in roles:
            signal.connect(_roles_changed, role)
    m2m_changed.connect(_people_changed, Member.departments.through)
    for through in (Role.members.through, Role.departments.through):
        m2m_changed.connect(_roles_changed, through)
    post_save.connect(_token_changed, AccessToken)
    post_delete.connect(_token_changed, AccessToken)
    m2m_changed.connect(_token_changed, AccessToken.custom_forms.through)
