"""Putting a stage to others, on the ticket's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_app.admin.people.acting import actor_in
from forms_app.admin.records.entry import TEMPLATE
from forms_app.admin.tickets.frame import Course, Sight
from forms_app.exact_json import dumps, reads
from forms_app.flows.language import STOPPED, WAITING, HumanInput
from forms_app.models import TicketToken
from forms_app.tickets.reassigning import ticket_reassign

Named = Callable[[int], Mapping[str, Any]]
KEYS = {"members": "uid", "departments": "did"}
"""The inputs, and the number that each of their items has."""


@dataclass(frozen=True)
class PeopleField:
    """People or departments to choose, as the templates of a form show a field."""

    name: str
    label: str
    control: str
    value: str
    data: Mapping[str, Any]
    required: bool = False
    read_only: bool = False
    faults: Sequence[str] = ()
    hints: Sequence[str] = field(default_factory=list)

    @property
    def was(self) -> str:
        return self.value

    @property
    def template(self) -> str:
        return TEMPLATE.format(control=self.control)


def reassign_fields(course: Course, token: TicketToken) -> Sequence[PeopleField]:
    """The inputs with whom the stage waits for now; none for who may not help the ticket on, or where it waits for
    something else."""
    sight = course.sight
    component = sight.definition.components.get(token.component)
    if not sight.cares or token.state not in (WAITING, STOPPED) or not isinstance(component, HumanInput):
        return ()
    return (
        _field(course, token, "members", _("Members"), "people", token.member_uids, course.names.member),
        _field(
            course,
            token,
            "departments",
            _("Departments"),
            "departments",
            token.department_dids,
            course.names.department,
        ),
    )


def _field(
    course: Course, token: TicketToken, kind: str, label: str, control: str, ids: Sequence[int], named: Named
) -> PeopleField:
    items = [{KEYS[kind]: str(number), "name": named(number).get("name") or f"#{number}"} for number in ids]
    url = reverse("admin:forms_app_customform_lookup", args=[course.sight.form_id, kind])
    data = {"lookup": kind, "multiple": True, "url": url, "field": ""}
    return PeopleField(f"{kind}:{token.pk}", label, control, dumps(items).decode() if items else "", data)


def reassigned(request: HttpRequest, sight: Sight) -> list[str]:
    """Put the stage to who was posted; their names. Raises Refused, Conflict, NotFound."""
    given = request.POST.get("token", "")
    token_id = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    chosen = {kind: _items(request.POST.get(f"{kind}:{token_id}", "")) for kind in KEYS}
    ticket_reassign(
        form_id=sight.form_id,
        ticket_id=sight.ticket.pk,
        token_id=token_id,
        members=_numbers(chosen["members"], "uid"),
        departments=_numbers(chosen["departments"], "did"),
        reason=request.POST.get("reason", "").strip().replace("\r\n", "\n"),
        actor=actor_in(request, sight.ticket.organization_id),
    )
    return [
        str(item.get("name") or f"#{item.get(KEYS[kind])}")[:100] for kind, items in chosen.items() for item in items
    ]


def _items(text: str) -> list[Mapping[str, Any]]:
    """The objects of the list that a control posts."""
    try:
        value = reads(text) if text else []
    except (ValueError, RecursionError):
        value = []
    return [item for item in value if isinstance(item, Mapping)][:1_000] if isinstance(value, list) else []


def _numbers(items: Sequence[Mapping[str, Any]], key: str) -> list[int]:
    """The numbers of the items, each once; 0, which nobody has, for one that is none."""
    texts = [str(item.get(key)) for item in items]
    numbers = [int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0 for text in texts]
    return list(dict.fromkeys(numbers))
