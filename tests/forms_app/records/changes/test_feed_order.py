"""Where two writes of one record overlap, the feed keeps their order within a page; across pages the version tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forms_app.models import CustomForm, Member
from forms_app.records.changes.reading import BEGINNING, feed
from forms_app.records.mass_rows import Change
from forms_app.records.mass_writes import entity_mass_update
from forms_app.records.writes import entity_create, entity_mass_destroy, entity_transfer, entity_update
from tests.factories import actor_of, schema_of
from tests.forms_app.webhooks.test_order import Early

pytestmark = pytest.mark.django_db(transaction=True)


def update(record_id: int, **given: Any) -> None:
    entity_update(record_id=record_id, values={"amount": 3}, **given)


def mass_update(record_id: int, **given: Any) -> None:
    entity_mass_update(changes=[Change(record_id, None, {"amount": 3})], **given)


def transfer(record_id: int, **given: Any) -> None:
    entity_transfer(ids=[record_id], to_user_uid=2, **given)


def destroy(record_id: int, **given: Any) -> None:
    entity_mass_destroy(ids=[record_id], **given)


@pytest.mark.parametrize("last", [update, mass_update, transfer, destroy])
def test_who_began_first_and_wrote_last_is_told_last_of_a_page(
    form: CustomForm, alice: Member, bob: Member, last: Callable[..., None]
) -> None:
    given: dict[str, Any] = {"schema": schema_of(form), "actor": actor_of(alice)}
    record = entity_create(values={"amount": 1}, **given).id
    early = Early(lambda: last(record, **given))
    try:
        entity_update(record_id=record, values={"amount": 2}, **given)
    finally:
        early.end()
    page, _behind = feed(**given, after=BEGINNING, most=10)
    assert [change.id for change in page] == sorted(change.id for change in page)
    assert [change.version for change in page] == [1, 2, 2 if last is destroy else 3]
    position, singly = BEGINNING, []
    for _entry in page:
        (change,), position = feed(**given, after=position, most=1)
        singly.append(change)
    # By the order of transactions the last write stands before the other; version and time put them right.
    assert [change.id for change in singly] == [page[0].id, page[2].id, page[1].id]
    assert sorted(singly, key=lambda change: (change.version, change.at, change.id)) == page
