"""Carol, whom no role gives anything, and a form with records of everyone."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.models import CustomApp, CustomForm, Grant, Member, Role
from tests.apaas.conftest import Api
from tests.factories import make_entity, make_form, make_token

FIELDS = {
    "title": "text_field",
    "amount": "float_field",
    "cost": "float_field",
    "margin": ("formula_field", {"formula": "{amount} - {cost}"}),
    "twice": ("formula_field", {"formula": "{margin} * 2"}),
}


@pytest.fixture
def form(custom_app: CustomApp) -> CustomForm:
    return make_form(custom_app, FIELDS)


@pytest.fixture
def carol(people: dict[int, Member]) -> Member:
    """Member 3 of department 3, above department 4, where member 4 stands. No role gives her anything."""
    Grant.objects.filter(role__organization=people[3].organization).delete()
    return people[3]


def give(member: Member, *verbs: str, **grant: Any) -> Api:
    """A role with this grant for the member, and a token of theirs."""
    role = Role.objects.create(organization=member.organization, name=f"role {Role.objects.count()}")
    role.members.add(member)
    Grant.objects.create(role=role, verbs=list(verbs), **grant)
    return Api(make_token(member)[1])


def of(form: CustomForm, path: str = "") -> str:
    return f"form_entities{path}?custom_form_id={form.pk}"


@pytest.fixture
def owned(form: CustomForm, people: dict[int, Member]) -> dict[int, int]:
    """A record of each member, made before roles were taken away."""
    return {uid: make_entity(form, member, title=f"of {uid}", amount=uid * 10) for uid, member in people.items()}
