"""Where each table lies with Citus, and what Citus refuses: each kind that was met on a real one is caught."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection

from forms_app.database import distribution, engine
from forms_app.database.cursor import fetch
from forms_app.database.distributing import _by_identity, _by_sequence, numbered
from forms_app.database.distribution import DISTRIBUTED, FOREIGN_KEYS, LOCAL, REFERENCE, SCOPE, is_local
from forms_app.models import CustomForm, EntityChange, FormCounter, FormEntity, Member
from forms_app.records.uniqueness import violated_index
from forms_app.records.writes import entity_create
from tests.factories import actor_of, make_form, schema_of
from tests.refused_statements import IMMUTABLE, STABLE, VOLATILE, refused

pytestmark = pytest.mark.django_db

OF_FORM = "custom_form_id = %s AND id = %s"


def tables() -> set[str]:
    return {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}


def test_every_table_lies_in_one_place() -> None:
    groups = [set(DISTRIBUTED), set(REFERENCE), {table for table in tables() if is_local(table)}]
    assert sorted(table for group in groups for table in group) == sorted(tables())
    assert set(LOCAL) <= tables()


def test_a_table_with_the_column_that_tables_are_distributed_by_is_distributed_unless_it_is_of_definitions() -> None:
    scoped = {m._meta.db_table for m in apps.get_models() if any(f.column == SCOPE for f in m._meta.fields)}
    assert {table for table in scoped if not table.startswith("forms_app_")} == set(DISTRIBUTED)


def test_every_foreign_key_of_a_distributed_table_is_known_and_leads_to_its_node() -> None:
    sql = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), confrelid::regclass::text "
        "FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
    )
    found = [row for row in fetch(sql, []) if row[0] in DISTRIBUTED]
    assert {(table, name): definition for table, name, definition, _other in found} == {
        (table, name): definition for table, keys in FOREIGN_KEYS.items() for name, definition in keys.items()
    }
    for _table, _name, definition, other in found:
        assert other in REFERENCE or (other in DISTRIBUTED and definition.startswith(f"FOREIGN KEY ({SCOPE}, "))


def test_no_table_that_is_whole_on_every_node_refers_to_one_that_is_distributed() -> None:
    sql = "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
    assert [
        row for row in fetch(sql, []) if row[1] in DISTRIBUTED and row[0].partition("_p")[0] not in DISTRIBUTED
    ] == []


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        (f"UPDATE form_entity SET updated_at = clock_timestamp() WHERE {OF_FORM}", "set: clock_timestamp"),
        (f"UPDATE form_entity_p03 SET a = greatest(a, f(clock_timestamp())) WHERE {OF_FORM}", "set: f"),
        (
            "INSERT INTO form_remembered (custom_form_id, key) VALUES (%s, %s) "
            "ON CONFLICT (custom_form_id, key) DO UPDATE SET remembered_at = now()",
            "conflict: now",
        ),
        (f"DELETE FROM form_entity WHERE {OF_FORM} AND updated_at < clock_timestamp()", "where: clock_timestamp"),
        (f"UPDATE form_entity SET a = 1 WHERE {OF_FORM} RETURNING to_char(updated_at, 'YYYY')", "returning: to_char"),
        (f"UPDATE form_entity SET a = 1 WHERE {OF_FORM} RETURNING data::text", "returning: ::text"),
        (
            "INSERT INTO form_remembered (custom_form_id) VALUES (%s) "
            "RETURNING (SELECT count(*) FROM form_remembered WHERE custom_form_id = %s)",
            "subquery: RETURNING",
        ),
        (
            "SELECT f.id, (SELECT sum(live) FROM form_counter c WHERE c.custom_form_id = (f.id)) "
            "FROM forms_app_customform f",
            "correlated: f",
        ),
        (
            "SELECT t.id FROM ticket t JOIN audit_entry a ON a.object_id = t.id WHERE t.custom_form_id = %s",
            "local: audit_entry",
        ),
    ],
)
def test_the_guard_catches_each_kind_of_statement_that_citus_refuses(sql: str, kind: str) -> None:
    """Kinds 1, 2, 5, 6 and 7, and one more, of those that were met; without what is wrong each of them passes."""
    assert kind in refused(sql)


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE form_entity SET updated_at = date_trunc('milliseconds', statement_timestamp()) WHERE {OF_FORM}",
        f"UPDATE form_entity SET a = 1 WHERE {OF_FORM} RETURNING id, data, updated_at",
        "INSERT INTO form_entity (custom_form_id, created_at) SELECT %s, t FROM (SELECT clock_timestamp() AS t) m",
        "SELECT t.id FROM ticket t JOIN forms_app_flow f ON f.id = t.flow_id WHERE t.custom_form_id = %s",
        "SELECT a.id FROM audit_entry a JOIN auth_user u ON u.id = a.account_id",
        "UPDATE forms_app_webhookstate SET leased_until = clock_timestamp()",
    ],
)
def test_what_citus_takes_passes(sql: str) -> None:
    assert refused(sql) == []


def test_the_names_of_functions_have_the_volatility_that_postgresql_says() -> None:
    sql = "SELECT proname, array_agg(DISTINCT provolatile::text) FROM pg_proc WHERE proname = ANY(%s) GROUP BY 1"
    found = dict(fetch(sql, [[*IMMUTABLE, *STABLE, *VOLATILE]]))
    assert set(found) == IMMUTABLE | STABLE | VOLATILE
    assert {name for name, kinds in found.items() if kinds != ["i"]} - STABLE == VOLATILE
    assert {name for name, kinds in found.items() if "v" in kinds} == VOLATILE


def test_a_violation_is_known_by_the_message_where_the_engine_names_no_constraint() -> None:
    """Kind 4."""
    said = 'duplicate key value violates unique constraint "entity_unique_12_102750"\nDETAIL:  Key (x)=(a) exists.'
    assert violated_index(IntegrityError(said)) == "entity_unique_12"
    assert violated_index(IntegrityError("something else")) == ""


def test_numbers_of_identity_columns_go_on_where_they_were_there_and_back() -> None:
    """Kind 8."""
    member = next(each for each in numbered() if each[0] == "forms_app_member")
    before = fetch("SELECT nextval('forms_app_member_id_seq')", [])[0][0]
    with connection.cursor() as cursor:
        for there_and_back in (_by_sequence, _by_identity):
            for sql in there_and_back(*member):
                cursor.execute(sql)
            cursor.execute("DROP TABLE numbered")
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", member)
            assert cursor.fetchone()[0].endswith("forms_app_member_id_seq")
            before += 1
            assert fetch("SELECT nextval('forms_app_member_id_seq')", []) == [(before,)]
    sql = "SELECT attidentity::text FROM pg_attribute WHERE attrelid = 'forms_app_member'::regclass AND attname = 'id'"
    assert fetch(sql, []) == [("d",)]


def test_the_tables_that_postgresql_numbers_are_those_of_the_database() -> None:
    sql = "SELECT attrelid::regclass::text, attname::text FROM pg_attribute WHERE attidentity <> '' AND attnum > 0"
    assert sorted(row for row in fetch(sql, []) if row[0] in tables()) == numbered()


@contextmanager
def sent() -> Iterator[list[str]]:
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(re.sub(r"\s+", " ", str(sql)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"name": "text_field", "amount": "float_field"})


@pytest.mark.parametrize("citus", [False, True])
def test_the_writer_chooses_by_the_engine(
    citus: bool, form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kind 10: with Citus no statement returns rows to another one, which would come by the coordinator."""
    monkeypatch.setattr(engine.Known, "citus", citus)
    with sent() as statements:
        row = entity_create(schema=schema_of(form), values={"name": "甲", "amount": 1.5}, actor=actor_of(alice))
    writes = [sql for sql in statements if re.search(r"INSERT|UPDATE", sql)]
    assert [sql.count("INSERT") + sql.count("UPDATE form_counter") for sql in writes] == ([1, 1, 1] if citus else [3])
    stored = FormEntity.objects.of_form(form.pk).get(id=row.id)
    assert (stored.data, stored.owner_uid) == ({"name": "甲", "amount": 1.5}, alice.uid)
    assert stored.created_at == stored.updated_at
    entry = EntityChange.objects.of_form(form.pk).get(entity_id=row.id)
    assert (entry.action, entry.version, entry.at, entry.changes) == ("created", 1, stored.created_at, stored.data)
    assert sum(FormCounter.objects.filter(custom_form_id=form.pk).values_list("live", flat=True)) == 1


