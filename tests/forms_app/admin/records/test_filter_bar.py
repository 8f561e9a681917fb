"""Conditions of the records page: every operator of every type, by the controls that a person fills in."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from forms_app.field_types import FieldType, Option
from forms_app.models import CustomForm, Member, Rows
from tests.accounts import linked, only
from tests.factories import RegionFactory, add_field, make_entity
from tests.forms_app.admin.conftest import FAIR, OLD, WEB
from tests.forms_app.admin.records.lists import page, shown
from tests.forms_app.field_types.every_type import EXAMPLE, TYPES, each_type, world

EAST, SHANGHAI = "60943MKVMq0Erpe9dUdV7w==", "WkFg1hVKiht2xdOjfhlpqQ=="


def asked(*conditions: tuple[str, ...], **others: str) -> str:
    """The address of these conditions: (field, operator, values …); of a range the second value is its end."""
    given: list[tuple[str, str]] = [*others.items()]
    for place, (name, op, *values) in enumerate(conditions, 1):
        given += [(f"f{place}", name), (f"f{place}.op", op)]
        if op == "within":
            given += zip((f"f{place}.v", f"f{place}.to"), values, strict=False)
        else:
            given += [(f"f{place}.v", value) for value in values]
    return f"?{urlencode(given)}"


@pytest.fixture
def customers(form: CustomForm, alice: Member, bob: Member) -> dict[str, int]:
    """Three customers that have nothing in common, and an empty one."""
    RegionFactory(id="310000", label="上海市", level="province", parent=RegionFactory(id="156", label="中国"))
    options = (Option(EAST, "华东"), Option(SHANGHAI, "上海", parent=EAST))
    for name, spec in (
        ("vip", "boolean_field"),
        ("day", "date_field"),
        ("span", "datetime_range_field"),
        ("path", ("nested_select", {}, options)),
        ("tags", ("multi_select", {}, (Option(WEB, "官网"), Option(FAIR, "展会")))),
        ("home", "address_select"),
        ("team", "department_field"),
        ("note", "text_area"),
        ("mail", "email_field"),
    ):
        add_field(form, name, spec)
    a = make_entity(
        form, alice, title="甲公司", source=WEB, amount=5, starts="2024-03-01 09:00", people=[{"uid": 2}], vip=True,
        day="2024-03-01", span=["2024-03-01 09:00", "2024-03-05 09:00"], path={"level_0": EAST, "level_1": SHANGHAI},
        tags=[WEB, FAIR], home={"country_id": "156", "province_id": "310000"}, team=[{"did": 3}], note="长文",
        mail="a@example.com",
    )  # fmt: skip
    b = make_entity(
        form, bob, title="乙公司", source=FAIR, amount=7.5, starts="2024-04-01 09:00", people=[{"uid": 3}], vip=False,
        day="2024-04-01", span=["2024-04-01 09:00", "2024-04-05 09:00"], tags=[FAIR], team=[{"did": 4}],
        home={"country_id": "156"}, leader={"value": a},
    )  # fmt: skip
    return {"a": a, "b": b, "empty": make_entity(form, alice)}


CASES = [
    (("title", "like", "甲"), "a"),
    (("mail", "like", "EXAMPLE"), "a"),
    (("note", "like", "长"), "a"),
    (("source", "eq", WEB), "a"),
    (("source", "in", WEB, FAIR), "ab"),
    (("source", "nin", WEB), "b+"),
    (("source", "ne", FAIR), "a+"),
    (("tags", "eq", WEB), "a"),
    (("tags", "in", FAIR), "ab"),
    (("amount", "gt", "5"), "b"),
    (("amount", "within", "5", "7"), "a"),
    (("amount", "within", "6", ""), "b"),
    (("amount", "within", "", "6"), "a"),
    (("total", "eq", "15"), "b"),
    (("starts", "eq", "2024-03-01"), "a"),
    (("starts", "eq", "2024-03-01 09:00:00"), "a"),
    (("starts", "within", "2024-03-02", "2024-04-01"), "b"),
    (("day", "lte", "2024-03-01"), "a"),
    (("span", "within", "2024-03-05", "2024-03-31"), "a"),
    (("vip", "eq", "true"), "a"),
    (("vip", "eq", "false"), "b"),
    (("people", "eq", '[{"uid":"2","name":"x"}]'), "a"),
    (("people", "in", '[{"uid":"2"},{"uid":"3"}]'), "ab"),
    (("people", "eq", "3"), "b"),
    (("team", "in", '[{"did":"4","name":"x"}]'), "b"),
    (("leader", "eq", '{"value":"A","label":"甲公司"}'), "b"),
    (("leader", "in", "A、999"), "b"),
    (("leader", "in", '{"value":"A"}'), "b"),
    (("path", "eq", f'{{"level_0":"{EAST}"}}'), "a"),
    (("home", "eq", '{"country_id":"156","detail_address":"南京路"}'), "ab"),
    (("home", "eq", '{"country_id":"156","province_id":"310000"}'), "a"),
    (("papers", "empty"), "ab+"),
    (("vip", "not_empty"), "ab"),
    (("id", "in", "A, B"), "ab"),
    (("id", "gt", "A"), "b+"),
    (("user", "eq", '[{"uid":"2","name":"member 2"}]'), "b"),
    (("user", "nin", '[{"uid":"2"}]'), "a+"),
    (("created_at", "gte", "2020-01-01"), "ab+"),
]


@pytest.mark.parametrize(("condition", "found"), CASES, ids=[" ".join(case[0])[:40] for case in CASES])
def test_an_operator_finds_what_a_person_asks_for(
    admin: Client, form: CustomForm, customers: dict[str, int], condition: tuple[str, ...], found: str
) -> None:
    a, b = str(customers["a"]), str(customers["b"])
    given = tuple(re.sub(r"\bA\b", a, re.sub(r"\bB\b", b, each)) for each in condition)
    content = page(admin, form, asked(given, o="id"))
    assert "fe-fault" not in content
    wanted = {"a": "a", "b": "b", "+": "empty"}
    assert shown(content) == [customers[wanted[each]] for each in found]


def test_conditions_hold_all_or_any(admin: Client, form: CustomForm, customers: dict[str, int]) -> None:
    both = (("title", "like", "甲"), ("amount", "gt", "6"))
    assert shown(page(admin, form, asked(*both))) == []
    assert shown(page(admin, form, asked(*both, match="any", o="id"))) == [customers["a"], customers["b"]]
    assert shown(page(admin, form, asked(*both, match="any", q="乙"))) == [customers["b"]]


@pytest.mark.parametrize("match", ["", "any"])
def test_what_can_t_be_asked_is_told_beside_its_condition(
    admin: Client, form: CustomForm, customers: dict[str, int], match: str
) -> None:
    wrong = (
        ("amount", "gt", "viel"),
        ("amount", "like", "5"),
        ("gone", "eq", "1"),
        ("source", "eq"),
        ("amount", "gt", "6"),
    )
    content = page(admin, form, asked(*wrong, match=match))
    told = [block.count("fe-fault") for block in content.split('<div class="fr-condition')[1:]]
    assert told == [1, 1, 1, 1, 0]
    assert shown(content) == [customers["b"]]
    assert 'role="alert"' in content


def test_a_condition_is_shown_again_as_it_was_asked(admin: Client, form: CustomForm, customers: dict[str, int]) -> None:
    content = page(
        admin,
        form,
        asked(("source", "in", WEB, OLD), ("amount", "within", "1", "9.50"), ("day", "gt", "2024-01-01 10:00")),
    )
    assert content.count(" checked>") >= 2 and f'value="{OLD}" checked' in content
    for name, value in (("f2.v", "1"), ("f2.to", "9.50"), ("f3.v", "2024-01-01 10:00")):
        assert re.search(rf'<input[^>]*value="{re.escape(value)}"[^>]*name="{re.escape(name)}"', content), name


def test_a_link_keeps_conditions_search_and_order(admin: Client, form: CustomForm, records: list[int]) -> None:
    content = page(admin, form, asked(("amount", "gte", "1"), q="客户", o="-amount")).replace("&amp;", "&")
    (following,) = re.findall(r'href="(\?[^"]*)" rel="next"', content)
    assert shown(page(admin, form, following)) == records[4:0:-1]
    (heading,) = re.findall(r'href="(\?[^"]*o=title[^"]*)"', content)
    assert "f1=amount" in heading and "&p=" not in heading


@pytest.mark.parametrize("op", ["", "like", "nonsense"])
def test_the_bar_alone_is_drawn_for_the_script(admin: Client, form: CustomForm, op: str) -> None:
    url = reverse("admin:forms_app_customform_record_conditions", args=[form.pk])
    content = admin.get(url, {"f4": "title", "f4.op": op, "more": "1"}).content.decode()
    assert 'name="f4.v"' in content if op != "nonsense" else 'name="f4.v"' not in content
    assert 'name="f5"' in content and "<html" not in content


@each_type(TYPES)
def test_every_operator_of_every_type_can_be_chosen(
    field_type: FieldType, admin: Client, alice: Member, custom_app: Any
) -> None:
    form = world(field_type, alice, custom_app)
    url = reverse("admin:forms_app_customform_record_conditions", args=[form.pk])
    first = admin.get(url, {"f1": EXAMPLE}).content.decode()
    ops = re.findall(r'<option value="(\w+)"', first.split('name="f1.op"')[1].split("</select>")[0])
    assert ops
    for op in ops:
        content = admin.get(url, {"f1": EXAMPLE, "f1.op": op}).content.decode()
        assert ('name="f1.v"' in content) is (op not in ("empty", "not_empty")), op


def test_what_is_hidden_is_neither_asked_nor_counted(
    client: Client, form: CustomForm, customers: dict[str, int], bob: Member
) -> None:
    linked(client, bob)
    only(bob, {"verbs": ("read",), "hidden": ["amount", "mail"]})
    content = page(client, form)
    assert 'value="amount"' not in content and "label of amount" not in content
    everything = [customers["empty"], customers["b"], customers["a"]]
    for query in (
        asked(("amount", "gt", "6")),
        asked(("total", "gt", "6")),  # which is computed of it
        "?o=amount",
        "?in=mail&q=a@example.com",
        asked(("mail", "empty")),
    ):
        content = page(client, form, query)
        assert shown(content) == everything, query
        assert re.search(r'fa-total"[^>]*>[^<]*3', content), query


def test_only_records_that_one_may_read_are_counted(
    client: Client, form: CustomForm, customers: dict[str, int], bob: Member
) -> None:
    linked(client, bob)
    only(bob, {"verbs": ("read",), "rows": Rows.OWN})
    for query in ("", asked(("amount", "gt", "1")), asked(("amount", "gt", "1"), ("title", "like", "甲"), match="any")):
        content = page(client, form, query)
        assert shown(content) == [customers["b"]]
        assert re.search(r'fa-total"[^>]*>[^<]*1', content)


def test_conditions_that_are_too_dear_say_so(
    admin: Client, form: CustomForm, records: list[int], settings: Settings
) -> None:
    settings.MAX_SCANNED_VALUES = 59
    content = page(admin, form, asked(("amount", "gt", "1"), ("title", "like", "客户")))
    assert shown(content) == [] and "59" in content
