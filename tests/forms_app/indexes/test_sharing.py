"""A field that was made unique over values that are there twice tells which records have them."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.design.fields import field_change
from forms_app.indexes.sharing import shared_values
from forms_app.models import CustomForm, FieldIndex, Member
from tests.factories import make_entity, make_form, schema_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"text": "text_field", "number": "float_field", "day": "date_field"})


def unique(form: CustomForm, *names: str) -> None:
    for name in names:
        field = form.custom_fields.get(name=name)
        field_change(field=field, setting={**field.setting, "unique": True})


def test_before_the_index_is_built_and_after_it_failed(form: CustomForm, alice: Member) -> None:
    ids = [make_entity(form, alice, text="a", number=number) for number in (1, 1.0, 2)]
    make_entity(form, alice, text="b")
    unique(form, "text", "number", "day")
    assert shared_values(schema_of(form)) == {"text": [ids], "number": [ids[:2]]}
    text = form.custom_fields.get(name="text").pk
    row = FieldIndex.objects.filter(field_id=text, kind="unique")
    row.update(state=FieldIndex.State.FAILED, detail={"duplicates": [[7, 8]]})
    assert shared_values(schema_of(form))["text"] == [[7, 8]]
    row.update(state=FieldIndex.State.VALID, detail={})
    assert shared_values(schema_of(form)) == {"number": [ids[:2]]}
