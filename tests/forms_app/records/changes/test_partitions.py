"""The change log's partitions: made ahead, dropped when they are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from forms_app.database.cursor import fetch
from forms_app.models import CustomForm, Member
from forms_app.records.changes.partitions import AHEAD, Month, kept_since, partitions, partitions_drop, partitions_keep
from forms_app.records.writes import entity_create
from tests.factories import actor_of, schema_of

pytestmark = pytest.mark.django_db


def test_there_is_one_for_this_month_and_some_more() -> None:
    now = Month.of(timezone.now())
    wanted = [now]
    for _place in range(AHEAD):
        wanted.append(wanted[-1].next)
    assert partitions()[: AHEAD + 1] == wanted
    assert partitions_keep() == []


@pytest.mark.parametrize(
    ("moment", "first", "following"),
    [
        (
            datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
            datetime(2026, 12, 1, tzinfo=UTC),
            datetime(2027, 1, 1, tzinfo=UTC),
        ),
        (datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_month_ends_where_the_next_begins(moment: datetime, first: datetime, following: datetime) -> None:
    month = Month.of(moment)
    assert (month.first, month.next.first) == (first, following)
    assert Month.named(month.name) == month


def test_the_next_ones_are_made_in_time() -> None:
    later = timezone.now() + timedelta(days=100)
    made = partitions_keep(later)
    assert made
    assert partitions()[-1] == Month.named(made[-1])


def test_what_is_over_is_dropped_with_its_entries_and_nothing_else(
    form: CustomForm, alice: Member, settings: Any
) -> None:
    record = entity_create(schema=schema_of(form), values={}, actor=actor_of(alice)).id
    old = timezone.now() - timedelta(days=settings.HISTORY_DAYS + 62)
    partitions_keep(old)
    sql = "UPDATE form_entity_change SET at = %s WHERE custom_form_id = %s AND entity_id = %s RETURNING id"
    assert fetch(sql, [old, form.pk, record])
    assert kept_since() == Month.of(old).first
    kept = entity_create(schema=schema_of(form), values={}, actor=actor_of(alice)).id
    dropped = partitions_drop()
    assert Month.of(old).name in dropped
    left = fetch("SELECT entity_id FROM form_entity_change WHERE custom_form_id = %s", [form.pk])
    assert [row[0] for row in left] == [kept]


def test_what_is_not_wholly_over_stays(settings: Any) -> None:
    before = partitions()
    assert partitions_drop(before[0].next.first + timedelta(days=settings.HISTORY_DAYS, seconds=-1)) == []
    assert partitions_drop(before[0].next.first + timedelta(days=settings.HISTORY_DAYS)) == [before[0].name]
