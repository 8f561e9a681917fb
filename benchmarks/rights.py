"""`python -m benchmarks.rights [ROUNDS]`: what limited rights cost. One process asks the same of a form by two tokens
in turn: of a member who may everything, and of one whose role gives a department its records and hides fields. Writes
the medians and their ratios to standard output as JSON.

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
from collections.abc import Callable

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="rights"))
    os.environ.setdefault("ALLOWED_HOSTS", "testserver")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    django.setup()

from django.core.management import call_command
from django.db import transaction
from django.test import Client

from forms_app.design.fields import field_add
from forms_app.design.forms import form_create
from forms_app.models import CustomApp, CustomForm, Department, FormEntity, Grant, Member, Organization, Role
from forms_app.people.actor import Actor
from forms_app.people.tokens import token_create
from forms_app.sampling.generating import entities_generate
from forms_app.schema.form_schema import FormSchema

RECORDS = 20_000
FIELDS = ("text_field", "integer_field", "float_field", "date_field", "text_area", "boolean_field")
HIDDEN = ("text_field_3", "integer_field_3", "float_field_3")
WARM = 30
"""Calls that come before the first that counts."""


def main(rounds: int) -> None:
    call_command("migrate", verbosity=0)
    form, tokens = made()
    call_command("field_indexes", verbosity=0)
    calls = {name: {side: call(form, token) for side, token in tokens.items()} for name, call in CALLS.items()}
    found = {name: measured(sides, rounds) for name, sides in calls.items()}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


@transaction.atomic
def made() -> tuple[CustomForm, dict[str, str]]:
    """A form of some twenty fields and many records, and a token of each side."""
    organization = Organization.objects.create(name="rights")
    department = Department.objects.create(organization=organization, did=1, name="all")
    members = [Member.objects.create(organization=organization, uid=uid, name=f"m{uid}") for uid in range(1, 11)]
    for member in members[1:]:
        member.departments.add(department)
    form = form_create(custom_app=CustomApp.objects.create(organization=organization, name="app"), name="form")
    group = form.field_groups.get()
    for place in range(4):
        for kind in FIELDS:
            name = f"{kind}_{place}"
            field_add(form=form, group=group, field_type=kind, name=name, label=name, setting={}, position=place)
    schema = FormSchema.find(form.pk)
    assert schema is not None
    entities_generate(schema=schema, count=RECORDS, actor=Actor.acting_for(organization.pk, "benchmark", 2))
    everyone = organization.roles.get(everyone=True)
    everyone.everyone = False
    everyone.save()
    everyone.members.add(members[0])
    limited = Role.objects.create(organization=organization, name="limited")
    limited.departments.add(department)
    grant = Grant(role=limited, custom_form=form, verbs=["read", "create", "update"], rows="department_below")
    grant.hidden, grant.read_only = list(HIDDEN), ["date_field_2"]
    grant.save()
    sides = {"everything": members[0], "limited": members[1]}
    return form, {name: token_create(member=member, name=name)[1] for name, member in sides.items()}


Call = Callable[[], int]


def sender(token: str) -> Callable[..., int]:
    client = Client(HTTP_ACCESS_TOKEN=token)

    def send(method: str, path: str, body: object = None) -> int:
        content = "" if body is None else json.dumps(body)
        address = f"/apaas/api/v2/form_entities{path}"
        response = client.generic(method, address, content, content_type="application/json")
        assert response.status_code == 200, response.content
        return len(response.content)

    return send


def listed(form: CustomForm, token: str) -> Call:
    send = sender(token)
    names = ["id", "user", *(f"{kind}_0" for kind in FIELDS)]
    return lambda: send("PUT", f"?custom_form_id={form.pk}", {"only_field_names": names})


def filtered(form: CustomForm, token: str) -> Call:
    send, number = sender(token), iter(range(10**9))

    def call() -> int:
        least = next(number) % 500
        filters = [{"name": "integer_field_0", "op": "within", "value": [least, least + 400_000]}]
        return send("PUT", f"?custom_form_id={form.pk}", {"filters": filters, "only_field_names": ["id", "user"]})

    return call


def detailed(form: CustomForm, token: str) -> Call:
    send = sender(token)
    record_id = made_record(send, form)
    path = f"/{record_id}?custom_form_id={form.pk}&only_field_names[]=id&only_field_names[]=text_field_0"
    return lambda: send("GET", path)


def created(form: CustomForm, token: str) -> Call:
    send = sender(token)
    return lambda: send("POST", f"?custom_form_id={form.pk}", {"form_entity": VALUES, "only_field_names": ["id"]})


def updated(form: CustomForm, token: str) -> Call:
    send = sender(token)
    record_id = made_record(send, form)
    body = {"form_entity": VALUES, "only_field_names": ["id"]}
    return lambda: send("PUT", f"/{record_id}?custom_form_id={form.pk}", body)


VALUES = {"text_field_0": "benchmark", "integer_field_0": 5, "float_field_1": 1.5, "boolean_field_1": True}
CALLS = {"list": listed, "filter": filtered, "detail": detailed, "create": created, "update": updated}


def made_record(send: Callable[..., int], form: CustomForm) -> int:
    send("POST", f"?custom_form_id={form.pk}", {"form_entity": VALUES})

    newest = FormEntity.objects.of_form(form.pk).order_by("-id").values_list("id", flat=True).first()
    assert newest is not None
    return newest


def measured(sides: dict[str, Call], rounds: int) -> dict[str, float]:
    """The median milliseconds of each side, and their ratio: the sides take turns, so that noise meets both."""
    times: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(WARM + rounds):
        for side, call in sides.items():
            began = time.perf_counter()
            call()
            if number >= WARM:
                times[side].append((time.perf_counter() - began) * 1000)
    medians = {side: round(statistics.median(taken), 3) for side, taken in times.items()}
    return {**medians, "ratio": round(medians["limited"] / medians["everything"], 3)}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
