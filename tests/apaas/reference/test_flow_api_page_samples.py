"""Every sample of every flow of the demo, pasted as it stands, with the tickets that it needs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from forms_app.demo import make_demo
from forms_app.design.forms import form_create
from forms_app.models import Flow, Member, Ticket
from tests.apaas.live import Live, serving
from tests.apaas.reference.test_api_page_samples import RUN, SAMPLE, environment
from tests.factories import UserFactory, add_field
from tests.flows import make_flow
from tests.seeds.copies import SECRETS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
VARIANT = re.compile(r'data-variant="([^"]*)"')
PASSWORD = "密碼 $HOME:'horse'"
STAGE = '復核 "it\'s" $(touch x) `id` \\'
"""A name that quotes what it can."""


@pytest.fixture
def facts() -> dict[str, Any]:
    found = make_demo(SECRETS)
    awkward_flow()
    return found


@pytest.fixture
def live(facts: dict[str, Any]) -> Iterator[Live]:
    with serving() as running:
        yield running


def awkward_flow() -> None:
    """What the demo's flows have none of: variables, rules that need fitting, unique and file fields that are
    required, everything shown, names with quotes."""
    member = Member.objects.get(organization_id=1, uid=1)
    form = form_create(custom_app=Flow.objects.all()[0].custom_form.custom_app, name="awkward", by=member)
    add_field(form, "code", ("text_field", {"unique": True, "required": True, "max_length": 20}))
    add_field(form, "amount", ("float_field", {"required": True}))
    add_field(form, "paper", ("file_field", {"required": True}))
    add_field(form, "people", "user_field")
    add_field(form, "level", ("integer_field", {}))
    add_field(form, "twice", ("formula_field", {"formula": "{amount} * 2"}))
    start = {
        "variables": [
            {"name": "limit", "kind": "number", "required": True},
            {"name": "day", "kind": "date"},
            {"name": "double", "kind": "number", "formula": "{amount} * 2"},
        ],
        "validation": {"formula": "AND({twice} > 5000, {$limit} = 42)", "message": 'too "little"'},
    }
    stage = {
        "fields": [{"name": "level", "access": "write", "required": True}, {"name": "amount", "access": "read"}],
        "validation": {"formula": "{level} = 7", "message": "it's seven"},
        "actions": [{"name": 'so "be" it\'s', "values": [{"target": "level", "value": 7}]}],
    }
    components = [
        {"id": "start", "type": "start", "name": "start", **start},
        {"id": "stage", "type": "human_input", "name": STAGE, **stage},
        {"id": "end", "type": "end", "name": "end"},
    ]
    lines = [{"source": "start", "target": "stage"}, {"source": "stage", "target": "end"}]
    make_flow(form, {"components": components, "lines": lines}, name="awkward", api_path="awkward", attachments=True)


def samples(live: Live, flow: Flow, language: str) -> dict[str, dict[str, str]]:
    """The samples that the flow's page shows now: tab → variant → text."""
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(UserFactory(is_superuser=True))
    response = client.get(reverse("flow-api", args=[flow.pk]), HTTP_HOST=f"127.0.0.1:{live.port}")
    text = response.content.decode()
    assert response.status_code == 200, text[:500]
    assert not [secret for secret in SECRETS.values() if secret in text and secret != "admin"]
    found: dict[str, dict[str, str]] = {}
    for part in text.split('data-call="')[1:]:
        pieces = VARIANT.split(part)
        shown = dict(zip(map(unescape, pieces[1::2]), pieces[2::2], strict=True))
        found[part.partition('"')[0]] = {
            name: unescape(dict(SAMPLE.findall(piece))[language]) for name, piece in shown.items()
        }
    return found


def send(live: Live, flow: Flow, body: Mapping[str, Any], path: str = "omdata/edit") -> Any:
    url = f"http://127.0.0.1:{live.port}/rest/flowmanage/api/{path}/{flow.api_path}"
    answer = requests.post(url, json={"security": SECRETS["token"], **body}, timeout=30).json()
    assert answer["status"] == "200", answer
    return answer["result"]


def stages_of(live: Live, flow: Flow, number: int) -> dict[str, str]:
    rows = send(live, flow, {"data_no": number}, "omdata-data-id/get")
    return {row["stop_chart_text"]: row["data_id"] for row in rows}


def bring(live: Live, flow: Flow, known: Mapping[str, Any], stage: str) -> None:
    """Have a new ticket wait at the stage."""
    unique = {"id": "code", "value": uuid4().hex[:20]}
    formdata = [unique if item["id"] == "code" else item for item in known["create_formdata"]]
    send(live, flow, {"action": "create", "formdata": formdata, **known.get("more", {})})
    number = Ticket.objects.filter(flow=flow).latest("data_no").data_no
    for _step in range(20):
        waiting = stages_of(live, flow, number)
        if stage in waiting:
            return
        name, data_id = next(iter(waiting.items()))
        send(live, flow, {"action": "update", "data_id": data_id, "formdata": known["push_formdata"][name]})
    raise AssertionError(f"no ticket comes to {stage}")


