"""GET form_entities/changes: the feed of a form, in the order of commits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from forms_app.models import CustomForm, Grant, Member
from forms_app.people.actor import Actor
from forms_app.records.changes.partitions import count_on
from forms_app.records.writes import entity_create, entity_update
from forms_app.schema.form_schema import FormSchema
from tests.apaas.conftest import Api, address
from tests.apaas.rights.conftest import give
from tests.factories import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
Record = Callable[..., int]


def feed(api: Api, form: CustomForm, **query: Any) -> tuple[list[tuple[int, str]], str]:
    page = api.ok("GET", address(form, "changes", **query))
    return [(model["id"], model["action"]) for model in page["models"]], page["next_cursor"]


def test_all_is_told_once_the_oldest_first_destroyed_records_too(api: Api, form: CustomForm, record: Record) -> None:
    one, two = record(title="a"), record(title="b")
    api.ok("PUT", address(form, str(one)), {"form_entity": {"title": "x"}})
    api.ok("POST", address(form, "mass_destroy"), {"ids": [two]})
    expected = [(one, "created"), (two, "created"), (one, "updated"), (two, "destroyed")]
    found, cursor = [], "*"
    for _page in range(3):
        page, cursor = feed(api, form, per_page=2, cursor=cursor)
        found += page
    assert found == expected
    assert feed(api, form)[0] == expected
    assert feed(api, form, cursor=cursor)[0] == []
    api.ok("POST", address(form, "restore"), {"ids": [two]})
    assert feed(api, form, cursor=cursor)[0] == [(two, "restored")]


def test_now_begins_now(api: Api, form: CustomForm, record: Record) -> None:
    record(title="a")
    found, cursor = feed(api, form, cursor="now")
    assert found == []
    two = record(title="b")
    assert feed(api, form, cursor=cursor)[0] == [(two, "created")]


def test_nothing_appears_behind_a_cursor_that_was_handed_out(api: Api, form: CustomForm, alice: Member) -> None:
    """A transaction that began first and commits last: what was committed meanwhile waits for it."""
    schema, actor = FormSchema.of(form.pk, actor_of(alice)), actor_of(alice)
    _none, cursor = feed(api, form)
    seen: list[Any] = []

    def meanwhile() -> None:
        late(schema, actor, "meanwhile")
        seen.append(feed(api, form, cursor=cursor))
        connection.close()

    with transaction.atomic():
        first = late(schema, actor, "long")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(meanwhile).result()
    found, behind = seen[0]
    assert found == []  # told when the long one has ended
    page, _cursor = feed(api, form, cursor=behind)
    assert page[0] == (first, "created")
    assert len(page) == 2


def test_on_a_page_a_record_s_entries_stand_in_the_order_of_its_writes(
    api: Api, form: CustomForm, record: Record, alice: Member
) -> None:
    """A transaction that began first writes the record last."""
    one = record(title="a")
    schema, actor = FormSchema.of(form.pk, actor_of(alice)), actor_of(alice)

    def meanwhile() -> None:
        entity_update(schema=schema, record_id=one, values={"title": "second"}, actor=actor)
        connection.close()

    with transaction.atomic():
        other = late(schema, actor, "first")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(meanwhile).result()
        entity_update(schema=schema, record_id=one, values={"title": "third"}, actor=actor)
    models = api.ok("GET", address(form, "changes"))["models"]
    assert [model["version"] for model in models if model["id"] == one] == [1, 2, 3]
    assert [model["id"] for model in models] == [one, other, one, one]


def late(schema: FormSchema, actor: Actor, title: str) -> int:
    return entity_create(schema=schema, values={"title": title}, actor=actor).id


def test_it_needs_every_record(api: Api, form: CustomForm, people: dict[int, Member]) -> None:
    Grant.objects.filter(role__organization=people[3].organization, role__everyone=True).delete()
    limited = give(people[3], "read", custom_form=form, rows="own")
    faults = limited.faults("GET", address(form, "changes"), status=403)
    assert faults == [("custom_form_id", "needs_all_rows", None)]


def test_what_is_hidden_is_not_told(api: Api, form: CustomForm, record: Record, people: dict[int, Member]) -> None:
    one = record(title="a", amount=1)
    api.ok("PUT", address(form, str(one)), {"form_entity": {"amount": 2}})
    Grant.objects.filter(role__organization=people[3].organization, role__everyone=True).delete()
    limited = give(people[3], "read", custom_form=form, hidden=["amount"])
    (model,) = limited.ok("GET", address(form, "changes"))["models"]
    assert [change["field"] for change in model["changes"]] == ["title"]


def test_a_cursor_of_another_form_or_made_up_is_refused(api: Api, form: CustomForm, other_form: CustomForm) -> None:
    _found, cursor = feed(api, other_form)
    for sent in (cursor, cursor[:-2], "5", "甲"):
        assert api.faults("GET", address(form, "changes", cursor=sent)) == [("cursor", "wrong_cursor", None)]


def test_a_cursor_from_before_the_history_was_switched_off_is_refused(api: Api, form: CustomForm) -> None:
    _found, cursor = feed(api, form)
    form.history_since = datetime.now(UTC)
    form.save()
    assert api.faults("GET", address(form, "changes", cursor=cursor)) == [("cursor", "wrong_cursor", None)]


def test_a_cursor_behind_which_entries_were_dropped_is_refused(
    api: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("forms_app.records.changes.cursors.time.time", lambda: 1_500_000_000)
        _found, cursor = feed(api, form)
    assert api.faults("GET", address(form, "changes", cursor=cursor)) == [("cursor", "old_cursor", None)]


def test_a_form_without_history_has_no_feed(api: Api, form: CustomForm) -> None:
    form.history_since = None
    form.definition_version += 1
    form.save()
    faults = api.faults("GET", address(form, "changes"), status=409)
    assert faults == [("custom_form_id", "history_off", None)]


def test_the_order_goes_on_where_a_database_counts_its_transactions_anew(
    api: Api, form: CustomForm, record: Record
) -> None:
    """As after a dump was restored into a new cluster."""
    record(title="a")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE form_entity_change SET tx = tx + 1000000 WHERE custom_form_id = %s", [form.pk])
    try:
        _found, before = feed(api, form)
        assert count_on() > 0
        assert api.faults("GET", address(form, "changes", cursor=before)) == [("cursor", "wrong_cursor", None)]
        found, behind = feed(api, form)
        assert len(found) == 1
        two = record(title="b")
        assert feed(api, form, cursor=behind)[0] == [(two, "created")]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM form_entity_change WHERE custom_form_id = %s", [form.pk])
            cursor.execute(
                "CREATE OR REPLACE FUNCTION form_change_offset() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE "
                "AS 'SELECT 0::bigint'"
            )
