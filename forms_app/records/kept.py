"""Records that may not be destroyed now: their ticket is running."""

from __future__ import annotations

from collections.abc import Sequence

from forms_app.models import Ticket


def running_entities(form_id: int, entity_ids: Sequence[int]) -> set[int]:
    """The ids of those of a form's records whose ticket is running."""
    running = Ticket.objects.of_form(form_id).running().filter(entity_id__in=entity_ids)
    return set(running.values_list("entity_id", flat=True))