def known_flows(facts: Mapping[str, Any]) -> list[tuple[Flow, Mapping[str, Any]]]:
    paper = [{"name": "a", "file_url": "https://example.com/a"}]
    values = {"code": "1", "amount": 5000, "paper": paper}
    awkward = {
        "api_path": "awkward",
        "validating": True,
        "create_formdata": [{"id": name, "value": value} for name, value in values.items()],
        "more": {"start_input": {"limit": 42}},
        "push_formdata": {STAGE: [{"id": "level", "value": 7}]},
    }
    return [(Flow.objects.get(api_path=known["api_path"]), known) for known in [*facts["flows"], awkward]]


@pytest.mark.parametrize("language", RUN)
def test_every_sample_of_every_flow_works_when_pasted(
    language: str, facts: dict[str, Any], live: Live, tmp_path: Path
) -> None:
    for name in ("contract.pdf", "photo.jpg"):
        (tmp_path / name).write_bytes(b"%PDF-1.4 a file")

    def run(sample: str, **variables: str) -> Any:
        (found,) = RUN[language]({"sample": sample}, tmp_path, SECRETS["token"], **variables).values()
        return found

    done = 0
    for flow, known in known_flows(facts):
        shown = samples(live, flow, language)
        assert set(shown) == {"security", "open", "query", "push"}
        for sample in shown["open"].values():
            before = Ticket.objects.filter(flow=flow).count()
            status, answer = run(sample)
            number = "" if known["validating"] else str(before + 1)
            assert (status, answer) == (200, {"status": "200", "message": "開單成功。", "result": number}), sample
            assert Ticket.objects.filter(flow=flow).count() == before + 1
            done += 1
        status, answer = run(samples(live, flow, language)["query"]["query"])
        assert (status, answer["status"]) == (200, "200")
        assert answer["result"], answer
        for variant, sample in shown["push"].items():
            component = next(
                one for one in flow.published.definition["components"] if one["id"] == variant.partition(".")[0]
            )
            bring(live, flow, known, component["name"])
            fresh = samples(live, flow, language)["push"][variant]
            status, answer = run(fresh)
            assert (status, answer) == (200, {"status": "200", "message": "推單成功。", "result": ""}), fresh
            # Pasted without looking at the page again: the stage is told by the environment.
            bring(live, flow, known, component["name"])
            number = Ticket.objects.filter(flow=flow).latest("data_no").data_no
            status, answer = run(sample, DATA_ID=stages_of(live, flow, number)[component["name"]])
            assert (status, answer["status"]) == (200, "200"), (sample, answer)
            done += 2
    assert done >= 2 * (6 + 5 + 2) + 5
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in ("", ".pdf", ".jpg")) == [
        ".curlrc",
        "contract.pdf",
        "photo.jpg",
    ]


@pytest.mark.parametrize("language", RUN)
def test_the_security_code_that_a_sample_gives_opens_the_calls(
    language: str, facts: dict[str, Any], live: Live, tmp_path: Path, settings: Settings
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # the server's
    account = get_user_model()._default_manager.get(username=SECRETS["admin_username"])
    account.set_password(PASSWORD)
    account.save()
    flow = Flow.objects.get(api_path="service-desk")
    shown = samples(live, flow, language)["security"]
    ((status, answer),) = RUN[language]({"get": shown["get"]}, tmp_path, "", APAAS_PASSWORD=PASSWORD).values()
    assert (status, answer["status"]) == (200, 200), answer
    sending = samples(live, flow, language)["open"]["plain"]
    ((status, opened),) = RUN[language]({"open": sending}, tmp_path, answer["result"]["security"]).values()
    assert (status, opened["status"]) == (200, "200")
    kept = printed(language, shown["keep"], tmp_path)
    assert re.fullmatch(r"[0-9a-f-]{36}", kept)
    ((_status, opened),) = RUN[language]({"open": sending}, tmp_path, kept).values()
    assert opened["status"] == "200"


def printed(language: str, sample: str, folder: Path) -> str:
    """What a sample prints that answers no status."""
    command = ["bash", "-c", sample] if language == "curl" else [sys.executable, "-c", sample]
    variables = environment(folder, "", APAAS_PASSWORD=PASSWORD)
    (folder / ".curlrc").write_text("max-time = 30\n")
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (sample, done.stderr)
    return done.stdout.strip()
