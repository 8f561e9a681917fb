"""A form of a text, a number and people."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomForm
from tests.factories import make_form


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"text": "text_field", "number": "float_field", "people": "user_field"})
