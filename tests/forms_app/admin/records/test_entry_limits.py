"""Rules of a field at the page of a record: its exact limits, and what must be unique."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from forms_app.field_types import registry
from forms_app.models import Member
from tests.accounts import linked
from tests.forms_app.admin.records.entry_form import add_url, edit_url, posted_by
from tests.forms_app.field_types.edges import OF_EACH_FAULT, Edge
from tests.forms_app.field_types.every_type import EXAMPLE, create, world
from tests.forms_app.loading.files import cell_text
from tests.forms_app.worlds import query_of, row_of, stored_of


@pytest.fixture
def writer(client: Client, alice: Member) -> Client:
    return linked(client, alice)


@pytest.mark.parametrize("edge", OF_EACH_FAULT, ids=str)
def test_what_is_typed_is_held_to_the_exact_limit(edge: Edge, writer: Client, alice: Member, custom_app: Any) -> None:
    form = world(registry.get(edge.field_type), alice, custom_app, **edge.values)
    expected = stored_of(form, create(form, alice, {EXAMPLE: edge.taken}))
    url = add_url(form)
    assert writer.post(url, {**posted_by(writer, url), EXAMPLE: cell_text(edge.taken)}).status_code == 302
    record_id = query_of(form).ids()[0]
    assert stored_of(form, record_id) == expected
    assert query_of(form).count() == 2
    before = row_of(form, record_id)
    for page in (url, edit_url(form, record_id)):
        refused = writer.post(page, {**posted_by(writer, page), EXAMPLE: cell_text(edge.beyond), "other": "x"})
        assert refused.status_code == 422, page
        part = refused.content.decode().split(f'data-name="{EXAMPLE}"')[1].split("fe-field")[0]
        assert "fe-fault" in part
    assert (query_of(form).count(), row_of(form, record_id)) == (2, before)


@pytest.mark.parametrize("kind", ["text_field", "float_field", "date_field"])
def test_a_unique_value_is_taken_once(kind: str, writer: Client, alice: Member, custom_app: Any) -> None:
    form = world(registry.get(kind), alice, custom_app, unique=True)
    one = registry.get(kind).accepts[0][0]
    create(form, alice, {EXAMPLE: one})
    other = create(form, alice, {"other": "x"})
    for page in (add_url(form), edit_url(form, other)):
        refused = writer.post(page, {**posted_by(writer, page), EXAMPLE: cell_text(one)})
        assert refused.status_code in (409, 422), page
    assert query_of(form).count() == 2
    assert stored_of(form, other) == {"other": "x"}
