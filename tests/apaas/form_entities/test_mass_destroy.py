"""DELETE or POST form_entities/mass_destroy: destroy records, all or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forms_app.models import CustomForm, FormEntity, Member
from forms_app.tickets.pushing import ticket_open
from tests.apaas.conftest import Api, address, parsed
from tests.factories import actor_of, add_field, make_entity
from tests.flows import definition, make_flow

Record = Callable[..., int]


def left(form: CustomForm) -> list[int]:
    return list(FormEntity.objects.filter(custom_form_id=form.pk).order_by("id").values_list("id", flat=True))


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("in_body", [True, False])
@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_it_destroys_the_records_and_answers_without_data(
    api: Api, form: CustomForm, record: Record, slash: str, in_body: bool, method: str
) -> None:
    ids = [record(title=str(n)) for n in range(3)]
    path = f"form_entities/mass_destroy{slash}"
    if in_body:
        response = api.call(method, path, {"custom_form_id": form.pk, "ids": [ids[0], str(ids[2]), ids[0]]})
    else:
        response = api.call(method, f"{path}?custom_form_id={form.pk}&ids[]={ids[0]}&ids[]={ids[2]}")
    assert (response.status_code, list(parsed(response))) == (200, ["code", "message", "remark"])
    assert left(form) == [ids[1]]
    assert api.ok("GET", address(form))["total_count"] == 1
    api.refused("GET", address(form, str(ids[0])), status=404)


def test_ids_that_do_not_exist_refuse_the_whole_call_and_are_listed(
    api: Api, form: CustomForm, other_form: CustomForm, record: Record, alice: Member
) -> None:
    mine, elsewhere = record(), make_entity(other_form, alice)
    body = {"ids": [mine, mine, elsewhere]}
    answer = api.refused("DELETE", address(form, "mass_destroy"), body, status=404)
    assert [(f["field"], f["code"], f["index"], f["got"]) for f in answer["errors"]] == [
        ("ids", "unknown_record", 2, elsewhere)
    ]
    assert (left(form), left(other_form)) == ([mine], [elsewhere])
    api.ok("DELETE", address(form, "mass_destroy"), {"ids": [mine]})
    api.refused("DELETE", address(form, "mass_destroy"), {"ids": [mine]}, status=404)


def test_what_related_to_it_keeps_its_value_and_shows_no_label(
    api: Api, form: CustomForm, other_form: CustomForm, alice: Member
) -> None:
    add_field(form, "partner", ("relation_field", {"form": other_form.pk}))
    related = make_entity(other_form, alice, secret="s")
    record_id = make_entity(form, alice, partner={"value": related})
    assert api.ok("GET", address(form, str(record_id)))["partner"]["label"] == "s"
    api.ok("DELETE", address(other_form, "mass_destroy"), {"ids": [related]})
    value = api.ok("GET", address(form, str(record_id)))["partner"]
    assert (value["value"], value["label"], value["relation_source"]["id"]) == (related, None, other_form.pk)
    again = {"form_entity": {"partner": {"value": related}}}
    assert api.ok("PUT", address(form, str(record_id)), again)["partner"]["value"] == related


def test_faults_come_together_with_their_index(api: Api, form: CustomForm) -> None:
    body = {"ids": [0, "1 ", None], "to_user_uid": 1}
    assert set(api.faults("DELETE", address(form, "mass_destroy"), body)) == {
        *(("ids", "wrong_id", place) for place in (0, 1, 2)),
        ("to_user_uid", "unknown_parameter", None),
    }
    for nothing in ({}, {"ids": []}, {"ids": None}):
        assert api.faults("DELETE", address(form, "mass_destroy"), nothing) == [("ids", "required", None)]


def test_one_more_than_a_thousand_ids_are_over_the_limit(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record()
    answer = api.refused("DELETE", address(form, "mass_destroy"), {"ids": [record_id] * 1001}, status=413)
    assert answer["errors"][0]["allowed"] == {"max": 1000}
    assert left(form) == [record_id]


def test_charlie_and_a_limited_token_get_not_found_and_a_read_only_one_is_forbidden(
    stranger: Api, limited: Api, reader: Api, form: CustomForm, other_form: CustomForm, record: Record, alice: Member
) -> None:
    mine, hidden = record(), make_entity(other_form, alice)
    stranger.refused("DELETE", address(form, "mass_destroy"), {"ids": [mine]}, status=404)
    limited.refused("DELETE", address(other_form, "mass_destroy"), {"ids": [hidden]}, status=404)
    answer = limited.refused("DELETE", address(form, "mass_destroy"), {"ids": [hidden]}, status=404)
    assert answer["errors"][0]["code"] == "unknown_record"
    reader.refused("DELETE", address(form, "mass_destroy"), {"ids": [mine]}, status=403)
    assert (left(form), left(other_form)) == ([mine], [hidden])


def test_a_record_whose_ticket_is_running_stays_and_so_do_the_others(
    api: Api, form: CustomForm, record: Record, alice: Member
) -> None:
    other = record()
    ticket = ticket_open(flow=make_flow(form, definition("start > review > end")), values={}, actor=actor_of(alice))
    answer = api.refused("DELETE", address(form, "mass_destroy"), {"ids": [other, ticket.entity_id]}, status=409)
    (fault,) = answer["errors"]
    assert (fault["code"], fault["index"], fault["got"]) == ("ticket_running", 1, ticket.entity_id)
    assert left(form) == sorted([other, ticket.entity_id])


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_it_has_no_other_methods(api: Api, form: CustomForm, method: str) -> None:
    response = api.call(method, address(form, "mass_destroy"))
    assert (response.status_code, "DELETE" in response["Allow"]) == (405, True)
