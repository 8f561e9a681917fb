"""The API pages of flows that can't be called, or not yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from forms_app.flows.publishing import flow_create, flow_save, flow_unpublish
from forms_app.models import CustomForm, Flow, Member, Status
from tests.apaas.reference.flow_api.pages import page_of, tabs_of, variant
from tests.factories import make_form
from tests.flows import definition, make_flow


def test_an_unpublished_flow_shows_its_draft_and_says_so(reader: Client, flow: Flow, alice: Member) -> None:
    flow_unpublish(flow=flow)
    text = page_of(reader, flow)
    assert "The flow is not published" in text
    assert variant(tabs_of(flow, alice)["push"], "review")


def test_a_flow_whose_calls_are_off_says_so(reader: Client, flow: Flow) -> None:
    Flow.objects.filter(pk=flow.pk).update(api_enabled=False)
    assert "API calls are switched off" in page_of(reader, flow)
    CustomForm.objects.filter(pk=flow.custom_form_id).update(status=Status.DISABLE)
    assert "as if the flow did not exist" in page_of(reader, flow)


@pytest.mark.parametrize("draft", [{}, {"components": [], "lines": []}, {"components": 1}, {"components": [{}]}])
def test_a_draft_that_can_not_be_read_leaves_the_addresses(
    reader: Client, form: CustomForm, draft: Mapping[str, Any]
) -> None:
    flow = flow_create(custom_form=form, name="broken")
    Flow.objects.filter(pk=flow.pk).update(draft=draft)
    text = page_of(reader, flow)
    assert f"/rest/flowmanage/api/omdata/edit/{flow.api_path}" in text
    assert "no samples can be made of it" in text


@pytest.mark.parametrize(
    "more",
    [
        {"fields": [{"name": "gone", "access": "write", "required": True}]},
        {"fields": []},
        {"validation": {"formula": "{gone} > 1", "message": "m"}},
        {"validation": {"formula": "((", "message": "m"}},
        {"variables": [{"name": "v", "kind": "what", "formula": "(("}]},
    ],
)
def test_a_draft_with_faults_has_a_page(reader: Client, form: CustomForm, alice: Member, more: Any) -> None:
    flow = flow_create(custom_form=form, name="faulty")
    source = definition("start > review > end", start=more, review={k: v for k, v in more.items() if k != "variables"})
    flow_save(flow=flow, design={"definition": source})
    page_of(reader, flow)


def test_a_flow_without_stages_and_a_form_without_fields_have_a_page(reader: Client, custom_app: Any) -> None:
    bare = make_form(custom_app, {}, name="bare")
    flow = make_flow(bare, definition("start > end"), name="short")
    Member.objects.update(is_active=False)
    assert "no stage where somebody pushes" in page_of(reader, flow)
