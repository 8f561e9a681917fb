"""A load is killed with -9 again and again, and run again: each row is loaded exactly once, each refusal told once."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

from tests.config.copies import Copy, wait_until

ROWS = 6_000
BATCH = 50
KILLS = 3

MAKE_FORM = """
import django; django.setup()
from django.db import transaction
from forms_app.models import CustomApp, Member, Organization
from forms_app.design.fields import field_add
from forms_app.design.forms import form_create
organization = Organization.objects.create(name="o")
member = Member.objects.create(organization=organization, uid=1, name="m")
form = form_create(custom_app=CustomApp.objects.create(organization=organization, name="a"), name="f", by=member)
group = form.field_groups.get()
for name, kind in (("number", "integer_field"), ("code", "text_field"), ("no", "auto_number_field")):
    setting = {"number": {"max": 10**6}, "code": {"unique": True}, "no": {"mode": "gap_free", "digits": 1}}[name]
    with transaction.atomic():
        field_add(form=form, group=group, field_type=kind, name=name, label=name, setting=setting)
print(form.pk)
"""

LOOK = """
import json
import django; django.setup()
from django.db import connection
from forms_app.models import FormCounter, FormEntity, FileLoad
rows = FormEntity.objects.order_by("id").values_list("data", flat=True)
counters = FormCounter.objects.all()
load = FileLoad.objects.get()
print(json.dumps({
    "rows": list(rows),
    "counted": [sum(slot.live for slot in counters), sum(slot.changes for slot in counters)],
    "load": [load.rows, load.loaded, load.refused, load.finished_at is not None],
}))
"""


def test_a_load_that_is_killed_loads_each_row_exactly_once(copy: Copy, folder: Path) -> None:
    assert copy.manage("migrate", "-v", "0").returncode == 0
    made = copy.run("-c", MAKE_FORM, DJANGO_SETTINGS_MODULE="config.settings")
    assert made.returncode == 0, made.stderr
    form_id = made.stdout.split()[-1]
    path, refused = folder / "rows.csv", folder / "refused.csv"
    wrong = {number for number in range(ROWS) if number % 25 == 0}
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["number", "code"])
        # Every 25th is refused: in turn for its number, and for a code that is in the file already.
        for number in range(ROWS):
            taken = number in wrong and number % 2
            table.writerow(["x" if number in wrong and not taken else number, f"c{number - 1 if taken else number}"])
    command = ("manage.py", "load_entities", form_id, str(path), "--resume", f"--batch={BATCH}")
    told = 0
    for _kill in range(KILLS):
        process = copy.start(*command, f"--refused={refused}")
        wait_until(lambda before=told: lines_of(refused) > before + 6, what="batches are committed", seconds=60)  # type: ignore[misc]
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        told = lines_of(refused)
        assert told < len(wrong), "the load was over before it was killed"
    assert copy.run(*command, f"--refused={refused}").returncode == 0
    found: dict[str, Any] = json.loads(
        copy.run("-c", LOOK, DJANGO_SETTINGS_MODULE="config.settings").stdout.splitlines()[-1]
    )
    right = [number for number in range(ROWS) if number not in wrong]
    assert [row["number"] for row in found["rows"]] == right
    assert [row["no"] for row in found["rows"]] == [str(place + 1) for place in range(len(right))]
    assert found["counted"] == [len(right), len(right)]
    assert found["load"] == [ROWS, len(right), len(wrong), True]
    with refused.open(encoding="utf-8-sig", newline="") as file:
        assert [int(row["#row"]) - 2 for row in csv.DictReader(file)] == sorted(wrong)


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0
