"""`python -m benchmarks.totals SECONDS`: time the product's unfiltered total, and compare it with counting.

Runs beside writers, in a process with the product's settings; writes its findings to standard output as JSON.
"""

from __future__ import annotations

import json
import sys
import time

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction

from benchmarks import forms
from forms_app.people.actor import Actor
from forms_app.records.query import EntityQuery
from forms_app.schema.form_schema import FormSchema


def timed(seconds: float) -> list[float]:
    """How many milliseconds each total took."""
    schema = FormSchema.find(forms.FORM)
    assert schema is not None
    query = EntityQuery(schema, Actor.acting_for(forms.ORGANIZATION, "benchmark"))
    times = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        query.count()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def compared(times: int) -> tuple[int, int]:
    """(how often the total was not what counting gave in the same snapshot, by how much the records grew)."""
    schema = FormSchema.find(forms.FORM)
    assert schema is not None
    wrong, seen = 0, []
    for _time in range(times):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            total = EntityQuery(schema, Actor.acting_for(forms.ORGANIZATION, "benchmark")).count()
            cursor.execute(f"SELECT count(*) FROM form_entity WHERE custom_form_id = {forms.FORM}")
            counted = cursor.fetchone()[0]
        wrong += total != counted
        seen.append(counted)
    return wrong, seen[-1] - seen[0]


def main(seconds: float) -> None:
    times = timed(seconds)
    wrong, grown = compared(20)
    found = {
        "p50": times[len(times) // 2],
        "p99": times[int(len(times) * 0.99)],
        "compared": 20,
        "wrong": wrong,
        "written_meanwhile": grown,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(float(sys.argv[1]))
