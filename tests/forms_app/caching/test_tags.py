"""Every change of a definition, a person or a token gives its caches a new tag; nothing else does."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_app.caching import tags
from forms_app.database import engine
from forms_app.design.document import design_of
from forms_app.design.forms import form_design
from forms_app.design.options import options_add
from forms_app.field_types import Option
from forms_app.models import (
    AccessToken,
    CustomApp,
    CustomForm,
    FieldGroup,
    FieldOption,
    FormTab,
    FormulaReference,
    Member,
    Region,
    Role,
)
from forms_app.people.company_accounts import Identity, company_account
from forms_app.people.role_documents import role_delete, role_save
from forms_app.people.tokens import token_rotate
from forms_app.staff.members import member_mass_upsert
from tests.factories import add_field, make_entity, make_form, make_token, system_of

DEFINITIONS = ("definitions",)
PEOPLE = ("people", "tokens")


def changed(change: Callable[[], Any]) -> set[str]:
    before = tags.current()
    change()
    after = tags.current()
    return {kind for kind in before._fields if getattr(before, kind) != getattr(after, kind)}


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"a": "text_field"})


def test_each_kind_of_change_has_its_tag(form: CustomForm, alice: Member, bob: Member) -> None:
    field = form.custom_fields.get()
    token, _text = make_token(alice)
    department = alice.departments.get()
    changes: list[tuple[Callable[[], Any], set[str]]] = [
        (form.save, {"definitions"}),
        (form.custom_app.save, {"definitions"}),
        (lambda: FieldGroup.objects.create(custom_form=form, label="x"), {"definitions"}),
        (field.save, {"definitions"}),
        (lambda: FieldOption.objects.create(custom_field=field, value="x", label="x"), {"definitions"}),
        (lambda: FieldOption.objects.get().delete(), {"definitions"}),
        (lambda: FormTab.objects.create(custom_form=form, name="x", label="x"), {"definitions"}),
        (
            lambda: FormulaReference.objects.create(custom_field=field, target_form=form, target_name="a"),
            {"definitions"},
        ),
        (alice.save, {"people", "tokens"}),
        (department.save, {"people", "tokens"}),
        (alice.organization.save, {"people", "tokens"}),
        (lambda: bob.departments.add(department), {"people", "tokens"}),
        (token.save, {"tokens"}),
        (lambda: token.save(update_fields=["last_used_at"]), set()),
        (lambda: token.custom_forms.add(form), {"tokens"}),
        (token.delete, {"tokens"}),
        (lambda: make_entity(form, alice, a="x"), set()),
        (lambda: Region.objects.create(id="1", label="x", level="country"), set()),
    ]
    for place, (change, kinds) in enumerate(changes):
        assert changed(change) == kinds, place


def test_a_form_s_own_version_moves_with_what_belongs_to_it(custom_app: Any, form: CustomForm) -> None:
    other = make_form(custom_app, {"b": "text_field"})

    def version(of: CustomForm) -> int:
        return int(CustomForm.objects.values_list("definition_version", flat=True).get(pk=of.pk))

    before = version(form), version(other)
    add_field(form, "c", "text_field")
    assert version(form) != before[0]
    assert version(other) == before[1]
    custom_app.save()
    assert version(other) != before[1]


def test_tags_never_come_again() -> None:
    assert len({tags.new_tag() for _ in range(1000)}) == 1000


def test_loading_a_fixture_bumps_nothing(form: CustomForm) -> None:
    text = serializers.serialize("json", [form])

    def load() -> None:
        for loaded in serializers.deserialize("json", text):
            loaded.save()

    assert changed(load) == set()


def test_a_tag_is_read_at_most_so_often(form: CustomForm, settings: Any, django_assert_num_queries: Any) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    tags.read_anew()
    with django_assert_num_queries(1):
        assert tags.current() == tags.current()
    settings.VERSION_CHECK_SECONDS = 0
    with django_assert_num_queries(2):
        tags.current()
        tags.current()


@pytest.mark.django_db
def test_the_row_is_made_where_there_is_none() -> None:
    assert "people" in changed(lambda: tags.bump("people"))
    assert AccessToken.objects.count() == CustomApp.objects.count() == 0


def test_a_form_s_own_tag_is_there_before_that_of_all(custom_app: CustomApp) -> None:
    """Outside of a transaction each is seen as soon as it is written: who met the new tag of all beside the form's old
    one would keep that as the new one's."""
    form = make_form(custom_app, {"title": "text_field"})
    with CaptureQueriesContext(connection) as captured:
        tags.bump("definitions", form_ids=[form.pk])
    written = [query["sql"].split()[1] for query in captured if query["sql"].startswith("UPDATE")]
    assert written == ['"forms_app_customform"', '"forms_app_cacheversion"']


def new_member(alice: Member, form: CustomForm) -> None:
    identity = Identity(key="k", username="u", email="e@example.com", name="n")
    company_account(identity, organization_id=alice.organization_id, create=True)


def member_by_api(alice: Member, form: CustomForm) -> None:
    values = {"third_userid": "x", "name": "x"}
    member_mass_upsert(organization_id=alice.organization_id, rows=[values], actor=system_of(alice.organization_id))


LOCKS = re.compile(r"INSERT|UPDATE|DELETE|SELECT .* FOR (NO KEY )?UPDATE")
WRITES: dict[str, Callable[[Member, CustomForm], Any]] = {
    "a role": lambda alice, form: role_save(
        organization_id=alice.organization_id,
        values={"name": "x", "members": [1]},
        actor=system_of(alice.organization_id),
    ),
    "a role's end": lambda alice, form: role_delete(
        role=Role.objects.get(organization=alice.organization, everyone=True), actor=system_of(alice.organization_id)
    ),
    "members": member_by_api,
    "a member of the company's": new_member,
    "a token": lambda alice, form: token_rotate(access_token=make_token(alice)[0], hours=1),
    "a design": lambda alice, form: form_design(form=form, design=design_of(form)),
    "a field": lambda alice, form: add_field(form, "b", "text_field"),
    "options": lambda alice, form: options_add(form_id=form.pk, labels={"choice": ["x"]}),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_with_citus_the_tags_are_locked_before_anything_else_is(
    write: Callable[[Member, CustomForm], Any], custom_app: CustomApp, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of two would wait for the other: a write of a table that is whole on every node keeps others out of it."""
    form = make_form(
        custom_app,
        {"a": "text_field", "choice": ("select_field", {}, (Option(b64encode(b"a" * 16).decode(), "甲", True, None),))},
    )
    monkeypatch.setattr(engine.Known, "citus", True)
    with CaptureQueriesContext(connection) as captured:
        write(alice, form)
    locks = [q["sql"] for q in captured if LOCKS.match(str(q["sql"]))]
    assert "FROM forms_app_cacheversion" in locks[0]
