"""`python -m benchmarks.webhooks [CHANGES]`: how fast a webhook that lies behind is caught up. One load makes so many
records (50,000); then a job delivers them to a receiver on this machine, which answers at once and is a process
of its own. Writes deliveries a second, of the clock and of the worker's processor, to standard output as JSON, and
fails where one is missing or a signature is wrong.

Makes and drops a database of its own where DATABASE_URL is unset: DATA_DIR is a new folder.
"""

from __future__ import annotations

import base64
import hmac
import json
import multiprocessing
import os
import secrets
import socket
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="webhooks"))
    os.environ.setdefault("WEBHOOK_NETWORKS", "127.0.0.1/32")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    django.setup()

from django.core.management import call_command
from django.db import transaction

from forms_app.design.fields import field_add
from forms_app.design.forms import form_create
from forms_app.models import CustomApp, CustomForm, Member, Organization, Webhook
from forms_app.models.role import ADMINISTRATORS
from forms_app.people.accounts import acting
from forms_app.people.actor import Actor
from forms_app.records.mass_writes import entity_mass_create
from forms_app.schema.form_schema import FormSchema
from forms_app.webhooks.delivering import deliver
from forms_app.webhooks.writes import webhook_make

FIELDS = {"text_field": "benchmark", "integer_field": 5, "float_field": 1.5, "date_field": "2026-11-30"}
ROWS = 1_000
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def main(changes: int) -> None:
    call_command("migrate", verbosity=0)
    near, far = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=receive, args=(far,), daemon=True)
    process.start()
    port = near.recv()
    webhook, secret, form, actor = made(port)
    for start in range(0, changes, ROWS):
        rows = [values(number) for number in range(start, min(start + ROWS, changes))]
        entity_mass_create(schema=FormSchema.of(form.pk, actor), rows=rows, actor=actor)
    began, used = time.monotonic(), time.process_time()
    runs = 1
    while deliver(webhook.pk):
        runs += 1
    clock, used = time.monotonic() - began, time.process_time() - used
    near.send(secret)
    received, wrong = near.recv()
    if received != changes or wrong:
        raise SystemExit(f"{received} of {changes} arrived, {wrong} wrongly signed")
    found = {
        "changes": changes,
        "runs": runs,
        "per_second": round(changes / clock),
        "per_processor_second": round(changes / used),
    }
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


@transaction.atomic
def made(port: int) -> tuple[Webhook, str, CustomForm, Actor]:
    """A form of twenty fields and its webhook."""
    organization = Organization.objects.create(name="webhooks")
    member = Member.objects.create(organization=organization, uid=1, name="m")
    organization.roles.get(name=ADMINISTRATORS).members.add(member)
    app = CustomApp.objects.create(organization=organization, name="app")
    form = form_create(custom_app=app, name="form")
    group = form.field_groups.get()
    for place in range(5):
        for kind in FIELDS:
            name = f"{kind}_{place}"
            field_add(form=form, group=group, field_type=kind, name=name, label=name, setting={}, position=place)
    events = ["form_entity.created"]
    sent = {"custom_form_id": form.pk, "url": f"http://127.0.0.1:{port}/", "events": events}
    webhook, secret = webhook_make(values=sent, actor=acting(member))
    return webhook, secret, form, acting(member)


def values(number: int) -> dict[str, object]:
    return {f"{kind}_{place}": value for kind, value in FIELDS.items() for place in range(5)} | {
        "integer_field_0": number
    }


def receive(pipe: Connection) -> None:
    """Answer whatever comes; at the end say how many different messages came, and how many were signed wrongly."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    messages: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        held = b""
        while True:
            while b"\r\n\r\n" not in held or len(held) < whole(held):
                more = connection.recv(65_536)
                if not more:
                    return
                held += more
            end = whole(held)
            messages.append(held[:end])
            held = held[end:]
            connection.sendall(ANSWER)

    def accept() -> None:
        while True:
            connection, _address = listening.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    pipe.send(listening.getsockname()[1])
    key = base64.b64decode(pipe.recv().removeprefix("whsec_"))
    different = {header(message, b"webhook-id") for message in messages}
    pipe.send((len(different), sum(not is_signed(message, key) for message in messages)))


def header(message: bytes, name: bytes) -> bytes:
    head = message.partition(b"\r\n\r\n")[0].lower()
    return next((line.partition(b": ")[2] for line in head.split(b"\r\n") if line.startswith(name + b": ")), b"")


def whole(held: bytes) -> int:
    """The length of the first message, as far as its head is there."""
    head, _gap, _body = held.partition(b"\r\n\r\n")
    return len(head) + 4 + int(header(held, b"content-length") or 0)


def is_signed(message: bytes, key: bytes) -> bool:
    head, _gap, body = message.partition(b"\r\n\r\n")
    given = next(line.partition(b": ")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"webhook-sig"))
    signed = b".".join([header(message, b"webhook-id"), header(message, b"webhook-timestamp"), body])
    return given == b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
