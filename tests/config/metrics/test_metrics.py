"""`/metrics`: who may read it, what it says, and what it never says."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from apaas.counting import COUNTED
from config.metrics.process import AT_HAND
from config.metrics.stored import QUESTIONS
from forms_app.models import CustomApp, FieldIndex, Member, WebhookStuck
from tests.apaas.conftest import Api
from tests.docs.pages import ROOT, TICKED, rows, section, text_of
from tests.factories import make_form, make_token, make_webhook

pytestmark = pytest.mark.django_db
SECRET = "a-token-that-nobody-guesses"
BESIDE = {"apaas_database_up", "apaas_disk_free_bytes"}
NAMES = {metric._name for metric in (*COUNTED, *AT_HAND)} | {question.name for question in QUESTIONS} | BESIDE


def text(**headers: Any) -> str:
    response = Client().get("/metrics", **{"HTTP_AUTHORIZATION": f"Bearer {SECRET}", **headers})
    assert response.status_code == 200, response
    assert response.headers["Cache-Control"] == "no-store"
    return response.content.decode()


def samples(shown: str | None = None) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    families = text_string_to_metric_families(text() if shown is None else shown)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


@pytest.fixture(autouse=True)
def _readable(settings: Settings) -> None:
    settings.METRICS_TOKEN = SECRET


# --- Who may read it -------------------------------------------------------------------------------------------


def test_nobody_reads_it_unless_a_setting_lets_them(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    for headers in ({}, {"HTTP_AUTHORIZATION": "Bearer "}, {"HTTP_AUTHORIZATION": "Bearer x"}):
        assert Client().get("/metrics", **headers).status_code == 404
    assert settings.METRICS_NETWORKS == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (f"Bearer {SECRET}", 200),
        (f"bearer  {SECRET} ", 200),
        (f"Bearer {SECRET}x", 404),
        (f"Token {SECRET}", 404),
        (SECRET, 404),
        ("Bearer é", 404),
        ("", 404),
    ],
)
def test_who_brings_the_token_reads_it(sent: str, status: int) -> None:
    assert Client().get("/metrics", HTTP_AUTHORIZATION=sent).status_code == status


@pytest.mark.parametrize(
    ("address", "handed_over", "proxies", "status"),
    [
        ("10.1.2.3", None, [], 200),
        ("11.1.2.3", None, [], 404),
        ("", None, [], 404),
        # From where it comes is the proxy's to say, and only one that is known is believed.
        ("10.1.2.3", "192.0.2.1", [], 404),
        ("10.1.2.3", "10.1.2.4", [], 404),
        ("10.1.2.3", "192.0.2.1", ["10.1.2.3"], 404),
        ("10.1.2.3", "10.1.2.4", ["10.1.2.3"], 200),
    ],
)
def test_a_network_reads_it_and_not_who_comes_through_its_proxy(
    settings: Settings, address: str, handed_over: str | None, proxies: list[str], status: int
) -> None:
    settings.METRICS_NETWORKS, settings.TRUSTED_PROXIES = ["10.0.0.0/8"], proxies
    headers = {} if handed_over is None else {"HTTP_X_FORWARDED_FOR": handed_over}
    assert Client().get("/metrics", REMOTE_ADDR=address, **headers).status_code == status


@pytest.mark.parametrize("header", ["HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA"])
def test_a_proxy_that_speaks_otherwise_is_known_for_one(settings: Settings, header: str) -> None:
    settings.METRICS_NETWORKS = ["127.0.0.0/8"]
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", **{header: "x"}).status_code == 404


def test_it_is_only_read() -> None:
    assert Client().post("/metrics", HTTP_AUTHORIZATION=f"Bearer {SECRET}").status_code == 405


# --- What it says ----------------------------------------------------------------------------------------------


def test_calls_and_refusals_are_counted_by_what_they_are(custom_app: CustomApp, alice: Member) -> None:
    form = make_form(custom_app, {"title": "text_field"})
    api, before = Api(make_token(alice)[1]), samples()
    api.ok("POST", "form_entities", {"custom_form_id": form.pk, "form_entity": {"title": "泵"}})
    api.call("POST", "form_entities", {"custom_form_id": form.pk, "form_entity": {"title": 1}})
    Api("apaas_none").call("GET", "form_entities")
    api.call("POST", "/rest/flowmanage/api/omdata/edit/none", {"action": "create"})
    api.call("GET", "nothing/of/the/kind")
    Client().get("/admin/login/")
    after = samples()
    more = {key: value - before.get(key, 0) for key, value in after.items() if value != before.get(key, 0)}
    counts = {key[1:]: value for key, value in more.items() if key[0] == "apaas_call_seconds_count"}
    assert counts == {
        ("form_entities-create", "200"): 1,
        ("form_entities-create", "400"): 1,
        ("form_entities-list", "401"): 1,
        ("ticket-edit", "401"): 1,
        ("missing", "404"): 1,
        ("page", "200"): 1,
    }
    refused = {key[1:]: value for key, value in more.items() if key[0] == "apaas_refusals_total"}
    assert refused[("100400", "wrong_type")] == 1
    assert sum(refused.values()) == 4


def test_it_names_nothing_of_an_organization(custom_app: CustomApp, alice: Member) -> None:
    form = make_form(custom_app, {"geheim": "text_field"}, name="Gehälter")
    FieldIndex.objects.create(custom_form_id=form.pk, field_id=1, kind="order", state=FieldIndex.State.FAILED)
    make_webhook(form, alice, url="https://inside.example/hook")
    api = Api(make_token(alice)[1])
    api.call("GET", f"form_entities?custom_form_id={form.pk}&geheim=1")
    api.call("POST", "/rest/flowmanage/api/omdata/edit/geheim", {"action": "geheim"})
    api.call("PUT", "geheim/geheim")
    api.call("GEHEIM", "form_entities")
    shown = text()
    for name in ("geheim", "Gehälter", "好公司", "inside.example", custom_app.name):
        assert name.lower() not in shown.lower()
    labels = {value for family in text_string_to_metric_families(shown) for each in family.samples
              for value in each.labels.values()}  # fmt: skip
    assert all(re.fullmatch(r"[a-z0-9_. +Inf-]*", label) for label in labels), labels


def test_the_database_is_asked_for_what_waits(custom_app: CustomApp, alice: Member) -> None:
    form = make_form(custom_app, {"title": "text_field"})
    hook = make_webhook(form, alice, enabled=True)
    WebhookStuck.objects.create(
        webhook=hook, custom_form_id=form.pk, stream="record", subject_id=1, entry_id=1, attempts=1,
        since=timezone.now() - timedelta(seconds=90), next_at=timezone.now(),
    )  # fmt: skip
    FieldIndex.objects.create(custom_form_id=form.pk, field_id=1, kind="order", state=FieldIndex.State.BUILDING)
    with connection.cursor() as cursor:
        for status in ("todo", "failed", "succeeded"):
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('tickets', 'planted', %s) "
                "RETURNING id", [status],
            )  # fmt: skip
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '40 seconds'")
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()), (now() - interval '1 hour')")
    found = samples()
    assert found[("apaas_jobs", "tickets", "todo")] == found[("apaas_jobs", "tickets", "failed")] == 1
    assert ("apaas_jobs", "tickets", "succeeded") not in found
    assert 40 <= found[("apaas_jobs_waiting_seconds",)] < 60
    assert found[("apaas_workers",)] == 1
    assert found[("apaas_field_indexes", "building")] == 1
    assert {k[1]: v for k, v in found.items() if k[0] == "apaas_webhooks"} == {"well": 1}
    assert 80 <= found[("apaas_webhook_lag_seconds",)] < 110
    assert found[("apaas_kept_bytes", "records")] > 0 and found[("apaas_kept_bytes", "change log")] > 0
    for what in ("trash", "calls", "sign-ins", "audit", "keys", "sessions", "deliveries"):
        assert found[("apaas_kept_bytes", what)] > 0
    assert sum(value for key, value in found.items() if key[0] == "apaas_database_connections") >= 1
    assert found[("apaas_database_connections_max",)] >= 10 and found[("apaas_database_up",)] == 1


def test_a_database_that_is_away_is_told_and_what_the_process_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise OperationalError

    monkeypatch.setattr("config.metrics.stored.fetch", refuse)
    monkeypatch.setattr(connection, "close", lambda: None)
    found = samples()
    assert found[("apaas_database_up",)] == 0
    assert ("apaas_workers",) not in found
    assert ("apaas_statements_total",) in found


def test_a_disk_that_cannot_be_read_is_left_out(settings: Settings) -> None:
    assert ("apaas_disk_free_bytes",) in samples()
    settings.DATA_DIR = settings.DATA_DIR / "nowhere"
    assert ("apaas_disk_free_bytes",) not in samples()


# --- Who reads of it -------------------------------------------------------------------------------------------


def test_every_metric_is_explained_and_no_other() -> None:
    told = section(text_of("docs/operations.md"), "### Metrics")
    explained = [name for row in rows(told) for name in TICKED.findall(row[0]) if name.startswith("apaas_")]
    assert sorted(explained) == sorted(NAMES)


def test_the_dashboard_names_what_there_is_and_shows_all_of_it() -> None:
    dashboard = json.loads((ROOT / "deploy" / "grafana.json").read_text())
    asked = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", []))
    named = set(re.findall(r"apaas_\w+", asked))
    families = list(text_string_to_metric_families(text()))
    suffixes = ("", "_total", "_count", "_sum", "_bucket")
    exist = {f"{name}{suffix}" for name in NAMES for suffix in suffixes}
    assert {family.name for family in families} == NAMES
    assert named <= exist, named - exist
    shown = {name.removesuffix(suffix) for name in named for suffix in suffixes}
    assert shown >= NAMES, NAMES - shown
