"""Made records: valid, varied, the same for a seed, unique where they must be."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.exceptions import Refused
from forms_app.field_types import FieldType
from forms_app.models import CustomApp, CustomForm, Member
from forms_app.people.regions import regions_load
from forms_app.records.uniqueness import pending
from forms_app.sampling.generating import entities_generate
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.field_types.every_type import EXAMPLE, WRITABLE, create, each_type, world
from tests.forms_app.loading.files import stored_rows
from tests.forms_app.worlds import counted, query_of, shown_of, statements, stored_of


def generate(form: CustomForm, member: Member, count: int, **options: Any) -> list[dict[str, Any]]:
    """Make records; what each of them holds."""
    known = len(stored_rows(form))
    entities_generate(schema=schema_of(form), count=count, actor=actor_of(member), **options)
    return stored_rows(form)[known:]


@each_type(WRITABLE)
def test_made_values_are_such_as_the_api_takes(field_type: FieldType, alice: Member, custom_app: CustomApp) -> None:
    form = world(field_type, alice, custom_app, required=True)
    entities_generate(schema=schema_of(form), count=20, actor=actor_of(alice))
    ids = sorted(row.id for row in query_of(form).page(limit=100))
    for record_id in ids:
        again = create(form, alice, {EXAMPLE: shown_of(form, record_id, alice)[EXAMPLE]})
        assert stored_of(form, again)[EXAMPLE] == stored_of(form, record_id)[EXAMPLE]
    assert len({repr(stored_of(form, record_id)[EXAMPLE]) for record_id in ids}) > 1


def test_a_seed_makes_the_same_records_and_another_others(alice: Member, custom_app: CustomApp) -> None:
    fields = {"text": "text_field", "number": "float_field", "day": "date_field", "who": "user_field"}
    forms = [make_form(custom_app, fields) for _n in range(3)]
    first, same, other = (generate(form, alice, 30, seed=seed) for form, seed in zip(forms, (7, 7, 8), strict=True))
    assert first == same
    assert first != other


@pytest.mark.parametrize("kind", ["text_field", "email_field", "integer_field", "mobile_field", "datetime_field"])
def test_unique_values_are_unique_also_among_those_that_are_there(
    kind: str, alice: Member, custom_app: CustomApp
) -> None:
    form = make_form(custom_app, {"it": (kind, {"unique": True, "required": True})})
    assert pending(schema_of(form), ["it"])
    generate(form, alice, 150)
    generate(form, alice, 150)  # the same seed draws the same values first
    values = [row["it"] for row in stored_rows(form)]
    assert len(values) == len(set(values)) == 300


def test_a_range_that_is_used_up_is_refused_where_the_field_is_required(alice: Member, custom_app: CustomApp) -> None:
    small = {"unique": True, "min": 1, "max": 5}
    optional = make_form(custom_app, {"it": ("integer_field", small)})
    generate(optional, alice, 20)
    assert sorted(row["it"] for row in stored_rows(optional) if "it" in row) == [1, 2, 3, 4, 5]
    required = make_form(custom_app, {"it": ("integer_field", {**small, "required": True})})
    with pytest.raises(Refused):
        generate(required, alice, 20)
    assert stored_rows(required) == []


def test_numbers_formulas_owners_and_counts_are_those_of_the_writing_services(
    alice: Member, people: dict[int, Member], custom_app: CustomApp
) -> None:
    related = make_form(custom_app, {"price": ("integer_field", {"min": 5, "max": 9, "required": True})})
    generate(related, alice, 10)
    form = make_form(
        custom_app,
        {
            "no": ("auto_number_field", {"mode": "gap_free", "digits": 5}),
            "of": ("relation_field", {"form": related.pk, "required": True}),
            "count": ("integer_field", {"min": 1, "max": 3, "required": True}),
            "sum": ("formula_field", {"formula": "{count} * {of.price}"}),
        },
    )
    made = generate(form, alice, 1_200)
    assert [row["no"] for row in made] == [f"{number:05d}" for number in range(1, 1_201)]
    assert all(5 <= row["sum"] / row["count"] <= 9 for row in made)
    assert counted(form) == (1_200, 1_200)
    assert {row.owner_uid for row in query_of(form).page(limit=100)} == set(people)


def test_addresses_lie_in_regions_that_there_are(alice: Member, custom_app: CustomApp) -> None:
    regions_load()
    form = make_form(custom_app, {"at": ("address_select", {"down_to": "district_id", "required": True})})
    assert all(row["at"]["country_id"] == "156" for row in generate(form, alice, 20))


def test_a_field_that_must_be_filled_and_cant_be_is_named(alice: Member, custom_app: CustomApp) -> None:
    related = make_form(custom_app, {"title": "text_field"}, name="empty")
    form = make_form(custom_app, {"of": ("relation_field", {"form": related.pk, "required": True})})
    with pytest.raises(Refused) as refused:
        generate(form, alice, 5)
    assert [fault.field for fault in refused.value.faults] == ["of"]
    make_entity(related, alice, title="now there is one")
    assert len(generate(form, alice, 5)) == 5


def test_a_batch_costs_a_few_statements(alice: Member, custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"text": "text_field", "who": "user_field", "no": "auto_number_field"})
    generate(form, alice, 1)
    with statements() as few:
        generate(form, alice, 20)  # one alone may name nobody, whom nobody looks for then
    with statements() as many:
        generate(form, alice, 900)
    assert len(many) <= len(few)
