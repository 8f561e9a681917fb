"""Background work on indexes: building, dropping, and looking which ones a form should have.

Builds and drops share a lock, so that one runs at a time: it takes a disk and a processor, and may take minutes, in
which the worker's other places are there for other work.
"""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.indexes import building, choosing


@app.task(name="indexes.build_index", queue="indexes", lock="indexes", retry=3, aliases=["forms_app.tasks.build_index"])
def build_index(*, form_id: int, field_id: int, kind: str) -> None:
    """Build an index that was requested."""
    building.build(form_id=form_id, field_id=field_id, kind=kind)


@app.task(
    name="indexes.build_indexes", queue="indexes", lock="indexes", retry=3, aliases=["forms_app.tasks.build_indexes"]
)
def build_indexes(*, form_id: int) -> None:
    """Build all indexes that were requested for a form."""
    building.build_form(form_id)


@app.task(name="indexes.drop_index", queue="indexes", lock="indexes", retry=3, aliases=["forms_app.tasks.drop_index"])
def drop_index(*, form_id: int, field_id: int, kind: str) -> None:
    """Drop an index that was given up."""
    building.drop(form_id=form_id, field_id=field_id, kind=kind)


@app.task(name="indexes.tend_form", queue="indexes", retry=3, aliases=["forms_app.tasks.tend_form"])
def tend_form(*, form_id: int) -> None:
    """Ask for the indexes that a form should have now, and give up the others."""
    choosing.tend(form_id)


@app.periodic(cron="* * * * *")
@app.task(name="indexes.tend_indexes", queue="indexes", queueing_lock="tend_indexes")
def tend_indexes(timestamp: int) -> None:
    """Every minute: the same for all forms, and mend what a killed build or a restored dump left behind."""
    choosing.tend()
