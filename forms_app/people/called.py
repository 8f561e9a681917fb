"""Who is called so: the members and departments of an organization by what files call them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from forms_app.models import Department, Member

Found = Sequence[tuple[int, str]]
"""(uid or did, name) of each who is called so."""


class PeopleCalled:
    """The names of one organization: each kind is read by one statement when it is first asked for. A member is called
    by name, phone or third-party id, a department by name or third-party id. `records` are asked elsewhere."""

    def __init__(self, organization_id: int, records: Callable[[int, str], Found] | None = None) -> None:
        self._organization_id = organization_id
        self._records = records

    def members(self, name: str) -> Found:
        return self._members.get(name, ())

    def departments(self, name: str) -> Found:
        return self._departments.get(name, ())

    def records(self, form_id: int, name: str) -> Found:
        return self._records(form_id, name) if self._records else ()

    @cached_property
    def _members(self) -> dict[str, list[tuple[int, str]]]:
        rows = Member.objects.filter(organization_id=self._organization_id).order_by("uid")
        return _by_name(rows.values_list("uid", "name", "phone", "third_userid"))

    @cached_property
    def _departments(self) -> dict[str, list[tuple[int, str]]]:
        rows = Department.objects.filter(organization_id=self._organization_id).order_by("did")
        return _by_name(rows.values_list("did", "name", "third_dept_id"))


def _by_name(rows: Iterable[tuple[int, str, *tuple[str | None, ...]]]) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for number, name, *others in rows:
        for text in {name.strip(), *(other.strip() for other in others if other)}:
            found.setdefault(text, []).append((number, name))
    return found
