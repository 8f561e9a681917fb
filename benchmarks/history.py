"""`python -m benchmarks.history [ROUNDS]`: what the change log costs, and a key too. One client sends the same calls to
two forms of 20 fields in turn: one keeps its history, the other does not. First in one process with the product, then
over HTTP to a server as production starts it. Writes the medians in milliseconds, of 16 clients of that server at once
their writes a second, and what both are of those without history, to standard output as JSON.

Makes and drops a database of its own where DATABASE_URL is unset: DATA_DIR is a new folder.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from itertools import count
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="history"))
    os.environ.setdefault("ALLOWED_HOSTS", "testserver")
    os.environ.setdefault("SECRET_KEY", "benchmark" * 6)  # the server's too
    django.setup()

from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client

from benchmarks import wrk
from benchmarks.web import PRODUCT, WebServer
from config.embedded.base import DatabaseWrapper
from forms_app.design.fields import field_add
from forms_app.design.forms import form_create
from forms_app.models import CustomApp, CustomForm, FormEntity, Member, Organization
from forms_app.people.tokens import token_create

FIELDS = {"text_field": "benchmark", "integer_field": 5, "float_field": 1.5, "date_field": "2026-11-30"}
RECORDS = 5_000
WARM = 30
"""Calls that come before the first that counts."""
Call = Callable[[], int]


def main(rounds: int) -> None:
    call_command("migrate", verbosity=0)
    sides = made()
    for side in sides.values():
        for _record in range(RECORDS // 1_000):
            rows = [values(number) for number in range(1_000)]
            side("POST", "/mass_create", {"form_entities": rows})
    found: dict[str, dict[str, dict[str, float]]] = {"in one process": times(sides, rounds)}
    with WebServer(PRODUCT, database_url(), Path(os.environ["DATA_DIR"])) as server:
        found["over HTTP"] = times({name: send.by(server.port) for name, send in sides.items()}, rounds)
        found["by 16 clients"] = {call: together(server.port, call, sides) for call in ("create", "update")}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def times(sides: dict[str, Send], rounds: int) -> dict[str, dict[str, float]]:
    calls = {name: {side: call(send) for side, send in sides.items()} for name, call in CALLS.items()}
    return {name: measured(of_sides, rounds) for name, of_sides in calls.items()}


def database_url() -> str:
    """What another process reaches the database by."""
    database = connections["default"]
    return database.cluster.url if isinstance(database, DatabaseWrapper) else os.environ["DATABASE_URL"]


@transaction.atomic
def made() -> dict[str, Send]:
    """Who sends to the form without history, to the one with it, and to that by keys."""
    organization = Organization.objects.create(name="history")
    member = Member.objects.create(organization=organization, uid=1, name="m")
    app = CustomApp.objects.create(organization=organization, name="app")
    token = token_create(member=member, name="t")[1]
    forms = {}
    for name in ("off", "on"):
        forms[name] = form = form_create(custom_app=app, name=name)
        group = form.field_groups.get()
        for place in range(5):
            for kind in FIELDS:
                called = f"{kind}_{place}"
                field_add(
                    form=form, group=group, field_type=kind, name=called, label=called, setting={}, position=place
                )
    CustomForm.objects.filter(pk=forms["off"].pk).update(history_since=None)
    keys = (secrets.token_hex(8) for _key in count())
    return {
        "off": Send(token, forms["off"].pk),
        "on": Send(token, forms["on"].pk),
        "on, with a key": Send(token, forms["on"].pk, keys),
    }


class Send:
    """Calls on one form, by its token: to the product in this process, or to a server on this port. A key goes with
    each that writes where there are `keys`."""

    def __init__(self, token: str, form_id: int, keys: Iterator[str] | None = None, port: int | None = None) -> None:
        self.token, self.form_id, self.keys = token, form_id, keys
        self._client = Client(HTTP_ACCESS_TOKEN=token)
        self._connection = HTTPConnection("127.0.0.1", port) if port else None

    def by(self, port: int) -> Send:
        return Send(self.token, self.form_id, self.keys, port)

    def __call__(self, method: str, path: str, body: object = None) -> int:
        headers = {"Idempotency-Key": next(self.keys)} if self.keys and body else {}
        content = "" if body is None else json.dumps(body)
        address = f"/apaas/api/v2/form_entities{path}?custom_form_id={self.form_id}"
        if self._connection is None:
            response = self._client.generic(method, address, content, content_type="application/json", headers=headers)
            status, answer = response.status_code, response.content
        else:
            sent = {"ACCESS-TOKEN": self.token, "Content-Type": "application/json", **headers}
            self._connection.request(method, address, content, sent)
            answered = self._connection.getresponse()
            status, answer = answered.status, answered.read()
        assert status == 200, answer
        return len(answer)


def values(number: int) -> dict[str, object]:
    """All twenty fields."""
    every = {f"{kind}_{place}": value for kind, value in FIELDS.items() for place in range(5)}
    return {**every, "integer_field_0": number}


def newest(send: Send) -> int:
    rows = FormEntity.objects.of_form(send.form_id).order_by("-id")
    found = rows.values_list("id", flat=True).first()
    assert found is not None
    return found


def created(send: Send) -> Call:
    return lambda: send("POST", "", {"form_entity": values(1)})


def updated(send: Send) -> Call:
    # Two sides may share a form, and so its newest record: what both set would change nothing the second time.
    record_id, number = newest(send), count(1_000_000, 2) if send.keys else count(1_000_001, 2)
    return lambda: send("PUT", f"/{record_id}", {"form_entity": {"integer_field_0": next(number)}})


def detailed(send: Send) -> Call:
    record_id = newest(send)
    return lambda: send("GET", f"/{record_id}")


def listed(send: Send) -> Call:
    return lambda: send("GET", "")


CALLS = {"create": created, "update": updated, "detail": detailed, "list": listed}


def measured(sides: dict[str, Call], rounds: int) -> dict[str, float]:
    """The median milliseconds of each side: they take turns, so that noise meets all."""
    times: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(WARM + rounds):
        for side, call in sides.items():
            began = time.perf_counter()
            call()
            if number >= WARM:
                times[side].append((time.perf_counter() - began) * 1000)
    medians = {side: round(statistics.median(taken), 3) for side, taken in times.items()}
    ratios = {f"{side} / off": round(medians[side] / medians["off"], 3) for side in sides if side != "off"}
    return {**medians, **ratios}


CLIENTS = 16
SECONDS = 2
TURNS = 7
RECORDS_CHANGED = 500
LUA = """
local number, ids = {start}, {{{ids}}}
function request()
  number = number + 1
  local headers = {{["ACCESS-TOKEN"] = "{token}", ["Content-Type"] = "application/json"}}
  if {keyed} then headers["Idempotency-Key"] = "{keys}-" .. number end
  local path = string.gsub("{path}", "@", ids[number % #ids + 1])
  return wrk.format("{method}", path, headers, '{before}' .. number .. '{after}')
end
function done(summary, latency)
  print(string.format('RESULT {{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "refused": %d, "broken": 0}}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status))
end
"""


def together(port: int, call: str, sides: dict[str, Send]) -> dict[str, float]:
    """The writes a second of each side, all of its clients at once: the median of some turns."""
    found: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(TURNS):
        for side, send in sides.items():
            load = wrk.run(port, script(call, send, turn), connections=CLIENTS, seconds=SECONDS)
            assert not load.failures, f"{load.failures} writes failed"
            found[side].append(load.per_second)
    medians = {side: round(statistics.median(rates), 1) for side, rates in found.items()}
    return {**medians, **{f"off / {side}": round(medians["off"] / medians[side], 3) for side in sides if side != "off"}}


def script(call: str, send: Send, turn: int) -> str:
    """What wrk sends: each write with another number, and with a key of its own where there are keys."""
    body = {"form_entity": values(0) if call == "create" else {"integer_field_0": 0}}
    before, after = json.dumps(body).split('"integer_field_0": 0')
    path = "" if call == "create" else "/@"
    rows = FormEntity.objects.of_form(send.form_id).order_by("-id").values_list("id", flat=True)
    return LUA.format(
        ids=", ".join(map(str, rows[:RECORDS_CHANGED])),
        start=10_000_000 * (turn + 1),
        token=send.token,
        keyed="true" if send.keys else "false",
        keys=secrets.token_hex(4),
        method="POST" if call == "create" else "PUT",
        path=f"/apaas/api/v2/form_entities{path}?custom_form_id={send.form_id}",
        before=before + '"integer_field_0": ',
        after=after,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
