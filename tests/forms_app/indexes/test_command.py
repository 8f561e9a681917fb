"""`manage.py field_indexes` shows what there is and what is missing, and builds it."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from forms_app.indexes import building
from forms_app.models import CustomForm, FieldIndex, Member
from tests.factories import make_entity, make_form
from tests.forms_app.indexes.world import field_id, grow, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    form = make_form(custom_app, {"number": "float_field", "text": "text_field"})
    grow(form, 20)
    return form


def said(*args: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("field_indexes", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_shows_how_each_index_stands(form: CustomForm) -> None:
    lines = said(str(form.pk))[0].splitlines()
    assert [line.split()[:4] for line in lines[1:5]] == [
        [str(form.pk), "user", "owner", "missing"],
        [str(form.pk), "number", "btree", "missing"],
        [str(form.pk), "text", "grams", "missing"],
        [str(form.pk), "text", "order", "missing"],
    ]
    assert lines[5:] == ["4 indexes, 0.0 MB: 4 missing"]


def test_it_builds_what_is_missing_at_once(form: CustomForm) -> None:
    built, *lines = said(str(form.pk), "--build")[0].splitlines()
    assert built == f"Form {form.pk}: 4 built."
    assert lines[-1].endswith("4 valid")
    work(form)  # the worker finds nothing to do
    assert "valid" in said()[0]


def test_it_says_json_to_programs(form: CustomForm) -> None:
    found = json.loads(said(str(form.pk), "--build", "--json")[0])
    owner, number = found[:2]
    assert (owner["field"], owner["field_id"], owner["kind"], owner["state"]) == ("user", None, "owner", "valid")
    assert number["size"] > 0
    assert {name: number[name] for name in ("form", "field", "field_id", "kind", "state", "scans", "progress")} == {
        "form": form.pk,
        "field": "number",
        "field_id": field_id(form, "number"),
        "kind": "btree",
        "state": "valid",
        "scans": 0,
        "progress": None,
    }
    assert number["partition"] == building.partition(form.pk)


def test_it_names_what_stands_in_the_way(form: CustomForm, alice: Member) -> None:
    ids = [make_entity(form, alice, text="a") for _n in range(2)]
    field = form.custom_fields.get(name="text")
    field.setting = {"unique": True}
    field.save()
    FieldIndex.objects.create(custom_form_id=form.pk, field_id=field.pk, kind="unique")
    out = said(str(form.pk), "--build")[0]
    assert f"records share a value: {[ids]}" in out
    assert "1 failed" in out


def test_it_warns_of_a_crowded_partition(form: CustomForm, settings: Any) -> None:
    said(str(form.pk), "--build")
    settings.MAX_PARTITION_INDEXES = 3
    assert f"{building.partition(form.pk)} has " in said()[1]


def test_a_form_that_is_not_there_is_said(db: None) -> None:
    with pytest.raises(CommandError, match="no form 99"):
        said("99")
