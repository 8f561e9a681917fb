"""Records that may not be destroyed now: their ticket is running."""

from __future__ import annotations

from collections.abc import Sequence

from forms_app.database.cursor import fetch


def running_entities(form_id: int, entity_ids: Sequence[int]) -> set[int]:
    """The ids of those of a form's records whose ticket is running. By hand: every call that destroys records asks, and
    a QuerySet takes several times as long (docs/decisions/027-querysets.md)."""
    sql = (
        f"SELECT entity_id FROM ticket WHERE custom_form_id = {int(form_id)} "
        "AND entity_id = ANY(%s::bigint[]) AND state = 'running'"
    )
    return {entity_id for (entity_id,) in fetch(sql, [list(entity_ids)])}
