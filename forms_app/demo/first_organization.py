"""The document's organization: its people, apps, forms and records, under the ids that its samples name."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from forms_app.demo import customer_form, customers, leads, quotes
from forms_app.demo.people import MEMBER_UID, ORGANIZATION, make_people
from forms_app.demo.records import write_records
from forms_app.demo.sequences import move_sequences
from forms_app.design.forms import form_create, form_design
from forms_app.models import CustomApp, CustomField, CustomForm, FieldOption, Member, Organization, Status
from forms_app.people.actor import Actor

FOUNDED = timezone.make_aware(datetime(2023, 8, 4, 10, 39, 25, 689000))

# (id, name, description)
APPS = (
    (2, "报价测算", "按数量和单价测算报价"),
    (3, "市场推广", "推广活动带来的线索"),
    (4, "客户管理", "客户档案与跟进"),
)

# (form id, app id, data table name, design, records): a form after those that it relates to.
FORMS = (
    (23, 3, "data_1_3_9ddabc", leads.DESIGN, leads.records),
    (3, 2, "data_1_2_5f0c3e", quotes.DESIGN, quotes.records),
    (2, 4, "data_1_4_7be210", customer_form.DESIGN, customers.records),
)


def make_first_organization() -> None:
    """All of it; afterwards no sequence gives an id that was given here."""
    make_people()
    by = Member.objects.get(organization_id=ORGANIZATION, uid=MEMBER_UID)
    actor = Actor(organization_id=ORGANIZATION, member_id=by.pk, uid=by.uid)
    for pk, name, description in APPS:
        CustomApp.objects.create(
            pk=pk, organization_id=ORGANIZATION, name=name, description=description, creator=by, update_user=by
        )
    for form_id, app_id, table_name, design, records in FORMS:
        form = form_create(
            custom_app=CustomApp.objects.get(pk=app_id),
            name=design["name"],
            by=by,
            form_id=form_id,
            data_table_name=table_name,
        )
        form_design(form=form, design=design, by=by)
        write_records(form_id, list(records()), actor)
    for field_name, token in customer_form.DISABLED_OPTIONS:
        # After the records: a disabled option stays where it was chosen, and nowhere else.
        option = FieldOption.objects.get(custom_field__custom_form_id=2, custom_field__name=field_name, value=token)
        option.status = Status.DISABLE
        option.save()
    # Made before its records, as the names of its fields say.
    for made in (
        Organization.objects.filter(pk=ORGANIZATION),
        CustomApp.objects.filter(organization_id=ORGANIZATION),
        CustomForm.objects.filter(organization_id=ORGANIZATION),
        CustomField.objects.filter(custom_form__organization_id=ORGANIZATION),
    ):
        made.update(created_at=FOUNDED)
    move_sequences(Organization, Member, CustomApp, CustomForm)
