"""`python -m benchmarks.product …`: fill the database of DATABASE_URL with forms and records of the product.

Definitions are made by the product's services and copied where hundreds are needed; records by SQL, in the shape that
the services store (held by a test), with the counters set right; indexes by the product's own builder.
"""

from __future__ import annotations

import copy
import sys
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command
from django.db import connection
from django.db.models.base import ModelState
from django.test import override_settings

from benchmarks import forms
from forms_app.caching import tags
from forms_app.design.fields import counters_create
from forms_app.design.forms import form_create, form_design
from forms_app.indexes import building, choosing
from forms_app.models import (
    CustomApp,
    CustomField,
    CustomForm,
    FieldGroup,
    FieldIndex,
    FieldOption,
    FormCounter,
    Member,
    NumberSequence,
    Organization,
)
from forms_app.people.tokens import token_create
from forms_app.schema.form_schema import FormSchema


def make_people() -> None:
    """The organization, its members, and the token that acts as the first of them."""
    organization = Organization.objects.create(pk=forms.ORGANIZATION, name="Benchmark")
    members = [Member(organization=organization, uid=uid, name=f"成员 {uid}") for uid in range(1, forms.MEMBERS + 1)]
    Member.objects.bulk_create(members)
    CustomApp.objects.create(pk=1, organization=organization, name="Benchmark")
    token_create(member=members[0], name="benchmark", token=forms.TOKEN)


def make_form(fields: tuple[forms.Field, ...], form_id: int) -> CustomForm:
    """An empty form with these fields."""
    form = form_create(custom_app=CustomApp.objects.get(pk=1), name=f"Form {form_id}", form_id=form_id)
    form_design(form=form, design=forms.design(fields, form.name))
    return form


def copy_form(form: CustomForm, count: int) -> list[int]:
    """`count` − 1 forms like this one; gives the ids of all."""
    ids = list(range(form.pk, form.pk + count))
    originals = list(CustomField.objects.filter(custom_form=form))
    options = list(FieldOption.objects.filter(custom_field__custom_form=form))
    new_forms: list[CustomForm] = []
    new_groups: list[FieldGroup] = []
    new_fields: list[CustomField] = []
    new_options: list[FieldOption] = []
    for form_id in ids[1:]:
        new_forms.append(_like(form, pk=form_id, name=f"Form {form_id}", data_table_name=f"data_{form_id}"))
        group = FieldGroup(custom_form_id=form_id, label="基本信息")
        new_groups.append(group)
        copies = {field.pk: _like(field, pk=None, custom_form_id=form_id) for field in originals}
        for copied in copies.values():
            copied.custom_field_group = group
        new_fields += copies.values()
        for option in options:
            copied_option = _like(option, pk=None)
            copied_option.custom_field = copies[option.custom_field_id]
            new_options.append(copied_option)
        counters_create(form_id)
    for made in new_forms:
        made.primary_field_id = None
    CustomForm.objects.bulk_create(new_forms)
    FieldGroup.objects.bulk_create(new_groups)
    CustomField.objects.bulk_create(new_fields)
    FieldOption.objects.bulk_create(new_options)
    for field in CustomField.objects.filter(custom_form_id__in=ids[1:], name="title"):
        CustomForm.objects.filter(pk=field.custom_form_id).update(primary_field=field)
    tags.bump("definitions", form_ids=ids)
    return ids


def _like(row: Any, **changed: Any) -> Any:
    """A new row with the values of another."""
    found = copy.copy(row)
    found._state = ModelState()
    for name, value in changed.items():
        setattr(found, name, value)
    return found


def fill(fields: tuple[forms.Field, ...], form_id: int, count: int) -> None:
    """Records 1 to `count` of an empty form, counted, and its number sequence moved behind them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [1 / (form_id + 1)])
        cursor.execute(forms.insert(fields, form_id, count))
        cursor.execute("SELECT setval('form_entity_id_seq', greatest(nextval('form_entity_id_seq'), %s))", [count])
    FormCounter.objects.filter(custom_form_id=form_id, slot=0).update(live=count, changes=count)
    for field in CustomField.objects.filter(custom_form_id=form_id, field_type="auto_number_field"):
        NumberSequence.objects.create(custom_form_id=form_id, field_id=field.pk, period="", value=count)


def index(fields: tuple[forms.Field, ...], form_id: int) -> None:
    """Build the first index that the type of each indexed field wishes for, by the product's builder. Statistics are
    gathered later, for all at once."""
    schema = FormSchema.find(form_id)
    assert schema is not None
    for field in fields:
        column = schema.by_field[field.name]
        assert column.field_id is not None
        for wish in column.type.column_indexes(column)[:1] if field.indexed else ():
            _build(form_id, column.field_id, wish.kind)


def grow(form_id: int) -> None:
    """Build every index that the product gives a form that has grown, before anybody searched or sorted in it."""
    with override_settings(INDEX_THRESHOLD=1):
        for entry in choosing.survey(form_id):
            if entry.standing == choosing.Standing.MISSING:
                _build(*entry.key)


def _build(form_id: int, field_id: int, kind: str) -> None:
    FieldIndex.objects.create(custom_form_id=form_id, field_id=field_id, kind=kind)
    building.build(form_id=form_id, field_id=field_id, kind=kind, analyze=False)


def make_records(count: int, *, grown: bool) -> None:
    """One form of 30 fields with `count` records; four field indexes and one search index, or all that a form has
    once it has grown."""
    make_people()
    make_form(forms.RECORD, forms.FORM)
    fill(forms.RECORD, forms.FORM, count)
    if grown:
        grow(forms.FORM)
    else:
        index(forms.RECORD, forms.FORM)


def make_forms(count: int, records: int, indexed: bool) -> None:
    """`count` forms of 8 fields with so many records each."""
    make_people()
    for form_id in copy_form(make_form(forms.SMALL, forms.FORM), count):
        fill(forms.SMALL, form_id, records)
        if indexed:
            index(forms.SMALL, form_id)


def main(arguments: list[str]) -> None:
    """`records COUNT some|grown`, or `forms COUNT RECORDS indexed|plain`."""
    call_command("migrate", interactive=False, verbosity=0)
    match arguments:
        case ["records", count, which]:
            make_records(int(count), grown=which == "grown")
        case ["forms", count, records, indexed]:
            make_forms(int(count), int(records), indexed == "indexed")
        case _:
            raise SystemExit("records COUNT some|grown | forms COUNT RECORDS indexed|plain")


if __name__ == "__main__":
    main(sys.argv[1:])
