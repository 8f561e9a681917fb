"""Costly indexes grow when they are used: a request notes what it asks for, the worker builds that and no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from forms_app.design.fields import field_remove
from forms_app.indexes import uses
from forms_app.models import CustomForm, FieldIndex, FieldUse
from forms_app.records.query import AnyFilter, Filter, Search, Sort, Terms
from tests.factories import add_field, schema_of
from tests.forms_app.indexes.world import (
    GROWN,
    asked_for,
    entry_of,
    field_id,
    grown,
    name_of,
    on_disk,
    settle,
    small_form,
    standings,
)
from tests.forms_app.worlds import statements

pytestmark = pytest.mark.django_db(transaction=True)
SEARCHED, SORTED = ("title", "grams"), ("title", "order")
VALID = dict.fromkeys(GROWN, "valid")


@pytest.fixture
def large(custom_app: Any) -> CustomForm:
    """A large form with its indexes, and a text beside its primary field."""
    form = grown(small_form(custom_app))
    add_field(form, "title", "text_field")
    settle(form)
    return form


def noted(form: CustomForm) -> set[tuple[str, str]]:
    names = dict(form.custom_fields.values_list("pk", "name"))
    rows = FieldUse.objects.filter(custom_form_id=form.pk).values_list("field_id", "kind")
    return {(names[pk], kind) for pk, kind in rows}


def test_a_text_is_indexed_once_somebody_searches_or_sorts_by_it(large: CustomForm) -> None:
    assert standings(large) == VALID | {SEARCHED: "unused", SORTED: "unused"}
    title = schema_of(large).columns["title"]
    uses.note(large.pk, Terms(search=Search(title, "客户")))
    settle(large)
    assert standings(large) == VALID | {SEARCHED: "valid", SORTED: "unused"}
    uses.note(large.pk, Terms(sorts=(Sort(title),)))
    settle(large)
    assert standings(large) == VALID | {SEARCHED: "valid", SORTED: "valid"}


def test_only_what_a_costly_index_would_serve_is_noted(large: CustomForm) -> None:
    columns = schema_of(large).columns
    title, number = columns["title"], columns["number"]
    for terms in (
        Terms(),
        Terms((Filter(number, "eq", 1), Filter(columns["user"], "in", {"user_ids": (1,)}))),
        Terms((Filter(title, "empty", True),)),
        Terms(sorts=(Sort(number), Sort(title))),
        Terms(sorts=(Sort(title), Sort(number))),
    ):
        uses.note(large.pk, terms)
    assert noted(large) == set()
    inner = AnyFilter((Filter(number, "eq", 1), AnyFilter((Filter(title, "like", "a"),))))
    uses.note(large.pk, Terms((inner,), Search(columns["text"], "b"), (Sort(columns["text"], True),)))
    assert noted(large) == {("title", "grams"), ("text", "grams"), ("text", "order")}


def test_a_use_is_written_down_once_an_hour(large: CustomForm, monkeypatch: Any) -> None:
    terms = Terms(search=Search(schema_of(large).columns["title"], "a"))
    with statements() as first:
        uses.note(large.pk, terms)
    with statements() as second:
        uses.note(large.pk, terms)
    assert (len(first), len(second)) == (1, 0)
    FieldUse.objects.update(used_at=now() - timedelta(days=1))
    monkeypatch.setattr(uses, "AGAIN_SECONDS", 0)
    uses.note(large.pk, terms)
    assert FieldUse.objects.get(custom_form_id=large.pk).used_at > now() - timedelta(minutes=5)


def test_a_process_that_may_not_write_notes_nothing(large: CustomForm, settings: Any) -> None:
    settings.REMEMBERED_ANSWERS = 0
    terms = Terms(search=Search(schema_of(large).columns["title"], "a"))
    uses.note(large.pk, terms)
    assert noted(large) == set()
    settings.REMEMBERED_ANSWERS = 1
    uses.note(large.pk, terms)
    assert noted(large) == {SEARCHED}


def test_what_nobody_asks_for_any_more_is_given_up(large: CustomForm) -> None:
    asked_for(large, "title", "grams")
    settle(large)
    key = {"form_id": large.pk, "field_id": field_id(large, "title"), "kind": "grams"}
    asked_for(large, "title", "grams", days_ago=100)
    assert standings(large)[SEARCHED] == "valid"  # it was built just now
    FieldIndex.objects.filter(custom_form_id=large.pk).update(updated_at=now() - timedelta(days=100))
    assert standings(large) == VALID | {("", "grams"): "unwanted", SORTED: "unused"}  # the primary field keeps its own
    settle(large)
    settle(large)
    assert on_disk(name_of(key)) == {}
    assert standings(large)[SEARCHED] == "unused"


def test_it_is_said_since_when_an_index_is_there_for_nothing(large: CustomForm) -> None:
    key = {"form_id": large.pk, "field_id": field_id(large, "text"), "kind": "grams"}
    long_ago = now() - timedelta(days=100)
    FieldIndex.objects.filter(custom_form_id=large.pk).update(updated_at=long_ago)
    since = entry_of(key).unused_since
    assert since is not None
    assert since >= long_ago  # PostgreSQL has counted since its statistics were last emptied, if they were
    asked_for(large, "text", "grams", days_ago=1)
    since = entry_of(key).unused_since
    assert since is not None
    assert since > now() - timedelta(days=2)


def test_a_field_that_goes_takes_its_uses_along(large: CustomForm) -> None:
    asked_for(large, "title", "grams")
    field_remove(field=large.custom_fields.get(name="title"))
    assert not FieldUse.objects.filter(custom_form_id=large.pk).exists()
