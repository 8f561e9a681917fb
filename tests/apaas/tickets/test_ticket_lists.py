"""My missions, the list of a flow's tickets, the work log: as the original's clients ask and read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms_app.exact_json import dumps
from forms_app.models import CustomApp, CustomForm, Flow, Member, Ticket, TicketStep
from forms_app.tickets.listing import MISSION_COLUMNS, TICKET_COLUMNS
from tests.accounts import only
from tests.apaas.tickets.conftest import Desk, value
from tests.factories import make_form, make_token
from tests.flows import consistent, definition, make_flow

MISSIONS = "/rest/my-mission/api/my-mission/list/"
LIST = "/rest/flowmanage/api/omdata/list/"
LOG = "/rest/flowmanage/api/omdata-worklog/"


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    form = make_form(custom_app, {"title": "text_field", "amount": "float_field", "note": "text_field"}, name="leave")
    form.primary_field = form.custom_fields.get(name="title")
    form.definition_version += 1
    form.save()
    return form


@pytest.fixture
def flow(form: CustomForm, people: dict[int, Member]) -> Flow:
    """review (Bob or the department 3), then approve (everyone)."""
    review = {
        "assignees": {"members": [2]},
        "actions": [{"name": "好", "values": [{"target": "note", "value": "fine"}]}],
    }
    return make_flow(form, definition("start > review > approve > end", review=review), name="假單", api_path="leave")


def desk_of(member: Member, **token: Any) -> Desk:
    return Desk(make_token(member, **token)[1], "leave")


def asked(desk: Desk, address: str, **body: Any) -> dict[str, Any]:
    """The whole answer."""
    raw = dumps({"security": desk.security, "omflow_restapi": 1, **body})
    answer: dict[str, Any] = json.loads(desk.send(address, raw).content)
    return answer


def rows(desk: Desk, address: str, **body: Any) -> list[dict[str, Any]]:
    answer = asked(desk, address, **body)
    assert list(answer) == ["status", "message", "result"], answer
    assert (answer["status"], answer["message"]) == (200, "查詢成功。")
    found: list[dict[str, Any]] = answer["result"]
    return found


def refused(desk: Desk, address: str, **body: Any) -> str:
    answer = asked(desk, address, **body)
    assert list(answer) == ["status", "message", "result", "reason"]
    assert (answer["status"], answer["result"]) == (404, [])
    assert answer["message"].endswith(f"錯誤訊息如下：{answer['reason']}")
    return str(answer["reason"])


@pytest.fixture
def tickets(flow: Flow, alice: Member) -> list[str]:
    """Three tickets of Alice; the second is at its second stage, the third has ended."""
    desk, bob = desk_of(alice), Member.objects.get(organization=alice.organization, uid=2)
    numbers = [desk.create([value("title", text), value("amount", n)]) for n, text in enumerate(("乙", "甲", "丙"))]
    pusher = desk_of(bob)
    for number in numbers[1:]:
        pusher.push(pusher.stages(number)["review"])
    pusher.push(pusher.stages(numbers[2])["approve"])
    return numbers


def test_the_originals_first_sample_lists_my_missions(tickets: list[str], bob: Member, alice: Member) -> None:
    sample = {"search_columns": [], "search_conditions": [], "exclude_conditions": [], "order_columns": []}
    found = rows(desk_of(bob), MISSIONS, limit=100, start=0, **sample)
    assert [row["title"] for row in found] == sorted(["乙", "甲"])
    assert all(list(row) == list(MISSION_COLUMNS) for row in found)
    mission = next(row for row in found if row["title"] == "乙")
    ticket = Ticket.objects.get(data_no=1)
    token = ticket.tokens.get(state="waiting")
    assert mission.items() >= {
        "id": token.pk, "data_id": token.pk, "data_no": 1, "flow_name": "假單", "api_path": "leave",
        "stop_uuid": "review", "stop_chart_text": "review", "create_user_id": "1", "update_user_id": None,
        "assignee_id": 2, "assign_group_id": None, "action": "好,", "attachment": False, "closed": False,
    }.items()  # fmt: skip
    assert len(mission["createtime"]) == len("2020-07-07T13:50:21.494")
    assert [row["stop_chart_text"] for row in rows(desk_of(alice), MISSIONS)] == ["approve"]


def test_what_a_mission_says_is_enough_to_push_it(tickets: list[str], bob: Member) -> None:
    desk = desk_of(bob)
    (mission,) = rows(desk, MISSIONS, search_conditions=[{"column": "data_no", "condition": "=", "value": "1"}])
    assert json.loads(desk.at(mission["api_path"]).push(mission["data_id"]))["status"] == "200"
    assert Ticket.objects.get(data_no=1).tokens.get(state="waiting").name == "approve"


SEARCHES: list[tuple[dict[str, Any], list[int]]] = [
    ({"search_conditions": [{"column": "title", "condition": "contains", "value": "乙"}]}, [1]),
    ({"search_conditions": [{"column": "data_no", "condition": ">", "value": 1}]}, [2, 3]),
    ({"search_conditions": [{"column": "data_no", "condition": "<", "value": "3"}]}, [1, 2]),
    ({"search_conditions": [{"column": "stop_chart_text", "condition": "in", "value": ["review", "x"]}]}, [1]),
    ({"exclude_conditions": [{"column": "stop_chart_text", "condition": "=", "value": "review"}]}, [2, 3]),
    ({"search_conditions": [{"column": "closed", "condition": "=", "value": "false"}]}, [1, 2]),
    ({"search_conditions": [{"column": "formitm_2", "condition": ">", "value": 0}]}, [2, 3]),
    ({"start": 1, "order_columns": ["data_no"]}, [2, 3]),
    ({"start": 0, "limit": "2", "order_columns": ["-data_no"]}, [3, 2]),
    ({"start": 3, "limit": 3}, []),
    ({"order_columns": ["-formitm_2"]}, [3, 2, 1]),
]


@pytest.mark.parametrize(("search", "numbers"), SEARCHES)
def test_a_flows_tickets_are_searched_and_ordered(
    tickets: list[str], alice: Member, search: dict[str, Any], numbers: list[int]
) -> None:
    found = [row["data_no"] for row in rows(desk_of(alice), f"{LIST}leave", **search)]
    assert (found if "order_columns" in search else sorted(found)) == numbers


def test_a_list_shows_the_records_and_where_they_stand(tickets: list[str], alice: Member) -> None:
    first, _second, ended = rows(desk_of(alice), f"{LIST}leave/", order_columns=["data_no"])
    assert list(first) == [*TICKET_COLUMNS, "formitm_1", "formitm_2", "formitm_3"]
    assert (first["formitm_1"], first["formitm_2"], first["closed"], first["error"]) == ("乙", 0, False, False)
    assert (ended["closed"], ended["stop_chart_text"], ended["update_user_id"]) == (True, "end", "2")
    assert rows(desk_of(alice), f"{LIST}leave", search_columns=["data_no", "title"], limit=1) == [
        {"data_no": 3, "title": "丙"}
    ]


def test_what_is_hidden_is_no_column(tickets: list[str], bob: Member) -> None:
    only(bob, {"verbs": ["read"], "hidden": ["amount"]})
    desk = desk_of(bob)
    assert {name for row in rows(desk, f"{LIST}leave") for name in row if name.startswith("formitm_")} == {
        "formitm_1", "formitm_3",
    }  # fmt: skip
    search = [{"column": "formitm_2", "condition": "=", "value": 0}]
    assert "formitm_2" in refused(desk, f"{LIST}leave", search_conditions=search)


def test_tickets_out_of_reach_are_in_no_list(
    tickets: list[str], people: dict[int, Member], charlie: Member, other_form: CustomForm
) -> None:
    only(people[3], {"verbs": ["read"], "rows": "own"})
    waiting = [row["data_no"] for row in rows(desk_of(people[3]), f"{LIST}leave")]
    assert sorted(waiting) == [2, 3]  # everybody was put to their second stage
    assert refused(desk_of(charlie), f"{LIST}leave")
    assert rows(desk_of(charlie), MISSIONS) == []
    limited = desk_of(people[2])
    limited.security = make_token(people[2], custom_forms=[other_form])[1]
    assert rows(limited, MISSIONS) == []


@pytest.fixture
def other_form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": "text_field"}, name="other")


def test_flows_without_api_calls_are_in_no_list(tickets: list[str], flow: Flow, bob: Member) -> None:
    flow.api_enabled = False
    flow.save()
    assert rows(desk_of(bob), MISSIONS) == []
    assert refused(desk_of(bob), f"{LIST}leave")


WRONG: list[dict[str, Any]] = [
    {"search_conditions": [{"column": "nothing", "condition": "=", "value": 1}]},
    {"search_conditions": [{"column": "title", "condition": "like", "value": "x"}]},
    {"search_conditions": [{"column": "title", "condition": "in", "value": "x"}]},
    {"search_conditions": [{"column": "title", "condition": "=", "value": ["x"]}]},
    {"search_conditions": [{"column": "title", "value": "x"}]},
    {"search_conditions": {"column": "title"}},
    {"exclude_conditions": ["title"]},
    {"order_columns": ["-nothing"]},
    {"order_columns": [1]},
    {"search_columns": [["title"]]},
    {"limit": -1},
    {"start": "x"},
    {"limit": True},
    {"page": 1},
]


@pytest.mark.parametrize("body", WRONG)
def test_what_is_wrong_with_a_search_is_said_by_name(flow: Flow, alice: Member, body: dict[str, Any]) -> None:
    for address in (MISSIONS, f"{LIST}leave"):
        assert next(iter(body)) in refused(desk_of(alice), address, **body)


def test_without_a_code_nothing_is_listed(flow: Flow) -> None:
    for address in (MISSIONS, f"{LIST}leave"):
        assert "security" in refused(Desk("", "leave"), address)


def test_an_entry_of_the_work_log_is_read_again_and_in_the_history(tickets: list[str], bob: Member) -> None:
    desk = desk_of(bob)
    ticket = Ticket.objects.get(data_no=1)
    place = {"api_path": "leave", "data_no": "1", "data_id": desk.stages("1")["review"]}
    written = asked(desk, f"{LOG}create/", **place, content="called back")
    assert written == {"status": 200, "message": "建立成功。", "result": None}
    answer = asked(desk, f"{LOG}list/", **place)
    (entry,) = answer.pop("result")
    assert answer == {"status": 200, "message": "搜尋成功。"}
    assert list(entry) == [
        "id", "flow_uuid", "create_user_id__nick_name", "content", "createtime", "substitute_id__nick_name",
    ]  # fmt: skip
    assert (entry["create_user_id__nick_name"], entry["content"]) == (bob.name, "called back")
    step = TicketStep.objects.get(ticket_id=ticket.pk, action="comment")
    assert (step.uid, step.name, step.message) == (2, "review", "called back")
    consistent(ticket.pk)


def test_a_work_log_that_can_not_be_written_says_why(tickets: list[str], bob: Member, charlie: Member) -> None:
    desk = desk_of(bob)
    stage = desk.stages("1")["review"]
    place = {"api_path": "leave", "data_no": "1", "data_id": stage}
    for wrong in (
        {"content": ""},
        {"content": "\u3000\u200b"},
        {"content": "x" * 10_001},
        {"data_no": "2"},
        {"data_id": "1"},
        {"api_path": "no"},
    ):
        assert refused(desk, f"{LOG}create/", **{**place, "content": "x", **wrong})
    reader = desk_of(bob, verbs=["read"])
    assert refused(reader, f"{LOG}create/", **place, content="x")
    assert refused(desk_of(charlie), f"{LOG}list/", **place)
    assert not TicketStep.objects.filter(action="comment").exists()
