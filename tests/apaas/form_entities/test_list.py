"""GET|PUT form_entities: a page of records."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from forms_app.models import CustomForm, FormTab, Member
from tests.apaas.conftest import Api, address, parsed
from tests.factories import add_field, make_entity, make_token

Record = Callable[..., int]
TERMS: dict[str, Any] = {
    "search_column_name": "title",
    "query": "泵",
    "filters": [{"name": "amount", "op": "within", "value": [2, 5]}, {"name": "id", "op": "gt", "value": 1}],
    "sort": [{"amount": "desc"}],
    "scope": "mine",
    "page": 1,
    "per_page": 3,
    "only_field_names": ["id", "amount"],
}
SYSTEM = ["id", "app_id", "custom_form_id", "organization_id", "custom_form_data_table_name", "primary_field_value"]


def found(data: Any) -> list[int]:
    return [model["id"] for model in data["models"]]


@pytest.fixture
def pumps(record: Record) -> list[int]:
    """Records with the amounts 0 to 6; the odd ones are pumps."""
    return [record(title=f"循环泵 {n}" if n % 2 else f"阀门 {n}", amount=n) for n in range(7)]


def test_it_pages_with_exact_totals(api: Api, form: CustomForm, record: Record) -> None:
    ids = [record(title=f"record {n}", amount=n) for n in range(5)]
    data = api.ok("PUT", "form_entities", {"custom_form_id": form.pk, "page": 2, "per_page": 2})
    assert [model["id"] for model in data.pop("models")] == [ids[2], ids[1]]
    assert data == {
        "total_count": 5,
        "total_pages": 3,
        "next_page": 3,
        "prev_page": 1,
        "current_page": 2,
        "per_page": 2,
        "page": 2,
    }


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("path", ["form_entities", "form_entities/"])
def test_it_takes_every_parameter_in_the_body(
    api: Api, form: CustomForm, pumps: list[int], method: str, path: str
) -> None:
    data = api.ok(method, path, {"custom_form_id": form.pk, **TERMS})
    assert data["models"] == [{"id": pumps[5], "amount": 5}, {"id": pumps[3], "amount": 3}]
    assert (data["total_count"], data["per_page"]) == (2, 3)


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("spelling", ["json", "rails", "indexed"])
def test_it_takes_every_parameter_in_the_query_string(
    api: Api, form: CustomForm, pumps: list[int], method: str, spelling: str
) -> None:
    plain = {k: v for k, v in TERMS.items() if k not in ("filters", "sort", "only_field_names")}
    pairs = [("custom_form_id", str(form.pk)), *((k, str(v)) for k, v in plain.items())]
    if spelling == "json":
        pairs += [(name, json.dumps(TERMS[name])) for name in ("filters", "sort", "only_field_names")]
    else:
        place = (lambda n: str(n)) if spelling == "indexed" else (lambda n: "")
        for n, term in enumerate(TERMS["filters"]):
            pairs += [(f"filters[{place(n)}][name]", term["name"]), (f"filters[{place(n)}][op]", term["op"])]
            if isinstance(term["value"], list):
                pairs += [(f"filters[{place(n)}][value][]", str(value)) for value in term["value"]]
            else:
                pairs.append((f"filters[{place(n)}][value]", str(term["value"])))
        pairs.append((f"sort[{place(0)}][amount]", "desc"))
        pairs += [("only_field_names[]", name) for name in TERMS["only_field_names"]]
    data = api.ok(method, f"form_entities?{urlencode(pairs)}")
    assert data["models"] == [{"id": pumps[5], "amount": 5}, {"id": pumps[3], "amount": 3}]


def test_a_query_string_of_unescaped_utf8_is_read(api: Api, form: CustomForm, pumps: list[int]) -> None:
    query = f"custom_form_id={form.pk}&search_column_name=title&query=泵+5"
    response = api.call("GET", "form_entities", QUERY_STRING=query.encode().decode("latin-1"))
    assert found(parsed(response)["data"]) == [pumps[5]]


def test_the_body_wins_over_the_query_string_and_empties_are_no_parameters(
    api: Api, form: CustomForm, pumps: list[int]
) -> None:
    data = api.ok("PUT", address(form, page=9, per_page=2), {"page": 2, "per_page": None, "query": "", "filters": []})
    assert (data["page"], data["per_page"], data["total_count"]) == (2, 2, 7)
    assert api.ok("GET", address(form, page="", per_page="", scope="", query=""))["per_page"] == 15


def test_without_count_leaves_the_totals_out(api: Api, form: CustomForm, pumps: list[int]) -> None:
    data = api.ok("GET", address(form, without_count="true", per_page=3))
    assert list(data) == ["models", "next_page", "prev_page", "current_page", "per_page", "page"]
    assert (len(data["models"]), data["next_page"], data["prev_page"]) == (3, 2, None)
    last = api.ok("PUT", address(form), {"without_count": True, "per_page": 3, "page": 3})
    assert (len(last["models"]), last["next_page"], last["prev_page"]) == (1, None, 2)
    assert "total_count" in api.ok("GET", address(form, without_count="false"))


def test_the_full_record_has_its_keys_in_the_documented_order(api: Api, wide: CustomForm, alice: Member) -> None:
    add_field(wide, "last", "text_field")
    token = "H6Qq/ojoIFNyICUXzx3UOw=="
    record_id = make_entity(wide, alice, title="t", a_select_field=token)
    (model,) = api.ok("GET", address(wide))["models"]
    names = list(wide.custom_fields.order_by("position", "id").values_list("name", flat=True))
    choices = {f"a_{kind}" for kind in ("select_field", "select2_field", "multi_select", "nested_select")}
    expected = [key for name in names for key in ([name, f"{name}_display"] if name in choices else [name])]
    shown = [key for key in model if key != "a_address_select_display"]
    assert shown == [*SYSTEM, "user", "created_at", "updated_at", *expected]
    assert (model["id"], model["a_select_field"], model["a_select_field_display"]) == (record_id, token, "官网")
    assert (model["a_date_field"], model["last"], model["a_multi_select_display"]) == (None, None, None)
    assert list(model["user"]) == ["id", "uid", "name", "phone", "path_uid", "third_userid"]
    assert model["primary_field_value"] == "t"
    assert model["custom_form_data_table_name"] == wide.data_table_name


def test_only_field_names_gives_exactly_these_in_their_order(api: Api, wide: CustomForm, alice: Member) -> None:
    make_entity(wide, alice, a_select_field="H6Qq/ojoIFNyICUXzx3UOw==")
    for names in (
        ["a_select_field"],
        ["a_select_field_display"],
        ["user", "a_select_field_display", "a_select_field", "id"],
        [*SYSTEM, "user", "created_at", "updated_at"],
        ["a_text_area", "updated_at"],
    ):
        (model,) = api.ok("PUT", address(wide), {"only_field_names": names})["models"]
        assert list(model) == names


def test_the_default_order_is_the_last_change_first(api: Api, form: CustomForm, pumps: list[int]) -> None:
    api.ok("PUT", address(form, str(pumps[2])), {"form_entity": {"amount": 20}})
    assert found(api.ok("GET", address(form))) == [pumps[2], *[p for p in reversed(pumps) if p != pumps[2]]]


def test_no_page_repeats_or_skips_a_record_whatever_the_order(api: Api, form: CustomForm, record: Record) -> None:
    ids = [record(title="same", **({"amount": 1} if n % 3 else {})) for n in range(8)]
    for sort in ([{"title": "asc"}], [{"amount": "desc"}], [{"amount": "asc"}, {"title": "desc"}], None):
        pages = [
            found(api.ok("PUT", address(form), {"sort": sort, "per_page": 3, "page": page})) for page in (1, 2, 3, 4)
        ]
        assert sorted(chain.from_iterable(pages)) == ids
        assert pages[3] == []
    by_amount = found(api.ok("PUT", address(form), {"sort": [{"amount": "desc"}]}))
    empty = [ids[n] for n in (0, 3, 6)]
    assert by_amount == [i for i in reversed(ids) if i not in empty] + empty[::-1]


def test_scopes_are_the_built_in_ones_and_the_form_s_own(
    api: Api, form: CustomForm, people: dict[int, Member], pumps: list[int]
) -> None:
    below, outside = (make_entity(form, people[uid], title=f"of {uid}", amount=3) for uid in (4, 2))
    FormTab.objects.create(
        custom_form=form,
        name="big",
        label="大的",
        filters=[{"name": "amount", "op": "gte", "value": 3.0}],
        sort=[{"amount": "asc"}, {"id": "asc"}],
    )
    every = set(pumps) | {below, outside}
    for scope, expected in (("all", every), ("mine", set(pumps)), ("department", {*pumps, below})):
        assert set(found(api.ok("GET", address(form, scope=scope)))) == expected
    assert found(api.ok("GET", address(form, scope="big"))) == [pumps[3], below, outside, *pumps[4:]]
    assert found(api.ok("PUT", address(form, scope="big"), {"sort": [{"amount": "desc"}], "per_page": 1})) == [pumps[6]]
    bob = Api(make_token(people[2])[1])
    assert found(bob.ok("GET", address(form, scope="department"))) == []
    (fault,) = api.refused("GET", address(form, scope="nobody"))["errors"]
    assert (fault["code"], fault["allowed"]) == ("unknown_scope", ["all", "mine", "department", "big"])


def test_all_faults_of_the_request_are_named_at_once(api: Api, form: CustomForm) -> None:
    body = {
        "page": 0,
        "per_page": 1001,
        "nonsense": 1,
        "scope": "nobody",
        "filters": [{"name": "title", "op": "within", "value": 1}, {"name": "x", "op": "eq", "value": 1}],
        "sort": [{"amount": "up"}],
        "search_column_name": "amount",
        "query": "x",
        "only_field_names": ["id", "nope"],
    }
    assert set(api.faults("PUT", address(form), body)) == {
        ("page", "wrong_integer", None),
        ("per_page", "wrong_integer", None),
        ("nonsense", "unknown_parameter", None),
        ("scope", "unknown_scope", None),
        ("title", "unknown_operator", 0),
        ("x", "unknown_field", 1),
        ("amount", "unknown_direction", 0),
        ("search_column_name", "not_searchable", None),
        ("nope", "unknown_field", 1),
    }


def test_an_unknown_parameter_is_refused_with_those_that_are_known(api: Api, form: CustomForm) -> None:
    (fault,) = api.refused("GET", address(form, pagesize=3))["errors"]
    assert (fault["field"], fault["code"], fault["got"]) == ("pagesize", "unknown_parameter", "3")
    assert {"custom_form_id", "filters", "per_page", "only_field_names", "without_count"} <= set(fault["allowed"])


@pytest.mark.parametrize("name", ["custom_app_id=4", "request_ticket=x-1", "format=json", "csrfmiddlewaretoken=x"])
def test_parameters_without_effect_are_accepted(api: Api, form: CustomForm, name: str) -> None:
    assert api.ok("GET", f"{address(form)}&{name}")["models"] == []


def test_the_form_is_required(api: Api) -> None:
    for method in ("GET", "PUT"):
        assert api.faults(method, "form_entities") == [("custom_form_id", "required", None)]
    for wrong in ("x", "0", "-1", "1.5", str(2**63), "１"):
        path = f"form_entities?custom_form_id={quote(wrong)}"
        assert api.faults("GET", path) == [("custom_form_id", "wrong_id", None)], wrong


def test_charlie_gets_not_found_just_as_for_a_form_that_is_absent(api: Api, stranger: Api, form: CustomForm) -> None:
    body = {"filters": [{"name": "nope", "op": "eq", "value": 1}], "page": 0}
    absent = api.refused("PUT", "form_entities?custom_form_id=987654321", body, status=404)
    hidden = stranger.refused("PUT", address(form), body, status=404)
    assert hidden["errors"][0].pop("got") == form.pk
    assert absent["errors"][0].pop("got") == 987654321
    assert hidden["errors"] == absent["errors"]


def test_a_disabled_form_is_not_found(api: Api, form: CustomForm) -> None:
    form.status = "disable"
    form.save()
    api.refused("GET", address(form), status=404)


def test_a_limited_token_sees_its_forms_only(
    limited: Api, reader: Api, form: CustomForm, other_form: CustomForm
) -> None:
    assert limited.ok("GET", address(form))["models"] == []
    limited.refused("GET", address(other_form), status=404)
    assert reader.ok("PUT", address(other_form))["models"] == []


def test_a_limited_token_learns_no_value_of_a_form_it_does_not_see(
    api: Api, limited: Api, form: CustomForm, other_form: CustomForm, alice: Member
) -> None:
    add_field(form, "partner", ("relation_field", {"form": other_form.pk}))
    hidden = make_entity(other_form, alice, secret="geheim")
    make_entity(form, alice, partner={"value": hidden})
    query = address(form, **{"only_field_names[]": "partner"})
    assert api.ok("GET", query)["models"][0]["partner"]["label"] == "geheim"
    assert "geheim" not in limited.call("GET", query).content.decode()
    for path in ("secret", "partner.secret", "partner__secret"):
        name = [{"name": path, "op": "like", "value": "g"}]
        assert limited.faults("PUT", address(form), {"filters": name}) == [(path, "unknown_field", 0)]
        assert limited.faults("PUT", address(form), {"sort": [{path: "asc"}]}) == [(path, "unknown_field", 0)]


def test_numbers_keep_every_digit_and_text_is_sent_as_it_is(api: Api, form: CustomForm) -> None:
    raw = '{"form_entity":{"title":"泵😀","amount":123456789123456.12345}}'.encode()
    api.ok("POST", address(form), raw=raw)
    body = api.call("GET", address(form)).content.decode()
    assert '"amount":123456789123456.12345' in body
    assert '"title":"泵😀"' in body


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_other_methods_are_refused(api: Api, method: str) -> None:
    response = api.call(method, "form_entities")
    assert response.status_code == 405
    assert {"GET", "PUT", "POST"} <= set(response["Allow"].split(", "))
