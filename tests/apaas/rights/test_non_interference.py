"""Changing anything that a caller may not read changes no byte of any answer (docs/contract.md §4)."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from forms_app.caching import tagged
from forms_app.models import CustomApp, Member
from forms_app.people.rights import RECORD_VERBS
from tests.apaas.conftest import Api
from tests.apaas.rights.oracle import TABS, A, B, GrantSpec, Oracle
from tests.apaas.rights.worlds import (
    DEALS,
    LEADS,
    THROUGH,
    Forms,
    Records,
    change_unreadable,
    give,
    make_forms,
    make_records,
)
from tests.factories import make_token

CALLS = 300
"""Answers that are compared in each pair of worlds."""
SHARDS = 4
PAIRS = 85
"""Pairs of worlds in each shard: 4 × 85 × 300 answers."""
FIELDS = {
    "deals": (*DEALS, "partner", *THROUGH),
    "leads": tuple(LEADS),
    "secret": ("name",),
}
REQUEST_ID = re.compile(rb'"request_id":"[^"]*"')
VOLATILE = re.compile(
    rb'"request_id":"[^"]*"|"(?:updated_at|created_at)":"[^"]*"|"number":"[^"]*"|"id":\d+(?=,"app_id")'
)
"""What is no value: times, request ids, and of a record that the call itself made its id and number."""


EXAMPLES = bounds(
    max_examples=PAIRS,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # to make an example smaller would take as long as to find it
    suppress_health_check=list(HealthCheck),
)


class WorldEnds(Exception):
    """Takes back what a world holds."""


def grants(target: str) -> st.SearchStrategy[GrantSpec]:
    names = st.frozensets(st.sampled_from(FIELDS[target])) if target in FIELDS else st.just(frozenset())
    rows = ["all", "own", "department", "department_below", *(TABS if target == "deals" else ())]
    return st.builds(
        GrantSpec,
        st.just(target),
        st.frozensets(st.sampled_from(RECORD_VERBS)).map(lambda verbs: verbs | {"read"})
        | st.frozensets(st.sampled_from(RECORD_VERBS)),
        st.sampled_from(rows),
        names,
        names,
    )


ROLES = st.builds(
    lambda *lists: [grant for listed in lists for grant in listed],
    st.lists(grants("deals"), max_size=2),
    st.lists(grants("leads"), max_size=2),
    st.lists(st.sampled_from(["app", "all"]).flatmap(grants), max_size=1) | st.just([]),
)
TOKENS = st.tuples(
    st.none() | st.frozensets(st.sampled_from(RECORD_VERBS)).map(lambda verbs: verbs | {"read"}),
    st.none() | st.just(frozenset({"deals"})) | st.just(frozenset({"deals", "leads"})),
)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_two_worlds_that_differ_in_what_one_may_not_read_answer_the_same(
    shard: int, custom_app: CustomApp, people: dict[int, Member], settings: Any
) -> None:
    settings.VERSION_CHECK_SECONDS = 60  # all that changes here is changed by this process
    forms = make_forms(custom_app, people[1])
    compared: list[int] = []

    @given(roles=ROLES, token=TOKENS, seed=st.integers(0, 2**32))
    @EXAMPLES
    def worlds_answer_the_same(roles: list[GrantSpec], token: Any, seed: int) -> None:
        compared.append(compare(forms, people[3], roles, token, Random(seed + shard)))

    worlds_answer_the_same()
    assert sum(compared) >= 100_000 // SHARDS


def compare(forms: Forms, member: Member, roles: list[GrantSpec], limits: Any, chance: Random) -> int:
    """Ask both worlds the same; how many answers were compared."""
    verbs, only = limits
    oracle = Oracle(roles, verbs, only)
    try:
        with transaction.atomic():
            give(forms, member, roles)
            named = [forms.named(name) for name in sorted(only)] if only else ()
            _row, token = make_token(member, verbs=verbs, custom_forms=named)
            records = make_records(forms, chance)
            calls = [random_call(forms, records, chance) for _number in range(CALLS)]
            api = Api(token)
            before = [answer(api, call) for call in calls]
            change_unreadable(forms, records, oracle, chance)
            tagged.empty_all()
            for call, first in zip(calls, before, strict=True):
                second = answer(api, call)
                assert first == second, (roles, limits, call, first, second)
            raise WorldEnds
    except WorldEnds:
        tagged.empty_all()
    return CALLS


def answer(api: Api, call: tuple[str, str, Any]) -> tuple[int, bytes]:
    """Status and body, what the call wrote taken back."""
    method, path, body = call
    if path.startswith("/rest/"):
        body = {**body, "security": api.token}
    writes = method in ("POST", "DELETE") or "transfer" in path or re.search(r"form_entities/\d", path)
    if method == "GET" or not writes:
        response: Any = api.call(method, path, body)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        return response.status_code, REQUEST_ID.sub(b"", content)
    try:
        with transaction.atomic():
            response = api.call(method, path, body)
            raise WorldEnds
    except WorldEnds:
        return response.status_code, VOLATILE.sub(b"", response.content)


def random_call(forms: Forms, records: Records, chance: Random) -> tuple[str, str, Any]:
    name = chance.choice(("deals", "deals", "deals", "leads", "secret"))
    form = forms.named(name)
    at = f"custom_form_id={form.pk}"
    record_id = chance.choice([*records.all(), 2**40])
    kind = chance.choice(KINDS)
    if kind == "list":
        return "PUT", f"form_entities?{at}", {**terms(name, chance), **paging(chance)}
    if kind == "ids":
        return "PUT", f"form_entities/ids?{at}", terms(name, chance)
    if kind == "cursor":
        return "PUT", f"form_entities?{at}", {**terms(name, chance), "cursor": "*", "per_page": chance.randint(1, 4)}
    if kind == "simple":
        query = f"&query={chance.choice('xymn')}" if chance.random() < 0.5 else ""
        return "GET", f"form_entities/simple?{at}{query}", None
    if kind == "detail":
        only = "".join(f"&only_field_names[]={n}" for n in names_of(name, chance, 3)) if chance.random() < 0.4 else ""
        return "GET", f"form_entities/{record_id}?{at}{only}", None
    if kind == "evaluate":
        return "PUT", f"form_entities/evaluate?{at}", evaluation(forms, name, record_id, chance)
    if kind == "update":
        return "PUT", f"form_entities/{record_id}?{at}", {"form_entity": values(name, records, chance)}
    if kind == "create":
        return "POST", f"form_entities?{at}", {"form_entity": values(name, records, chance)}
    if kind == "transfer":
        ids = chance.sample(records.all(), 2)
        return "PUT", f"form_entities/transfer?{at}", {"ids": ids, "to_user_uid": chance.choice((1, 3, 99))}
    if kind == "file":
        return "GET", f"files/{chance.choice(forms.files).token}", None
    if kind == "ticket":
        return "POST", "/rest/flowmanage/api/omdata-data-id/get/deals", {"data_no": chance.choice((1, 2, 3, 9))}
    if kind == "destroy":
        return "DELETE", f"form_entities/mass_destroy?{at}", {"ids": chance.sample(records.all(), 2)}
    return (
        "GET",
        chance.choice(
            (
                "custom_apps",
                "custom_forms",
                f"custom_forms/{form.pk}",
                f"rights?{at}",
                "user/list",
                "departments",
                f"openapi.json?{at}",
                f"docs/{chance.choice(('list', 'create', 'evaluate'))}?{at}",
            )
        ),
        None,
    )


KINDS = (
    *("list",) * 30,
    *("ids",) * 8,
    *("cursor",) * 6,
    *("simple",) * 8,
    *("detail",) * 20,
    *("evaluate",) * 12,
    *("update",) * 8,
    *("create",) * 3,
    "transfer",
    "destroy",
    *("file",) * 2,
    *("ticket",) * 4,
    *("definitions",) * 2,
)
SYSTEM = ("id", "user", "created_at", "updated_at", "nothing")
OPERANDS: dict[str, list[Any]] = {
    "in": [[A], [B, A], [1], [3], {"user_ids": [3]}, {"department_ids": [3]}],
    "eq": [A, 20, 60, "xxx", 3, True],
    "within": [[None, 50], [15, 65], ["2020-01-01", None], [1, None]],
    "ne": [A, 20, "xxx"],
    "like": ["x", "m", "yz"],
    "gt": [10, 30, "2030-01-01"],
    "lte": [20, 2],
    "empty": [True],
    "not_empty": [True],
}


def names_of(form: str, chance: Random, most: int) -> list[str]:
    return chance.sample([*FIELDS[form], *SYSTEM], chance.randint(1, most)) if form != "secret" else ["name"]


def terms(form: str, chance: Random) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    if chance.random() < 0.6:
        sent["filters"] = [one_filter(form, chance) for _number in range(chance.randint(1, 2))]
    if chance.random() < 0.15:
        sent["filters"] = [{"or": [one_filter(form, chance), one_filter(form, chance)]}]
    if chance.random() < 0.4:
        sent["sort"] = [{name: chance.choice(("asc", "desc"))} for name in names_of(form, chance, 2)]
    if chance.random() < 0.25:
        sent |= {"search_column_name": chance.choice(names_of(form, chance, 1)), "query": chance.choice("xymn")}
    if chance.random() < 0.3:
        sent["scope"] = chance.choice(("all", "mine", "department", *TABS, "nope"))
    return sent


def one_filter(form: str, chance: Random) -> dict[str, Any]:
    op = chance.choice(list(OPERANDS))
    return {"name": chance.choice(names_of(form, chance, 1)), "op": op, "value": chance.choice(OPERANDS[op])}


def paging(chance: Random) -> dict[str, Any]:
    sent: dict[str, Any] = {"page": chance.choice((1, 1, 2)), "per_page": chance.choice((2, 5, 15))}
    if chance.random() < 0.2:
        sent["without_count"] = True
    if chance.random() < 0.3:
        sent["only_field_names"] = chance.sample([*FIELDS["deals"], "id", "user", "stage_display"], 3)
    return sent


def evaluation(forms: Forms, name: str, record_id: int, chance: Random) -> dict[str, Any]:
    sent: dict[str, Any] = {"field_name": chance.choice(FIELDS[name])}
    if chance.random() < 0.6:
        sent["id"] = record_id
    if chance.random() < 0.6:
        sent["form_entity"] = {"amount": 5, "cost": 2} if name == "deals" else {"credit": 3}
    if name == "deals" and chance.random() < 0.3:
        sent[forms.leads.data_table_name] = {"credit": 9}
    return sent


def values(form: str, records: Records, chance: Random) -> dict[str, Any]:
    if form != "deals":
        return {"name": "nnn"}
    sent: dict[str, Any] = {
        "title": "yyy",
        "amount": 5,
        "cost": 4,
        "stage": A,
        "partner": {"value": chance.choice([*records.ids["leads"], 2**40])},
        "margin": 1,
    }
    return {name: sent[name] for name in chance.sample(list(sent), chance.randint(1, 2))}
