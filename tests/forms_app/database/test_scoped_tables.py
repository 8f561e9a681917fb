"""The guard over all statements bites, and every key of a table of records begins with the form."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from forms_app.database.cursor import fetch
from forms_app.database.distribution import DISTRIBUTED, SCOPE
from forms_app.idempotency.purging import keys_purge
from forms_app.indexes.building import UNIQUE, _definition
from forms_app.models import IdempotencyKey
from forms_app.models.form_rows import FormQuerySet
from tests.factories import make_form, schema_of
from tests.scoped_statements import guard, unscoped

pytestmark = pytest.mark.django_db

KEYS = f"""
SELECT regexp_replace(t.relname, '_p[0-9]\\w*$|_[0-9]{{4}}_[0-9]{{2}}$', ''), c.relname, i.indisunique,
    coalesce(a.attname, '')
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
WHERE t.relnamespace = current_schema()::regnamespace AND EXISTS (
    SELECT FROM pg_attribute s WHERE s.attrelid = t.oid AND s.attname = '{SCOPE}' AND NOT s.attisdropped)
"""
OF_THEIR_OWN = {
    ("ticket", "caller_form_id"): "the tickets that were called by a ticket",
    ("ticket", "organization_id"): "the tickets that a member opened",
    ("ticket_attachment", "stored_file_id"): "the tickets that hold a file",
    ("form_file_use", "stored_file_id"): "the records that hold a file",
    ("ticket_token", "organization_id"): "what waits for a member",
}
"""Indexes, none of them a key, that serve what is asked over all forms."""


def keys() -> list[tuple[str, str, bool, str]]:
    return [tuple(row) for row in fetch(KEYS, []) if not row[0].startswith(("forms_app_", "webhook"))]  # type: ignore[misc]


def test_the_tables_that_the_guard_knows_are_those_of_the_database() -> None:
    assert {table for table, *_rest in keys()} == set(DISTRIBUTED)


def test_every_key_of_them_begins_with_the_form() -> None:
    assert len(keys()) > 20
    assert [row for row in keys() if row[2] and row[3] != SCOPE] == []


def test_an_index_that_does_not_begin_with_the_form_says_why() -> None:
    without = {(table, first) for table, _index, _unique, first in keys() if first != SCOPE}
    assert without == set(OF_THEIR_OWN)


def test_the_index_of_a_unique_field_begins_with_the_form_too(custom_app: Any) -> None:
    form = make_form(custom_app, {"code": ("text_field", {"unique": True})})
    (column,) = schema_of(form).unique
    sql, _statistics = _definition([column], UNIQUE, "name", "form_entity_p00", form.pk)
    assert re.search(rf"ON form_entity_p00 \({SCOPE}, ", sql)


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product asks for the rows of all forms."""
    monkeypatch.setattr(FormQuerySet, "of_form", lambda self, _form_id: self.all())


def told() -> str:
    with pytest.raises(AssertionError) as error:
        guard.tell()
    return str(error.value)


def test_a_statement_of_the_product_that_names_no_form_fails_the_test(forgetful: None) -> None:
    keys_purge()
    assert re.match(r"names no form of form_idempotency_key: .*\n(?s:.*)forms_app/idempotency/purging.py", told())
    keys_purge()  # its text is known by now
    assert "form_idempotency_key" in told()


def test_so_does_one_that_another_thread_sends_by_a_connection_of_its_own(forgetful: None) -> None:
    def work() -> None:
        try:
            keys_purge()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()
    assert "form_idempotency_key" in told()


def test_what_a_test_asks_itself_is_not_judged() -> None:
    assert IdempotencyKey.objects.count() == fetch("SELECT count(*) FROM form_idempotency_key", [])[0][0]
    guard.tell()


@pytest.mark.parametrize(
    ("sql", "wrong"),
    [
        ("SELECT 1 FROM ticket t JOIN ticket_step s ON s.custom_form_id = t.custom_form_id", ["ticket", "ticket_step"]),
        ("SELECT 1 FROM ticket t JOIN forms_app_flow f ON t.custom_form_id = f.custom_form_id", ["ticket"]),
        ("DELETE FROM form_file_use", ["form_file_use"]),
        ("UPDATE form_export SET rows = 1 WHERE token = %s", ["form_export"]),
        ("SELECT 1 FROM form_export WHERE custom_form_id = ANY(%s::bigint[])", []),
        ('SELECT 1 FROM "form_export" WHERE ("form_export"."custom_form_id", "token") IN ((%s, %s))', []),
        ("CREATE STATISTICS a ON b FROM form_entity_p03", []),
    ],
)
def test_a_form_is_said_not_only_compared(sql: str, wrong: list[str]) -> None:
    assert unscoped(sql) == wrong