def test_whether_it_is_citus_is_asked_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.Known, "citus", None)
    there = fetch("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')", [])[0][0]
    assert engine.is_citus() is engine.Known.citus is there
    monkeypatch.setattr(engine.Known, "citus", not there)
    assert engine.is_citus() is not there


def test_the_module_names_no_table_twice() -> None:
    names = [*DISTRIBUTED, *REFERENCE, *LOCAL]
    assert len(names) == len(set(names))
    assert all(not name.startswith(distribution.LOCAL_PREFIXES) for name in names)


def test_with_citus_one_prepared_statement_serves_all_forms_of_a_partition_as_well(
    custom_app: Any, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each form's own would be planned and kept by each connection."""
    forms = [make_form(custom_app, {"name": "text_field"}, name=f"form {number}") for number in range(9)]
    monkeypatch.setattr(engine.Known, "citus", True)
    texts: dict[str, set[str]] = {}
    for each in forms:
        with sent() as statements:
            entity_create(schema=schema_of(each), values={"name": "甲"}, actor=actor_of(alice))
        written = {sql for sql in statements if re.search(r"INSERT|UPDATE form_counter", sql)}
        texts.setdefault(schema_of(each).partition, set()).update(written)
    assert len(texts) < len(forms)
    assert {len(each) for each in texts.values()} == {3}
