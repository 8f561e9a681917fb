"""What the server made for a field goes with it; what somebody wrote does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from forms_app.design import field_values
from forms_app.design.fields import field_add, field_change, field_remove
from forms_app.exceptions import Refused
from forms_app.models import CustomForm, FormEntity, Member
from forms_app.records import jobs
from tests.factories import add_field, make_entity, make_form, schema_of
from tests.forms_app.design.fields.test_fields import faults, field
from tests.forms_app.worlds import row_of, stored_of

pytestmark = pytest.mark.django_db
MADE = {
    "formula": ("formula_field", {"formula": "{n} * 2"}),
    "truth": ("formula_field", {"formula": "{n} > 0"}),
    "text": ("formula_field", {"formula": '{t} & "!"'}),
    "number": ("auto_number_field", {}),
    "gap_free": ("auto_number_field", {"mode": "gap_free", "prefix": "A"}),
}


@pytest.fixture
def made(form: CustomForm) -> CustomForm:
    for name, definition in MADE.items():
        add_field(form, name, definition)
    return form


@pytest.mark.parametrize("name", MADE)
def test_a_field_of_made_values_is_removed_with_them(made: CustomForm, alice: Member, name: str) -> None:
    ids = [make_entity(made, alice, n=n, t="a") for n in (1, 2)]
    before = {pk: (stored_of(made, pk), row_of(made, pk)) for pk in ids}
    assert all(name in stored for stored, _row in before.values())
    field_remove(field=field(made, name))
    for pk, (stored, row) in before.items():
        assert stored_of(made, pk) == {key: value for key, value in stored.items() if key != name}
        assert row_of(made, pk).updated_at == row.updated_at


@pytest.mark.parametrize("name", MADE)
def test_it_may_become_another_type_and_begins_empty(made: CustomForm, alice: Member, name: str) -> None:
    pk = make_entity(made, alice, n=1, t="a")
    field_change(field=field(made, name), field_type="integer_field", setting={})
    assert name not in stored_of(made, pk)
    make_entity(made, alice, **{name: 7})
    with pytest.raises(Refused) as refused:
        field_change(field=field(made, name), field_type="text_field", setting={})
    assert faults(refused) == [("field_type", "in_use")]


def test_of_many_records_a_job_takes_the_rest(made: CustomForm, alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field_values, "AT_ONCE", 2)
    monkeypatch.setattr(jobs, "STRIPPED", 2)
    ids = [make_entity(made, alice, n=n) for n in range(7)]
    with pytest.raises(Refused) as refused:
        field_change(field=field(made, "formula"), field_type="text_field", setting={})
    assert faults(refused) == [("field_type", "in_use")]
    assert "2" in refused.value.faults[0].message
    field_remove(field=field(made, "formula"))
    group = made.field_groups.get()
    with pytest.raises(Refused) as refused:
        field_add(form=made, group=group, field_type="text_field", label="x", name="formula")
    assert faults(refused) == [("name", "in_use")]
    assert sum("formula" in stored_of(made, pk) for pk in ids) == 5
    jobs.strip_values(form_id=made.pk, name="formula")
    assert not any("formula" in stored_of(made, pk) for pk in ids)
    with connection.cursor() as cursor:  # as the worker leaves it
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE task_name = 'records.strip_values'")
    field_add(form=made, group=group, field_type="text_field", label="x", name="formula")
    jobs.strip_values(form_id=made.pk, name="formula")  # done again, it takes nothing of the new field
    pk = make_entity(made, alice, formula="mine")
    jobs.strip_values(form_id=made.pk, name="formula")
    assert stored_of(made, pk)["formula"] == "mine"


def test_other_forms_keep_values_of_the_name(made: CustomForm, alice: Member, custom_app: Any) -> None:
    other = make_form(custom_app, {"formula": "integer_field"})
    pk = make_entity(other, alice, formula=3)
    make_entity(made, alice, n=1)
    field_remove(field=field(made, "formula"))
    assert stored_of(other, pk) == {"formula": 3}
    assert FormEntity.objects.of_form(made.pk).count() == 1


def away(form: CustomForm) -> None:
    field_remove(field=field(form, "n"))


def off(form: CustomForm) -> None:
    field_change(field=field(form, "n"), status="disable")


def other_type(form: CustomForm) -> None:
    field_change(field=field(form, "n"), field_type="select_field", setting={})


@pytest.mark.parametrize("change", [away, off, other_type])
def test_a_disabled_formula_blocks_nothing_and_is_checked_when_it_is_enabled(
    form: CustomForm, change: Callable[[CustomForm], None]
) -> None:
    formula = add_field(form, "f", ("formula_field", {"formula": "{n} * 2"}))
    with pytest.raises(Refused) as refused:
        change(form)
    assert {code for _field, code in faults(refused)} == {"read_by_formula"}
    field_change(field=formula, status="disable")
    change(form)
    assert "f" not in schema_of(form).formulas
    # The designer sends the setting back as it is, and may change the label of what is off.
    field_change(field=field(form, "f"), label="aus", setting=field(form, "f").setting)
    for setting in (None, field(form, "f").setting):
        with pytest.raises(Refused) as refused:
            field_change(field=field(form, "f"), status="enable", setting=setting)
        assert {name for name, _code in faults(refused)} == {"formula"}
    field_change(field=field(form, "f"), status="enable", setting={"formula": "1 + 1"})
    assert "f" in schema_of(form).formulas
