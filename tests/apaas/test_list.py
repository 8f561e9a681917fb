"""GET|PUT form_entities: a page of records."""

from __future__ import annotations

from collections.abc import Callable

from forms_app.models import CustomForm
from tests.apaas.conftest import Api


def test_it_pages_with_exact_totals(api: Api, form: CustomForm, record: Callable[..., int]) -> None:
    ids = [record(title=f"record {n}", amount=n) for n in range(5)]
    data = api.ok("PUT", "form_entities", {"custom_form_id": form.pk, "page": 2, "per_page": 2})
    assert [model["id"] for model in data.pop("models")] == [ids[2], ids[1]]
    assert data == {
        "total_count": 5,
        "total_pages": 3,
        "next_page": 3,
        "prev_page": 1,
        "current_page": 2,
        "per_page": 2,
        "page": 2,
    }
