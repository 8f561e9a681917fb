"""The form of docs/tutorial.md, made as its readers make it in the designer. The test runs this in the demo's shell."""

from __future__ import annotations

from forms_app.demo.designing import field, group
from forms_app.design.forms import form_create, form_design
from forms_app.field_types._choices import new_token
from forms_app.models import CustomApp, Member

APP, FORM = "前台", "访客登记"
REASONS = ("洽谈", "面试", "送货")


def make() -> None:
    by = Member.objects.get(organization_id=1, uid=1)
    app = CustomApp.objects.create(organization_id=by.organization_id, name=APP, creator=by, update_user=by)
    form = form_create(custom_app=app, name=FORM, by=by)
    fields = (
        field("visitor", "text_field", "访客姓名", required=True),
        field("mobile", "mobile_field", "手机"),
        field("reason", "select_field", "来访事由", [(new_token(), reason) for reason in REASONS]),
        field("arrival", "datetime_field", "到访时间"),
        field("heads", "integer_field", "人数"),
    )
    design = {"name": FORM, "primary_field": "visitor", "groups": [group("基本信息", *fields)], "tabs": []}
    form_design(form=form, design=design, by=by)
