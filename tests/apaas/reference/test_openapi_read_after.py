"""The OpenAPI document names the header by which others find a write."""

from __future__ import annotations

import pytest

from apaas.read_after import HEADER
from forms_app.models import CustomApp
from tests.apaas.conftest import Api
from tests.apaas.reference.test_openapi import document, operations
from tests.factories import make_form

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("of_one_form", [False, True])
def test_reads_take_and_writes_answer_by_what_others_find_a_write(
    api: Api, custom_app: CustomApp, of_one_form: bool
) -> None:
    form = make_form(custom_app, {"title": "text_field"}) if of_one_form else None
    found = document(api, form)
    takes, answers = set(), set()
    for name, operation in operations(found).items():
        if any(row["name"] == HEADER and row["in"] == "header" for row in operation["parameters"]):
            takes.add(name)
        answers |= {name} if HEADER in operation["responses"]["200"].get("headers", {}) else set()
    reads = {"list", "detail", "ids", "export", "simple", "evaluate", "trash", "changes", "history"}
    assert {name.partition("_by_")[0] for name in takes} == reads
    assert {
        "create",
        "update",
        "transfer",
        "mass_upsert",
        "mass_destroy",
        "restore",
        "upload",
        "ticket_edit",
    } <= answers
    rest = operations(found).keys() - takes - answers
    of_tickets = {"ticket_query", "ticket_missions", "ticket_list", "ticket_log"}
    assert rest - of_tickets == {
        operation["operationId"]
        for item in found["paths"].values()
        for method, operation in item.items()
        if method == "get" and operation["operationId"] not in takes
    }
