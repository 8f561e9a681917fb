"""Writing calls with a key are done once (docs/contract.md §5.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from forms_app.idempotency.purging import keys_purge
from forms_app.models import CustomApp, CustomForm, FormEntity, IdempotencyKey, Member, StoredFile
from tests.apaas.conftest import API, Api, address, parsed
from tests.factories import make_form, make_token

Record = Callable[..., int]
KEYS = [{"HTTP_IDEMPOTENCY_KEY": "one"}, {"ticket": "one"}, {"HTTP_IDEMPOTENCY_KEY": "one", "ticket": "one"}]


def send(api: Api, method: str, path: str, body: dict[str, Any], ticket: str = "", **headers: str) -> Any:
    return api.call(method, path, {**body, **({"request_ticket": ticket} if ticket else {})}, **headers)


def records(form: CustomForm) -> int:
    return FormEntity.objects.filter(custom_form=form).count()


@pytest.mark.parametrize("key", KEYS)
def test_the_same_request_again_is_answered_with_the_same_bytes(
    api: Api, form: CustomForm, key: dict[str, str]
) -> None:
    first = send(api, "POST", address(form), {"form_entity": {"title": "泵", "amount": 1}}, **key)
    assert (first.status_code, "Idempotency-Replayed" in first) == (200, False)
    api.ok("PUT", address(form, str(parsed(first)["data"]["id"])), {"form_entity": {"amount": 2}})
    for _again in range(3):
        again = send(api, "POST", address(form), {"form_entity": {"title": "泵", "amount": 1}}, **key)
        assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
        assert again.content == first.content
        assert (again["ETag"], again["Content-Type"]) == (first["ETag"], first["Content-Type"])
        assert again["Cache-Control"] == first["Cache-Control"]
    assert records(form) == 1


def test_header_and_ticket_are_one_key(api: Api, form: CustomForm) -> None:
    first, second = (send(api, "POST", address(form), {"form_entity": {"amount": 1}}, **key) for key in KEYS[:2])
    assert first.content == second.content and records(form) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"form_entity": {"amount": 2}},
        {"form_entity": {"amount": 1, "title": "x"}},
        {"form_entity": {"amount": 1}, "only_field_names": ["id"]},
        {"form_entity": {}},
    ],
)
def test_another_request_with_the_key_is_refused(api: Api, form: CustomForm, other: dict[str, Any]) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    api.ok("POST", address(form), {"form_entity": {"amount": 1}}, **key)
    refused = api.refused("POST", address(form), other, status=409, **key)
    assert [(e["field"], e["code"]) for e in refused["errors"]] == [("Idempotency-Key", "idempotency_key_reused")]
    assert records(form) == 1


def test_what_says_the_same_in_other_quiet_parameters_is_the_same_request(api: Api, form: CustomForm) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    first = api.call("POST", address(form), {"form_entity": {"amount": 1}}, **key)
    for also in ({"custom_app_id": 7}, {"format": "json"}, {"_": "99"}, {"request_ticket": "one"}):
        again = api.call("POST", address(form), {"form_entity": {"amount": 1}, **also}, **key)
        assert again.content == first.content
    assert records(form) == 1


def test_every_writing_call_on_records_takes_a_key(api: Api, form: CustomForm, record: Record, alice: Member) -> None:
    one, two = record(amount=1), record(amount=1)
    calls: list[tuple[str, str, Any]] = [
        ("PUT", address(form, str(one)), {"form_entity": {"amount": 2}}),
        ("PUT", address(form, "transfer"), {"ids": [one], "to_user_uid": alice.uid}),
        ("DELETE", address(form, "mass_destroy"), {"ids": [two]}),
    ]
    for number, (method, path, body) in enumerate(calls):
        key = {"HTTP_IDEMPOTENCY_KEY": f"key-{number}"}
        first = api.call(method, path, body, **key)
        assert first.status_code == 200
        version = FormEntity.objects.get(id=one).version
        again = api.call(method, path, body, **key)
        assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
        assert FormEntity.objects.get(id=one).version == version
    assert records(form) == 1


def test_a_record_that_is_gone_meanwhile_does_not_change_the_answer(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(amount=1)
    key, path = {"HTTP_IDEMPOTENCY_KEY": "one"}, address(form, str(record_id))
    first = api.call("PUT", path, {"form_entity": {"amount": 2}}, **key)
    api.ok("DELETE", address(form, "mass_destroy"), {"ids": [record_id]})
    assert api.call("PUT", path, {"form_entity": {"amount": 2}}, **key).content == first.content


def test_the_version_that_was_asked_for_is_part_of_the_request(api: Api, form: CustomForm, record: Record) -> None:
    path, body = address(form, str(record(amount=1))), {"form_entity": {"amount": 2}}
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    first = api.call("PUT", path, body, HTTP_IF_MATCH='"1"', **key)
    assert api.call("PUT", path, body, HTTP_IF_MATCH='"1"', **key).content == first.content
    assert api.refused("PUT", path, body, status=409, HTTP_IF_MATCH='"2"', **key)


def test_a_refusal_is_not_kept(api: Api, form: CustomForm, record: Record) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    for body in ({"form_entity": {"amount": "x"}}, {"form_entity": {"nope": 1}}):
        api.refused("POST", address(form), body, **key)
    assert not IdempotencyKey.objects.of_form(form.pk).exists()
    api.ok("POST", address(form), {"form_entity": {"amount": 1}}, **key)
    stale = address(form, str(record(amount=1)))
    api.refused("PUT", stale, {"form_entity": {"amount": 2}}, status=412, HTTP_IF_MATCH='"9"', HTTP_IDEMPOTENCY_KEY="b")
    api.ok("PUT", stale, {"form_entity": {"amount": 2}}, HTTP_IF_MATCH='"1"', HTTP_IDEMPOTENCY_KEY="b")


def test_keys_are_a_token_s_own_and_a_form_s_own(
    api: Api, form: CustomForm, alice: Member, custom_app: CustomApp
) -> None:
    key, body = {"HTTP_IDEMPOTENCY_KEY": "one"}, {"form_entity": {"amount": 1}}
    other, other_form = Api(make_token(alice)[1]), make_form(custom_app, {"amount": "float_field"})
    ids = {
        parsed(caller.call("POST", address(where), body, **key))["data"]["id"]
        for caller, where in ((api, form), (other, form), (api, other_form))
    }
    assert len(ids) == 3


@pytest.mark.parametrize("key", ["a" * 255, "!", "~", '"quoted"', "a,b;c"])
def test_a_key_of_any_visible_ascii_is_taken(api: Api, form: CustomForm, key: str) -> None:
    for _twice in range(2):
        api.ok("POST", address(form), {"form_entity": {"amount": 1}}, HTTP_IDEMPOTENCY_KEY=key)
    assert records(form) == 1


@pytest.mark.parametrize("key", ["a" * 256, "", "a b", "é", "\x7f"])
def test_another_key_is_refused_with_all_else_that_is_wrong(api: Api, form: CustomForm, key: str) -> None:
    body = {"form_entity": {"nope": 1}}
    faults = api.faults("POST", address(form), body, HTTP_IDEMPOTENCY_KEY=key)
    assert ("Idempotency-Key", "wrong_key", None) in faults and ("nope", "unknown_field", None) in faults


@pytest.mark.parametrize("ticket", ["单号 7", "t" * 500, "a b"])
def test_a_ticket_of_any_text_is_a_key(api: Api, form: CustomForm, ticket: str) -> None:
    bodies = [{"form_entity": {"amount": 1}, "request_ticket": text} for text in (ticket, ticket, ticket + "2")]
    ids = [api.ok("POST", address(form), body)["id"] for body in bodies]
    assert ids[0] == ids[1] != ids[2]


def test_a_ticket_that_differs_from_the_header_is_refused(api: Api, form: CustomForm) -> None:
    body = {"form_entity": {"amount": 1}, "request_ticket": "two"}
    assert api.faults("POST", address(form), body, HTTP_IDEMPOTENCY_KEY="one") == [
        ("request_ticket", "other_key", None)
    ]


def test_a_key_is_free_again_after_its_time(api: Api, form: CustomForm) -> None:
    key, body = {"HTTP_IDEMPOTENCY_KEY": "one"}, {"form_entity": {"amount": 1}}
    api.ok("POST", address(form), body, **key)
    IdempotencyKey.objects.of_form(form.pk).update(made_at=timezone.now() - timedelta(hours=24, seconds=1))
    api.ok("POST", address(form), {"form_entity": {"amount": 2}}, **key)
    assert records(form) == 2
    again = api.call("POST", address(form), {"form_entity": {"amount": 2}}, **key)
    assert again["Idempotency-Replayed"] == "true"


def test_old_keys_are_removed_and_others_stay(api: Api, form: CustomForm) -> None:
    for name in ("old", "new"):
        api.ok("POST", address(form), {"form_entity": {"amount": 1}}, HTTP_IDEMPOTENCY_KEY=name)
    old = IdempotencyKey.objects.of_form(form.pk).filter(key="old")
    old.update(made_at=timezone.now() - timedelta(hours=25))
    assert keys_purge() == 1
    assert list(IdempotencyKey.objects.of_form(form.pk).values_list("key", flat=True)) == ["new"]


def test_a_call_that_reads_takes_no_key(api: Api, form: CustomForm, record: Record) -> None:
    record_id = record(amount=1)
    for method, path in (("GET", str(record_id)), ("GET", ""), ("GET", "ids"), ("GET", "simple")):
        faults = api.faults(method, address(form, path), HTTP_IDEMPOTENCY_KEY="one")
        assert faults == [("Idempotency-Key", "not_supported", None)]
        api.ok(method, f"{address(form, path)}&request_ticket=one")


def test_an_upload_with_a_key_stores_one_file(api: Api) -> None:
    def upload(content: bytes, key: str, ticket: str = "") -> Any:
        data = {"file": SimpleUploadedFile("a.txt", content), **({"request_ticket": ticket} if ticket else {})}
        headers = {"HTTP_ACCESS_TOKEN": str(api.token), **({"HTTP_IDEMPOTENCY_KEY": key} if key else {})}
        return api.client.post(f"{API}files", data, **headers)

    first = upload(b"one", "k")
    assert first.status_code == 200, first.content
    assert upload(b"one", "k").content == first.content == upload(b"one", "", "k").content
    assert upload(b"two", "k").status_code == 409
    assert StoredFile.objects.count() == 1
