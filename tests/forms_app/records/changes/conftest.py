"""A small form."""

from __future__ import annotations

import pytest

from forms_app.models import CustomApp, CustomForm
from tests.factories import make_form


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": "text_field", "amount": "float_field"})
