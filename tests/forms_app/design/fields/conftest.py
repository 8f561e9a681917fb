"""A form of a text, a number and a choice."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomForm
from tests.factories import make_form
from tests.forms_app.design.fields.choices import TREE


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"t": "text_field", "n": "integer_field", "s": ("select_field", {}, TREE[::2])})
