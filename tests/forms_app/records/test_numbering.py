"""Auto numbers: never one twice; without gaps where the field says so."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from forms_app.database.cursor import fetch
from forms_app.design.fields import setting_save
from forms_app.exceptions import Refused
from forms_app.models import CustomForm, Member, NumberSequence
from forms_app.records import numbering
from forms_app.records.mass_writes import entity_mass_create
from forms_app.records.numbering import next_number
from tests.factories import actor_of, add_field, make_entity, make_form, schema_of
from tests.forms_app.worlds import at_once, shown_of, stored_of

WRITERS = 64
SHANGHAI = ZoneInfo("Asia/Shanghai")


def numbered(custom_app: Any, **setting: Any) -> CustomForm:
    return make_form(custom_app, {"no": ("auto_number_field", setting), "text": "text_field"})


def numbers(form: CustomForm, ids: list[int]) -> list[int]:
    return sorted(int(stored_of(form, record_id)["no"].rpartition("-")[2]) for record_id in ids)


def take(form: CustomForm, moment: datetime) -> str:
    schema = schema_of(form)
    return next_number(schema, schema.by_field["no"], moment)


def ending(job: Callable[[], Any]) -> None:
    """A thread's job, and the end of its connection."""
    try:
        job()
    finally:
        connection.close()


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("mode", ["fast", "gap_free"])
@pytest.mark.django_db(transaction=True)
def test_many_writers_never_share_a_number(custom_app: Any, alice: Member, mode: str) -> None:
    form = numbered(custom_app, mode=mode)
    ids = at_once([lambda: make_entity(form, alice, text="a")] * WRITERS)
    assert all(isinstance(record_id, int) for record_id in ids), ids
    found = numbers(form, ids)
    assert len(set(found)) == WRITERS
    if mode == "gap_free":
        assert found == list(range(1, WRITERS + 1))


@pytest.mark.django_db(transaction=True)
def test_failing_writers_leave_no_gap(custom_app: Any, alice: Member) -> None:
    form = numbered(custom_app, mode="gap_free")

    def refused() -> None:
        make_entity(form, alice, text=5)

    def rolled_back() -> None:
        with transaction.atomic():
            make_entity(form, alice, text="b")
            raise RuntimeError

    outcomes = at_once([lambda: make_entity(form, alice, text="a"), refused, rolled_back] * 16)
    ids = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert numbers(form, ids) == list(range(1, 17))
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 16
    assert sum(isinstance(outcome, RuntimeError) for outcome in outcomes) == 16


@pytest.mark.django_db(transaction=True)
def test_a_fast_number_is_not_given_again_after_its_writer_failed(custom_app: Any, alice: Member) -> None:
    form = numbered(custom_app)
    numbering.reserve(schema_of(form))
    with pytest.raises(RuntimeError), transaction.atomic():
        lost = stored_of(form, make_entity(form, alice))["no"]
        raise RuntimeError
    assert stored_of(form, make_entity(form, alice))["no"] != lost == "0001"


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_took_none_before_gives_its_number_back_with_all_else(
    custom_app: Any, alice: Member
) -> None:
    form = numbered(custom_app)
    with pytest.raises(RuntimeError), transaction.atomic():
        lost = stored_of(form, make_entity(form, alice))["no"]
        raise RuntimeError
    assert stored_of(form, make_entity(form, alice))["no"] == lost == "0001"


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_nothing_waits_for_who_takes_numbers(custom_app: Any, alice: Member) -> None:
    """One holds the counter's row to its commit, the other waits for that and has the process's lock meanwhile."""
    form = numbered(custom_app)
    schema = schema_of(form)
    taken = threading.Thread(target=lambda: ending(lambda: numbering.reserve(schema)))
    with transaction.atomic():
        make_entity(form, alice)
        taken.start()
        wait_until(lambda: fetch("SELECT count(*) FROM pg_locks WHERE NOT granted", []) != [(0,)])
        assert stored_of(form, make_entity(form, alice))["no"] == "0002"
    taken.join(60)
    assert stored_of(form, make_entity(form, alice))["no"] == "0003"


@pytest.mark.django_db(transaction=True)
def test_numbers_that_a_mass_write_leaves_are_given_back(custom_app: Any, alice: Member) -> None:
    form = numbered(custom_app)
    schema, actor = schema_of(form), actor_of(alice)
    with pytest.raises(Refused):
        entity_mass_create(schema=schema, rows=[{"text": "a"}, {"text": 5}], actor=actor)
    rows = entity_mass_create(
        schema=schema, rows=[{"text": "a"}, {"text": 5}, {"text": "b"}], actor=actor, partial=True
    )
    made = [row.record_id for row in rows if row.right and row.record_id]
    assert numbers(form, [*made, make_entity(form, alice)]) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_numbers_are_not_given_back_when_others_took_later_ones(custom_app: Any, alice: Member) -> None:
    form = numbered(custom_app)
    with numbering.reserved(schema_of(form), 5):
        assert at_once([lambda: numbers(form, [make_entity(form, alice)])]) == [[6]]
        with transaction.atomic():
            assert numbers(form, [make_entity(form, alice, text="a")]) == [7]  # a single write has its own way
    assert numbers(form, [make_entity(form, alice)]) == [8]


