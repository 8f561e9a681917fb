"""The form that most tests of loading load into."""

from __future__ import annotations

import pytest

from forms_app.models import CustomApp, CustomForm, Member
from tests.factories import make_form
from tests.forms_app.loading.files import SOURCES


@pytest.fixture
def form(alice: Member, custom_app: CustomApp) -> CustomForm:
    return make_form(
        custom_app,
        {
            "name": ("text_field", {"required": True}),
            "code": ("text_field", {"unique": True}),
            "amount": ("float_field", {"unique": True, "max": 1000}),
            "stage": ("select_field", {"default": SOURCES[1].value}, SOURCES),
            "people": "user_field",
        },
    )
