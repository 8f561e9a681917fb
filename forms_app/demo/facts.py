"""What quickstart tells of the demo: as much of it as is still there."""

from __future__ import annotations

from typing import Any

from forms_app.demo.flows import flow_facts
from forms_app.demo.parts import is_made
from forms_app.demo.people import MEMBER_UID, ORGANIZATION
from forms_app.models import CustomForm, Member, Status

CURL_FORM = 2


def facts() -> dict[str, Any]:
    """Organization, the token's member, forms by id, flows; None, {} and [] for what is not the demo's or gone."""
    if not is_made("organization 1"):
        return {"organization_id": None, "member_uid": None, "forms": {}, "flows": [], "curl_form_id": None}
    member = Member.objects.filter(organization_id=ORGANIZATION, uid=MEMBER_UID).first()
    enabled = CustomForm.objects.filter(organization_id=ORGANIZATION, status=Status.ENABLE).order_by("pk")
    forms = {str(form.pk): {"name": form.name, "data_table_name": form.data_table_name} for form in enabled}
    return {
        "organization_id": member.organization_id if member else None,
        "member_uid": member.uid if member else None,
        "forms": forms,
        "flows": flow_facts(),
        "curl_form_id": CURL_FORM if str(CURL_FORM) in forms else None,
    }
