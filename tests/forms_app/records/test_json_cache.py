"""A record's text is what `present` makes of it, also when it was shown before and something has changed since."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.exact_json import dumps, reads
from forms_app.field_types import FieldType, Option, registry
from forms_app.models import CustomForm, FieldOption, Member
from forms_app.people.actor import Actor
from forms_app.records import json_cache
from forms_app.records.json_cache import texts
from forms_app.records.presentation import Projection, present
from forms_app.records.writes import entity_update
from tests.factories import RegionFactory, actor_of, add_example_field, make_entity, make_form, schema_of
from tests.forms_app.worlds import row_of

FIRST = "AAAAAAAAAAAAAAAAAAAAAA=="
CHOICE = ("select_field", {}, (Option(FIRST, "甲"),))


def read(form: CustomForm, actor: Actor, *ids: int, names: list[str] | None = None) -> list[Any]:
    """The records as a client gets them; what `present` makes of them must be the same."""
    projection, rows = Projection.of(schema_of(form), names), [row_of(form, record_id) for record_id in ids]
    found = reads(dumps(texts(projection, rows, actor)).decode())
    assert found == reads(dumps(present(projection, rows, actor)).decode())
    return list(found)


def kept() -> int:
    return len(json_cache.texts_shown.current().places)


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"title": "text_field", "choice": CHOICE, "keeper": "user_field"})


@pytest.mark.parametrize("field_type", list(registry), ids=lambda t: t.name)
def test_a_text_says_the_same_the_second_time(custom_app: Any, alice: Member, field_type: FieldType) -> None:
    related = make_form(custom_app, {"title": "text_field"}, name="related")
    RegionFactory(id="4", label="中国")
    form = make_form(custom_app, {"title": "text_field"})
    add_example_field(form, field_type, related.pk)
    first = make_entity(form, alice, title="一")
    once = read(form, actor_of(alice), first)
    assert read(form, actor_of(alice), first) == once
    second = make_entity(form, alice, title="二")
    assert [record["title"] for record in read(form, actor_of(alice), second, first)] == ["二", "一"]


def test_records_shown_before_are_not_made_again(
    form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [make_entity(form, alice, title=str(n)) for n in range(3)]
    made: list[int] = []

    def counted(projection: Projection, rows: Any, actor: Actor) -> Any:
        made.append(len(rows))
        return present(projection, rows, actor)

    monkeypatch.setattr(json_cache, "present", counted)
    read(form, actor_of(alice), *ids[:2])
    read(form, actor_of(alice), *ids)
    read(form, actor_of(alice), *reversed(ids))
    assert made == [2, 1]


def test_a_changed_record_is_shown_as_it_is_now(form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, title="old")
    assert read(form, actor_of(alice), record_id)[0]["title"] == "old"
    entity_update(schema=schema_of(form), record_id=record_id, values={"title": "new"}, actor=actor_of(alice))
    assert read(form, actor_of(alice), record_id)[0]["title"] == "new"


def test_a_renamed_person_has_the_new_name_at_once(form: CustomForm, alice: Member, bob: Member) -> None:
    record_id = make_entity(form, alice, keeper=[{"uid": bob.uid}])
    read(form, actor_of(alice), record_id)
    bob.name = "鲍勃"
    bob.save()
    assert read(form, actor_of(alice), record_id)[0]["keeper"][0]["name"] == "鲍勃"


def test_a_renamed_option_has_the_new_label_at_once(form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, choice=FIRST)
    assert read(form, actor_of(alice), record_id)[0]["choice_display"] == "甲"
    option = FieldOption.objects.get(custom_field__custom_form=form, value=FIRST)
    option.label = "子"
    option.save()
    assert read(form, actor_of(alice), record_id)[0]["choice_display"] == "子"


def test_what_a_related_record_is_called_depends_on_who_asks_and_when(custom_app: Any, alice: Member) -> None:
    related = make_form(custom_app, {"title": "text_field"}, name="related")
    form = make_form(custom_app, {"other": ("relation_field", {"form": related.pk})})
    other = make_entity(related, alice, title="old")
    record_id = make_entity(form, alice, other={"value": other})
    limited = actor_of(alice, form_ids=frozenset({form.pk}))
    assert read(form, actor_of(alice), record_id)[0]["other"]["label"] == "old"
    assert read(form, limited, record_id)[0]["other"]["label"] is None
    entity_update(schema=schema_of(related), record_id=other, values={"title": "new"}, actor=actor_of(alice))
    assert read(form, actor_of(alice), record_id)[0]["other"]["label"] == "new"
    assert kept() == 0


def test_what_is_computed_at_each_read_is_not_kept(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"title": "text_field", "now": ("formula_field", {"formula": "NOW()"})})
    read(form, actor_of(alice), make_entity(form, alice, title="a"), names=["title"])
    texts(Projection.of(schema_of(form)), [row_of(form, make_entity(form, alice))], actor_of(alice))
    assert kept() == 0


def test_some_names_of_a_record_are_not_taken_for_the_whole(form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, title="a")
    assert read(form, actor_of(alice), record_id, names=["title"]) == [{"title": "a"}]
    assert len(read(form, actor_of(alice), record_id)[0]) > 9
    assert read(form, actor_of(alice), record_id, names=["title"]) == [{"title": "a"}]


def test_no_more_than_so_many_bytes_are_kept(form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_cache, "MOST_BYTES", 5_000)
    monkeypatch.setattr(json_cache.texts_shown, "most", 5_000)
    json_cache.texts_shown.empty()
    counts = []
    for n in range(30):
        read(form, actor_of(alice), make_entity(form, alice, title=str(n)))
        counts.append(kept())
    assert 2 < max(counts) < 15


def test_a_large_page_is_not_kept(form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_cache, "MOST_ROWS", 2)
    ids = [make_entity(form, alice, title=str(n)) for n in range(3)]
    read(form, actor_of(alice), *ids)
    assert kept() == 0
    read(form, actor_of(alice), *ids[:2])
    assert kept() == 2


def test_a_long_record_is_not_kept(form: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_cache, "LONGEST", 200)
    read(form, actor_of(alice), make_entity(form, alice, title="x" * 200), make_entity(form, alice, title="short"))
    assert kept() == 1
