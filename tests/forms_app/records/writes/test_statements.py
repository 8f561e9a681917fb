"""What a write costs, and what it does when PostgreSQL says no."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from forms_app.database import engine
from forms_app.database.retry import ATTEMPTS, retried
from forms_app.exceptions import Conflict
from forms_app.models import CustomApp, CustomForm, Member
from forms_app.records.writes import entity_create, entity_mass_destroy, entity_transfer, entity_update
from tests.factories import actor_of, add_field, make_entity, make_form, schema_of
from tests.forms_app.records.writes.writes import update
from tests.forms_app.worlds import counted, query_of, statements


@pytest.fixture
def one_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer's way for PostgreSQL alone, also where the suite runs on Citus: it takes that statement too."""
    monkeypatch.setattr(engine.Known, "citus", False)


@pytest.mark.usefixtures("one_node")
def test_a_write_is_one_statement_when_nothing_else_hangs_on_it(form: CustomForm, alice: Member) -> None:
    schema, actor = schema_of(form), actor_of(alice)
    record_id = make_entity(form, alice, text="a")
    with statements() as creating:
        entity_create(schema=schema, values={"text": "b", "number": 1}, actor=actor)
    with statements() as updating:
        entity_update(schema=schema, record_id=record_id, values={"text": "c"}, actor=actor)
    assert (len(creating), len(updating)) == (1, 1)


def test_every_statement_of_a_write_names_its_form(custom_app: Any, alice: Member) -> None:
    target = make_form(custom_app, {"n": "integer_field"})
    form = make_form(
        custom_app,
        {
            "t": ("text_field", {"unique": True}),
            "r": ("relation_field", {"form": target.pk}),
            "no": ("auto_number_field", {"mode": "gap_free"}),
        },
    )
    add_field(form, "f", ("formula_field", {"formula": "{r.n} * 2"}))
    related = make_entity(target, alice, n=1)
    with statements() as found:
        record_id = make_entity(form, alice, t="a", r={"value": related})
        update(form, alice, record_id, t="b")
        update(target, alice, related, n=5)
        entity_transfer(schema=schema_of(form), ids=[record_id], to_user_uid=2, actor=actor_of(alice))
        entity_mass_destroy(schema=schema_of(target), ids=[related], actor=actor_of(alice))
    tables = ("form_entity", "form_counter", "form_number")
    on_records = [sql for sql in found if any(table in sql for table in tables) and "pg_inherits" not in sql]
    assert len(on_records) > 10
    for sql in on_records:
        as_constant = [
            f"custom_form_id = {form_id}" in sql or f"({form_id}, " in sql or f"SELECT {form_id}, " in sql
            for form_id in (form.pk, target.pk)
        ]
        partitions = [schema_of(of).partition for of in (form, target)]
        into = [f"INTO {table} (custom_form_id, " in sql for table in (*partitions, "form_number_sequence")]
        assert any(as_constant) or any(into) or re.search(r"custom_form_id = (%s|\$\d)", sql), sql


@pytest.mark.usefixtures("one_node")
def test_one_prepared_statement_serves_all_forms_of_a_partition(custom_app: CustomApp, alice: Member) -> None:
    """Hundreds of forms would need as many statements, each planned and kept by each connection."""
    forms = [make_form(custom_app, {"text": "text_field"}, name=f"form {n}") for n in range(40)]
    partitions = {schema_of(form).partition for form in forms}
    assert 1 < len(partitions) < len(forms)
    sent: dict[str, set[str]] = {}
    for form in forms:
        with statements() as found:
            record_id = make_entity(form, alice, text="a")
            update(form, alice, record_id, text="b")
            rows, _total = query_of(form).page_and_count(20)
            query_of(form).get(record_id)
        sent.setdefault(schema_of(form).partition, set()).update(sql for sql in found if "form_entity" in sql)
        assert [row.data for row in rows] == ['{"text": "b"}']
    assert {len(texts) for texts in sent.values()} == {4}


def test_a_broken_deadlock_is_tried_again_some_times() -> None:
    tried: list[int] = []

    @retried
    def write(failures: int) -> str:
        tried.append(failures)
        if len(tried) <= failures:
            raise OperationalError from DeadlockDetected()
        return "written"

    assert write(ATTEMPTS - 1) == "written"
    assert len(tried) == ATTEMPTS
    tried.clear()
    with pytest.raises(OperationalError):
        write(ATTEMPTS)
    assert len(tried) == ATTEMPTS


def test_another_failure_of_the_database_is_not_tried_again() -> None:
    tried = []

    @retried
    def write() -> None:
        tried.append(1)
        raise OperationalError("the connection is gone")

    with pytest.raises(OperationalError):
        write()
    assert tried == [1]


@pytest.mark.django_db
def test_within_a_transaction_the_caller_must_try_again() -> None:
    tried = []

    @retried
    def write() -> None:
        tried.append(1)
        raise OperationalError from DeadlockDetected()

    with pytest.raises(OperationalError):
        write()
    assert tried == [1]


@pytest.mark.django_db(transaction=True)
def test_a_violation_that_is_no_unique_field_s_is_not_hidden(form: CustomForm, alice: Member) -> None:
    schema = schema_of(form)
    record_id = make_entity(form, alice)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE form_entity ADD CONSTRAINT odd CHECK (NOT data ? 'text')")
        try:
            with pytest.raises(IntegrityError):
                entity_create(schema=schema, values={"text": "a"}, actor=actor_of(alice))
            with pytest.raises(IntegrityError):
                entity_update(schema=schema, record_id=record_id, values={"text": "a"}, actor=actor_of(alice))
        finally:
            cursor.execute("ALTER TABLE form_entity DROP CONSTRAINT odd")
    assert counted(form) == (1, 1)


def test_a_write_within_a_transaction_leaves_it_usable_after_a_conflict(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"t": ("text_field", {"unique": True})})
    make_entity(form, alice, t="a")
    with transaction.atomic():
        with pytest.raises(Conflict):
            make_entity(form, alice, t="a")
        make_entity(form, alice, t="b")
    assert query_of(form).count() == 2
