"""GET form_entities/:id/history: what happened to a record, by whom, and by which way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forms_app.field_types import Option
from forms_app.models import AccessToken, CustomApp, CustomForm, Grant, Member
from tests.apaas.conftest import Api, address
from tests.apaas.rights.conftest import give
from tests.factories import add_field, make_form, make_token

Record = Callable[..., int]


def history(api: Api, form: CustomForm, record_id: int, **query: object) -> list[dict[str, object]]:
    models: list[dict[str, object]] = api.ok("GET", address(form, f"{record_id}/history", **query))["models"]
    return models


def test_each_change_is_told_with_what_was_before_and_after_the_newest_first(
    api: Api, form: CustomForm, record: Record, alice: Member, bob: Member
) -> None:
    one = record(title="a", amount=1.5)
    api.ok("PUT", address(form, str(one)), {"form_entity": {"title": "b", "amount": 1.5}})
    api.ok("PUT", address(form, str(one)), {"form_entity": {"title": None, "due": "2026-11-30 08:00:00"}})
    api.ok("PUT", address(form, "transfer"), {"ids": [one], "to_user_uid": bob.uid})
    told = history(api, form, one)
    assert [(entry["action"], entry["version"], entry["source"]) for entry in told] == [
        ("transferred", 4, "api"),
        ("updated", 3, "api"),
        ("updated", 2, "api"),
        ("created", 1, "api"),
    ]
    shown = [[(c["field"], c["before"], c["after"]) for c in entry["changes"]] for entry in told]  # type: ignore[attr-defined]
    assert [(name, before["uid"], after["uid"]) for name, before, after in shown[0]] == [("user", alice.uid, bob.uid)]
    assert shown[1:] == [
        [("title", "b", None), ("due", None, "2026-11-30T08:00:00.000+08:00")],
        [("title", "a", "b")],
        [("title", None, "a"), ("amount", None, 1.5)],
    ]
    token = AccessToken.objects.get(member=alice)
    for entry in told:
        assert entry["id"] == one
        assert entry["user"]["uid"] == alice.uid  # type: ignore[index]
        assert entry["token"] == {"id": token.pk, "name": token.name}
        assert entry["request_id"]
        assert entry["at"]


def test_the_time_of_a_change_is_the_record_s_own(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a")
    updated = api.ok("PUT", address(form, str(one)), {"form_entity": {"title": "b"}})
    newest, oldest = history(api, form, one)
    assert (newest["at"], oldest["at"]) == (updated["updated_at"], updated["created_at"])


def test_an_update_that_changes_nothing_enters_nothing(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a", amount=1)
    api.ok("PUT", address(form, str(one)), {"form_entity": {"title": "a", "amount": 1}})
    assert [entry["action"] for entry in history(api, form, one)] == ["created"]


def test_a_formula_that_follows_another_record_is_told_as_computed(
    api: Api, custom_app: CustomApp, form: CustomForm, record: Record
) -> None:
    reader = make_form(custom_app, {"to": ("relation_field", {"form": form.pk})}, name="reader")
    add_field(reader, "twice", ("formula_field", {"formula": "{to.amount} * 2"}))
    source = record(amount=1)
    one = api.ok("POST", address(reader), {"form_entity": {"to": {"value": source}}})["id"]
    api.ok("PUT", address(form, str(source)), {"form_entity": {"amount": 5}})
    newest, created = history(api, reader, one)
    assert (newest["action"], newest["version"], newest["source"]) == ("computed", 1, "api")
    assert newest["changes"] == [{"field": "twice", "label": "label of twice", "before": 2, "after": 10}]
    assert created["action"] == "created"


def test_a_mass_call_is_told_as_one(api: Api, form: CustomForm) -> None:
    made = api.ok("POST", address(form, "mass_create"), {"form_entities": [{"title": "a"}, {"title": "b"}]})
    one, two = (row["id"] for row in made["results"])
    rows = [{"id": one, "form_entity": {"title": "x"}}, {"id": two, "form_entity": {"title": None, "amount": 2}}]
    api.ok("PUT", address(form, "mass_update"), {"form_entities": rows})
    assert [(e["action"], e["source"]) for e in history(api, form, two)] == [("updated", "mass"), ("created", "mass")]
    assert [(c["field"], c["before"], c["after"]) for c in history(api, form, two)[0]["changes"]] == [  # type: ignore[attr-defined]
        ("title", "b", None),
        ("amount", None, 2),
    ]


def test_a_choice_is_told_with_its_label(api: Api, custom_app: CustomApp) -> None:
    options = [Option("H6Qq/ojoIFNyICUXzx3UOw==", "甲"), Option("qxjjDA3ECTzu2olh+sPR9A==", "乙")]
    form = make_form(custom_app, {"kind": ("select_field", {}, options)}, name="choices")
    one = api.ok("POST", address(form), {"form_entity": {"kind": options[0].value}})["id"]
    api.ok("PUT", address(form, str(one)), {"form_entity": {"kind": options[1].value}})
    assert history(api, form, one)[0]["changes"] == [
        {
            "field": "kind",
            "label": "label of kind",
            "before": options[0].value,
            "after": options[1].value,
            "before_display": "甲",
            "after_display": "乙",
        }
    ]


def test_it_is_read_page_by_page_by_a_cursor(api: Api, form: CustomForm, record: Record) -> None:
    one = record(amount=0)
    for amount in range(1, 6):
        api.ok("PUT", address(form, str(one)), {"form_entity": {"amount": amount}})
    found, cursor = [], "*"
    while cursor is not None:
        page = api.ok("GET", address(form, f"{one}/history", per_page=2, cursor=cursor))
        assert page["per_page"] == 2
        assert len(page["models"]) == 2
        found += [entry["version"] for entry in page["models"]]
        cursor = page["next_cursor"]
    assert found == [6, 5, 4, 3, 2, 1]


def test_a_cursor_of_another_record_or_one_made_up_is_refused(api: Api, form: CustomForm, record: Record) -> None:
    one, two = record(amount=0), record(amount=0)
    api.ok("PUT", address(form, str(one)), {"form_entity": {"amount": 1}})
    cursor = api.ok("GET", address(form, f"{one}/history", per_page=1))["next_cursor"]
    for record_id, sent in ((two, cursor), (one, "1"), (one, cursor[:-1]), (one, "now"), (one, "é")):
        faults = api.faults("GET", address(form, f"{record_id}/history", cursor=sent))
        assert faults == [("cursor", "wrong_cursor", None)]


def test_a_record_that_is_not_there_has_none(api: Api, stranger: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a")
    assert api.faults("GET", address(form, "999999/history"), status=404) == [("id", "unknown_record", None)]
    stranger.refused("GET", address(form, f"{one}/history"), status=404)


def test_a_destroyed_record_keeps_its_history_for_who_reaches_every_record(
    api: Api, form: CustomForm, record: Record
) -> None:
    one = record(title="a")
    api.ok("POST", address(form, "mass_destroy"), {"ids": [one]})
    newest, _created = history(api, form, one)
    assert (newest["action"], newest["changes"]) == (
        "destroyed",
        [{"field": "title", "label": "label of title", "before": "a", "after": None}],
    )


@pytest.mark.django_db
def test_what_one_may_not_read_is_not_told_and_neither_are_changes_of_nothing_else(
    api: Api, form: CustomForm, record: Record, people: dict[int, Member]
) -> None:
    one = record(title="a", amount=1)
    api.ok("PUT", address(form, str(one)), {"form_entity": {"amount": 2}})
    api.ok("PUT", address(form, str(one)), {"form_entity": {"amount": 3, "title": "b"}})
    Grant.objects.filter(role__organization=people[3].organization, role__everyone=True).delete()
    limited = give(people[3], "read", custom_form=form, rows="all", hidden=["amount"])
    told = history(limited, form, one)
    assert [(e["version"], [c["field"] for c in e["changes"]]) for e in told] == [(3, ["title"]), (1, ["title"])]  # type: ignore[attr-defined]


def test_a_record_beyond_one_s_rows_has_none(
    api: Api, form: CustomForm, record: Record, people: dict[int, Member]
) -> None:
    one = record(title="a")
    api.ok("POST", address(form, "mass_destroy"), {"ids": [(gone := record(title="b"))]})
    Grant.objects.filter(role__organization=people[3].organization, role__everyone=True).delete()
    limited = give(people[3], "read", custom_form=form, rows="own")
    for record_id in (one, gone):
        faults = limited.faults("GET", address(form, f"{record_id}/history"), status=404)
        assert faults == [("id", "unknown_record", None)]


def test_a_form_without_history_tells_none_and_says_so(api: Api, form: CustomForm, record: Record) -> None:
    one = record(title="a")
    form.history_since = None
    form.definition_version += 1
    form.save()
    api.ok("PUT", address(form, str(one)), {"form_entity": {"title": "b"}})
    faults = api.faults("GET", address(form, f"{one}/history"), status=409)
    assert faults == [("custom_form_id", "history_off", None)]


def test_a_token_of_another_member_is_named(form: CustomForm, api: Api, bob: Member) -> None:
    token, secret = make_token(bob)
    one = Api(secret).ok("POST", address(form), {"form_entity": {"title": "a"}})["id"]
    assert history(api, form, one)[0]["token"] == {"id": token.pk, "name": token.name}
