"""What the tests of stored formulas share: a formula is true if it is worth what is stored now."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from forms_app.field_types import Option
from forms_app.models import CustomForm, Member
from forms_app.records import jobs
from forms_app.records.computing import compute, related_of, relations_of
from forms_app.records.writes import entity_mass_destroy, entity_update
from tests.factories import actor_of, schema_of
from tests.forms_app.worlds import query_of, stored_of

TOKENS = ("H6Qq/ojoIFNyICUXzx3UOw==", "qxjjDA3ECTzu2olh+sPR9A==")
OPTIONS = (Option(TOKENS[0], "红"), Option(TOKENS[1], "绿"))


def update(form: CustomForm, member: Member, record_id: int, **values: Any) -> None:
    entity_update(schema=schema_of(form), record_id=record_id, values=values, actor=actor_of(member))


def destroy(form: CustomForm, member: Member, *ids: int) -> None:
    entity_mass_destroy(schema=schema_of(form), ids=ids, actor=actor_of(member))


def fresh(form: CustomForm, record_id: int) -> dict[str, Any]:
    """What the record's formulas are worth, computed from what is stored now."""
    schema = schema_of(form)
    data = stored_of(form, record_id)
    formulas = schema.stored_formulas
    related = related_of(schema, relations_of(formulas.values()), [data])
    return {name: value for name, value in compute(schema, formulas, data, related[0]).items() if value is not None}


def holds_true(form: CustomForm) -> bool:
    names = schema_of(form).stored_formulas.keys()
    return all(
        {name: value for name, value in stored_of(form, i).items() if name in names} == fresh(form, i)
        for i in query_of(form).ids()
    )


def run_jobs() -> int:
    """Run what was enqueued for the worker, as it would; how much it was."""
    done = 0
    while job := ProcrastinateJob.objects.filter(queue_name="recompute", pk__gt=done).order_by("pk").first():
        getattr(jobs, job.task_name.rpartition(".")[2])(**job.args)
        done = job.pk
    return ProcrastinateJob.objects.filter(queue_name="recompute").count()
