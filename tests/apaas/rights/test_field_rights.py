"""What a role hides of a record or lets nobody write. Each right is tried by one who lacks it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.base import ContentFile

from forms_app.exporting.sending import MOST_AT_ONCE
from forms_app.files.storing import file_item, file_store
from forms_app.models import CustomApp, CustomForm, FormTab, Grant, Member
from forms_app.people.rights import RECORD_VERBS
from tests.apaas.rights.conftest import give, of
from tests.factories import actor_of, make_entity, make_form

pytestmark = pytest.mark.django_db


def test_a_hidden_field_is_an_unknown_name_everywhere(owned: dict[int, int], form: CustomForm, carol: Member) -> None:
    tab = {"custom_form": form, "label": "costly", "filters": [{"or": [{"name": "cost", "op": "gt", "value": 1}]}]}
    FormTab.objects.create(name="costly", **tab)
    FormTab.objects.create(name="sorted", custom_form=form, label="sorted", sort=[{"cost": "asc"}])
    api = give(carol, *RECORD_VERBS, custom_form=form, hidden=["cost"])
    gone = {"cost", "margin", "twice"}  # and what is computed of it
    record = owned[1]
    assert not gone & set(api.ok("GET", of(form, f"/{record}")))
    assert "amount" in api.ok("GET", of(form, f"/{record}"))
    line = b"".join(api.call("GET", of(form, "/export") + "&format=jsonl").streaming_content)  # type: ignore[attr-defined]
    assert "amount" in json.loads(line.splitlines()[0])
    assert not gone & {name.removeprefix("#") for name in json.loads(line.splitlines()[0])}
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
            assert api.refused("PUT", of(form, "/export"), body)["errors"] == hidden
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


def test_who_may_read_and_not_export_is_refused(owned: dict[int, int], form: CustomForm, carol: Member) -> None:
    api = give(carol, "read", custom_form=form)
    for _call in range(MOST_AT_ONCE + 1):  # what is refused takes no place from others
        error = api.refused("GET", of(form, "/export"), status=403)["errors"][0]
        assert (error["code"], error["got"]) == ("missing_verb", "export")
