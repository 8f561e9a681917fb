"""`python -m benchmarks.parties`: add to the product's database of DATABASE_URL the organization that is attacked, and
what else the one that attacks has. Writes the id of the attacked form to standard output.
"""

from __future__ import annotations

import json
import sys

import django

if __name__ == "__main__":
    django.setup()

from django.contrib.auth import get_user_model
from django.db import transaction

from benchmarks import forms
from benchmarks.attackers import ACCOUNT, LIMITED_TOKEN
from benchmarks.steady import RECORDS, TOKEN
from forms_app.design.forms import form_create, form_design
from forms_app.models import CustomApp, CustomForm, Department, Grant, Member, Organization, Role
from forms_app.people.actor import Actor
from forms_app.people.tokens import token_create
from forms_app.sampling.generating import entities_generate
from forms_app.schema.form_schema import FormSchema


def main() -> None:
    with transaction.atomic():
        form = make_attacked()
        make_limited()
        get_user_model().objects.create_user(ACCOUNT, password=forms.TOKEN)
    sys.stdout.write(json.dumps(form.pk) + "\n")


def make_attacked() -> CustomForm:
    """Another organization, its form of eight fields and its token."""
    organization = Organization.objects.create(pk=forms.ORGANIZATION + 1, name="Attacked")
    member = Member.objects.create(organization=organization, uid=1, name="Attacked")
    app = CustomApp.objects.create(pk=2, organization=organization, name="Attacked")
    form = form_create(custom_app=app, name="Attacked", form_id=forms.FORM + 1)
    form_design(form=form, design=forms.design(forms.SMALL, form.name))
    schema = FormSchema.find(form.pk)
    assert schema is not None
    entities_generate(schema=schema, count=RECORDS, actor=Actor.acting_for(organization.pk, "benchmark", member.uid))
    token_create(member=member, name="attacked", token=TOKEN)
    return form


def make_limited() -> None:
    """In the attacking organization, a member of a department of whose records it may read all. No query of theirs is
    refused by the size of the form (docs/security.md)."""
    organization = Organization.objects.get(pk=forms.ORGANIZATION)
    members = list(Member.objects.filter(organization=organization).order_by("uid"))
    department = Department.objects.create(organization=organization, did=1, name="all")
    for member in members:
        member.departments.add(department)
    limited = members[-1]
    everyone = organization.roles.get(everyone=True)
    everyone.everyone = False
    everyone.save()
    everyone.members.set(members[:-1])
    role = Role.objects.create(organization=organization, name="limited")
    role.members.add(limited)
    Grant.objects.create(role=role, custom_form_id=forms.FORM, verbs=["read"], rows="department_below")
    token_create(member=limited, name="limited", token=LIMITED_TOKEN)


if __name__ == "__main__":
    main()
