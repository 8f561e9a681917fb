"""The API page of a flow in the admin: for whom it is, and what stands on it."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from apaas.reference.pages.answers import nobody
from forms_app.models import CustomForm, Flow, FormEntity, Member, Ticket, TicketStep, TicketToken
from forms_app.people.security_codes import security_code_issue
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.accounts import administrator, linked
from tests.apaas.reference.flow_api.pages import NAMES, opened, page_of, page_url, tabs_of
from tests.apaas.reference.test_api_page import operator, signed_in
from tests.factories import actor_of, make_token
from tests.flows import data_id, definition, make_flow


def test_who_may_design_the_form_gets_the_page(flow: Flow, alice: Member) -> None:
    text = page_of(signed_in(alice, "design"), flow)
    for tab in NAMES:
        assert f'data-call="{tab}"' in text


def test_who_may_not_design_the_form_does_not_see_it(flow: Flow, alice: Member, charlie: Member) -> None:
    page_of(signed_in(administrator(charlie)), flow, status=404)
    page_of(signed_in(alice), flow, status=403)
    anonymous = Client().get(page_url(flow))
    assert anonymous.status_code == 302
    assert reverse("admin:login") in anonymous["Location"]


def test_there_is_no_page_for_a_flow_that_does_not_exist(reader: Client, flow: Flow) -> None:
    assert reader.get(reverse("flow-api", args=[flow.pk + 1000])).status_code == 404
    assert reader.post(page_url(flow)).status_code == 405


def test_no_secret_and_no_one_elses_data_is_on_the_page(flow: Flow, alice: Member, bob: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(name="Alice herself", phone="13912345678")
    linked(Client(), alice)
    assert alice.user is not None
    _kept, token = make_token(alice)
    code = security_code_issue(user=alice.user)
    opened(flow, alice)
    for text in (
        page_of(signed_in(bob, "design"), flow),
        str(tabs_of(flow, alice, nobody())),
    ):
        for secret in (token, code, "Alice herself", "13912345678", "secret deal"):
            assert secret not in text


def test_each_call_shows_its_address_parameters_samples_answer_and_errors(
    reader: Client, flow: Flow, alice: Member
) -> None:
    opened(flow, alice)
    text = page_of(reader, flow)
    parts = dict(zip(NAMES, text.split("data-call=")[1:], strict=True))
    edit = ("/rest/flowmanage/api/omdata/edit/buying", "action", "formdata", "files", "files_item")
    expected = {
        "security": ("/accounts/api/security/get", "取得成功。", "使用者不存在或未啟用。"),
        "open": (*edit, "start_input", "開單成功。", "開單失敗。", "金額須大於限額"),
        "query": ("/rest/flowmanage/api/omdata-data-id/get/buying", "data_no", "查詢成功。", "查詢失敗。"),
        "push": (*edit, "data_id", "quick_action", "推單成功。", "推單失敗。"),
    }
    for name, part in parts.items():
        for label in (*expected[name], "curl", "Python", "HTTP 200"):
            assert label in part, (name, label)


def test_the_form_is_tabled_with_numbers_and_where_each_field_is_written(reader: Client, flow: Flow) -> None:
    table = page_of(reader, flow).rpartition("Fields for formdata")[2]
    rows = table.split("<tr>")[2:]
    assert [f"FORMITM_{number}" in row for number, row in enumerate(rows, 1)] == [True] * 6
    note = rows[4]
    assert "<code data-copy>note</code>" in note
    assert note.count('"ap-required"') == 1
    assert ["start" in note, "review" in note, "approve" in note] == [True] * 3
    assert "review" not in rows[0]
    assert "required" in rows[0]


def test_nothing_is_written_by_looking(reader: Client, flow: Flow, alice: Member) -> None:
    ticket = opened(flow, alice)
    push = data_id(ticket.pk, "review")
    ticket_push(flow=flow, data_id=push, values={"note": "x"}, actor=actor_of(alice))
    kinds: tuple[Any, ...] = (FormEntity, Ticket, TicketToken, TicketStep)
    before = [sorted(map(str, kind.objects.values_list())) for kind in kinds]
    page_of(reader, flow)
    assert [sorted(map(str, kind.objects.values_list())) for kind in kinds] == before


def test_an_account_without_a_member_is_told_that_it_gets_no_code(flow: Flow, alice: Member) -> None:
    assert "linked to no member" in page_of(operator(), flow)
    assert "linked to no member" not in page_of(signed_in(administrator(alice)), flow)


def test_what_a_stage_is_called_is_no_markup(reader: Client, form: CustomForm, alice: Member) -> None:
    hostile = '</script><b>it\'s & "so" $(date)'
    source = definition("start > review > end")
    source["components"][1]["name"] = hostile
    flow = make_flow(form, source, name=hostile)
    opened_by = ticket_open(flow=flow, values={"title": hostile}, actor=actor_of(alice))
    assert opened_by.data_no == 1
    raw = reader.get(page_url(flow)).content.decode()
    assert "</script><b>" not in raw
    assert "&lt;/script&gt;&lt;b&gt;" in raw


def test_the_ways_to_the_page(admin_client: Client, flow: Flow) -> None:
    for name in ("changelist", "design"):
        args = [flow.pk] if name == "design" else []
        response = admin_client.get(reverse(f"admin:forms_app_flow_{name}", args=args))
        assert f'href="{page_url(flow)}"' in response.content.decode(), name


def test_it_asks_a_fixed_number_of_statements(
    reader: Client, flow: Flow, alice: Member, settings: Any, django_assert_max_num_queries: Any
) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    page_of(reader, flow)
    for _number in range(5):
        opened(flow, alice)
    page_of(reader, flow)
    with django_assert_max_num_queries(60):
        page_of(reader, flow)
