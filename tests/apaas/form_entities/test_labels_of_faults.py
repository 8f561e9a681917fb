"""A fault of a field that has a label says it, whatever the request asked of the field."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomForm
from tests.apaas.conftest import Api
from tests.factories import add_field


@pytest.fixture
def labelled(form: CustomForm) -> CustomForm:
    add_field(form, "sizes", ("formula_field", {"formula": "LIST({amount}, 2)"}))
    field = add_field(form, "old", "text_field")
    field.status = "disable"
    field.save()
    return form


@pytest.mark.parametrize(
    ("body", "code", "name"),
    [
        ({"sort": [{"sizes": "asc"}]}, "not_sortable", "sizes"),
        ({"sort": [{"title": "up"}]}, "unknown_direction", "title"),
        ({"sort": [{"title": "asc"}, {"title": "desc"}]}, "repeated", "title"),
        ({"sort": [{"old": "asc"}]}, "disabled_field", "old"),
        ({"filters": [{"name": "old", "op": "empty"}]}, "disabled_field", "old"),
        ({"filters": [{"name": "title", "op": "gt", "value": "x"}]}, "unknown_operator", "title"),
        ({"filters": [{"name": "amount", "op": "within", "value": [2, 1]}]}, "wrong_range", "amount"),
        ({"search_column_name": "amount", "query": "x"}, "not_searchable", "amount"),
        ({"search_column_name": "title", "query": "x" * 201}, "wrong_operand", "title"),
        ({"only_field_names": ["old"]}, "disabled_field", "old"),
    ],
)
def test_what_is_wrong_with_a_question_says_the_label(
    api: Api, labelled: CustomForm, body: Any, code: str, name: str
) -> None:
    answer = api.refused("PUT", "form_entities", {"custom_form_id": labelled.pk, **body})
    assert [(fault["code"], fault["label"]) for fault in answer["errors"]] == [(code, f"label of {name}")]


@pytest.mark.parametrize(
    ("values", "code"), [({"old": "x"}, "disabled_field"), ({"amount": "x"}, "wrong_type"), ({"sizes": 1}, "read_only")]
)
def test_what_is_wrong_with_a_value_says_the_label(api: Api, labelled: CustomForm, values: Any, code: str) -> None:
    answer = api.refused("POST", f"form_entities?custom_form_id={labelled.pk}", {"form_entity": values})
    (name,) = values
    assert [(fault["code"], fault["label"]) for fault in answer["errors"]] == [(code, f"label of {name}")]
