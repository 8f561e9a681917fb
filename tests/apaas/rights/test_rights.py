"""What a role lets a token do over HTTP: verbs, rows, fields. Each right is tried by one who lacks it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile

from forms_app.files.storing import file_item, file_store
from forms_app.models import CustomApp, CustomForm, FormTab, Grant, Member, Role
from forms_app.people.rights import RECORD_VERBS
from tests.apaas.conftest import Api
from tests.factories import actor_of, make_entity, make_form, make_token

pytestmark = pytest.mark.django_db

FIELDS = {
    "title": "text_field",
    "amount": "float_field",
    "cost": "float_field",
    "margin": ("formula_field", {"formula": "{amount} - {cost}"}),
    "twice": ("formula_field", {"formula": "{margin} * 2"}),
}


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, FIELDS)


@pytest.fixture
def carol(people: dict[int, Member]) -> Member:
    """Member 3 of department 3, above department 4, where member 4 stands. No role gives her anything."""
    Grant.objects.filter(role__organization=people[3].organization).delete()
    return people[3]


def give(member: Member, *verbs: str, **grant: Any) -> Api:
    """A role with this grant for the member, and a token of theirs."""
    role = Role.objects.create(organization=member.organization, name=f"role {Role.objects.count()}")
    role.members.add(member)
    Grant.objects.create(role=role, verbs=list(verbs), **grant)
    return Api(make_token(member)[1])


def of(form: CustomForm, path: str = "") -> str:
    return f"form_entities{path}?custom_form_id={form.pk}"


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


@pytest.fixture
def owned(form: CustomForm, people: dict[int, Member]) -> dict[int, int]:
    """A record of each member, made before roles were taken away."""
    return {uid: make_entity(form, member, title=f"of {uid}", amount=uid * 10) for uid, member in people.items()}


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


def test_a_hidden_field_is_an_unknown_name_everywhere(owned: dict[int, int], form: CustomForm, carol: Member) -> None:
    tab = {"custom_form": form, "label": "costly", "filters": [{"or": [{"name": "cost", "op": "gt", "value": 1}]}]}
    FormTab.objects.create(name="costly", **tab)
    FormTab.objects.create(name="sorted", custom_form=form, label="sorted", sort=[{"cost": "asc"}])
    api = give(carol, *RECORD_VERBS, custom_form=form, hidden=["cost"])
    gone = {"cost", "margin", "twice"}  # and what is computed of it
    record = owned[1]
    assert not gone & set(api.ok("GET", of(form, f"/{record}")))
    assert "amount" in api.ok("GET", of(form, f"/{record}"))
    for name in gone:
        for body in (
            {"filters": [{"name": name, "op": "gt", "value": 1}]},
            {"sort": [{name: "asc"}]},
            {"only_field_names": [name]},
            {"search_column_name": name, "query": "1"},
        ):
            hidden = api.refused("PUT", of(form), body)["errors"]
            unknown = api.refused("PUT", of(form), _renamed(body, name, "nothing"))["errors"]
            assert hidden == _renamed(unknown, "nothing", name)
        for method, path in (("POST", ""), ("PUT", f"/{record}")):
            assert api.faults(method, of(form, path), {"form_entity": {name: 1}}) == [(name, "unknown_field", None)]
        assert api.faults("PUT", of(form, "/evaluate"), {"field_name": name}) == [("field_name", "not_computed", None)]
    assert api.faults("PUT", of(form), {"scope": "costly"}) == [("scope", "unknown_scope", None)]
    design = api.ok("GET", f"custom_forms/{form.pk}")
    assert [t["name"] for t in design["tabs"]] == ["all", "mine", "department"]
    assert [f["name"] for group in design["custom_field_groups"] for f in group["custom_fields"]] == ["title", "amount"]
    document = api.call("GET", f"openapi.json?custom_form_id={form.pk}").content.decode()
    assert "amount" in document
    assert not [name for name in gone if f'"{name}"' in document]


def _renamed(said: Any, name: str, other: str) -> Any:
    """The same of another field."""
    if isinstance(said, dict):
        return {(other if key == name else key): _renamed(value, name, other) for key, value in said.items()}
    if isinstance(said, list):
        return [_renamed(item, name, other) for item in said]
    return other if said == name else said


def test_a_hidden_primary_field_labels_nothing(carol: Member, custom_app: CustomApp, people: dict[int, Member]) -> None:
    target = make_form(custom_app, {"name": "text_field", "n": "float_field"}, name="target")
    source = make_form(custom_app, {"to": ("relation_field", {"form": target.pk})}, name="source")
    Grant.objects.create(role=carol.organization.roles.get(everyone=True), verbs=["read", "create"])
    related = make_entity(target, carol, name="secret")
    record = make_entity(source, carol, to={"value": related})
    Grant.objects.all().delete()
    api = give(carol, "read", custom_form=target, hidden=["name"])
    give(carol, "read", custom_form=source)
    shown = api.ok("GET", of(source, f"/{record}"))["to"]
    assert (shown["value"], shown["label"]) == (related, None)
    assert api.ok("GET", of(target, f"/{related}"))["primary_field_value"] is None
    assert list(api.ok("GET", of(target, "/simple"))["models"][0]) == ["value", "label", "id"]
    assert api.ok("GET", f"custom_forms/{target.pk}")["primary_field"] is None
    assert "secret" not in api.call("GET", of(target)).content.decode()


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


def test_a_read_only_field_is_read_and_not_written(owned: dict[int, int], form: CustomForm, carol: Member) -> None:
    api = give(carol, *RECORD_VERBS, custom_form=form, read_only=["amount"])
    assert api.ok("GET", of(form, f"/{owned[1]}"))["amount"] == 10
    for method, path in (("POST", ""), ("PUT", f"/{owned[1]}")):
        assert api.faults(method, of(form, path), {"form_entity": {"amount": 5, "nothing": 1}}) == [
            ("amount", "read_only_field", None),
            ("nothing", "unknown_field", None),
        ]
    assert api.ok("PUT", of(form, f"/{owned[1]}"), {"form_entity": {"cost": 4}})["margin"] == 6


def test_what_may_not_be_filled_in_is_not_asked_for_and_has_its_default(carol: Member, custom_app: CustomApp) -> None:
    fields = {
        "title": ("text_field", {"required": True}),
        "kind": ("text_field", {"required": True, "default": "plain"}),
        "note": ("text_field", {"required": True}),
    }
    form = make_form(custom_app, fields)
    api = give(carol, *RECORD_VERBS, custom_form=form, hidden=["kind"], read_only=["note"])
    assert api.faults("POST", of(form), {"form_entity": {}}) == [("title", "required", None)]
    made = api.ok("POST", of(form), {"form_entity": {"title": "a"}})
    assert (made["note"], "kind" in made) == (None, False)
    seen = give(carol, "read", custom_form=form)
    assert seen.ok("GET", of(form, f"/{made['id']}"))["kind"] == "plain"


def test_a_file_is_given_with_the_record_and_the_field_that_hold_it(
    carol: Member, custom_app: CustomApp, people: dict[int, Member]
) -> None:
    Grant.objects.create(role=carol.organization.roles.get(everyone=True), verbs=["read", "create", "update"])
    form = make_form(custom_app, {"files": "file_field", "title": "text_field"})
    other = make_form(custom_app, {"files": "file_field"}, name="other")
    stored = file_store(content=ContentFile(b"%PDF-"), name="a.pdf", actor=actor_of(people[1]))
    make_entity(form, people[1], files=[file_item(stored)])
    Grant.objects.all().delete()
    path = f"files/{stored.token}"
    hidden = give(carol, "read", custom_form=form, hidden=["files"])
    hidden.refused("GET", path, status=404)
    give(carol, "read", "create", custom_form=other)
    # To name its address elsewhere is no way to read it.
    assert hidden.faults("POST", of(other), {"form_entity": {"files": [file_item(stored)]}}) == [
        ("files", "unknown_file", 0)
    ]
    Grant.objects.all().delete()
    own = give(carol, "read", custom_form=form, rows="own")
    own.refused("GET", path, status=404)
    response: Any = give(carol, "read", custom_form=form).call("GET", path)
    assert b"".join(response.streaming_content) == b"%PDF-"
