"""What a role lets a token do over HTTP: verbs and rows. Each right is tried by one who lacks it."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomApp, CustomForm, FormTab, Grant, Member
from forms_app.people.rights import RECORD_VERBS
from tests.apaas.conftest import Api
from tests.apaas.rights.conftest import give, of
from tests.factories import make_entity, make_form, make_token

pytestmark = pytest.mark.django_db


def test_without_a_role_no_form_exists(carol: Member, form: CustomForm) -> None:
    api = Api(make_token(carol)[1])
    record = 1
    assert api.ok("GET", "custom_forms")["models"] == api.ok("GET", "custom_apps")["models"] == []
    api.refused("GET", f"custom_forms/{form.pk}", status=404)
    for method, path, body in (
        ("GET", of(form), None),
        ("GET", of(form, f"/{record}"), None),
        ("POST", of(form), {"form_entity": {}}),
        ("PUT", of(form, f"/{record}"), {"form_entity": {"title": "b"}}),
        ("PUT", of(form, "/transfer"), {"ids": [record], "to_user_uid": 1}),
        ("DELETE", of(form, "/mass_destroy"), {"ids": [record]}),
        ("GET", of(form, "/ids"), None),
        ("GET", of(form, "/simple"), None),
        ("PUT", of(form, "/evaluate"), {"field_name": "margin"}),
        ("GET", f"openapi.json?custom_form_id={form.pk}", None),
    ):
        answer = api.refused(method, path, body, status=404)
        assert answer["errors"][0]["code"] == "unknown_form", path


CALLS = {
    "read": ("GET", "", None),
    "create": ("POST", "", {"form_entity": {"title": "b"}}),
    "update": ("PUT", "/{id}", {"form_entity": {"title": "b"}}),
    "transfer": ("PUT", "/transfer", {"ids": ["{id}"], "to_user_uid": 1}),
    "destroy": ("DELETE", "/mass_destroy", {"ids": ["{id}"]}),
}


@pytest.mark.parametrize("verb", CALLS)
def test_each_verb_is_asked_for(verb: str, carol: Member, form: CustomForm, people: dict[int, Member]) -> None:
    method, path, body = CALLS[verb]
    others = [other for other in RECORD_VERBS if other != verb]
    creator = give(people[1], "create", "read", custom_form=form)
    record = creator.ok("POST", of(form), {"form_entity": {"title": "a"}})["id"]
    body = {key: [record] if key == "ids" else value for key, value in body.items()} if body else None
    lacking = give(carol, *others, custom_form=form)
    answer = lacking.refused(method, of(form, path.format(id=record)), body, status=403)
    assert [(fault["code"], fault["got"]) for fault in answer["errors"]] == [("missing_verb", verb)]
    assert verb not in answer["errors"][0]["allowed"]
    give(carol, "read", verb, custom_form=form).ok(method, of(form, path.format(id=record)), body)


def test_who_may_only_create_gets_what_they_wrote_and_no_more(carol: Member, form: CustomForm) -> None:
    api = give(carol, "create", custom_form=form)
    made = api.ok("POST", of(form), {"form_entity": {"title": "a", "amount": 3}})
    assert (made["title"], made["user"]["uid"]) == ("a", 3)
    for path in ("", f"/{made['id']}", "/ids", "/simple"):
        assert api.refused("GET", of(form, path), status=403)["errors"][0]["code"] == "missing_verb"
    assert api.ok("PUT", of(form, "/evaluate"), {"field_name": "margin", "form_entity": {"amount": 3, "cost": 1}}) == {
        "value": 2
    }


ROWS = {"all": {1, 2, 3, 4}, "department_below": {3, 4}, "department": {3}, "own": {3}}


@pytest.mark.parametrize("rows", ROWS)
def test_rows_are_those_in_reach(rows: str, owned: dict[int, int], form: CustomForm, carol: Member) -> None:
    api = give(carol, *RECORD_VERBS, custom_form=form, rows=rows)
    seen = {owned[uid] for uid in ROWS[rows]}
    listed = api.ok("GET", of(form))
    assert {model["id"] for model in listed["models"]} == seen
    assert listed["total_count"] == len(seen)
    assert set(api.ok("GET", of(form, "/ids"))["ids"]) == seen
    assert {model["id"] for model in api.ok("GET", of(form, "/simple"))["models"]} == seen
    found = {"search_column_name": "title", "query": "of"}
    assert api.ok("PUT", of(form), found)["total_count"] == len(seen)
    assert api.ok("PUT", of(form), {"filters": [{"name": "id", "op": "in", "value": list(owned.values())}]})[
        "total_count"
    ] == len(seen)
    for uid, record in owned.items():
        body = {"form_entity": {"amount": 1}}
        for method, path, sent in (
            ("GET", f"/{record}", None),
            ("PUT", f"/{record}", body),
            ("PUT", "/transfer", {"ids": [record], "to_user_uid": str(uid)}),
            ("PUT", "/evaluate", {"id": record, "field_name": "margin"}),
        ):
            if record in seen:
                api.ok(method, of(form, path), sent)
            else:
                mine = api.refused(method, of(form, path), sent, status=404)["errors"]
                absent = api.refused(method, of(form, _for(path, record)), _for(sent, record), status=404)["errors"]
                assert [_for(fault, record) for fault in mine] == absent
    unseen = sorted(set(owned.values()) - seen)
    if unseen:
        answer = api.refused("DELETE", of(form, "/mass_destroy"), {"ids": list(owned.values())}, status=404)
        assert sorted(fault["got"] for fault in answer["errors"]) == unseen
    api.ok("DELETE", of(form, "/mass_destroy"), {"ids": sorted(seen)})


NOBODY_S = 2**40


def _for(sent: Any, record: int) -> Any:
    """The same of a record that never was."""
    if isinstance(sent, dict):
        return {key: _for(value, record) for key, value in sent.items()}
    if isinstance(sent, list):
        return [_for(item, record) for item in sent]
    if isinstance(sent, str):
        return sent.replace(f"/{record}", f"/{NOBODY_S}")
    return NOBODY_S if sent == record else sent


def test_rows_of_a_tab_are_those_that_it_finds(owned: dict[int, int], form: CustomForm, carol: Member) -> None:
    filters = [{"name": "amount", "op": "within", "value": [15, 35]}]
    tab = FormTab.objects.create(custom_form=form, name="middle", label="middle", filters=filters)
    api = give(carol, "read", "update", custom_form=form, rows="tab", tab=tab)
    assert set(api.ok("GET", of(form, "/ids"))["ids"]) == {owned[2], owned[3]}
    # What one's own write moves out of sight is answered once, and gone.
    assert api.ok("PUT", of(form, f"/{owned[2]}"), {"form_entity": {"amount": 99}})["amount"] == 99
    api.refused("GET", of(form, f"/{owned[2]}"), status=404)
    tab.filters = [{"name": "gone", "op": "eq", "value": 1}]
    tab.save()
    assert api.ok("GET", of(form, "/ids"))["ids"] == []  # a tab that can't be read any more opens nothing
    tab.delete()
    api.refused("GET", of(form, "/ids"), status=404)  # and with a tab goes the grant that it limited


def test_a_related_row_out_of_reach_has_no_label_and_can_t_be_named(
    carol: Member, custom_app: CustomApp, people: dict[int, Member]
) -> None:
    everyone = Grant.objects.create(role=carol.organization.roles.get(everyone=True), verbs=["read", "create"])
    target = make_form(custom_app, {"name": "text_field", "n": "float_field"}, name="target")
    relation = ("relation_field", {"form": target.pk})
    source = make_form(custom_app, {"to": relation, "sum": ("formula_field", {"formula": "{to.n} + 1"})}, name="source")
    theirs, mine = make_entity(target, people[1], name="theirs", n=1), make_entity(target, carol, name="mine", n=2)
    first, second = (make_entity(source, carol, to={"value": to}) for to in (theirs, mine))
    everyone.delete()
    api = give(carol, "read", "update", custom_form=source)
    give(carol, "read", custom_form=target, rows="own")
    labels = {record: api.ok("GET", of(source, f"/{record}"))["to"]["label"] for record in (first, second)}
    assert labels == {first: None, second: "mine"}
    # What is computed of a record that may be out of reach does not exist either.
    assert "sum" not in api.ok("GET", of(source, f"/{second}"))
    for value in (theirs, 2**40):
        assert api.faults("PUT", of(source, f"/{second}"), {"form_entity": {"to": {"value": value}}}) == [
            ("to", "unknown_record", 0)
        ]
    # What the record holds may be sent back as it was read.
    api.ok("PUT", of(source, f"/{first}"), {"form_entity": {"to": {"value": theirs}}})


def test_a_form_of_which_role_and_token_leave_nothing_does_not_exist(carol: Member, form: CustomForm) -> None:
    """The role gives no reading, the token no creating: neither lists nor shows it."""
    give(carol, "create", custom_form=form)
    api = Api(make_token(carol, verbs=["read", "update"])[1])
    assert api.ok("GET", "custom_forms")["models"] == []
    api.refused("GET", f"custom_forms/{form.pk}", status=404)
    assert len(Api(make_token(carol)[1]).ok("GET", "custom_forms")["models"]) == 1
