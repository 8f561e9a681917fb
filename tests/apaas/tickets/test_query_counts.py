"""How many SQL statements each call of the ticket API may send."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from forms_app.models import Member
from tests.apaas.query_count import hold, statements
from tests.apaas.tickets.conftest import Desk, value
from tests.apaas.tickets.test_security_code import aged
from tests.factories import make_token


@pytest.fixture(autouse=True)
def _versions_are_remembered(settings: Settings) -> None:
    settings.VERSION_CHECK_SECONDS = 3600


def test_each_call(desk: Desk, code: str, alice: Member) -> None:
    coded, token = Desk(code, desk.api_path), Desk(make_token(alice)[1], desk.api_path)
    for who in (coded, token):
        who.create([value("title", "warm")])
        who.push(who.stages(1).get("review", "1"), [value("note", "n")])
    for kind, who in (("code", coded), ("token", token)):
        number = str(who.create([value("title", "x")]))
        data_id = who.stages(number)["review"]
        for name, call in {
            "open": lambda who=who: who.create([value("title", "x")]),
            "query": lambda who=who, number=number: who.stages(number),
            "push": lambda who=who, data_id=data_id: who.push(data_id, [value("note", "n")]),
        }.items():
            aged(code, 0)  # or its use is written
            hold(f"ticket, by {kind}: {name}", statements(call))
