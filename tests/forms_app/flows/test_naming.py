"""The API path that is proposed for a flow."""

from __future__ import annotations

import re

import pytest

from forms_app.flows.naming import proposed_api_path
from forms_app.flows.publishing import flow_create
from forms_app.models import CustomApp, CustomForm
from forms_app.models.flow import API_PATH
from tests.factories import make_form


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, {"title": "text_field"})


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Leave request", "leave-request"),
        ("  IT_Service / Desk!  ", "it-service-desk"),
        ("Überstunden", "uberstunden"),
        ("请假 Leave", "leave"),
        ("---", "form-{form}"),
        ("请假", "form-{form}"),
        ("2024", "form-{form}-2024"),
        ("请假 2", "form-{form}-2"),
        ("a" * 100, "a" * 60),
    ],
)
def test_a_path_is_made_of_what_people_can_say(form: CustomForm, name: str, path: str) -> None:
    proposed = proposed_api_path(form_id=form.pk, name=name)
    assert proposed == path.format(form=form.pk)
    assert re.match(API_PATH, proposed)


def test_a_path_that_another_flow_has_gets_a_number(form: CustomForm, custom_app: CustomApp) -> None:
    other = make_form(custom_app, {"title": "text_field"})
    flows = [flow_create(custom_form=one, name="Leave") for one in (form, other)]
    flows.append(flow_create(custom_form=form, name="leave!"))
    assert [flow.api_path for flow in flows] == ["leave", "leave-2", "leave-3"]
    assert proposed_api_path(form_id=form.pk, name="Leave", flow_id=flows[0].pk) == "leave"
