"""A form that is small, and the same when it is large, where 20 records are many."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomForm
from tests.forms_app.indexes.world import grown, small_form


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.INDEX_THRESHOLD = 20


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return small_form(custom_app)


@pytest.fixture
def large(form: CustomForm) -> CustomForm:
    return grown(form)
