"""Forms to fill in, of every type: shown, posted back untouched, changed, cleared, refused."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from forms_app.admin.records.entry import (
    FieldAccess,
    changed_values,
    entry_fields,
    entry_groups,
    other_faults,
    posted_values,
    writable_names,
)
from forms_app.design.fields import field_change
from forms_app.exceptions import Fault
from forms_app.field_types import FieldType
from forms_app.models import CustomForm, Member
from forms_app.records.writes import entity_update
from tests.accounts import linked
from tests.factories import actor_of, add_field, make_entity, schema_of
from tests.forms_app.admin.conftest import FAIR, OLD, WEB
from tests.forms_app.admin.records.entry_form import Inputs, add_url, edit_url, posted_by
from tests.forms_app.field_types.every_type import EXAMPLE, TYPES, WRITABLE, create, each_type, world
from tests.forms_app.worlds import query_of, row_of, stored_of

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def writer(client: Client, alice: Member) -> Client:
    """Alice, who may do everything."""
    return linked(client, alice)


def post(client: Client, url: str, values: dict[str, Any], status: int = 302) -> str:
    response = client.post(url, values)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


def typed(stored: dict[str, Any]) -> dict[str, Any]:
    """With every line break as one that was typed: a browser keeps no other."""
    return {name: value.replace("\r\n", "\n") if isinstance(value, str) else value for name, value in stored.items()}


def own(form: CustomForm, record_id: int) -> dict[str, Any]:
    """What was written of the record, nothing computed."""
    stored = stored_of(form, record_id)
    stored.pop("total", None)
    return stored


@each_type(WRITABLE)
def test_a_page_posted_back_untouched_changes_nothing(
    field_type: FieldType, writer: Client, alice: Member, custom_app: Any
) -> None:
    form = world(field_type, alice, custom_app)
    for sent, _shown in field_type.accepts:
        record_id = create(form, alice, {EXAMPLE: sent})
        before = row_of(form, record_id)
        url = edit_url(form, record_id)
        post(writer, url, posted_by(writer, url))
        assert row_of(form, record_id) == before


@each_type(WRITABLE)
def test_what_a_control_posts_is_what_was_stored(
    field_type: FieldType, writer: Client, alice: Member, custom_app: Any
) -> None:
    form = world(field_type, alice, custom_app)
    for sent, _shown in field_type.accepts:
        record_id = create(form, alice, {EXAMPLE: sent})
        shown = posted_by(writer, edit_url(form, record_id))
        values = {**posted_by(writer, add_url(form)), EXAMPLE: shown[EXAMPLE]}
        post(writer, add_url(form), values)
        assert typed(stored_of(form, query_of(form).ids()[0])) == typed(stored_of(form, record_id))


@each_type(WRITABLE)
def test_an_emptied_control_clears(field_type: FieldType, writer: Client, alice: Member, custom_app: Any) -> None:
    form = world(field_type, alice, custom_app)
    record_id = create(form, alice, {EXAMPLE: field_type.accepts[0][0], "other": "kept"})
    url = edit_url(form, record_id)
    post(writer, url, {**posted_by(writer, url), EXAMPLE: ""})
    assert stored_of(form, record_id) == {"other": "kept"}


@each_type(WRITABLE)
def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(
    field_type: FieldType, writer: Client, alice: Member, custom_app: Any
) -> None:
    form = world(field_type, alice, custom_app, required=True)
    add_field(form, "count", "integer_field")
    sent_first = {**posted_by(writer, add_url(form)), "count": f"12{SCRIPT}", "other": f"  {SCRIPT}\n"}
    content = post(writer, add_url(form), sent_first, status=422)
    assert query_of(form).count() == 0
    assert SCRIPT not in content
    again = Inputs(content).values
    assert (again["count"], again["other"]) == (sent_first["count"], sent_first["other"])
    for name in (EXAMPLE, "count"):
        part = content.split(f'data-name="{name}"')[1].split("fe-field")[0]
        assert "fe-fault" in part, part
    assert content.count("fe-fault") == 2
    # Put right, it is saved: what was shown at first is still known.
    sent = next(sent for sent, shown in field_type.accepts if shown is not None)
    right = posted_by(writer, edit_url(form, create(form, alice, {EXAMPLE: sent})))[EXAMPLE]
    post(writer, add_url(form), {**again, "count": "12", EXAMPLE: right})
    assert stored_of(form, query_of(form).ids()[0])["count"] == 12


@each_type([field_type for field_type in TYPES if not field_type.writable])
def test_what_the_server_gives_is_shown_and_never_read(
    field_type: FieldType, writer: Client, alice: Member, custom_app: Any
) -> None:
    form = world(field_type, alice, custom_app)
    record_id = create(form, alice, {})
    held = stored_of(form, record_id)[EXAMPLE]
    url = edit_url(form, record_id)
    content = writer.get(url).content.decode()
    assert f' name="{EXAMPLE}"' not in content
    assert str(held) in content
    post(writer, url, {EXAMPLE: "999", f"{EXAMPLE}:was": "", "other": "x", "other:was": ""})
    assert stored_of(form, record_id) == {EXAMPLE: held, "other": "x"}
    assert writable_names(schema_of(form), {EXAMPLE: FieldAccess()}) == ["other"]


@each_type(TYPES)
def test_labels_and_values_come_out_escaped(
    field_type: FieldType, writer: Client, alice: Member, custom_app: Any
) -> None:
    form = world(field_type, alice, custom_app)
    field = form.custom_fields.get(name=EXAMPLE)
    field_change(field=field, label=SCRIPT)
    for option in field.options.all():
        option.label = SCRIPT + option.value
        option.save()
    field.custom_field_group.label = SCRIPT
    field.custom_field_group.save()
    alice.name = SCRIPT
    alice.save()
    record_id = make_entity(form, alice, other=SCRIPT)
    for url in (add_url(form), edit_url(form, record_id)):
        assert SCRIPT not in writer.get(url).content.decode()
    content = post(writer, add_url(form), {EXAMPLE: f'[{{"name": "{SCRIPT}"}}]', "other": "\0"}, status=422)
    assert SCRIPT not in content


def test_only_what_was_changed_is_written(writer: Client, form: CustomForm, alice: Member, bob: Member) -> None:
    add_field(form, "notes", "text_area")
    record_id = make_entity(form, alice, title="a", people=[{"uid": 2}], source=WEB, notes="one\ntwo")
    form.custom_fields.get(name="source").options.filter(value=WEB).update(status="disable")
    bob.is_active = False
    bob.save()
    url = edit_url(form, record_id)
    shown = posted_by(writer, url)
    assert shown["source"] == WEB
    # Meanwhile somebody else changes another field; a browser ends lines with CR LF.
    make = {**shown, "title": "b", "notes": "one\r\ntwo", "notes:was": "one\r\ntwo"}
    entity_update(schema=schema_of(form), record_id=record_id, values={"amount": 5}, actor=actor_of(alice))
    post(writer, url, make)
    held = stored_of(form, record_id)
    assert {name: held[name] for name in ("title", "people", "source", "amount", "notes")} == {
        "title": "b",
        "people": [2],
        "source": WEB,
        "amount": 5,
        "notes": "one\ntwo",
    }


def test_a_disabled_option_is_offered_to_nobody_else(writer: Client, form: CustomForm) -> None:
    content = writer.get(add_url(form)).content.decode()
    assert WEB in html.unescape(content)
    assert f'<option value="{OLD}"' not in html.unescape(content)


def test_a_text_of_several_lines_keeps_them(writer: Client, form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, title="one\ntwo")
    url = edit_url(form, record_id)
    assert "<textarea" in writer.get(url).content.decode()
    post(writer, url, {**posted_by(writer, url), "title": "\r\none\r\nthree "})
    assert stored_of(form, record_id)["title"] == "\none\nthree "


def test_a_new_record_begins_with_the_defaults(writer: Client, form: CustomForm) -> None:
    add_field(form, "kind", ("text_field", {"default": "usual"}))
    add_field(form, "level", ("integer_field", {"default": 3, "min": 0}))
    shown = posted_by(writer, add_url(form))
    assert (shown["kind"], shown["level"]) == ("usual", "3")
    post(writer, add_url(form), {**shown, "kind": "", "title": "a"})
    assert own(form, query_of(form).ids()[0]) == {"title": "a", "level": 3}
    post(writer, add_url(form), {**shown, "title": "b"})
    assert own(form, query_of(form).ids()[0]) == {"title": "b", "level": 3, "kind": "usual"}


def test_a_record_that_holds_nothing_shows_no_defaults(writer: Client, form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice)
    add_field(form, "kind", ("text_field", {"default": "usual"}))
    url = edit_url(form, record_id)
    assert posted_by(writer, url)["kind"] == ""
    post(writer, url, posted_by(writer, url))
    assert own(form, record_id) == {}


def test_unknown_names_in_a_post_are_ignored(writer: Client, form: CustomForm) -> None:
    post(writer, add_url(form), {"title": "a", "owner_uid": "9", "id": "7", "nonsense": "x", "total": "4"})
    (record_id,) = query_of(form).ids()
    assert own(form, record_id) == {"title": "a"}
    assert row_of(form, record_id).owner_uid == 1


def test_a_unique_value_that_is_taken_stands_beside_its_field(writer: Client, form: CustomForm, alice: Member) -> None:
    add_field(form, "code", ("text_field", {"unique": True}))
    make_entity(form, alice, code="A")
    content = post(writer, add_url(form), {"code": "A"}, status=422)
    assert "fe-fault" in content.split('data-name="code"')[1].split("fe-field")[0]


def fields_of(form: CustomForm, alice: Member, access: dict[str, FieldAccess], **kwargs: Any) -> dict[str, Any]:
    schema = schema_of(form)
    data = {"title": "held", "source": FAIR}
    found = entry_fields(schema, data=data, actor=actor_of(alice), access=access, **kwargs)
    return {entry.name: entry for entry in found}


def test_access_hides_requires_and_fixes_fields(form: CustomForm, alice: Member) -> None:
    access = {
        "title": FieldAccess(read_only=True, required=True),
        "source": FieldAccess(required=True),
        "amount": FieldAccess(shown=False),
    }
    posted = QueryDict("title=other&source=&amount=7&starts=2023-08-16&starts:was=").copy()
    found = fields_of(form, alice, access, posted=posted)
    assert "amount" not in found
    title, source = found["title"], found["source"]
    assert (title.control, title.required, [part.text for part in title.shown]) == ("read_only", False, ["held"])
    assert (source.required, source.value, source.was) == (True, "", FAIR)
    names = writable_names(schema_of(form), access)
    assert {"title", "amount", "total"}.isdisjoint(names)
    values = posted_values(schema_of(form), posted, names=names)
    assert values == {"source": "", "starts": "2023-08-16"}
    assert changed_values(schema_of(form), values, posted) == values
    groups = entry_groups(schema_of(form), list(found.values()))
    assert [entry.name for group in groups for entry in group.fields] == list(found)


def test_a_fault_names_its_item_and_one_of_no_shown_field_is_told_apart(form: CustomForm, alice: Member) -> None:
    faults = [
        Fault("unknown_member", "Nobody.", field="people", index=1),
        Fault("required", "Needed.", field="amount", label="Amount"),
        Fault("closed", "Too late."),
    ]
    found = fields_of(form, alice, {"amount": FieldAccess(shown=False)}, faults=faults)
    (told,) = found["people"].faults
    assert "2" in told and "Nobody." in told
    assert other_faults(found.values(), faults) == ["Amount: Needed.", "Too late."]


def test_a_page_about_a_record_leads_to_its_form(writer: Client, form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, title="a")
    listed = writer.get(reverse("admin:forms_app_customform_records", args=[form.pk])).content.decode()
    assert add_url(form) in listed
    shown = writer.get(reverse("admin:forms_app_customform_record", args=[form.pk, record_id])).content.decode()
    assert edit_url(form, record_id) in shown
