"""What the tests of indexes share: an index asked for, what lies on disk, a form that grows, the worker's work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.timezone import now
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.indexes import building
from forms_app.indexes.choosing import Entry, survey, tend
from forms_app.models import CustomForm, FieldIndex, FieldUse, FormCounter
from tests.factories import make_form
from tests.forms_app.worlds import insert

OWNER, NUMBER, TEXT, SORT = ("user", "owner"), ("number", "btree"), ("text", "grams"), ("text", "order")
GROWN = (OWNER, NUMBER, TEXT, SORT)
"""The indexes of `small_form` once it is large, by field and kind; the text is its primary field."""


def small_form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"number": "float_field", "text": "text_field"})


def grown(form: CustomForm, count: int = 25) -> CustomForm:
    """The form with so many more records and its indexes built."""
    grow(form, count)
    settle(form)
    assert standings(form) == dict.fromkeys(GROWN, "valid")
    return form


def settle(form: CustomForm) -> None:
    """A round of the worker, and what follows from it."""
    tend(form.pk)
    work(form)


def entry_of(key: dict[str, Any]) -> Entry:
    (found,) = [entry for entry in survey(key["form_id"]) if entry.key._asdict() == key]
    return found


def field_id(form: CustomForm, name: str) -> int:
    return int(form.custom_fields.get(name=name).pk)


def requested(form: CustomForm, name: str, kind: str) -> dict[str, Any]:
    """An index noted as wanted; how `build` and `drop` are told."""
    key = {"form_id": form.pk, "field_id": field_id(form, name), "kind": kind}
    building.request(**key)
    return key


def on_disk(*names: str) -> dict[str, bool]:
    """Which of these indexes are there, and whether each is valid."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, i.indisvalid FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
            " WHERE c.relname = ANY(%s)",
            [list(names)],
        )
        return dict(cursor.fetchall())


def statistics(key: dict[str, Any]) -> bool:
    name = building.statistics_of(key["field_id"], key["kind"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_statistic_ext WHERE stxname = %s", [name])
        return bool(cursor.fetchall())


def state(key: dict[str, Any]) -> str:
    return str(FieldIndex.objects.get(custom_form_id=key["form_id"], field_id=key["field_id"], kind=key["kind"]).state)


def name_of(key: dict[str, Any]) -> str:
    return building.name_of(key["field_id"] or key["form_id"], key["kind"])


def grow(form: CustomForm, count: int) -> None:
    """So many more records, all different, as a load makes them; fewer, if it is negative."""
    if count > 0:
        insert(form, [f'{{"number": {n}, "text": "客户 {n}"}}' for n in range(count)])
    FormCounter.objects.filter(custom_form_id=form.pk, slot=0).update(live=F("live") + count)


def jobs_of(form: CustomForm) -> list[tuple[str, dict[str, Any]]]:
    """What waits for the worker that concerns the form."""
    jobs = ProcrastinateJob.objects.filter(queue_name="indexes", status="todo", args__form_id=form.pk).order_by("id")
    return [(name.rpartition(".")[2], args) for name, args in jobs.values_list("task_name", "args")]


def work(form: CustomForm) -> None:
    """Do what waits for the worker that concerns the form."""
    jobs = ProcrastinateJob.objects.filter(queue_name="indexes", status="todo", args__form_id=form.pk).order_by("id")
    for name, args, pk in list(jobs.values_list("task_name", "args", "id")):
        app.tasks[name].func(**args)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [pk])


def asked_for(form: CustomForm, name: str, kind: str, days_ago: int = 0) -> None:
    """As if a request had then asked for what such an index serves."""
    key = {"custom_form_id": form.pk, "field_id": field_id(form, name), "kind": kind}
    FieldUse.objects.update_or_create(**key, defaults={"used_at": now() - timedelta(days=days_ago)})


def standings(form: CustomForm) -> dict[tuple[str, str], str]:
    """How each index of the form stands, by its field's name and its kind; the name is "" where nobody wishes it."""
    return {(entry.field_name, entry.key.kind): str(entry.standing) for entry in survey(form.pk)}
