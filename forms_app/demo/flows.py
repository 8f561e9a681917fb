"""Two flows on forms of their own: 合同评审 validates and asks two people at once, 服务工单 takes attachments and leads
from stage to stage. Who acts by the demo's token may push every stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_app.demo import contract_flow, service_flow
from forms_app.demo.people import MEMBER_UID, ORGANIZATION
from forms_app.design.forms import form_create, form_design
from forms_app.flows.publishing import flow_create, flow_publish, flow_save
from forms_app.models import CustomApp, Flow, Member

APP = 4
FLOWS = (contract_flow, service_flow)


def make_flows() -> None:
    """Both, published; nothing where the demo's app or member is gone."""
    app = CustomApp.objects.filter(pk=APP, organization_id=ORGANIZATION).first()
    by = Member.objects.filter(organization_id=ORGANIZATION, uid=MEMBER_UID).first()
    if app is None or by is None:
        return
    for module in FLOWS:
        form = form_create(custom_app=app, name=module.DESIGN["name"], by=by)
        form_design(form=form, design=module.DESIGN, by=by)
        flow = flow_create(
            custom_form=form,
            name=module.NAME,
            description=module.DESCRIPTION,
            by=by,
            api_path=module.API_PATH,
            attachments=module.ATTACHMENTS,
        )
        flow_save(flow=flow, design={"definition": module.DEFINITION}, by=by)
        flow_publish(flow=flow, by=by)


def flow_facts() -> list[dict[str, Any]]:
    """What a client has to know to use the demo's flows, as far as they are still there."""
    paths = Flow.objects.filter(custom_form__organization_id=ORGANIZATION, api_enabled=True)
    there = set(paths.exclude(published=None).values_list("api_path", flat=True))
    return [
        {
            "name": module.NAME,
            "api_path": module.API_PATH,
            "validating": module.VALIDATING,
            "create_formdata": formdata(module.DESIGN, module.VALUES),
            "bad_formdata": formdata(module.DESIGN, module.BAD_VALUES),
            "push_formdata": {stage: formdata(module.DESIGN, values) for stage, values in module.STAGE_VALUES.items()},
        }
        for module in FLOWS
        if module.API_PATH in there
    ]


def formdata(design: Mapping[str, Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Values as the ticket API takes them: by the fields' numbers, which count from 1 in the order of the design."""
    names = [field["name"] for group in design["groups"] for field in group["fields"]]
    return [{"id": f"FORMITM_{names.index(name) + 1}", "value": value} for name, value in values.items()]
