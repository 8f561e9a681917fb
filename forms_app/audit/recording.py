"""Changes as they happen: each becomes an entry in its own transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django.utils import timezone

from forms_app.audit.differences import row_changes
from forms_app.audit.kinds import KINDS, Kind
from forms_app.audit.source import Account, current
from forms_app.models import AccessToken, AuditEntry
from forms_app.models.tracked import row_of, rows_written

Action = AuditEntry.Action
Row = Mapping[str, Any]
AT_ONCE = 1_000


def told(model: type[Model], before: Mapping[Any, Row], after: Mapping[Any, Row]) -> None:
    """Enter what differs between rows by their keys, before and after: new ones, changed ones, removed ones. Three
    statements at most for each thousand."""
    kind = KINDS[model]
    found = []
    for key in {**before, **after}:
        old, new = before.get(key), after.get(key)
        if changes := row_changes(old, new, kind.columns):
            action = Action.CREATED if old is None else Action.DELETED if new is None else Action.CHANGED
            found.append((key, new or old or {}, action, changes))
    _enter(kind, found)


def deed_told(instance: Model, changes: list[dict[str, Any]]) -> None:
    """Enter what somebody did that changed no column of this row, on whose page it is shown. Each change has a `name`
    and a `path`, `before` and `after`."""
    _enter(KINDS[type(instance)], [(instance.pk, row_of(instance), Action.CHANGED, changes)])


def related_told(
    model: type[Model], name: str, added: Mapping[Any, Iterable[Any]], removed: Mapping[Any, Iterable[Any]]
) -> None:
    """Enter which related rows, by their keys, were added to and removed from these rows."""
    rows = model._base_manager.in_bulk({*added, *removed})
    found = []
    for key, row in rows.items():
        sides = {"added": sorted(added.get(key, ())), "removed": sorted(removed.get(key, ()))}
        change = {"name": name, **{side: keys for side, keys in sides.items() if keys}}
        if len(change) > 1:
            found.append((key, row_of(row), Action.CHANGED, [change]))
    _enter(KINDS[model], found)


def _enter(kind: Kind, found: Collection[tuple[Any, Row, AuditEntry.Action, list[dict[str, Any]]]]) -> None:
    if not found:
        return
    source, now = current(), timezone.now()
    account, token, address = source.account(), "", source.address()
    if source.token_id is not None:
        with_member = AccessToken.objects.filter(pk=source.token_id).values_list("name", "member", "member__name")
        token, *member = with_member.first() or ("", None, "")
        account = Account(None, "", *member)
    pages = kind.pages({key: row for key, row, _action, _changes in found})
    entries = []
    for key, row, action, changes in found:
        page_id, organization_id = pages.get(key, (None, None))
        entries.append(
            AuditEntry(
                organization_id=organization_id,
                kind=kind.name,
                object_id=key,
                label=kind.label(kind.model(**row))[:200],
                page_kind=kind.name if page_id is None else kind.page_name,
                page_id=key if page_id is None else page_id,
                action=action,
                changes=changes,
                at=now,
                member_id=account.member_id,
                who=account.member,
                account_id=account.id,
                account=account.name,
                token_id=source.token_id,
                token=token,
                call=source.call[:200],
                request_id=source.request_id[:64],
                address=address,
            )
        )
    AuditEntry.objects.bulk_create(entries, batch_size=AT_ONCE)


def _saving(sender: type[Model], instance: Model, raw: bool = False, **_: Any) -> None:
    """What the row held is read while it still does."""
    stored = None
    if not raw and not instance._state.adding and instance.pk is not None:
        stored = sender._base_manager.filter(pk=instance.pk).values(*KINDS[sender].columns).first()
    instance.__dict__["_audited_before"] = stored


def _saved(
    sender: type[Model], instance: Model, raw: bool = False, update_fields: Collection[str] | None = None, **_: Any
) -> None:
    before = instance.__dict__.pop("_audited_before", None)
    if raw:
        return
    after = row_of(instance)
    if before is not None and update_fields is not None:
        written = {sender._meta.get_field(name).attname for name in update_fields}  # type: ignore[union-attr]
        after = {name: value if name in written else before.get(name, value) for name, value in after.items()}
    told(sender, {} if before is None else {instance.pk: before}, {instance.pk: after})


def _deleting(sender: type[Model], instance: Model, origin: Any = None, **_: Any) -> None:
    """Told before it happens, while it can be said whose the row is. What goes with something else, as the options of a
    field, is told by that."""
    if isinstance(origin, sender) or getattr(origin, "model", None) is sender:
        told(sender, {instance.pk: row_of(instance)}, {})


def _related(kind: Kind, name: str) -> Any:
    """Listens to a set of related rows, which may be changed from either side."""

    def listen(sender: Any, instance: Model, action: str, reverse: bool, pk_set: set[Any] | None, **_: Any) -> None:
        side = {"post_add": "added", "post_remove": "removed", "pre_clear": "removed"}.get(action)
        if side is None:
            return
        field: Any = kind.model._meta.get_field(name)
        own, other = field.m2m_column_name(), field.m2m_reverse_name()
        if pk_set is None:  # all of them
            mine, others = (other, own) if reverse else (own, other)
            pk_set = set(sender._base_manager.filter(**{mine: instance.pk}).values_list(others, flat=True))
        pairs = {pk: [instance.pk] for pk in pk_set} if reverse else {instance.pk: list(pk_set)}
        related_told(kind.model, name, **{"added": {}, "removed": {}, side: pairs})

    return listen


def _written(sender: type[Model], before: Mapping[Any, Row], after: Mapping[Any, Row], **_: Any) -> None:
    if sender in KINDS:
        told(sender, before, after)


_listening: list[Any] = []
"""Django keeps receivers weakly."""


def connect() -> None:
    """Listen to the models; called once, when the app is ready."""
    rows_written.connect(_written)
    for model, kind in KINDS.items():
        pre_save.connect(_saving, model)
        post_save.connect(_saved, model)
        pre_delete.connect(_deleting, model)
        for name in kind.related:
            listener = _related(kind, name)
            _listening.append(listener)
            m2m_changed.connect(listener, getattr(model, name).through)
