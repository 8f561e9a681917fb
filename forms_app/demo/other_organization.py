"""Another organization: nothing of it exists for the first one, nor the other way round."""

from __future__ import annotations

from typing import Any

from forms_app.demo.designing import field, group
from forms_app.demo.people import MEMBER_UID
from forms_app.demo.sequences import move_sequences
from forms_app.design.forms import form_create, form_design
from forms_app.models import CustomApp, Member, Organization
from forms_app.people.actor import Actor
from forms_app.records.writes import entity_create
from forms_app.schema.form_schema import FormSchema

OTHER_ORGANIZATION = 2

NAME = "text_1693000000000_c0ffee"
QUANTITY = "integer_1693000000010_decade"
DESIGN: dict[str, Any] = {
    "name": "设备台账",
    "description": "另一家企业的表单",
    "primary_field": NAME,
    "groups": [
        group("基本信息", field(NAME, "text_field", "设备名称"), field(QUANTITY, "integer_field", "数量", strict=True))
    ],
}


def make_other_organization() -> None:
    """The organization with one member, app and form, and two records."""
    organization = Organization.objects.create(pk=OTHER_ORGANIZATION, name="远方设备租赁有限公司")
    member = Member.objects.create(organization=organization, uid=MEMBER_UID, name="赵一鸣")
    app = CustomApp.objects.create(organization=organization, name="设备管理", creator=member, update_user=member)
    form = form_create(custom_app=app, name=DESIGN["name"], by=member)
    form_design(form=form, design=DESIGN, by=member)
    actor = Actor(organization_id=organization.pk, member_id=member.pk, uid=member.uid)
    schema = FormSchema.of(form.pk, actor)
    for name, quantity in (("循环泵", 3), ("空气压缩机", 1)):
        entity_create(schema=schema, values={NAME: name, QUANTITY: quantity}, actor=actor)
    move_sequences(Organization)
