"""The product's other calls, which the compared have no like of: ids, simple, evaluate, transfer and mass_destroy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from benchmarks import forms, queries
from benchmarks.lines import Line
from benchmarks.queries import PER_PAGE, PRODUCT_PATH, Query
from benchmarks.requests import HOLE, Request

KINDS = ("ids", "simple", "evaluate", "transfer", "mass_destroy")
"""Of the lines that the product alone is asked."""

Good = Callable[[Request], Any]
"""Asks the product: the data of a successful answer. Raises AssertionError."""
Fetch = Callable[[str], list[tuple[Any, ...]]]
"""The rows of a statement on the product's database."""

QUOTES = forms.FORM + 1
"""The form whose formula is evaluated; `benchmarks.quotes` makes it."""
FORMULA = (
    "ROUND({quantity} * {amount} * {discount} * IF({quantity} >= 50000, 0.9, IF({quantity} >= 10000, 0.95, 1)), 2) "
    "+ IF({key_account}, 0, 500)"
)
SENT = ("quantity", "amount", "discount", "key_account")
QUOTE = (
    *(field for field in forms.RECORD if field.name in ("title", *SENT)),
    forms.Field("worth", "formula_field", "报价", "NULL", setting=(("formula", FORMULA),)),
)
"""Its fields: those that the formula reads, as the measured form has them, and the formula."""

ENOUGH = 100_000
"""Records that a form needs for `mass_destroy`, whose every request destroys another one."""
UNDER_WAY = 100
"""More than a stopped client may have asked for without an answer."""


def requests(line: Line, records: int) -> list[Request]:
    """The requests of a line of these kinds."""
    random = Random(line.name)
    match line.kind:
        case "ids":
            return [ids(query) for query in line.queries(random, records)]
        case "simple":
            return [simple(query) for query in line.queries(random, records)]
        case "evaluate":
            return [evaluate(random) for _place in range(2_000)]
        case "transfer":
            return [transfer(uid) for uid in random.sample(range(1, forms.MEMBERS + 1), forms.MEMBERS)]
        case _:
            return [mass_destroy()]


def ids(query: Query) -> Request:
    """The ids of all that match: the list's parameters without those of a page."""
    asked = dict(parse_qsl(urlsplit(queries.product(query).path).query))
    del asked["per_page"]
    return Request("GET", f"{PRODUCT_PATH}/ids?{urlencode(asked)}")


def simple(query: Query) -> Request:
    asked = {"custom_form_id": forms.FORM, "query": query.needle, "per_page": PER_PAGE}
    return Request("GET", f"{PRODUCT_PATH}/simple?{urlencode(asked)}")


def evaluate(random: Random) -> Request:
    values = forms.values(QUOTE, random)
    body = {"field_name": "worth", "form_entity": {name: values[name] for name in SENT}}
    return Request("POST", f"{PRODUCT_PATH}/evaluate?custom_form_id={QUOTES}", json.dumps(body))


def transfer(uid: int) -> Request:
    """Any record to this member."""
    path = f"{PRODUCT_PATH}/transfer?custom_form_id={forms.FORM}&ids[]={HOLE}"
    return Request("PUT", path, json.dumps({"to_user_uid": uid}))


def mass_destroy() -> Request:
    """The record of the counter's id."""
    return Request("DELETE", f"{PRODUCT_PATH}/mass_destroy?custom_form_id={forms.FORM}", json.dumps({"ids": [HOLE]}))


# --- checks ------------------------------------------------------------------------------------------------


def check(line: Line, sent: Sequence[Request], records: int, good: Good, fetch: Fetch) -> None:
    """Ask these, the first requests of a line. Raises AssertionError with what is wrong with an answer."""
    if line.kind in ("ids", "simple"):
        for query, request in zip(line.queries(Random(line.name), records), sent, strict=False):
            _check_ids(query, request, good, fetch)
        return
    for number, request in enumerate(sent, 1):
        if line.kind == "evaluate":
            found, expected = good(request)["value"], worth(values_of(request))
            assert Decimal(str(found)) == expected, f"{found} is answered, {expected} is right: {request.body}"
        elif line.kind == "transfer":
            _check_transfer(number, request, good, fetch)
        else:
            _check_mass_destroy(request, good, fetch)


def _check_ids(query: Query, request: Request, good: Good, fetch: Fetch) -> None:
    data = good(request)
    found = data["ids"] if "ids" in data else [record["value"] for record in data["models"]]
    page = queries.brute_force(query, "form_entity", f"custom_form_id = {forms.FORM}")[1]
    expected = [row[0] for row in fetch(page.partition(" LIMIT ")[0] if "ids" in data else page)]
    assert found == expected, f"ids {found}, expected {expected}"[:1000] + f": {request.path}"


def _check_transfer(record_id: int, request: Request, good: Good, fetch: Fetch) -> None:
    stored = f"SELECT version, owner_uid FROM form_entity WHERE custom_form_id = {forms.FORM} AND id = {record_id}"
    ((version, _owner),) = fetch(stored)
    good(request.filled(record_id))
    expected = [(version + 1, json.loads(request.body)["to_user_uid"])]
    found = fetch(stored)
    assert found == expected, f"version and owner {found} of record {record_id}, expected {expected}"


def _check_mass_destroy(request: Request, good: Good, fetch: Fetch) -> None:
    """It moves the next record to the trash, as it was, and touches no other."""
    record_id = last_destroyed(fetch) + 1
    columns = "id, owner_uid, version, created_at, updated_at, data::text"
    where = f"WHERE custom_form_id = {forms.FORM}"
    before = fetch(f"SELECT {columns} FROM form_entity {where} AND id = {record_id}")
    assert before, f"record {record_id} is not there"
    counted = fetch(f"SELECT count(*) FROM form_entity {where}")[0][0]
    good(request.filled(record_id))
    left = fetch(f"SELECT count(*), count(*) FILTER (WHERE id = {record_id}) FROM form_entity {where}")
    assert left == [(counted - 1, 0)], f"of {counted} records and {record_id} are left {left}"
    trash = fetch(f"SELECT {columns} FROM form_entity_trash {where} AND id = {record_id}")
    assert trash == before, f"{trash} is in the trash, it was {before}"


def last_destroyed(fetch: Fetch) -> int:
    """The highest id that was destroyed: they are in turn, so the next is there. 0 at first."""
    return int(fetch(f"SELECT coalesce(max(id), 0) FROM form_entity_trash WHERE custom_form_id = {forms.FORM}")[0][0])


def start(fetch: Fetch) -> int:
    """Where the counter of `mass_destroy` begins: behind all that earlier clients destroyed or still may."""
    return last_destroyed(fetch) + UNDER_WAY


def values_of(request: Request) -> dict[str, Any]:
    """What an `evaluate` sends, its numbers with the digits that they are written in."""
    found: dict[str, Any] = json.loads(request.body, parse_float=Decimal)["form_entity"]
    return found


def worth(values: Mapping[str, Any]) -> Decimal:
    """What FORMULA gives."""
    quantity = values["quantity"]
    part = Decimal("0.9") if quantity >= 50_000 else Decimal("0.95") if quantity >= 10_000 else Decimal(1)
    product = quantity * values["amount"] * values["discount"] * part
    return Decimal(product).quantize(Decimal("0.01"), ROUND_HALF_UP) + (0 if values["key_account"] else 500)
