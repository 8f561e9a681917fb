"""Who and what the cells of a file name, found out for a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Mapping

from forms_app.field_types._spelling import Found, bare_name
from forms_app.people.actor import Actor
from forms_app.people.called import PeopleCalled
from forms_app.records.called import Called, records_called

Sought = Mapping[int, set[str]]
"""Names of records by their form."""
MOST_KNOWN = 100_000


class LoadNames(PeopleCalled):
    """People by name, and records as far as `look_up` was told of their names before."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(actor.organization_id, self._record)
        self._actor = actor
        self._known: dict[tuple[int, str], Found] = {}

    def unknown(self, sought: Sought) -> dict[int, set[str]]:
        """Those that were not looked up yet."""
        left = {form: {name for name in names if (form, name) not in self._known} for form, names in sought.items()}
        return {form: names for form, names in left.items() if names}

    def look_up(self, sought: Sought) -> None:
        """Find the records of these names."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        for form_id, names in sought.items():
            asked = {*names, *(bare_name(name) for name in names)}
            called: Called = records_called(form_id, asked, self._actor)
            self._known.update({(form_id, name): called.get(name, ()) for name in asked})

    def _record(self, form_id: int, name: str) -> Found:
        return self._known.get((form_id, name), ())
