"""A list whose total takes too long to count still shows its records, and says what is known of how many there are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from forms_app.database.cursor import fetch
from forms_app.models import CustomForm, Member
from forms_app.records.query import EntityQuery, entity_query, page_totals, pages, totals
from forms_app.records.query.costs import affordable
from tests.factories import make_entity

ROW = re.compile(r'class="fr-open"')


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counting takes longer than anybody waits; gives the form of each attempt."""
    attempts: list[int] = []

    def counted(form_id: int, where: Any) -> int:
        attempts.append(form_id)
        fetch("SELECT pg_sleep(20)", [])
        raise AssertionError("nobody cancelled it")

    monkeypatch.setattr(page_totals, "FEW", 0)
    monkeypatch.setattr(page_totals, "SECONDS", 0.1)
    monkeypatch.setattr(totals, "counted", counted)
    monkeypatch.setattr(pages.Listing, "page", lambda listing: pages.CountedPage(None, None))
    return attempts


@pytest.fixture
def many(form: CustomForm, alice: Member) -> CustomForm:
    for n in range(60):
        make_entity(form, alice, title=f"客户 {n}", amount=n)
    return form


def shown(client: Client, form: CustomForm, query: str) -> str:
    response = client.get(reverse("admin:forms_app_customform_records", args=[form.pk]) + query)
    assert response.status_code == 200
    return str(response.content.decode())


def total(page: str) -> str:
    found = re.search(r'class="fa-total" role="status">(.*?)</span>', page)
    assert found
    return found[1]


ASKED = {"a condition": "?f1=amount&f1.op=gte&f1.v=0", "a search": "?in=title&q=客户", "one's own": "?tab=mine&q=客户"}


@pytest.mark.parametrize("asked", [ASKED["a condition"], ASKED["a search"]], ids=["a condition", "a search"])
def test_the_records_are_shown_without_an_exact_total(
    admin: Client, many: CustomForm, slow: list[int], asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(admin, many, asked)
    assert len(ROW.findall(page)) == 25
    assert total(page) == "超过 24 条记录"
    assert "fa-warning" not in page and slow == [many.pk]
    monkeypatch.setattr(page_totals, "MANY", 50)
    assert total(shown(admin, many, asked)) == "超过 50 条记录"
    monkeypatch.setattr(page_totals, "MANY", 60)
    assert total(shown(admin, many, asked)) == "超过 24 条记录"


def test_one_pages_on_to_the_end_and_back_from_behind_it(admin: Client, many: CustomForm, slow: list[int]) -> None:
    first = shown(admin, many, ASKED["a condition"])
    assert 'rel="next"' in first and "max=" not in first.split("fr-jump")[1].split("</form>")[0]
    last = shown(admin, many, ASKED["a condition"] + "&p=3")
    assert len(ROW.findall(last)) == 10 and 'rel="next"' not in last and 'rel="prev"' in last
    assert len(ROW.findall(shown(admin, many, ASKED["a condition"] + "&p=9"))) == 25


def test_all_of_a_list_that_is_not_counted_can_not_be_chosen(admin: Client, many: CustomForm, slow: list[int]) -> None:
    assert 'name="all"' not in shown(admin, many, ASKED["a condition"])


def test_where_nothing_is_asked_the_total_is_exact(admin: Client, many: CustomForm, slow: list[int]) -> None:
    assert total(shown(admin, many, "")) == "共 60 条记录"
    assert slow == []


def test_what_is_counted_in_time_is_exact(admin: Client, many: CustomForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_totals, "FEW", 0)
    assert total(shown(admin, many, "?f1=amount&f1.op=gte&f1.v=10")) == "共 50 条记录"
    assert fetch("SHOW statement_timeout", []) != [("1s",)]


def test_a_page_that_takes_too_long_itself_does_not_say_that_nothing_matches(
    admin: Client, many: CustomForm, slow: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(*_args: Any, **_kwargs: Any) -> Any:
        with transaction.atomic(), page_totals.limited(0.1):
            return fetch("SELECT pg_sleep(20)", [])

    monkeypatch.setattr(entity_query, "fetch", too_long)
    page = shown(admin, many, ASKED["a condition"])
    assert "fa-warning" in page
    assert "没有符合条件的记录" not in page and total(page) == ""


def test_where_the_order_is_no_help_all_that_match_are_gathered_after_all(
    admin: Client, many: CustomForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page in an order whose first records do not match takes longer than all of them at once."""
    attempts: list[int] = []
    gathered = EntityQuery.page_and_count

    def page_and_count(query: EntityQuery, limit: int, offset: int = 0) -> Any:
        attempts.append(offset)
        if len(attempts) == 1:
            fetch("SELECT pg_sleep(20)", [])
        return gathered(query, limit, offset)

    monkeypatch.setattr(page_totals, "FEW", 0)
    monkeypatch.setattr(page_totals, "SECONDS", 0.1)
    monkeypatch.setattr(EntityQuery, "page_and_count", affordable(page_and_count))
    monkeypatch.setattr(EntityQuery, "page", affordable(lambda query, *_: fetch("SELECT pg_sleep(20)", [])))
    assert total(shown(admin, many, ASKED["a condition"])) == "共 60 条记录"
    assert len(attempts) == 2
