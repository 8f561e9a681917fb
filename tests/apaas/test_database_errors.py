"""What PostgreSQL itself raises, by its SQLSTATE: the status that docs/contract.md gives it, on both APIs."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from apaas import errors
from apaas.tickets import views
from apaas.viewsets import form_entities
from forms_app.exact_json import dumps
from forms_app.models import CustomForm, FormEntity, Member
from tests.apaas.conftest import Api, address
from tests.apaas.test_error_shape import canonical
from tests.apaas.tickets.conftest import EDIT, Desk, reason
from tests.factories import make_token
from tests.seeds import ticket_document as document

STATES: list[tuple[str, int, list[str]]] = [
    ("40001", 409, ["busy"]),  # serialization_failure
    ("40P01", 409, ["busy"]),  # deadlock_detected
    ("55P03", 409, ["busy"]),  # lock_not_available
    ("57014", 400, ["too_expensive"]),  # query_canceled
    ("53100", 507, []),  # disk_full
    ("53300", 503, []),  # too_many_connections
    ("08000", 503, []),
    ("08001", 503, []),
    ("08003", 503, []),
    ("08006", 503, []),
    ("08P01", 503, []),
    ("57P01", 503, []),  # admin_shutdown
    ("57P02", 503, []),  # crash_shutdown
    ("57P03", 503, []),  # cannot_connect_now
    ("53000", 500, []),  # the rest of the class is no absence
    ("53200", 500, []),  # out_of_memory
    ("53400", 500, []),  # configuration_limit_exceeded
    ("40002", 500, []),  # of class 40, and nobody else's write
    ("55000", 500, []),
    ("54001", 500, []),  # statement_too_complex
    ("25006", 503, []),  # read_only_sql_transaction: a primary that is one no more
    ("58030", 500, []),  # io_error
    ("22012", 500, []),
    ("42P01", 500, []),
    ("XX000", 500, []),
]


def raising_in_postgresql(state: str, said: str = "as PostgreSQL says it") -> Any:
    """A function that has the database raise the state, as Django and psycopg then tell it."""

    def raises(*args: Any, **kwargs: Any) -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION '{said}' USING ERRCODE = '{state}'; END $$")

    return raises


@pytest.fixture(autouse=True)
def _connection_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors.connection, "close", lambda: None)  # the test's own transaction lives in it


@pytest.mark.parametrize(("state", "status", "codes"), STATES)
def test_a_state_has_its_status(
    api: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch, state: str, status: int, codes: list[str]
) -> None:
    monkeypatch.setattr(form_entities, "entity_create", raising_in_postgresql(state))
    response = api.call("POST", address(form), {"form_entity": {}})
    assert [fault["code"] for fault in canonical(response, status)["errors"]] == codes
    assert response.has_header("Retry-After") is (status == 503)


def raising_in_psycopg(*args: Any, **kwargs: Any) -> Any:
    """As PgBouncer's last word makes the driver say it when the server process dies in a COMMIT."""
    with connection.wrap_database_errors:
        raise psycopg.InternalError("received 2 results from command 'COMMIT'")


def test_a_node_that_is_lost_within_a_transaction_is_an_absence(
    api: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of Citus, which gives XX000 and its words."""
    said = "failure on connection marked as essential: 10.0.0.3:5432"
    monkeypatch.setattr(form_entities, "entity_create", raising_in_postgresql("XX000", said))
    response = api.call("POST", address(form), {"form_entity": {}})
    canonical(response, 503)
    assert response["Retry-After"]


def test_what_a_pooler_says_when_it_loses_its_server_is_an_absence(
    api: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_entities, "entity_create", raising_in_psycopg)
    response = api.call("POST", address(form), {"form_entity": {}})
    assert canonical(response, 503)["errors"] == [] and response.has_header("Retry-After")


def test_a_statement_that_takes_too_long_says_so_by_itself(
    api: Api, form: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No forged state: PostgreSQL cancels a statement that takes too long."""

    def slowly(*args: Any, **kwargs: Any) -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20")
            cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(form_entities, "entity_create", slowly)
    answer = canonical(api.call("POST", address(form), {"form_entity": {}}), 400)
    assert [fault["code"] for fault in answer["errors"]] == ["too_expensive"]
    assert not FormEntity.objects.filter(custom_form=form).exists()


@pytest.mark.parametrize(("state", "status", "codes"), STATES)
def test_the_ticket_api_tells_the_same_in_its_own_way(
    alice: Member, monkeypatch: pytest.MonkeyPatch, state: str, status: int, codes: list[str]
) -> None:
    """200 with the reason in the body, and 503 where the database is away alone."""
    monkeypatch.setattr(views, "callable_flow", raising_in_postgresql(state))
    desk = Desk(make_token(alice)[1], "tickets")
    body = dumps({"security": desk.security, "action": "create"})
    response = desk.send(EDIT + "tickets", body, status=503 if status == 503 else 200)
    assert reason(response.content, document.CREATE_FAILED)
    assert response.get("X-Fault-Codes", "") == ", ".join(codes)
    assert response.has_header("Retry-After") is (status == 503)
