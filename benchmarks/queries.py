"""What is asked of a list, and how each of the compared says it: the product, the ordinary way, and brute force."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

from benchmarks import forms
from benchmarks.requests import Request

PER_PAGE = 20
WINDOW = forms.QUANTITIES // 50
PRODUCT_PATH = "/apaas/api/v2/form_entities"
ORDINARY_PATH = "/records/"


@dataclass(frozen=True)
class Query:
    """A page of records: newest change first, or smallest quantity first. Two statuses and a window of a fiftieth of
    the quantities match about 5,000 of 1,000,000."""

    statuses: tuple[str, ...] = ()
    low: int = 0
    needle: str = ""
    by_quantity: bool = False
    page: int = 1

    @classmethod
    def filtered(cls, random: Random, by_quantity: bool) -> Query:
        """Any two statuses and any window."""
        statuses = tuple(random.sample(forms.tokens("status", 8), 2))
        return cls(statuses=statuses, low=random.randrange(forms.QUANTITIES - WINDOW), by_quantity=by_quantity)

    @classmethod
    def searched(cls, random: Random) -> Query:
        """Any two characters."""
        return cls(needle="".join(random.choices(forms.CHARACTERS, k=2)))

    @property
    def high(self) -> int:
        return self.low + WINDOW - 1

    @property
    def offset(self) -> int:
        return (self.page - 1) * PER_PAGE


def product(query: Query, form_id: int = forms.FORM, cursor: str = "", per_page: int = PER_PAGE) -> Request:
    """The product's request; with a cursor instead of the page's number."""
    parameters = {"custom_form_id": str(form_id), "per_page": str(per_page)}
    if cursor:
        parameters["cursor"] = cursor
    elif query.page > 1:
        parameters["page"] = str(query.page)
    if query.statuses:
        filters = [
            {"name": "status", "op": "in", "value": query.statuses},
            {"name": "quantity", "op": "within", "value": [query.low, query.high]},
        ]
        parameters["filters"] = json.dumps(filters)
    if query.needle:
        parameters |= {"search_column_name": "title", "query": query.needle}
    if query.by_quantity:
        parameters["sort"] = json.dumps([{"quantity": "asc"}, {"id": "asc"}])
    return Request("GET", f"{PRODUCT_PATH}?{urlencode(parameters)}")


def ordinary(query: Query) -> Request:
    """The ordinary application's request."""
    parameters = {"form": str(forms.FORM), "page_size": str(PER_PAGE)}
    if query.page > 1:
        parameters["page"] = str(query.page)
    if query.statuses:
        parameters |= {
            "status": ",".join(query.statuses),
            "quantity_min": str(query.low),
            "quantity_max": str(query.high),
        }
    if query.needle:
        parameters["title"] = query.needle
    if query.by_quantity:
        parameters["ordering"] = "data__quantity,id"
    return Request("GET", f"{ORDINARY_PATH}?{urlencode(parameters)}")


def brute_force(query: Query, table: str, form: str = "true") -> tuple[str, str]:
    """SQL for the exact total and for the ids of the page, in words that no index serves. `form`: the condition
    for the form's records."""
    where = [form]
    if query.statuses:
        listed = ", ".join(forms.quoted(status) for status in query.statuses)
        where.append(f"data->>'status' IN ({listed})")
        where.append(f"(data->>'quantity')::numeric BETWEEN {query.low} AND {query.high}")
    if query.needle:
        where.append(f"strpos(data->>'title', {forms.quoted(query.needle)}) > 0")
    order = "(data->>'quantity')::numeric, id" if query.by_quantity else "updated_at + interval '0' DESC, id DESC"
    matching = f"FROM {table} WHERE {' AND '.join(where)}"
    return (
        f"SELECT count(*) {matching}",
        f"SELECT id {matching} ORDER BY {order} LIMIT {PER_PAGE} OFFSET {query.offset}",
    )
