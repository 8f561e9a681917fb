"""GET form_entities/:id?as_of=: the record as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from forms_app.models import CustomApp, CustomForm, Member
from tests.apaas.conftest import Api, address
from tests.factories import add_field, make_form

Record = Callable[..., int]


def now() -> str:
    """A moment after what was done and before what comes."""
    time.sleep(0.002)
    said = datetime.now(UTC).isoformat(timespec="milliseconds")
    time.sleep(0.002)
    return said


def test_at_each_moment_it_is_what_detail_answered_then(
    api: Api, custom_app: CustomApp, form: CustomForm, record: Record, bob: Member
) -> None:
    reader = make_form(custom_app, {"to": ("relation_field", {"form": form.pk})}, name="reader")
    add_field(reader, "note", "text_field")
    add_field(reader, "twice", ("formula_field", {"formula": "{to.amount} * 2"}))
    source = record(amount=1)
    one = api.ok("POST", address(reader), {"form_entity": {"to": {"value": source}, "note": "a"}})["id"]
    path = address(reader, str(one))
    steps: list[Callable[[], Any]] = [
        lambda: api.ok("PUT", path, {"form_entity": {"note": "b"}}),
        lambda: api.ok("PUT", address(form, str(source)), {"form_entity": {"amount": 3}}),
        lambda: api.ok("PUT", path, {"form_entity": {"note": None}}),
        lambda: api.ok("PUT", address(reader, "transfer"), {"ids": [one], "to_user_uid": bob.uid}),
        lambda: api.ok("POST", address(reader, "mass_destroy"), {"ids": [one]}),
        lambda: api.ok("POST", address(reader, "restore"), {"ids": [one]}),
        lambda: api.ok(
            "PUT", address(reader, "mass_update"), {"form_entities": [{"id": one, "form_entity": {"note": "c"}}]}
        ),
    ]
    answers = []
    for step in [lambda: None, *steps]:
        step()
        answers.append((now(), api.call("GET", path).content))
    for moment, answer in answers:
        assert (
            api.call("GET", address(reader, str(one), as_of=moment)).content.split(b'"request_id"')[0]
            == (answer.split(b'"request_id"')[0])
        ), moment
    assert any(b"unknown_record" in answer for _moment, answer in answers)


def test_what_lies_in_the_trash_now_has_the_time_when_it_was_made(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a")
    path, (moment, before) = address(form, str(one)), (now(), api.ok("GET", address(form, str(one))))
    api.ok("POST", address(form, "mass_destroy"), {"ids": [one]})
    assert api.ok("GET", address(form, str(one), as_of=moment)) == before
    assert api.faults("GET", path, status=404) == [("id", "unknown_record", None)]


def test_before_it_was_made_it_is_not_there(api: Api, form: CustomForm, record: Record) -> None:
    record(title="first")
    before = now()
    one = record(title="a")
    path = address(form, str(one), as_of=before)
    assert api.faults("GET", path, status=404) == [("id", "unknown_record", None)]


def test_only_the_names_asked_for_are_answered(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a", amount=1)
    moment = now()
    api.ok("PUT", address(form, str(one)), {"form_entity": {"amount": 2}})
    query = {"as_of": moment, "only_field_names[]": ["amount", "version"]}
    assert api.ok("GET", address(form, str(one), **query)) == {"amount": 1, "version": 1}


def test_a_time_before_the_history_is_refused_with_when_it_begins(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a")
    early = form.history_since
    assert early is not None
    path = address(form, str(one), as_of=(early - timedelta(days=1)).isoformat())
    (fault,) = api.refused("GET", path)["errors"]
    assert (fault["field"], fault["code"]) == ("as_of", "before_history")
    assert fault["allowed"] in fault["message"]
    assert datetime.fromisoformat(fault["allowed"]) <= early


def test_what_is_no_time_is_refused(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a")
    for sent in ("yesterday", "2026-13-01"):
        faults = api.faults("GET", address(form, str(one), as_of=sent))
        assert faults == [("as_of", "invalid_time", None)]


def test_a_time_to_come_is_now(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a")
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert api.ok("GET", address(form, str(one), as_of=later)) == api.ok("GET", address(form, str(one)))


def test_a_field_that_was_another_then_is_empty(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a", amount=1)
    moment = now()
    api.ok("PUT", address(form, str(one)), {"form_entity": {"amount": None}})
    field = form.custom_fields.get(name="amount")
    field.field_type, field.typed_at = "text_field", datetime.now(UTC)
    field.save()
    form.definition_version += 1
    form.save()
    api.ok("PUT", address(form, str(one)), {"form_entity": {"amount": "text"}})
    assert api.ok("GET", address(form, str(one), as_of=moment))["amount"] is None
    entries = api.ok("GET", address(form, f"{one}/history"))["models"]
    assert [[change["field"] for change in entry["changes"]] for entry in entries] == [["amount"], [], ["title"]]
