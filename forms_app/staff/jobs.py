"""Background work on people: handing over more records than one call may wait for."""

from __future__ import annotations

from procrastinate.contrib.django import app

from forms_app.staff.leaving import hand_over as handed_over


@app.task(name="staff.hand_over", queue="recompute", retry=5)
def hand_over(*, organization_id: int, pairs: list[list[int]]) -> None:
    """Give the records and waiting stages of each first uid to the second."""
    handed_over(organization_id, pairs)
