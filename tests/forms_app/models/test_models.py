"""The tables as the ORM sees them: a record is (form, id), and a save touches no other form's."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from forms_app.models import CacheVersion, CustomForm, DestroyedEntity, FormEntity, Member
from forms_app.records.writes import entity_mass_destroy
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.worlds import statements


@pytest.fixture
def twins(custom_app: Any, alice: Member) -> tuple[FormEntity, FormEntity]:
    """Two records of the same id in two forms."""
    one, two = make_form(custom_app, {"t": "text_field"}), make_form(custom_app, {"t": "text_field"})
    base = {"app_id": custom_app.pk, "organization_id": alice.organization_id, "owner_uid": 1}
    first = FormEntity.objects.create(custom_form=one, data={"t": "one"}, **base)
    second = FormEntity.objects.create(custom_form=two, id=first.id, data={"t": "two"}, **base)
    return first, second


def test_the_database_numbers_records(twins: tuple[FormEntity, FormEntity]) -> None:
    first, second = twins
    assert first.pk == (first.custom_form_id, first.id)
    assert first.id == second.id > 0
    assert first.version == 1
    assert str(first) == f"{first.custom_form_id}/{first.id}"


def test_a_save_touches_one_form_s_record_only(twins: tuple[FormEntity, FormEntity]) -> None:
    first, second = twins
    first.data = {"t": "changed"}
    with statements() as found:
        first.save()
    (update,) = [sql for sql in found if sql.startswith("UPDATE")]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {update.split(' SET ')[0]} SET version = 1 WHERE {update.split(' WHERE ')[1]}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("Update on form_entity_p") == 1
    second.refresh_from_db()
    assert second.data == {"t": "two"}
    first.delete()
    assert FormEntity.objects.filter(id=second.id).get() == second


def test_a_record_s_id_is_unique_within_its_form(twins: tuple[FormEntity, FormEntity]) -> None:
    first, _second = twins
    with pytest.raises(IntegrityError), transaction.atomic():
        FormEntity.objects.create(
            custom_form_id=first.custom_form_id, id=first.id, app_id=1, organization_id=1, owner_uid=1
        )


def test_a_form_with_records_can_t_be_deleted(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"t": "text_field"})
    record_id = make_entity(form, alice, t="a")
    CustomForm.objects.filter(pk=form.pk).update(primary_field=None)
    with pytest.raises(ProtectedError):
        CustomForm.objects.get(pk=form.pk).delete()
    entity_mass_destroy(schema=schema_of(form), ids=[record_id], actor=actor_of(alice))
    CustomForm.objects.get(pk=form.pk).delete()
    assert DestroyedEntity.objects.filter(custom_form_id=form.pk).exists()  # the trash outlives it


def test_there_is_one_row_of_versions(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CacheVersion.objects.create(pk=2)


def test_the_migrations_make_what_the_models_say(db: None) -> None:
    call_command("makemigrations", "forms_app", check=True, dry_run=True, verbosity=0)


def test_every_model_names_itself_in_words(db: None, twins: Any) -> None:
    for model in apps.get_app_config("forms_app").get_models():
        assert model.__str__ is not model.__mro__[1].__str__
        assert isinstance(str(model()), str)


@pytest.mark.parametrize("name", ["1a", "a-b", "a b", "é", "a" * 65])
def test_a_field_s_name_is_ascii_letters_digits_and_underscores(custom_app: Any, name: str) -> None:
    field = make_form(custom_app, {"t": "text_field"}).custom_fields.get()
    field.full_clean()
    field.name = name
    with pytest.raises(ValidationError):
        field.full_clean()


def test_the_choices_of_a_field_s_type_are_the_registry_s(custom_app: Any) -> None:
    field = make_form(custom_app, {"t": "text_field"}).custom_fields.get()
    assert len(list(field._meta.get_field("field_type").choices)) == 25
    field.field_type = "no_field"
    with pytest.raises(ValidationError):
        field.full_clean()
    with pytest.raises(LookupError):
        _ = field.type


def test_counters_have_their_slots_from_the_start(custom_app: Any) -> None:
    form = make_form(custom_app)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slot, live, changes FROM form_counter WHERE custom_form_id = %s ORDER BY slot", [form.pk]
        )
        assert cursor.fetchall() == [(slot, 0, 0) for slot in range(16)]
