"""Every sample of every form of the demo, pasted as it stands: into a shell, and into a file that Python runs."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from apaas.reference.pages.form_tabs import NAMES
from forms_app.demo import make_demo
from forms_app.models import CustomForm, Member, Organization
from tests.apaas.live import Live, serving
from tests.factories import CustomAppFactory, UserFactory, add_field, make_entity, make_form
from tests.seeds.copies import SECRETS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SAMPLE = re.compile(r'<pre tabindex="0" data-sample="(curl|python)">(.*?)</pre>', re.DOTALL)
RUN_ALL = "import runpy, sys\nfor path in sys.argv[1:]:\n    print('---', flush=True)\n    runpy.run_path(path)"


@pytest.fixture
def live() -> Iterator[Live]:
    make_demo(SECRETS)
    awkward_form()
    with serving() as running:
        yield running


def awkward_form() -> None:
    """What the demo's forms have none of: required and unique fields, limits, names with quotes."""
    organization = Organization.objects.order_by("pk").first()
    assert organization is not None
    form = make_form(CustomAppFactory(organization=organization), {"title": ("text_field", {"unique": True})})
    add_field(form, "mail", ("email_field", {"unique": True, "required": True}))
    add_field(form, "count", ("integer_field", {"unique": True, "required": True}))
    add_field(form, "short", ("text_field", {"max_length": 3, "required": True, "default": "it's"[:3]}))
    add_field(form, "exact", ("float_field", {"min": 123456789012345678, "required": True}))
    make_entity(form, Member.objects.get(organization=organization, uid=1), mail="a@example.com", count=1, exact=2**60)


def samples(client: Client, live: Live, form: CustomForm, language: str) -> dict[str, str]:
    """The samples that the form's page shows now, by call."""
    response = client.get(reverse("form-api", args=[form.pk]), HTTP_HOST=f"127.0.0.1:{live.port}")
    text = response.content.decode()
    assert response.status_code == 200, text[:500]
    assert not [secret for secret in SECRETS.values() if secret in text and secret != "admin"]
    found = {}
    for part in text.split('data-call="')[1:]:
        shown = dict(SAMPLE.findall(part))
        if language in shown:
            found[part.partition('"')[0]] = unescape(shown[language])
    return found


def environment(folder: Path, token: str, **more: str) -> dict[str, str]:
    """With the secrets set, which win over the sample's own lines; curl tells the status on its stderr."""
    (folder / ".curlrc").write_text('silent\nwrite-out = "%{stderr}%{http_code}\\n"\nmax-time = 30\n')
    own = {"APAAS_TOKEN": token, "SECURITY": token}
    account = {"APAAS_USER": SECRETS["admin_username"], "APAAS_PASSWORD": SECRETS["admin_password"]}
    return {**os.environ, **own, **account, "CURL_HOME": str(folder), "NO_PROXY": "*", **more}


def through_curl(found: dict[str, str], folder: Path, token: str, **more: str) -> dict[str, tuple[int, Any]]:
    """(status, body) that each sample is answered in bash."""
    answered = {}
    for name, sample in found.items():
        done = subprocess.run(
            ["bash", "-c", sample],
            cwd=folder,
            env=environment(folder, token, **more),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, (sample, done.stderr)
        answered[name] = (int(done.stderr.split()[-1]), json.loads(done.stdout))
    return answered


def through_python(found: dict[str, str], folder: Path, token: str, **more: str) -> dict[str, tuple[int, Any]]:
    """The same of the programs; one interpreter runs them, each as a file of its own."""
    paths = []
    for name, sample in found.items():
        paths.append(folder / f"{name}.py")
        paths[-1].write_text(sample)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN_ALL, *map(str, paths)],
        cwd=folder,
        env=environment(folder, token, **more),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, (found, done.stdout[-500:], done.stderr)
    outputs = [output.strip().split("\n", 1) for output in done.stdout.split("---\n")[1:]]
    return {name: (int(status), ast.literal_eval(body)) for name, (status, body) in zip(found, outputs, strict=True)}


RUN = {"curl": through_curl, "python": through_python}


def test_every_sample_of_every_form_works_when_pasted(live: Live, tmp_path: Path) -> None:
    strangers = Client()
    strangers.force_login(UserFactory(is_superuser=True))
    members = Client()
    members.force_login(get_user_model()._default_manager.get(username=SECRETS["admin_username"]))
    forms = list(CustomForm.objects.order_by("pk"))
    first = forms[0].organization_id
    evaluated = 0
    for form in forms:
        token = SECRETS["token" if form.organization_id == first else "other_token"]
        # The one account is a member's of the first organization, for whom no other one's forms exist; the other is an
        # operator's.
        clients = [(members, "curl")] if form.organization_id == first else []
        for client, language in (*clients, (strangers, "python")):
            answered: dict[str, tuple[int, Any]] = {}
            left = samples(client, live, form, "curl")
            if "detail" not in left:  # it had no record: its own hint helps
                answered |= RUN[language]({"create": samples(client, live, form, language)["create"]}, tmp_path, token)
            found = samples(client, live, form, language)
            answered |= RUN[language](found, tmp_path, token)
            evaluated += "evaluate" in answered
            assert set(answered) >= set(NAMES) - {"evaluate"}, form.name
            for name, (status, body) in answered.items():
                assert (status, body["code"]) == (200, 0), (form.name, language, found[name], body)
            listed = answered["list"][1]["data"]["models"]
            assert listed and listed[0]["custom_form_id"] == form.pk
    assert evaluated >= 3


def test_a_sample_without_a_token_is_answered_as_such(live: Live, tmp_path: Path) -> None:
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    form = CustomForm.objects.order_by("pk").first()
    assert form is not None
    found = samples(client, live, form, "curl")
    done = subprocess.run(
        ["bash", "-c", "unset APAAS_TOKEN\n" + found["list"]],
        env=environment(tmp_path, ""),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stderr.split()[-1], json.loads(done.stdout)["code"]) == ("401", 100401)
