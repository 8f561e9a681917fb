"""Many clients at once against a real server of two workers: a stage is pushed once, branches are collected once."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, local
from typing import Any

import pytest

from forms_app.models import Flow, FormEntity, TicketStep, TicketToken
from tests.apaas.live import Live, serving
from tests.factories import CustomAppFactory, MemberFactory, OrganizationFactory, make_form, make_token
from tests.flows import consistent, definition, make_flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CONNECTIONS = 48


class Client:
    """A client of the ticket API with a connection of its own in each thread."""

    def __init__(self, live: Live, token: str, flow: Flow) -> None:
        self.live = live
        self.token = token
        self.path = flow.api_path
        self.own = local()
        self.connections: list[http.client.HTTPConnection] = []

    def close(self) -> None:
        for connected in self.connections:
            connected.close()

    def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        connected = getattr(self.own, "connection", None)
        if connected is None:
            connected = self.own.connection = http.client.HTTPConnection("127.0.0.1", self.live.port, timeout=60)
            self.connections.append(connected)
        content = json.dumps({"security": self.token, **body})
        connected.request("POST", f"/rest/flowmanage/api/{path}/{self.path}", content, {"Accept-Language": "en"})
        response = connected.getresponse()
        found = response.read()
        assert response.status == 200, found
        answer: dict[str, Any] = json.loads(found)
        return answer

    def open(self) -> str:
        answer = self.call("omdata/edit", {"action": "create"})
        assert answer["message"] == "開單成功。", answer
        return str(answer["result"])

    def stages(self, number: str) -> dict[str, str]:
        answer = self.call("omdata-data-id/get", {"data_no": number})
        return {one["stop_chart_text"]: one["data_id"] for one in answer["result"]}

    def push(self, data_id: str, **values: Any) -> dict[str, Any]:
        formdata = [{"id": name, "value": value} for name, value in values.items()]
        return self.call("omdata/edit", {"action": "update", "data_id": data_id, "formdata": formdata})


def at_once(jobs: Iterable[Callable[[], Any]], threads: int) -> list[Any]:
    """The results of all jobs; the threads begin together."""
    ready = Barrier(threads)
    with ThreadPoolExecutor(threads) as pool:
        for waiting in [pool.submit(ready.wait) for _thread in range(threads)]:
            waiting.result()
        return [one.result() for one in [pool.submit(job) for job in jobs]]


@pytest.fixture
def alice() -> Any:
    return MemberFactory(organization=OrganizationFactory(), uid=1)


def test_a_stage_is_pushed_once_and_branches_meet_once(alice: Any) -> None:
    form = make_form(CustomAppFactory(organization=alice.organization), {"left": "text_field", "right": "text_field"})
    token = make_token(alice)[1]
    line = make_flow(form, definition("start > first > second > end"), name="line")
    short = make_flow(form, definition("start > only > end"), name="short")
    source = definition(
        "start > parallel", "parallel > a > collection", "parallel > b > collection", "collection > last > end"
    )
    fork = make_flow(form, source, name="fork")
    rule = {"formula": '{left} <> "no"', "message": "no"}
    strict = make_flow(form, definition("start > only > end", start={"validation": rule}), name="strict")
    with serving(workers=2) as live:
        clients = [Client(live, token, flow) for flow in (line, short, fork, strict)]
        try:
            many_pushes(clients[0], "first", 1000, left_at="second")
            many_pushes(clients[1], "only", 200, left_at=None)
            branches_at_the_same_instant(clients[2], fork)
            tickets_at_once(clients[3], strict)
        finally:
            for client in clients:
                client.close()


def many_pushes(client: Client, stage: str, count: int, left_at: str | None) -> None:
    """Only one of `count` pushes of a stage goes through; the others are told where the ticket stands."""
    number = client.open()
    data_id = client.stages(number)[stage]
    answers = at_once([partial(client.push, data_id, left=str(n)) for n in range(count)], CONNECTIONS)
    assert Counter(answer["message"] for answer in answers) == {"推單成功。": 1, "推單失敗。": count - 1}
    assert list(client.stages(number)) == ([left_at] if left_at else [])
    reasons = {answer["reason"] for answer in answers if answer["message"] == "推單失敗。"}
    assert len(reasons) == 1
    assert (left_at or "has ended") in reasons.pop()
    token = TicketToken.objects.get(pk=int(data_id))
    (step,) = TicketStep.objects.filter(ticket_id=token.ticket_id, action="push")
    (place,) = (n for n, answer in enumerate(answers) if answer["message"] == "推單成功。")
    assert step.changed == {"left": [None, str(place)]}
    assert FormEntity.objects.get(id=token.ticket.entity_id).data == {"left": str(place)}
    consistent(token.ticket_id)


def branches_at_the_same_instant(client: Client, flow: Flow) -> None:
    """Both branches of 200 tickets: the collection lets one token on each time."""
    for _round in range(200):
        number = client.open()
        stages = client.stages(number)
        jobs = (partial(client.push, stages["a"], left="x"), partial(client.push, stages["b"], right="y"))
        answers = at_once(jobs, threads=2)
        assert [answer["message"] for answer in answers] == ["推單成功。"] * 2, answers
        assert list(client.stages(number)) == ["last"]
    tickets = flow.tickets.all()
    assert sorted(ticket.data_no for ticket in tickets) == list(range(1, 201))
    for ticket in tickets:
        consistent(ticket.pk)
        assert FormEntity.objects.get(id=ticket.entity_id).data == {"left": "x", "right": "y"}
        steps = TicketStep.objects.filter(ticket_id=ticket.pk)
        assert steps.filter(component="last", action="arrive").count() == 1


def tickets_at_once(client: Client, flow: Flow) -> None:
    """Half of 200 tickets are refused: the numbers of the others have neither gap nor double."""

    def opened(n: int) -> str:
        formdata = [{"id": "left", "value": "no" if n % 2 else "yes"}]
        return str(client.call("omdata/edit", {"action": "create", "formdata": formdata})["message"])

    messages = at_once([partial(opened, n) for n in range(200)], 16)
    assert Counter(messages) == {"開單成功。": 100, "開單失敗。": 100}
    assert sorted(flow.tickets.values_list("data_no", flat=True)) == list(range(1, 101))
