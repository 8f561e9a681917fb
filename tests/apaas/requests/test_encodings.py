"""One request in the ways in which clients write a query string: the answer is the same; what is refused is shown as it
would be right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apaas.requests.right_examples import EXAMPLES, in_query
from forms_app.models import CustomForm
from tests.apaas.conftest import Api, address
from tests.factories import add_field

Record = Callable[..., int]
Pairs = list[tuple[str, str]]
Params = Mapping[str, Any]


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def indexed(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """`a[0][b]=1`: qs, PHP's http_build_query."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from indexed(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from indexed(f"{name}[{place}]", item)
    else:
        yield name, text(value)


def racked(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """`a[][b]=1&a[][c]=2`: Rails and Rack; the objects of a list follow each other without a number."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from racked(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for item in value:
            yield from racked(f"{name}[]", item)
    else:
        yield name, text(value)


def jquery(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """`a[]=1` for scalars, `a[0][b]=1` for objects: jQuery."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from jquery(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            part = place if isinstance(item, dict | list) else ""
            yield from jquery(f"{name}[{part}]", item)
    else:
        yield name, text(value)


def repeated(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """`a=1&a=2`: requests, Java's and Go's clients, jQuery's traditional; objects by number."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from repeated(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from repeated(f"{name}[{place}]" if isinstance(item, dict | list) else name, item)
    else:
        yield name, text(value)


def as_json(name: str, value: Any) -> Iterator[tuple[str, str]]:
    yield name, text(value)


def as_json_items(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """`a={…}&a={…}`: a text for each item."""
    for item in value if isinstance(value, list) else [value]:
        yield name, text(item)


ENCODINGS = (indexed, racked, jquery, repeated, as_json, as_json_items)


def query(encoding: Any, params: Params, escape: bool = True) -> str:
    pairs = [pair for name, value in params.items() for pair in encoding(name, value)]
    if encoding is jquery:
        pairs.append(("_", "1700000000000"))  # keeps a browser from its cache
    return urlencode(pairs) if escape else "&".join(f"{name}={quote(value)}" for name, value in pairs)


NAMES = ("id", "title", "amount", "due", "user", "created_at", "updated_at")
SINGLE = st.one_of(
    st.builds(lambda ids: {"name": "id", "op": "in", "value": ids}, st.lists(st.integers(1, 9), min_size=1, max_size=4,
                                                                              unique=True)),
    st.builds(lambda n: {"name": "amount", "op": "gte", "value": n}, st.integers(0, 4)),
    st.builds(lambda n: {"name": "amount", "op": "within", "value": [n, n + 2]}, st.integers(0, 4)),
    st.builds(lambda t: {"name": "title", "op": "like", "value": t}, st.sampled_from(["t", "泵 1", "[", "a&b=c", "%"])),
    st.builds(lambda f: {"name": "due", "op": "empty", "value": f}, st.booleans()),
    st.just({"name": "user", "op": "in", "value": {"user_ids": [1], "department_ids": [3, 4]}}),
)  # fmt: skip
FILTERS = st.lists(
    st.one_of(SINGLE, st.lists(SINGLE, min_size=2, max_size=3).map(lambda each: {"or": each})), max_size=3
)
SORTS = st.lists(st.sampled_from(NAMES), max_size=4, unique=True).flatmap(
    lambda names: st.tuples(
        *(st.sampled_from(["asc", "desc"]).map(lambda way, n=name: {n: way}) for name in names)
    ).map(list)
)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "filters": FILTERS,
        "sort": SORTS,
        "only_field_names": st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
        "per_page": st.integers(1, 3),
        "without_count": st.booleans(),
    },
)


@pytest.mark.slow
def test_a_valid_request_has_one_answer_in_each_encoding(api: Api, form: CustomForm, record: Record) -> None:
    for number in range(5):
        record(title=f"泵 {number} [%]" if number % 2 else "a&b=c", amount=number, due=None)

    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(QUERIES)
    def same(params: Params) -> None:
        expected = api.ok("PUT", "form_entities", {"custom_form_id": form.pk, **params})
        grouped = any("or" in item for item in params.get("filters", []))
        for encoding in ENCODINGS:
            if grouped and encoding is racked:
                continue  # which object of a list an inner list belongs to, it can't say
            for escape in (True, False):
                asked = f"{address(form)}&{query(encoding, params, escape)}"
                assert api.ok("GET", asked) == expected, asked

    same()


@pytest.mark.parametrize(
    ("asked", "same_as"),
    [
        ("only_field_names=id&only_field_names=amount", {"only_field_names": ["id", "amount"]}),
        ("only_field_names=id", {"only_field_names": ["id"]}),
        ("only_field_names[0]=id&only_field_names[1]=title", {"only_field_names": ["id", "title"]}),
        ('only_field_names=["id"]', {"only_field_names": ["id"]}),
        ('filters={"name":"amount","op":"gte","value":1}', {"filters": [{"name": "amount", "op": "gte", "value": 1}]}),
        ("filters[name]=amount&filters[op]=gte&filters[value]=1",
         {"filters": [{"name": "amount", "op": "gte", "value": 1}]}),
        ("filters[][name]=amount&filters[][op]=gte&filters[][value]=1&filters[][name]=title&filters[][op]=not_empty",
         {"filters": [{"name": "amount", "op": "gte", "value": 1}, {"name": "title", "op": "not_empty"}]}),
        ("filters[0][name]=user&filters[0][op]=in&filters[0][value][user_ids]=1&filters[0][value][user_ids]=2",
         {"filters": [{"name": "user", "op": "in", "value": {"user_ids": [1, 2]}}]}),
        ("filters[0][name]=user&filters[0][op]=in&filters[0][value][user_ids]=1",
         {"filters": [{"name": "user", "op": "in", "value": {"user_ids": [1]}}]}),
        ("filters[0][name]=id&filters[0][op]=in&filters[0][value]=1",
         {"filters": [{"name": "id", "op": "in", "value": [1]}]}),
        ('sort={"amount":"asc"}', {"sort": [{"amount": "asc"}]}),
        ("sort[amount]=asc", {"sort": [{"amount": "asc"}]}),
        ("sort[][amount]=desc&sort[][id]=asc", {"sort": [{"amount": "desc"}, {"id": "asc"}]}),
        ("sort[][id]=asc&sort[][amount]=desc", {"sort": [{"id": "asc"}, {"amount": "desc"}]}),
        ("sort[0][amount]=desc&sort[1][id]=asc&_=1700000000000", {"sort": [{"amount": "desc"}, {"id": "asc"}]}),
    ],
)  # fmt: skip
def test_an_encoding_means_what_json_means(
    api: Api, form: CustomForm, record: Record, asked: str, same_as: Params
) -> None:
    for number in range(3):
        record(title=f"t{number}", amount=number % 2)
    expected = api.ok("PUT", "form_entities", {"custom_form_id": form.pk, **same_as})
    assert api.ok("GET", f"{address(form)}&{asked}") == expected
    assert api.ok("PUT", f"{address(form)}&{asked}") == expected


@pytest.mark.parametrize(
    "body", [{"filters": {"name": "amount", "op": "gte", "value": 1}}, {"sort": {"amount": "desc"}}]
)
def test_one_filter_or_sort_object_stands_for_a_list_of_it(
    api: Api, form: CustomForm, record: Record, body: Params
) -> None:
    for number in range(3):
        record(amount=number)
    listed = {name: [value] for name, value in body.items()}
    assert api.ok("PUT", address(form, "ids"), body) == api.ok("PUT", address(form, "ids"), listed)


@pytest.mark.parametrize("asked", ["ids={0}&ids={1}", "ids[]={0}&ids[]={1}", "ids[0]={0}&ids[1]={1}", "ids=[{0},{1}]"])
def test_ids_are_read_from_the_address_too(api: Api, form: CustomForm, record: Record, asked: str) -> None:
    ids = [record(title="a"), record(title="b")]
    assert api.ok("DELETE", f"{address(form, 'mass_destroy')}&{asked.format(*ids)}") is None
    assert api.ok("GET", address(form, "ids")) == {"ids": []}


def test_one_id_is_read_from_the_address(api: Api, form: CustomForm, record: Record) -> None:
    kept, gone = record(title="a"), record(title="b")
    api.ok("DELETE", f"{address(form, 'mass_destroy')}&ids={gone}")
    assert api.ok("GET", address(form, "ids")) == {"ids": [kept]}


def test_unsaved_values_are_json_texts_too(api: Api, form: CustomForm, other_form: CustomForm) -> None:
    add_field(form, "to", ("relation_field", {"form": other_form.pk}))
    add_field(form, "sum", ("formula_field", {"formula": "{amount} + {to.price}"}))
    there = api.ok("POST", address(other_form), {"form_entity": {"price": 1}})["id"]
    values, related = {"amount": 1.25, "to": {"value": there}}, {"price": 2}
    table = other_form.data_table_name
    right = {"field_name": "sum", "form_entity": values, table: related}
    texts = {**right, "form_entity": json.dumps(values), table: json.dumps(related)}
    assert api.ok("PUT", address(form, "evaluate"), right) == api.ok("PUT", address(form, "evaluate"), texts)
    assert api.ok("GET", address(form, "evaluate", **texts)) == api.ok("PUT", address(form, "evaluate"), right)
    assert float(api.ok("GET", address(form, "evaluate", **texts))["value"]) == 3.25
    for wrong in ("x", '"{}"', "[]", "{", '{"a":1,"a":2}', "null"):
        for name in ("form_entity", table):
            api.refused("PUT", address(form, "evaluate"), {**texts, name: wrong})
    api.refused("POST", address(form), {"form_entity": json.dumps({"amount": 1})})


WRONG: list[tuple[str, str, str]] = [
    ("filters=x", "filters", "wrong_list"),
    ("filters=name&filters=op&filters=value", "filters", "wrong_object"),
    ("filters=[object Object]", "filters", "malformed_json"),
    ("filters[0][name]=id", "filters.op", "required"),
    ("filters[[0]]=1", "filters[[0]]", "malformed_parameter"),
    ("sort=created_at", "sort", "wrong_list"),
    ("sort=created_at desc&sort=id", "sort", "wrong_object"),
    ("sort={", "sort", "malformed_json"),
    ("only_field_names[a]=id", "only_field_names", "wrong_list"),
    ("only_field_names=[id,user]", "only_field_names", "malformed_json"),
    ("only_field_names[]=id&only_field_names=user", "only_field_names", "malformed_parameter"),
    ("a[=1", "a[", "malformed_parameter"),
]


@pytest.mark.parametrize(("asked", "field", "code"), WRONG)
def test_what_is_refused_shows_one_right_example(
    api: Api, form: CustomForm, record: Record, asked: str, field: str, code: str
) -> None:
    record(title="a")
    faults = api.refused("GET", f"{address(form)}&{asked}")["errors"]
    assert {(fault["field"], fault["code"]) for fault in faults} == {(field, code)}
    for fault in faults:
        assert isinstance(fault["allowed"], str)
        assert fault["allowed"].startswith(("filters[0][name]=", "sort[0][created_at]=", "only_field_names[]="))
        api.ok("GET", f"{address(form)}&{fault['allowed']}")


def test_in_a_body_the_example_is_json(api: Api, form: CustomForm) -> None:
    for name, wrong in (("filters", "x"), ("sort", [5]), ("only_field_names", "id"), ("only_field_names", {"id": 1})):
        (fault,) = api.refused("PUT", address(form), {name: wrong})["errors"]
        assert fault["allowed"] == {name: EXAMPLES[name]}
        api.ok("PUT", address(form), fault["allowed"])
    for method, path in (("PUT", "transfer"), ("DELETE", "mass_destroy")):
        faults = api.refused(method, address(form, path), {"ids": 5, "to_user_uid": 1})["errors"]
        assert faults[0]["allowed"] == {"ids": EXAMPLES["ids"]} or method == "DELETE"
    for wrong in ("x", [], 5):
        faults = api.refused("POST", address(form), {"form_entity": wrong})["errors"]
        assert faults[0]["allowed"] == {"form_entity": EXAMPLES["form_entity"]}


def test_the_examples_read_as_they_are_meant() -> None:
    assert in_query({"sort": EXAMPLES["sort"]}) == "sort[0][created_at]=desc&sort[1][id]=asc"
    assert in_query({"ids": EXAMPLES["ids"]}) == "ids[]=11&ids[]=22"
    assert in_query({"filters": EXAMPLES["filters"]}) == (
        "filters[0][name]=id&filters[0][op]=in&filters[0][value][]=11&filters[0][value][]=22"
    )


@pytest.mark.parametrize(
    "asked", ["page=1&page=2", "custom_form_id=1", "scope=all&scope=mine", "query=a&query=b", "per_page=1&per_page=1"]
)
def test_one_value_is_never_read_out_of_several(api: Api, form: CustomForm, asked: str) -> None:
    api.refused("GET", f"{address(form)}&{asked}")
