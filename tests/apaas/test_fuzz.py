"""Arbitrary JSON, bytes and text wherever the API takes something: never our fault; what is refused changes nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_app.models import CustomForm
from tests.apaas.conftest import Api, address, parsed
from tests.apaas.test_injection import snapshot
from tests.factories import schema_of

pytestmark = pytest.mark.slow

TAMED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WORDS = st.sampled_from(
    [
        "id", "user", "title", "a_select_field", "a_integer_field", "asc", "desc", "in", "eq", "within", "like", "or",
        "empty", "name", "op", "value", "user_ids", "department_ids", "uid", "did", "level_0", "level_1", "country_id",
        "latitude", "longitude", "detail_address", "file_url", "label", "relation_source", "all", "mine",
        "H6Qq/ojoIFNyICUXzx3UOw==", "2023-08-20 00:00:00", "9999-12-31T23:59:59+00:00", "0001-01-01", "1e400",
        "https://a.example/b", "13800138000", "x@y.zz", "\x00", "\ud800", "１", "",
    ]
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 1e308, 5e-324, 2**63, -(2**63), 2**64, 10**38, 10**300, 0.1]),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS, st.text(max_size=12))
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(WORDS, st.text(max_size=5)), inner, max_size=4)
    ),
    max_leaves=8,
)
PARAMETERS = [
    "custom_form_id", "custom_app_id", "request_ticket", "without_count", "format", "search_column_name", "query",
    "filters", "sort", "scope", "page", "per_page", "only_field_names", "form_entity", "ids", "to_user_uid", "id",
    "field_name", "form_entities", "key", "partial", "version",
]  # fmt: skip
CALLS = [
    ("PUT", ""),
    ("GET", ""),
    ("PUT", "ids"),
    ("GET", "simple"),
    ("POST", ""),
    ("PUT", "987654321"),
    ("GET", "987654321"),
    ("PUT", "evaluate"),
    ("PUT", "transfer"),
    ("DELETE", "mass_destroy"),
    ("POST", "mass_create"),
    ("PUT", "mass_update"),
    ("PUT", "mass_upsert"),
]


class Watched:
    """Calls that must not be our fault, and that leave everything as it was when they are refused."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.before = snapshot()

    def outcome(self, method: str, path: str, raw: bytes, *, writes: bool = True) -> int:
        """The status of the call. Where it only reads, `unchanged` is asked once after all of them."""
        response = self.api.call(method, path, raw=raw)
        answer = parsed(response)
        assert response.status_code < 500, (method, path, raw, answer)
        if response.status_code < 400 and writes:
            self.before = snapshot()
        elif writes:
            assert self.unchanged(), (method, path, raw)
        assert answer.get("errors", True) or response.status_code in (401, 405)
        return response.status_code

    def unchanged(self) -> bool:
        return snapshot() == self.before


@pytest.fixture
def world(wide: CustomForm, api: Api) -> CustomForm:
    api.ok("POST", address(wide), {"form_entity": {"title": "kept", "a_integer_field": 1}})
    return wide


@pytest.fixture
def watched(world: CustomForm, api: Api) -> Watched:
    return Watched(api)


def test_any_json_as_any_parameter_of_any_call(watched: Watched, world: CustomForm) -> None:
    @TAMED
    @given(st.sampled_from(CALLS), st.dictionaries(st.sampled_from(PARAMETERS), JSON, max_size=4))
    def check(call: tuple[str, str], body: dict[str, Any]) -> None:
        watched.outcome(call[0], address(world, call[1]), json.dumps(body).encode())

    check()


def test_any_json_as_the_value_of_a_field_of_every_type(watched: Watched, world: CustomForm) -> None:
    names = list(world.custom_fields.values_list("name", flat=True))

    @TAMED
    @given(st.dictionaries(st.sampled_from(names), JSON, min_size=4, max_size=12))
    def check(values: dict[str, Any]) -> None:
        raw = json.dumps({"form_entity": values}).encode()
        watched.outcome("POST", address(world), raw)

    def alone(name: str) -> None:
        @settings(TAMED, max_examples=8)
        @given(JSON)
        def check(value: Any) -> None:
            raw = json.dumps({"form_entity": {name: value}}).encode()
            if watched.outcome("POST", address(world), raw) == 200:
                watched.api.ok("GET", address(world, per_page=1))

        check()

    check()
    for name in names:
        alone(name)


def test_any_json_in_the_rows_of_mass_calls(watched: Watched, world: CustomForm) -> None:
    names = list(world.custom_fields.values_list("name", flat=True))
    values = st.dictionaries(st.sampled_from(names), JSON, max_size=3)
    changed = st.fixed_dictionaries({"id": JSON, "form_entity": st.one_of(values, JSON)}, optional={"version": JSON})

    @TAMED
    @given(
        st.sampled_from(["mass_create", "mass_update", "mass_upsert"]),
        st.lists(st.one_of(values, changed, JSON), max_size=4),
        st.booleans(),
        st.one_of(st.sampled_from(names), JSON),
    )
    def check(call: str, rows: list[Any], partial: bool, key: Any) -> None:
        body = {"form_entities": rows, "partial": partial, **({"key": key} if call == "mass_upsert" else {})}
        watched.outcome("POST", address(world, call), json.dumps(body).encode())

    check()


def test_any_json_as_the_operand_of_every_operator_of_every_type(watched: Watched, world: CustomForm) -> None:
    def one(name: str, op: str) -> None:
        @settings(TAMED, max_examples=3)
        @given(JSON)
        def check(value: Any) -> None:
            raw = json.dumps({"filters": [{"name": name, "op": op, "value": value}], "per_page": 1}).encode()
            watched.outcome("PUT", address(world), raw, writes=False)

        check()

    for name, column in schema_of(world).columns.items():
        for op in column.lookups:
            one(name, op)
    assert watched.unchanged()


def test_any_bytes_as_body_and_any_text_as_query_string(watched: Watched, world: CustomForm) -> None:
    @TAMED
    @given(st.sampled_from(CALLS), st.one_of(st.binary(max_size=60), st.text(max_size=40).map(str.encode)))
    def body(call: tuple[str, str], raw: bytes) -> None:
        watched.outcome(call[0], address(world, call[1]), raw)

    @TAMED
    @given(
        st.sampled_from(CALLS),
        st.lists(
            st.tuples(
                st.sampled_from([*PARAMETERS, "filters[][name]", "sort[][id]", "a[]", "ids[]"]), st.binary(max_size=9)
            ),
            max_size=4,
        ),
        st.text("[]%&=;+a1é\x00", max_size=12),
    )
    def query(call: tuple[str, str], pairs: list[tuple[str, bytes]], tail: str) -> None:
        text = "&".join([*(f"{name}={quote(value)}" for name, value in pairs), tail])
        watched.outcome(call[0], f"{address(world, call[1])}&{text}", b"")

    body()
    query()
