"""GET|PUT form_entities with `cursor`: pages by position, over any sort, while others write."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from forms_app.models import CustomForm, Member
from tests.apaas.conftest import Api, address
from tests.factories import MemberFactory, make_entity

Record = Callable[..., int]
NUMBERED = ("page", "current_page", "next_page", "prev_page")


@pytest.fixture
def ids(form: CustomForm, alice: Member) -> list[int]:
    """Ten records; the amounts of some are equal, those of others empty."""
    return [
        make_entity(form, alice, title=f"pump {n % 4}", **({} if n % 5 == 4 else {"amount": n // 3})) for n in range(10)
    ]


def walked(
    api: Api, form: CustomForm, per_page: int = 3, between: Callable[[], None] | None = None, **terms: Any
) -> Any:
    """The ids of all pages, one after the other; `between` two of them something happens."""
    found: list[int] = []
    cursor = "*"
    while cursor is not None:
        body = {**terms, "cursor": cursor, "per_page": per_page, "only_field_names": ["id"]}
        data = api.ok("PUT", address(form), body)
        assert len(data["models"]) == per_page or data["next_cursor"] is None
        found += [model["id"] for model in data["models"]]
        cursor = data["next_cursor"]
        if between:
            between()
    return found


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_first_page_has_a_cursor_to_the_next_and_no_number(
    api: Api, form: CustomForm, ids: list[int], method: str
) -> None:
    data = api.ok(method, address(form, cursor="*", per_page=4))
    assert list(data) == ["models", "total_count", "total_pages", "per_page", "next_cursor"]
    assert (data["total_count"], data["total_pages"], data["per_page"]) == (10, 3, 4)
    assert [model["id"] for model in data["models"]] == ids[:-5:-1]
    following = api.ok(method, address(form, cursor=data["next_cursor"], per_page=4, without_count="true"))
    assert list(following) == ["models", "per_page", "next_cursor"]
    assert [model["id"] for model in following["models"]] == ids[-5:-9:-1]
    last = api.ok(method, address(form, cursor=following["next_cursor"], per_page=4))
    assert ([model["id"] for model in last["models"]], last["next_cursor"]) == (ids[1::-1], None)


def test_without_the_parameter_no_key_is_added(api: Api, form: CustomForm, ids: list[int]) -> None:
    for query in ({}, {"cursor": ""}):
        data = api.ok("GET", address(form, **query))
        assert "next_cursor" not in data
        assert set(NUMBERED) <= set(data)


def test_a_page_that_is_just_full_is_the_last(api: Api, form: CustomForm, ids: list[int]) -> None:
    assert api.ok("GET", address(form, cursor="*", per_page=10))["next_cursor"] is None
    assert api.ok("GET", address(form, cursor="*", scope="department", per_page=9))["next_cursor"] is not None


def test_a_form_without_records_is_one_empty_page(api: Api, form: CustomForm) -> None:
    assert api.ok("GET", address(form, cursor="*"))["models"] == []
    assert walked(api, form) == []


@pytest.mark.parametrize("per_page", [1, 3, 10])
@pytest.mark.parametrize(
    "sort",
    [
        None,
        [{"id": "asc"}],
        [{"amount": "asc"}],
        [{"amount": "desc"}],
        [{"amount": "desc"}, {"id": "asc"}],
        [{"title": "desc"}, {"amount": "asc"}],
        [{"user": "asc"}, {"created_at": "desc"}],
    ],
)
def test_all_pages_together_are_the_ids_in_order(
    api: Api, form: CustomForm, ids: list[int], sort: Any, per_page: int
) -> None:
    terms = {"sort": sort} if sort else {}
    expected = api.ok("PUT", address(form, "ids"), terms)["ids"]
    assert sorted(expected) == ids
    assert walked(api, form, per_page, **terms) == expected


def test_what_is_written_meanwhile_makes_no_page_repeat_or_skip(
    api: Api, form: CustomForm, ids: list[int], record: Record
) -> None:
    expected = api.ok("PUT", address(form, "ids"), {"sort": [{"amount": "asc"}]})["ids"]
    before, after = expected[0], expected[-1]
    written: list[int] = []

    def others_write() -> None:
        if not written:
            api.ok("DELETE", address(form, "mass_destroy"), {"ids": [expected[1], expected[2], after]})
        written.append(record(title="before", amount=-1))

    found = walked(api, form, 3, others_write, sort=[{"amount": "asc"}])
    assert found == [before, expected[1], expected[2], *expected[3:-1]]  # the page behind a destroyed record goes on
    assert len(written) > 2
    behind = record(title="behind", amount=99)
    assert walked(api, form, 3, sort=[{"amount": "asc"}, {"id": "asc"}])[: len(written)] == written
    assert behind in walked(api, form, 3, sort=[{"amount": "asc"}])


def test_filters_search_and_scope_go_on_from_page_to_page(
    api: Api, form: CustomForm, ids: list[int], bob: Member
) -> None:
    make_entity(form, bob, title="pump of Bob", amount=1)
    terms = {
        "filters": [{"or": [{"name": "amount", "op": "gte", "value": 1}, {"name": "amount", "op": "empty"}]}],
        "search_column_name": "title",
        "query": "PUMP",
        "scope": "mine",
        "sort": [{"amount": "desc"}],
    }
    expected = api.ok("PUT", address(form, "ids"), terms)["ids"]
    assert 3 < len(expected) < 10
    assert walked(api, form, 2, **terms) == expected


def cursor_of(api: Api, form: CustomForm, **terms: Any) -> str:
    return str(api.ok("PUT", address(form), {"cursor": "*", "per_page": 2, **terms})["next_cursor"])


@pytest.mark.parametrize(
    "others",
    [
        {"sort": [{"amount": "desc"}]},
        {"sort": [{"id": "asc"}]},
        {"sort": [{"amount": "asc"}, {"id": "desc"}]},
        {"filters": [{"name": "amount", "op": "gte", "value": 0}]},
        {"search_column_name": "title", "query": "pump"},
        {"scope": "mine"},
        {},
    ],
)
def test_a_cursor_of_another_sort_or_selection_is_refused(
    api: Api, form: CustomForm, ids: list[int], others: dict[str, Any]
) -> None:
    given = cursor_of(api, form, sort=[{"amount": "asc"}])
    (fault,) = api.refused("PUT", address(form), {"cursor": given, **others})["errors"]
    assert (fault["field"], fault["code"], fault["allowed"]) == ("cursor", "wrong_cursor", "*")


def test_a_cursor_of_another_form_is_refused(
    api: Api, form: CustomForm, ids: list[int], other_form: CustomForm, stranger: Api
) -> None:
    given = cursor_of(api, form)
    assert api.faults("GET", address(other_form, cursor=given)) == [("cursor", "wrong_cursor", None)]
    stranger.refused("GET", address(form, cursor=given), status=404)


def test_a_cursor_serves_whoever_may_read_the_form(
    api: Api, reader: Api, limited: Api, form: CustomForm, ids: list[int]
) -> None:
    given = cursor_of(api, form)
    pages = [found.ok("GET", address(form, cursor=given)) for found in (api, reader, limited)]
    assert pages[0] == pages[1] == pages[2]


def test_every_change_of_a_cursor_is_refused(api: Api, form: CustomForm, ids: list[int]) -> None:
    given = cursor_of(api, form)
    raw = base64.urlsafe_b64decode(given + "==")
    changed = [bytes([*raw[:n], raw[n] ^ 1, *raw[n + 1 :]]) for n in range(len(raw))]
    changed += [b"", raw[:16], raw[:-1], raw + b" ", b"\0" * 16 + b"[[null],1]"]
    for content in changed:
        text = base64.urlsafe_b64encode(content).decode().rstrip("=") or "A"
        assert api.faults("PUT", address(form), {"cursor": text}) == [("cursor", "wrong_cursor", None)], content


@pytest.mark.parametrize("text", ["a", "**", "光标", "=", "%00", "a" * 10_000, "ab cd", "*="])
def test_what_is_no_cursor_is_refused(api: Api, form: CustomForm, ids: list[int], text: str) -> None:
    assert api.faults("PUT", address(form), {"cursor": text}) == [("cursor", "wrong_cursor", None)]


@pytest.mark.parametrize("value", [1, True, ["*"], {"a": 1}])
def test_a_cursor_is_a_text(api: Api, form: CustomForm, value: Any) -> None:
    assert api.faults("PUT", address(form), {"cursor": value}) == [("cursor", "wrong_text", None)]


def test_a_page_has_a_number_or_a_cursor(api: Api, form: CustomForm) -> None:
    assert api.faults("PUT", address(form), {"cursor": "*", "page": 1}) == [("page", "not_with_cursor", None)]
    body = {"cursor": "*", "page": 2, "per_page": 0, "sort": [{"nope": "asc"}]}
    codes = {code for _field, code, _index in api.faults("PUT", address(form), body)}
    assert codes == {"not_with_cursor", "wrong_integer", "unknown_field"}
    assert api.ok("PUT", address(form), {"cursor": "*", "page": ""})["next_cursor"] is None


@pytest.mark.parametrize("path", ["ids", "simple"])
def test_other_calls_take_no_cursor(api: Api, form: CustomForm, path: str) -> None:
    assert api.faults("GET", address(form, path, cursor="*")) == [("cursor", "unknown_parameter", None)]


def test_who_stands_in_a_department_may_change_on_the_way(
    api: Api, form: CustomForm, ids: list[int], people: dict[int, Member]
) -> None:
    """The selection is by its name: a newcomer's records belong to the pages that follow."""
    given = cursor_of(api, form, scope="department", sort=[{"id": "asc"}])
    newcomer = MemberFactory(organization=people[1].organization, uid=9)
    newcomer.departments.add(people[4].departments.get())
    late = make_entity(form, newcomer, title="late")
    body = {"cursor": given, "scope": "department", "sort": [{"id": "asc"}]}
    assert [model["id"] for model in api.ok("PUT", address(form), body)["models"]] == [*ids[2:], late]


def test_a_long_text_is_a_place_too(api: Api, form: CustomForm, alice: Member) -> None:
    start = "长" * 500
    ids = [make_entity(form, alice, title=start + end) for end in ("b", "a", "", "c", "a")]
    expected = [ids[2], ids[1], ids[4], ids[0], ids[3]]
    assert walked(api, form, 1, sort=[{"title": "asc"}]) == expected
    assert walked(api, form, 2, sort=[{"title": "desc"}]) == [ids[3], ids[0], ids[4], ids[1], ids[2]]
