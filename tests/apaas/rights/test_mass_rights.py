"""Rights in mass calls: what one may not do to one record, one may not do to many."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomApp, CustomForm, FormEntity, Member
from forms_app.people.rights import RECORD_VERBS
from tests.apaas.rights.conftest import give, of
from tests.factories import make_form

pytestmark = pytest.mark.django_db

ROW = {"title": "b"}
CALLS = {
    "mass_create": ("POST", {"form_entities": [ROW]}, {"create"}),
    "mass_update": ("PUT", {"form_entities": [{"id": 1, "form_entity": ROW}], "partial": True}, {"update"}),
    "mass_upsert": ("PUT", {"form_entities": [ROW], "key": "title", "partial": True}, {"create", "update"}),
}


@pytest.fixture
def unique(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": ("text_field", {"unique": True}), "amount": "float_field"})


@pytest.mark.parametrize(("name", "verb"), [(name, verb) for name, call in CALLS.items() for verb in sorted(call[2])])
def test_each_verb_is_asked_for(name: str, verb: str, carol: Member, unique: CustomForm) -> None:
    method, body, _verbs = CALLS[name]
    lacking = give(carol, *(other for other in RECORD_VERBS if other != verb), custom_form=unique)
    answer = lacking.refused(method, of(unique, f"/{name}"), body, status=403)
    assert [(fault["code"], fault["got"]) for fault in answer["errors"]] == [("missing_verb", verb)]


@pytest.mark.parametrize("name", CALLS)
def test_no_other_verb_is_asked_for(name: str, carol: Member, unique: CustomForm) -> None:
    method, body, verbs = CALLS[name]
    give(carol, "read", *verbs, custom_form=unique).ok(method, of(unique, f"/{name}"), body)


def test_records_beyond_one_s_rows_are_not_there(owned: dict[int, int], form: CustomForm, carol: Member) -> None:
    api = give(carol, *RECORD_VERBS, custom_form=form, rows="own")
    sent = [{"id": record, "form_entity": {"amount": 1}} for record in owned.values()]
    errors = api.refused("PUT", of(form, "/mass_update"), {"form_entities": sent}, status=404)["errors"]
    assert [(e["row"], e["code"]) for e in errors] == [
        (row, "unknown_record") for row, uid in enumerate(owned) if uid != carol.uid
    ]
    answer = api.ok("PUT", of(form, "/mass_update"), {"form_entities": sent, "partial": True})
    assert [result["version"] for result in answer["results"]] == [2 if uid == carol.uid else None for uid in owned]
    changed = FormEntity.objects.filter(custom_form=form, version=2).values_list("id", flat=True)
    assert list(changed) == [owned[carol.uid]]


def test_a_key_of_a_record_beyond_one_s_rows_is_taken_and_changes_nothing(
    carol: Member, people: dict[int, Member], unique: CustomForm
) -> None:
    other = give(people[1], *RECORD_VERBS, custom_form=unique)
    theirs = other.ok("POST", of(unique), {"form_entity": {"title": "theirs", "amount": 1}})["id"]
    api = give(carol, *RECORD_VERBS, custom_form=unique, rows="own")
    sent = [{"title": "theirs", "amount": 2}, {"title": "mine", "amount": 2}]
    body = {"key": "title", "form_entities": sent, "partial": True}
    answer = api.ok("PUT", of(unique, "/mass_upsert"), body)
    assert [(r["status"], r["id"] == theirs) for r in answer["results"]] == [("refused", False), ("created", False)]
    assert [error["code"] for error in answer["results"][0]["errors"]] == ["not_unique"]
    assert FormEntity.objects.get(custom_form=unique, id=theirs).data == {"title": "theirs", "amount": 1}


@pytest.mark.parametrize(
    ("limits", "code"), [({"hidden": ["amount"]}, "unknown_field"), ({"read_only": ["amount"]}, "read_only_field")]
)
@pytest.mark.parametrize("name", CALLS)
def test_fields_that_one_may_not_write_are_refused_by_their_row(
    name: str, limits: dict[str, Any], code: str, carol: Member, people: dict[int, Member], unique: CustomForm
) -> None:
    other = give(people[1], *RECORD_VERBS, custom_form=unique)
    record = other.ok("POST", of(unique), {"form_entity": {"title": "a", "amount": 1}})["id"]
    api = give(carol, *RECORD_VERBS, custom_form=unique, **limits)
    values = {"title": "a", "amount": 2}
    rows = [{"id": record, "form_entity": values}] if name == "mass_update" else [values]
    body = {"form_entities": rows, **({"key": "title"} if name == "mass_upsert" else {})}
    errors = api.refused(CALLS[name][0], of(unique, f"/{name}"), body)["errors"]
    assert [(error["row"], error["field"], error["code"]) for error in errors] == [(0, "amount", code)]
    assert FormEntity.objects.get(custom_form=unique, id=record).data == {"title": "a", "amount": 1}


def test_a_hidden_field_is_no_key(carol: Member, unique: CustomForm) -> None:
    api = give(carol, *RECORD_VERBS, custom_form=unique, hidden=["title"])
    body = {"key": "title", "form_entities": [{"amount": 1}]}
    (error,) = api.refused("PUT", of(unique, "/mass_upsert"), body)["errors"]
    assert (error["code"], error["allowed"]) == ("unknown_key_field", [])
