"""Indexes that were lost, broken or left behind are found and mended; meanwhile everybody goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection, transaction
from django.utils.timezone import now
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.database import queue
from forms_app.design.fields import field_change
from forms_app.indexes import building
from forms_app.indexes.choosing import Standing, tend
from forms_app.indexes.jobs import tend_indexes
from forms_app.models import CustomForm, FieldIndex, FormEntity, Member, Status
from forms_app.records.query import Search, Terms
from forms_app.records.writes import entity_mass_destroy, entity_update
from tests.factories import actor_of, add_field, make_entity, schema_of
from tests.forms_app.indexes.world import (
    NUMBER,
    OWNER,
    SORT,
    TEXT,
    entry_of,
    field_id,
    grow,
    jobs_of,
    name_of,
    on_disk,
    requested,
    settle,
    standings,
    work,
)
from tests.forms_app.worlds import query_of

pytestmark = pytest.mark.django_db(transaction=True)
VALID = FieldIndex.State.VALID


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


@contextmanager
def under_way(key: dict[str, Any], form: CustomForm, alice: Member) -> Iterator[list[Any]]:
    """A builder at work, which waits for a transaction that has written to the form and does not end before the block
    does; the list gets its outcome."""
    begun, done = threading.Event(), threading.Event()
    outcome: list[Any] = []

    def write() -> None:
        try:
            with transaction.atomic():
                make_entity(form, alice, number=-1)
                begun.set()
                done.wait(60)
        finally:
            connection.close()

    def build() -> None:
        try:
            outcome.append(building.build(**key))
        except Exception as error:  # noqa: BLE001 - the test looks at what was raised
            outcome.append(error)
        finally:
            connection.close()

    writer, builder = threading.Thread(target=write), threading.Thread(target=build)
    writer.start()
    try:
        assert begun.wait(60)
        builder.start()
        wait_until(lambda: entry_of(key).progress is not None)
        yield outcome
    finally:
        done.set()
        writer.join(60)
        builder.join(60)
    assert not writer.is_alive()
    assert not builder.is_alive()


def kill_builder(key: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(p.pid) FROM pg_stat_progress_create_index p"
            " WHERE p.index_relid = %s::regclass",
            [name_of(key)],
        )


def test_everybody_goes_on_while_an_index_is_built(form: CustomForm, alice: Member) -> None:
    grow(form, 20)
    key = requested(form, "text", "grams")
    with under_way(key, form, alice) as outcome:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        made = make_entity(form, alice, text="新客户")
        entity_update(schema=schema_of(form), record_id=made, values={"number": 7}, actor=actor_of(alice))
        assert query_of(form).page(1)[0].id == made
        assert query_of(form, Terms(search=Search(schema_of(form).columns["text"], "新客"))).ids() == [made]
        entity_mass_destroy(schema=schema_of(form), ids=[made], actor=actor_of(alice))
        tend(form.pk)
        assert entry_of(key).standing == Standing.BUILDING
        assert outcome == []
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    assert outcome == [VALID]


def test_a_killed_build_is_found_and_redone(large: CustomForm, alice: Member) -> None:
    field = add_field(large, "day", "date_field")
    FieldIndex.objects.create(custom_form_id=large.pk, field_id=field.pk, kind="btree")
    key = {"form_id": large.pk, "field_id": field.pk, "kind": "btree"}
    with under_way(key, large, alice) as outcome:
        tend(large.pk)
        assert jobs_of(large) == []  # its builder lives
        kill_builder(key)
        wait_until(lambda: bool(outcome))
    assert isinstance(outcome[0], OperationalError)
    assert on_disk(name_of(key)) == {name_of(key): False}
    assert entry_of(key).standing == Standing.BUILDING
    tend()
    assert jobs_of(large) == [("build_indexes", {"form_id": large.pk})]
    work(large)
    assert on_disk(name_of(key)) == {name_of(key): True}
    assert entry_of(key).standing == Standing.VALID


@pytest.mark.parametrize(
    "damage", ["DROP INDEX {}", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{}'::regclass"]
)
def test_an_index_that_is_not_what_it_is_said_to_be_is_redone(large: CustomForm, damage: str) -> None:
    name = building.name_of(field_id(large, "number"), "btree")
    with connection.cursor() as cursor:
        cursor.execute(damage.format(name))
    assert standings(large)[NUMBER] == "broken"
    tend()
    assert standings(large)[NUMBER] == "requested"
    work(large)
    assert standings(large)[NUMBER] == "valid"
    assert on_disk(name) == {name: True}


def test_a_unique_index_that_is_gone_is_no_longer_relied_on(form: CustomForm, alice: Member) -> None:
    add_field(form, "u", ("text_field", {"unique": True}))
    work(form)
    make_entity(form, alice, u="a")
    name = building.name_of(field_id(form, "u"), "unique")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {name}")
    tend()
    with pytest.raises(Exception, match="unique"):
        make_entity(form, alice, u="a")
    work(form)
    assert on_disk(name) == {name: True}


def test_a_request_whose_job_was_lost_is_enqueued_again(form: CustomForm) -> None:
    key = {"custom_form_id": form.pk, "field_id": field_id(form, "number"), "kind": "btree"}
    grow(form, 20)
    FieldIndex.objects.create(**key)
    assert jobs_of(form) == []
    tend(form.pk)
    assert jobs_of(form) == [("build_indexes", {"form_id": form.pk})]


def test_what_is_left_over_is_dropped_once(large: CustomForm) -> None:
    name = building.name_of(field_id(large, "number"), "btree")
    FieldIndex.objects.filter(custom_form_id=large.pk, kind="btree").delete()  # as a restored dump may lack it
    large.custom_fields.filter(name="number").update(status=Status.DISABLE)
    large.save()
    assert standings(large) == {OWNER: "valid", TEXT: "valid", SORT: "valid", ("", "btree"): "leftover"}
    tend()
    tend()
    assert [job for job, _args in jobs_of(large)] == ["drop_index"]
    work(large)
    assert on_disk(name) == {}


def test_an_error_is_kept_and_the_build_tried_again_later(form: CustomForm, monkeypatch: Any) -> None:
    key = {"form_id": form.pk, "field_id": field_id(form, "number"), "kind": "btree"}
    FieldIndex.objects.create(custom_form_id=form.pk, field_id=key["field_id"], kind="btree")
    grow(form, 20)
    with monkeypatch.context() as patch:
        impossible = "CREATE INDEX CONCURRENTLY entity_x ON nowhere (id)"
        patch.setattr(building, "_definition", lambda *args: (impossible, ""))
        assert building.build(**key) == FieldIndex.State.FAILED
    assert "nowhere" in entry_of(key).detail["error"]
    work(form)
    settle(form)
    assert entry_of(key).standing == Standing.FAILED  # not every minute
    FieldIndex.objects.filter(field_id=key["field_id"]).update(updated_at=now() - timedelta(hours=2))
    settle(form)
    assert entry_of(key).standing == Standing.VALID
    assert entry_of(key).detail == {}


def test_records_that_share_a_value_are_waited_for(form: CustomForm, alice: Member) -> None:
    ids = [make_entity(form, alice, text="a") for _n in range(2)]
    field = form.custom_fields.get(name="text")
    field_change(field=field, setting={"unique": True})
    work(form)
    key = {"form_id": form.pk, "field_id": field.pk, "kind": "unique"}
    assert entry_of(key).detail == {"duplicates": [ids]}
    FieldIndex.objects.filter(field_id=field.pk).update(updated_at=now() - timedelta(days=2))
    tend(form.pk)
    assert jobs_of(form) == []
    FormEntity.objects.filter(custom_form=form, id=ids[0]).delete()
    tend(form.pk, retry=True)
    work(form)
    assert entry_of(key).standing == Standing.VALID


def test_the_worker_looks_every_minute(form: CustomForm) -> None:
    periodic = {entry.task.name: entry.cron for entry in app.periodic_registry.periodic_tasks.values()}
    each_minute = {name for name, cron in periodic.items() if cron == "* * * * *"}
    assert each_minute == {"indexes.tend_indexes", "database.retry_stalled"}
    grow(form, 20)
    tend_indexes(0)
    assert jobs_of(form) == [("build_indexes", {"form_id": form.pk})]
    jobs = ProcrastinateJob.objects.filter(args__form_id=form.pk, task_name__endswith="build_indexes")
    assert set(jobs.values_list("lock", flat=True)) == {"indexes"}  # one at a time


def test_what_a_killed_worker_was_doing_is_done_again(form: CustomForm) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        (worker,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, args, status, worker_id) VALUES"
            " (%s, 'q', '{}', 'doing', NULL), (%s, 'q', '{}', 'doing', %s) RETURNING id",
            ["dead", "alive", worker],
        )
        ids = [row[0] for row in cursor.fetchall()]
        async_to_sync(queue.retry_stalled.func)(SimpleNamespace(app=app), timestamp=0)
        cursor.execute("SELECT task_name, status::text FROM procrastinate_jobs WHERE id = ANY(%s)", [ids])
        found = dict(cursor.fetchall())
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM procrastinate_workers WHERE id = %s", [worker])
    assert found == {"dead": "todo", "alive": "doing"}
