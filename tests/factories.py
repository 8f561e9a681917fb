"""What the tests make their worlds of: people with names, forms, records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import get_language

from forms_app.design.fields import field_add
from forms_app.design.forms import form_create
from forms_app.field_types import FieldType
from forms_app.models import (
    AccessToken,
    CustomApp,
    CustomField,
    CustomForm,
    Department,
    Member,
    Organization,
    Region,
    Webhook,
    WebhookState,
)
from forms_app.people.actor import Actor
from forms_app.people.tokens import token_create
from forms_app.records.writes import entity_create
from forms_app.schema.form_schema import FormSchema
from forms_app.webhooks import source
from forms_app.webhooks.events import EVENTS
from forms_app.webhooks.signing import new_salt
from tests.recordings import recorded


class OrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"organization {n}")


class DepartmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Department

    organization = factory.SubFactory(OrganizationFactory)
    did = factory.Sequence(lambda n: n + 1)
    name = factory.LazyAttribute(lambda o: f"department {o.did}")


class MemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Member

    organization = factory.SubFactory(OrganizationFactory)
    uid = factory.Sequence(lambda n: n + 1)
    name = factory.LazyAttribute(lambda o: f"member {o.uid}")


class CustomAppFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CustomApp

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"app {n}")


class RegionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Region

    id = factory.Sequence(str)
    label = factory.LazyAttribute(lambda o: f"region {o.id}")
    level = Region.Level.COUNTRY


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()

    username = factory.Sequence(lambda n: f"user{n}")
    is_staff = True


def make_form(app: CustomApp, fields: Mapping[str, Any] | None = None, name: str = "form") -> CustomForm:
    """A form with a field for each `name: type` or `name: (type, setting)` or `name: (type, setting, options)`; the
    first searchable one is the primary field."""

    def build() -> CustomForm:
        form = form_create(custom_app=app, name=name)
        for field_name, spec in (fields or {}).items():
            add_field(form, field_name, spec)
        return form

    return recorded(("form", name, repr(fields), get_language()), build, app)


@transaction.atomic
def add_field(form: CustomForm, name: str, spec: Any) -> CustomField:
    """One field of `make_form`'s kind."""
    field_type, setting, options = ((spec, {}, ()) if isinstance(spec, str) else (*spec, ()))[:3]
    group = form.field_groups.get() if form.field_groups.count() == 1 else form.field_groups.first()
    field = field_add(
        form=form,
        group=group,
        field_type=field_type,
        name=name,
        label=f"label of {name}",
        setting=setting,
        position=form.custom_fields.count(),
        options=[
            {"value": o.value, "label": o.label, "parent": o.parent, "status": "enable" if o.enabled else "disable"}
            for o in options
        ],
    )
    if form.primary_field is None and field.type.searchable:
        form.primary_field = field
        form.save()
    return field


def add_example_field(
    form: CustomForm, field_type: FieldType, related_form_id: int, name: str = "example"
) -> CustomField:
    """A field with the setting and options that make the type's worked examples true."""
    setting = field_type.example_setting(related_form_id)
    return add_field(form, name, (field_type.name, setting, field_type.example_options))


def make_webhook(form: CustomForm, member: Member, **values: Any) -> Webhook:
    """A webhook of a form. Its secret: `signing.secret_of(webhook.salt)`."""
    place = {"custom_form": form, "member": member, "url": "https://203.0.113.9/", "enabled": False}
    given = {**place, "events": list(EVENTS), "salt": new_salt(), **values}
    webhook = Webhook.objects.create(organization_id=form.organization_id, **given)
    WebhookState.objects.create(webhook=webhook, began=source.now())
    return webhook


def make_token(member: Member, **kwargs: Any) -> tuple[AccessToken, str]:
    return token_create(member=member, name="test", **kwargs)


def actor_of(member: Member, **kwargs: Any) -> Actor:
    """The member as who acts, with these limits of a token."""
    return Actor(organization_id=member.organization_id, member_id=member.pk, uid=member.uid, **kwargs)


def system_of(organization_id: int) -> Actor:
    """Who sees all of an organization."""
    return Actor.acting_for(organization_id, "test")


def schema_of(form: CustomForm) -> FormSchema:
    found = FormSchema.find(form.pk)
    assert found is not None
    return found


def make_entity(form: CustomForm, member: Member, **values: Any) -> int:
    """A record owned by `member`; its id."""
    return entity_create(schema=schema_of(form), values=values, actor=actor_of(member)).id
