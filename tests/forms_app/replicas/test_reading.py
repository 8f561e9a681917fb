"""Reading at a replica: what goes there, what goes to the primary nevertheless, and what is done again there."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection, connections, transaction
from psycopg.errors import QueryCanceled, SerializationFailure

from forms_app.caching import tags
from forms_app.database.cursor import fetch
from forms_app.database.own_connection import OwnConnection
from forms_app.database.replicas import by_primary, in_use, on_replica
from forms_app.exporting.export import Export
from forms_app.indexes import uses
from forms_app.models import CustomApp, CustomForm, FieldUse, Member, RememberedAnswer
from forms_app.records.query import EntityQuery, Filter, Search, Terms, totals
from forms_app.records.query.pages import sizes
from forms_app.replicas.reading import read
from forms_app.schema.form_schema import FormSchema
from tests.factories import actor_of, make_entity, make_form

pytestmark = [
    pytest.mark.usefixtures("alias"),
    pytest.mark.django_db(transaction=True, databases=["default", "replica_1"]),
]
READ_ONLY = "SELECT current_setting('default_transaction_read_only')"


def is_read_only() -> bool:
    return bool(fetch(READ_ONLY, [])[0][0] == "on")


@pytest.fixture
def form(standby: str, custom_app: CustomApp, alice: Member, monkeypatch: pytest.MonkeyPatch) -> CustomForm:
    monkeypatch.setattr(totals, "WORTH_COUNT", 0)
    form = make_form(custom_app, {"text": "text_field", "amount": "integer_field"})
    for number in range(6):
        make_entity(form, alice, text=f"pump {number}", amount=number)
    return form


def selected(form: CustomForm, member: Member, least: int) -> EntityQuery:
    schema = FormSchema.of(form.pk, actor_of(member))
    column = schema.columns["amount"]
    return EntityQuery(schema, actor_of(member), Terms((Filter(column, "gte", column.operand("gte", least)),)))


def test_statements_go_to_the_replica_and_back_afterwards(standby: str) -> None:
    def looked() -> tuple[bool, bool, bool, int]:
        with by_primary():
            primary = is_read_only() or on_replica()
        return is_read_only(), on_replica(), primary, len(in_use(standby))

    assert read(looked, caller=1) == (True, True, False, 1)
    assert (is_read_only(), on_replica(), in_use(standby)) == (False, False, [])


def test_in_a_transaction_nothing_goes_there(standby: str) -> None:
    with transaction.atomic():
        assert read(is_read_only, caller=1) is False


def test_a_position_that_is_none_is_read_at_the_primary(standby: str) -> None:
    assert read(is_read_only, caller=1, after=None) is False


@pytest.mark.parametrize("wrong", ["writes", "conflict"])
def test_what_fails_there_is_done_again_at_the_primary(standby: str, wrong: str) -> None:
    asked: list[bool] = []

    def attempt() -> str:
        asked.append(on_replica())
        if wrong == "writes":
            RememberedAnswer.objects.create(custom_form_id=1, key="0" * 32, changes=0, answer=1)
        elif on_replica():
            raise OperationalError("conflict with recovery") from SerializationFailure()
        return "done"

    assert read(attempt, caller=1) == "done"
    assert asked == [True, False]
    assert RememberedAnswer.objects.filter(custom_form_id=1).count() == (wrong == "writes")


def test_what_takes_too_long_there_is_not_asked_twice(standby: str) -> None:
    asked: list[bool] = []

    def attempt() -> None:
        asked.append(on_replica())
        raise OperationalError("statement timeout") from QueryCanceled()

    with pytest.raises(OperationalError):
        read(attempt, caller=1)
    assert asked == [True]


def test_a_replica_that_is_gone_is_left_for_the_primary(standby: str) -> None:
    read(is_read_only, caller=1)
    by_itself = connections[standby]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [by_itself.connection.info.backend_pid])
    assert read(is_read_only, caller=1) is False
    assert read(is_read_only, caller=1) is True  # by a new connection


def test_the_tags_stay_those_that_the_replica_has(standby: str) -> None:
    def changed() -> bool:
        before = tags.current()
        with by_primary():
            fetch("UPDATE forms_app_cacheversion SET definitions = definitions + 1 RETURNING 1", [])
        return tags.current() == before

    tags.bump("definitions")
    before = tags.current()
    assert read(changed, caller=1)
    assert tags.current() != before


def test_totals_are_remembered_at_the_primary_and_recalled_for_the_replica(form: CustomForm, alice: Member) -> None:
    def count() -> int:
        return read(lambda: selected(form, alice, 2).count(), caller=1)

    assert count() == 4
    assert RememberedAnswer.objects.filter(custom_form_id=form.pk).update(answer=77) == 1
    assert (count(), selected(form, alice, 2).count()) == (77, 77)
    make_entity(form, alice, amount=9)
    assert (count(), selected(form, alice, 2).count()) == (5, 5)


def test_pages_are_remembered_and_recalled_likewise(
    form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> tuple[list[int], int]:
        rows, total = read(lambda: selected(form, alice, 2).page_and_count(2), caller=1)
        return [row.id for row in rows], total

    monkeypatch.setattr(totals, "WORTH_SECONDS", 0)
    first = page()
    assert first[1] == 4
    assert sizes.current()
    assert RememberedAnswer.objects.filter(custom_form_id=form.pk).count() == 2
    assert page() == first
    make_entity(form, alice, amount=9)
    assert page()[1] == 5


def test_a_use_of_an_index_is_written_down_at_the_primary(form: CustomForm, alice: Member) -> None:
    def search() -> None:
        schema = FormSchema.of(form.pk, actor_of(alice))
        uses.note(form.pk, Terms(search=Search(schema.columns["text"], "pump")))

    read(search, caller=1)
    assert FieldUse.objects.filter(custom_form_id=form.pk).exists()


def test_an_export_has_its_rows_from_the_replica_and_no_connection_left(form: CustomForm, alice: Member) -> None:
    made: list[OwnConnection] = []

    def pieces() -> bytes:
        exported = Export(selected(form, alice, 0), None, "jsonl").pieces()
        made.append(exported._connection)
        first = next(exported)
        with exported._connection.here():
            assert is_read_only()
            with by_primary():
                assert not is_read_only()
        rest = b"".join(exported)
        exported.close()
        return first + rest

    assert read(pieces, caller=1).count(b"pump") == 6
    (own,) = made
    for wrapper in (own._wrapper, own._primary):
        assert wrapper is not None and wrapper.connection is None
