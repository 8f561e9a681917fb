"""What a call of the APIs leaves behind: who asked what, and no value; and that nobody waits for it."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from structlog.testing import capture_logs

from apaas import journal
from apaas.journal import WHOSE
from apaas.middleware import refusal
from config.serving import callers
from config.serving.lines import Bound
from forms_app.journal.calls import Calls
from forms_app.models import AccessToken, ApiCall, CustomForm, Member
from forms_app.people.security_codes import security_code_issue
from tests.accounts import linked
from tests.apaas.conftest import Api, address
from tests.apaas.query_count import statements
from tests.apaas.tickets.conftest import Desk
from tests.factories import make_token
from tests.flows import definition, make_flow

pytestmark = pytest.mark.django_db
Write = Callable[[], None]


def told(**more: Any) -> list[tuple[Any, ...]]:
    rows = ApiCall.objects.filter(**more).order_by("id")
    return [(row.method, row.path, row.form_id, row.status, row.code) for row in rows]


def test_each_call_says_who_asked_what(noted: Write, api: Api, form: CustomForm, alice: Member) -> None:
    record = api.ok("POST", address(form), {"form_entity": {"title": "a secret title"}})["id"]
    api.ok("GET", address(form, str(record)), HTTP_X_REQUEST_ID="mine")
    api.ok("PUT", "form_entities/", {"custom_form_id": form.pk})
    noted()
    entities = "/apaas/api/v2/form_entities"
    assert sorted(told()) == [
        ("GET", f"{entities}/{record}", form.pk, 200, ""),
        ("POST", entities, form.pk, 200, ""),
        ("PUT", entities, form.pk, 200, ""),
    ]
    token = AccessToken.objects.get()
    assert {(row.organization_id, row.member_id, row.token_id) for row in ApiCall.objects.all()} == {
        (alice.organization_id, alice.pk, token.pk)
    }
    mine = ApiCall.objects.get(request_id="mine")
    assert (mine.body, mine.address, mine.weight) == ("", "127.0.0.1", 1)
    assert 0 < mine.milliseconds < 60_000


def test_writes_and_refusals_tell_what_was_sent_without_its_values(noted: Write, api: Api, form: CustomForm) -> None:
    api.ok("POST", address(form), {"form_entity": {"title": "a secret title", "amount": 12345.5}})
    api.refused("PUT", "form_entities", {"custom_form_id": form.pk, "query": "secret", "sort": [{"name": "nowhere"}]})
    noted()
    written, refused = ApiCall.objects.get(status=200), ApiCall.objects.get(status=400)
    sent = f"{{custom_form_id: text({len(str(form.pk))}), form_entity: {{title: text(14), amount: number}}}}"
    assert written.body == sent
    assert refused.code.startswith("100400 ")
    assert "query: text(6)" in refused.body
    assert "secret" not in str(list(ApiCall.objects.values()))


def test_a_form_that_is_no_number_is_none(noted: Write, api: Api) -> None:
    for given in (10**4000, 2**63, -1, 1.5, True, "9" * 30, "x", ["1"], {"a": 1}, "٣"):
        api.refused("PUT", "form_entities", {"custom_form_id": given})
    noted()
    assert list(ApiCall.objects.values_list("form_id", flat=True)) == [None] * 10


def test_refusals_are_told_by_their_code(noted: Write, api: Api, form: CustomForm, alice: Member) -> None:
    api.refused("GET", address(form, "77"), status=404)
    api.refused("GET", "nowhere/apaas_secret", status=404)
    api.refused("PATCH", address(form), status=405)
    api.call("GET", "custom_apps", HTTP_HOST="evil.example")
    Api(make_token(alice, verbs=["read"])[1]).refused("POST", address(form), {"form_entity": {}}, status=403)
    noted()
    found = [(path, form_id, status, code.partition(" ")[0]) for _method, path, form_id, status, code in told()]
    assert Counter(found) == Counter(
        [
            ("/apaas/api/v2/form_entities", form.pk, 403, "100403"),
            ("/apaas/api/v2/form_entities", None, 405, "100405"),
            ("/apaas/api/v2/form_entities/77", form.pk, 404, "100100"),
            ("/apaas/…", None, 400, "100400"),
            ("/apaas/…", None, 404, "100100"),
        ]
    )


def test_a_refused_token_is_told_where_it_is_known(noted: Write, alice: Member) -> None:
    row, token = make_token(alice, networks=["10.0.0.0/8"])
    Api(token).refused("GET", "custom_apps", status=401)
    Api("apaas_nobody_knows_this").refused("GET", "custom_apps", status=401)
    noted()
    found = ApiCall.objects.order_by("id").values_list("organization", "token", "status", "code")
    assert list(found) == [(alice.organization_id, row.pk, 401, "100401"), (None, None, 401, "100401")]
    assert "nobody_knows" not in str(list(ApiCall.objects.values()))


def test_a_session_has_a_member_and_no_token(noted: Write, client: Client, alice: Member) -> None:
    linked(client, alice)
    client.get("/apaas/api/v2/custom_apps", headers={"accept": "application/json"})
    client.get("/apaas/api/v2/custom_apps", headers={"accept": "text/html"})
    client.get("/apaas/docs")
    noted()
    assert list(ApiCall.objects.values_list("member", "token", "status")) == [(alice.pk, None, 200)] * 2


def test_the_ticket_api_says_what_a_refusal_means(
    noted: Write, alice: Member, form: CustomForm, client: Client
) -> None:
    flow = make_flow(form, definition("start > review > end"))
    linked(client, alice)
    code = security_code_issue(user=alice.user)
    number = Desk(code, flow.api_path).create()
    Desk(make_token(alice)[1], flow.api_path).query(number)
    Desk("wrong", flow.api_path).query(number)
    Desk(code, "no-such-flow").query(number)
    Desk(code).send("/rest/apaas_secret", b"{}")
    Client().get("/accounts/api/security/get", HTTP_AUTHORIZATION="Basic " + base64.b64encode(b"a:b").decode())
    noted()
    edit, query = "/rest/flowmanage/api/omdata/edit/…", "/rest/flowmanage/api/omdata-data-id/get/…"
    assert Counter((path, form_id, status) for _m, path, form_id, status, _c in told()) == Counter(
        [
            ("/accounts/api/security/get", None, 401),
            ("/rest/…", None, 404),
            (query, form.pk, 200),
            (query, None, 401),
            (query, None, 404),
            (edit, form.pk, 200),
        ]
    )
    assert set(ApiCall.objects.filter(status=200).values_list("member", flat=True)) == {alice.pk}
    assert ApiCall.objects.get(path=edit).body == "{security: text(36), action: text(6)}"
    assert code not in str(list(ApiCall.objects.values()))


def test_a_call_has_no_statement_more(noted: Write, api: Api, form: CustomForm, settings: Any) -> None:
    def calls() -> None:
        api.ok("GET", address(form))
        api.refused("GET", address(form, "77"), status=404)
        Api("apaas_nobody").refused("GET", "custom_apps", status=401)

    calls()
    with_notes = statements(calls)
    settings.CALL_LOG, settings.ACCESS_EVENT_DAYS = False, 0
    assert statements(calls) == with_notes
    noted()
    assert ApiCall.objects.count() == 6


def test_off_means_that_nothing_is_noted(noted: Write, api: Api, settings: Any) -> None:
    settings.CALL_LOG = False
    api.ok("GET", "custom_apps")
    noted()
    assert not ApiCall.objects.exists()


def test_what_can_not_be_noted_or_written_changes_no_answer(
    noted: Write, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise DatabaseError("away")

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(journal, "_call", broken)
        patch.setattr(journal.events, "note", broken)
        api.ok("GET", "custom_apps")
        Api("apaas_nobody").refused("GET", "custom_apps", status=401)
    assert {line["event"] for line in logs} == {"call not noted", "event not noted", "token refused"}
    api.ok("GET", "custom_apps")
    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(Calls, "write", broken)
        noted()
    assert [(line["event"], line["rows"]) for line in logs] == [("notes lost", 1)]
    noted()
    assert not ApiCall.objects.exists()


def test_what_the_server_turns_away_is_told_with_its_organization(noted: Write) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/apaas/api/v2/custom_apps", "wsgi.input": BytesIO()}
    environ |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "REMOTE_ADDR": "10.0.0.1"}
    bounds: Any = {12345: Bound(1, 1), ("organization", 7): Bound(1, 1)}
    environ[WHOSE] = callers.organization_of(bounds)
    assert callers.organization_of({12345: Bound(1, 1)}) is None
    assert json.loads(refusal(environ, 429, 1).content)["code"] == 100429
    noted()
    assert list(ApiCall.objects.values_list("organization", "status", "code", "address")) == [
        (7, 429, "100429", "10.0.0.1")
    ]
