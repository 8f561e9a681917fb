"""Which form a command means, and as whom it acts there."""

from __future__ import annotations

from django.utils.translation import gettext as _

from forms_app.models import CustomForm, Member
from forms_app.people.actor import Actor
from forms_app.schema.form_schema import FormSchema


class UnknownTarget(LookupError):
    """No such form or member. Its text says what there is."""


def form_of(text: str) -> FormSchema:
    """The form of this id or data table name. Raises UnknownTarget."""
    custom_form = CustomForm.objects.filter(data_table_name=text).first()
    if custom_form is None and text.isascii() and text.isdigit() and len(text) < 19:
        custom_form = CustomForm.objects.filter(pk=int(text)).first()
    schema = FormSchema.find(custom_form.pk) if custom_form else None
    if schema is None or not schema.enabled:
        raise UnknownTarget(_("There is no enabled form with the id or data table name {name}.").format(name=text))
    return schema


def actor_in(schema: FormSchema, uid: int | None, anybody: bool = False) -> Actor:
    """A command, acting for the member of the form's organization with this uid, or who made the form, or, if `anybody`
    will do, the first: whoever may run commands may write all. Raises UnknownTarget."""
    members = Member.objects.filter(organization_id=schema.organization_id, is_active=True)
    if uid is not None:
        member = members.filter(uid=uid).first()
    else:
        creator = CustomForm.objects.filter(pk=schema.id).values("creator")
        member = members.filter(pk__in=creator).first() or (members.order_by("uid").first() if anybody else None)
    if member is None:
        message = _("There is no active member with uid {uid}.").format(uid=uid)
        raise UnknownTarget(message if uid is not None else _("Name the records' owner by --owner."))
    return Actor(member.organization_id, member.pk, member.uid, system="command")
