"""What clients search and sort by is noted: large forms have the indexes that are asked for."""

from __future__ import annotations

import pytest

from forms_app.models import CustomForm, FieldUse
from tests.apaas.conftest import Api, address
from tests.factories import add_field

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(form: CustomForm, name: str) -> set[str]:
    field = form.custom_fields.get(name=name)
    return set(FieldUse.objects.filter(custom_form_id=form.pk, field_id=field.pk).values_list("kind", flat=True))


def test_a_list_notes_what_it_was_searched_and_sorted_by(api: Api, form: CustomForm) -> None:
    add_field(form, "note", "text_field")
    api.ok("GET", address(form, search_column_name="note", query="泵"))
    assert kinds(form, "note") == {"grams"}
    api.ok("PUT", "form_entities/ids", {"custom_form_id": form.pk, "sort": [{"note": "desc"}]})
    assert kinds(form, "note") == {"grams", "order"}
    assert kinds(form, "amount") == set()


def test_a_tab_counts_as_what_it_filters_by(api: Api, form: CustomForm) -> None:
    form.tabs.create(name="pumps", label="泵", filters=[{"name": "title", "op": "like", "value": "泵"}])
    api.ok("GET", address(form, scope="pumps"))
    assert kinds(form, "title") == {"grams"}
