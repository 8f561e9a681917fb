"""The refusal for records that do not exist for the caller."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, NotFound


def unknown_record(record_id: int) -> NotFound:
    """The refusal for a record that does not exist for the caller."""
    return NotFound([Fault("unknown_record", _("There is no such record."), field="id", got=record_id)])


def unknown_records(ids: Sequence[int], known: Collection[int]) -> list[Fault]:
    """A fault for each of the ids, as they were sent, that is none of the known; said once, where it stands first."""
    places = {record_id: place for place, record_id in reversed(list(enumerate(ids)))}
    return [
        Fault("unknown_record", _("There is no such record."), field="ids", index=place, got=record_id)
        for record_id, place in sorted(places.items(), key=lambda item: item[1])
        if record_id not in known
    ]
