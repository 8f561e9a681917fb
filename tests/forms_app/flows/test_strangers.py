"""What belongs to another organization passes no check of a flow, though it exists there under that number."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.exceptions import Refused
from forms_app.flows.publishing import flow_create, flow_faults, flow_publish, flow_save
from forms_app.models import CustomApp, CustomForm, Member
from tests.factories import CustomAppFactory, DepartmentFactory, MemberFactory, make_form
from tests.flows import definition, make_flow

STRANGER, LEFT, FOREIGN = 77, 78, 88
"""A member and a department of another organization; a member of our own who has left."""


@pytest.fixture
def form(custom_app: CustomApp, people: dict[int, Member], charlie: Member) -> CustomForm:
    MemberFactory(organization=charlie.organization, uid=STRANGER)
    MemberFactory(organization=custom_app.organization, uid=LEFT, is_active=False)
    DepartmentFactory(organization=charlie.organization, did=FOREIGN)
    fields = {"title": "text_field", "reviewer": "user_field", "unit": "department_field"}
    return make_form(custom_app, fields)


def told(form: CustomForm, *lines: str, **components: Any) -> list[tuple[str, str]]:
    flow = flow_create(custom_form=form, name=f"checked {form.flows.count()}")
    faults = flow_faults(flow=flow, definition=definition(*(lines or ("start > review > end",)), **components))
    return [(fault.field, fault.code) for fault in faults]


@pytest.mark.parametrize(
    ("assignees", "codes"),
    [
        ({"departments": [FOREIGN]}, ["unknown_department"]),
        ({"departments": [1, FOREIGN, 3]}, ["unknown_department"]),
        ({"members": [STRANGER]}, ["unknown_member"]),
        ({"members": [1, STRANGER]}, ["unknown_member"]),
        ({"members": [LEFT]}, ["unknown_member"]),
        ({"members": [STRANGER], "departments": [FOREIGN]}, ["unknown_member", "unknown_department"]),
        ({"members": [1, 2], "departments": [1, 3, 4]}, []),
    ],
)
def test_assignees_are_of_the_flows_own_organization(
    form: CustomForm, assignees: dict[str, Any], codes: list[str]
) -> None:
    assert told(form, review={"assignees": assignees}) == [("review", code) for code in codes]


def test_a_flow_that_names_strangers_is_not_published(form: CustomForm) -> None:
    flow = flow_create(custom_form=form, name="strange")
    review = {"assignees": {"departments": [FOREIGN]}}
    flow_save(flow=flow, design={"definition": definition("start > review > end", review=review)})
    with pytest.raises(Refused, match="unknown_department"):
        flow_publish(flow=flow)
    flow.refresh_from_db()
    assert flow.published is None


def test_a_flow_of_another_organization_is_not_called(form: CustomForm, charlie: Member) -> None:
    theirs = make_form(CustomAppFactory(organization=charlie.organization), {"title": "text_field"}, name="theirs")
    make_flow(theirs, definition("start > review > end"), name="theirs", api_path="theirs")
    assert told(form, "start > call > end", call={"flow": "theirs"}) == [("call", "unknown_flow")]
    ours = make_form(form.custom_app, {"title": "text_field"}, name="ours")
    make_flow(ours, definition("start > review > end"), name="ours", api_path="ours")
    assert told(form, "start > call > end", call={"flow": "ours"}) == []
