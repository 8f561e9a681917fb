"""Jobs are enqueued by their names, and done under those that they had before."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django import app
from procrastinate.exceptions import TaskNotFound

from forms_app.database.queue import defer
from tests.source import MODULES

EARLIER = {
    "recompute_related": "records.recompute_related",
    "recompute_form": "records.recompute_form",
    "build_index": "indexes.build_index",
    "build_indexes": "indexes.build_indexes",
    "drop_index": "indexes.drop_index",
    "tend_form": "indexes.tend_form",
    "open_called_ticket": "tickets.open_called",
    "return_to_caller": "tickets.return_to_caller",
}
"""What may still wait in the queue of a server that is upgraded."""


def test_a_name_that_no_job_has_is_refused() -> None:
    with pytest.raises(TaskNotFound):
        defer("records.nothing")


@pytest.mark.parametrize("name", EARLIER)
def test_a_job_of_before_is_done_by_the_job_of_now(name: str) -> None:
    assert app.tasks[f"forms_app.tasks.{name}"] is app.tasks[EARLIER[name]]


def test_each_job_is_called_after_its_package() -> None:
    """The settings name the modules, so a forgotten one would leave its jobs unknown."""
    packages = {module.parts[1] for module in MODULES if module.parts[-1] == "jobs"}
    named = {
        name.partition(".")[0]
        for name in app.tasks
        if not name.startswith(("procrastinate.", "builtin:", "forms_app."))
    }
    assert named == packages | {"database"}
