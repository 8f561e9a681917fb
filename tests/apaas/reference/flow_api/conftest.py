"""A form, its flow, and who reads the flow's API page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from forms_app.models import CustomForm, Flow
from tests.apaas.reference.test_api_page import operator
from tests.factories import make_form
from tests.flows import definition, make_flow


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    """FORMITM_1 title, 2 amount, 3 people, 4 papers, 5 note, 6 urgent."""
    return make_form(
        custom_app,
        {
            "title": ("text_field", {"required": True}),
            "amount": ("float_field", {"min": 0}),
            "people": "user_field",
            "papers": "file_field",
            "note": "text_field",
            "urgent": "boolean_field",
        },
        name="訂單",
    )


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    """Its start validates; review (note required, title shown), then approve; attachments on."""
    review = {
        "fields": [
            {"name": "title", "access": "read"},
            {"name": "amount", "access": "write"},
            {"name": "note", "access": "write", "required": True},
        ],
        "validation": {"formula": "{amount} <> 77", "message": "不可為七十七"},
        "actions": [{"name": "好", "values": [{"target": "note", "value": "fine"}]}],
    }
    start = {
        "variables": [{"name": "limit", "kind": "number", "required": True}],
        "validation": {"formula": "{amount} > {$limit}", "message": "金額須大於限額"},
    }
    source = definition("start > review > approve > end", start=start, review=review)
    return make_flow(form, source, name="採購", api_path="buying", attachments=True)


@pytest.fixture
def reader(db: None) -> Client:
    return operator()