@pytest.mark.django_db(transaction=True)
def test_blocks_follow_one_another_without_overlap(
    custom_app: Any, alice: Member, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUTO_NUMBER_BLOCK = 3
    monkeypatch.setattr(numbering, "BUSY_SECONDS", 60)  # on a slow machine, too
    form = numbered(custom_app, start=10)
    ids = [make_entity(form, alice) for _ in range(7)]
    assert numbers(form, ids) == list(range(10, 17))
    assert NumberSequence.objects.get(custom_form_id=form.pk).value == 18
    numbering.give_up()  # another process begins a block of its own
    assert numbers(form, [make_entity(form, alice)]) == [19]


@pytest.mark.parametrize("mode", ["fast", "gap_free"])
@pytest.mark.parametrize(
    ("reset", "pattern", "expected"),
    [
        ("day", "YYYYMMDD", ["A-20231231-01", "A-20231231-02", "A-20240101-01", "A-20240102-01", "A-20240201-01"]),
        ("month", "YYYYMM", ["A-202312-01", "A-202312-02", "A-202401-01", "A-202401-02", "A-202402-01"]),
        ("year", "YYYY", ["A-2023-01", "A-2023-02", "A-2024-01", "A-2024-02", "A-2024-03"]),
        ("never", "", ["A-01", "A-02", "A-03", "A-04", "A-05"]),
        ("day", "YYMMDD", ["A-231231-01", "A-231231-02", "A-240101-01", "A-240102-01", "A-240201-01"]),
    ],
)
def test_numbers_start_again_with_their_period(
    custom_app: Any, mode: str, reset: str, pattern: str, expected: list[str]
) -> None:
    form = numbered(custom_app, prefix="A-", date_pattern=pattern, reset=reset, digits=2, mode=mode)
    moments = [(2023, 12, 31, 0), (2023, 12, 31, 23), (2024, 1, 1, 0), (2024, 1, 2, 5), (2024, 2, 1, 12)]
    assert [take(form, datetime(*moment, tzinfo=SHANGHAI)) for moment in moments] == expected


@pytest.mark.django_db(transaction=True)
def test_a_block_of_a_period_that_is_over_is_given_up(custom_app: Any) -> None:
    form = numbered(custom_app, date_pattern="YYYY", reset="year")
    for year in (2023, 2024, 2025):
        take(form, datetime(year, 5, 5, tzinfo=SHANGHAI))
    field_id = form.custom_fields.get(name="no").pk
    assert [period for key, period in numbering._blocks if key == field_id] == ["2025"]


def test_a_number_longer_than_its_digits_is_not_cut(custom_app: Any) -> None:
    form = numbered(custom_app, digits=1, start=9)
    assert [take(form, datetime(2024, 1, 1, tzinfo=SHANGHAI)) for _ in range(3)] == ["9", "10", "11"]


def test_two_fields_of_a_form_count_apart_and_formulas_read_them(custom_app: Any, alice: Member) -> None:
    form = numbered(custom_app, prefix="A")
    add_field(form, "other", ("auto_number_field", {"mode": "gap_free", "start": 7}))
    add_field(form, "both", ("formula_field", {"formula": "{no} & '/' & {other}"}))
    first, second = (shown_of(form, make_entity(form, alice), alice) for _ in "12")
    assert [record["both"] for record in (first, second)] == ["A0001/0007", "A0002/0008"]
    assert re.fullmatch("A000[12]", second["no"])


def test_a_number_never_changes_and_is_never_written(custom_app: Any, alice: Member) -> None:
    form = numbered(custom_app)
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, no="0001")
    assert [fault.code for fault in refused.value.faults] == ["read_only"]


@pytest.mark.parametrize("mode", ["fast", "gap_free"])
@pytest.mark.django_db(transaction=True)
def test_a_first_number_that_is_raised_later_is_the_next_one(custom_app: Any, alice: Member, mode: str) -> None:
    form = numbered(custom_app, mode=mode)
    field = form.custom_fields.get(name="no")

    def made() -> int:
        return numbers(form, [make_entity(form, alice, text="a")])[0]

    assert [made() for _record in range(5)] == [1, 2, 3, 4, 5]
    setting_save(field=field, setting={"mode": mode, "start": 1000})
    assert [made(), made()] == [1000, 1001]
    setting_save(field=field, setting={"mode": mode, "start": 3})  # a lower one takes no number a second time
    assert [made(), made()] == [1002, 1003]
    setting_save(field=field, setting={"mode": mode, "start": 1004})  # what would have come anyhow
    assert made() == 1004


@pytest.mark.django_db(transaction=True)
def test_many_numbers_at_once_begin_there_too(custom_app: Any, alice: Member) -> None:
    form = numbered(custom_app)
    make_entity(form, alice, text="a")
    setting_save(field=form.custom_fields.get(name="no"), setting={"start": 50})
    schema = schema_of(form)
    moment = datetime(2026, 1, 1, tzinfo=SHANGHAI)
    texts = numbering.next_numbers(schema, schema.by_field["no"], moment, 3)
    assert [int(text) for text in texts] == [50, 51, 52]
