"""A database that is somebody's already gets no demo."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from forms_app.demo import make_demo
from forms_app.demo.access import token_works
from forms_app.models import AccessToken, Member, Organization
from tests.factories import UserFactory, make_token
from tests.seeds.copies import SECRETS


def test_somebodys_organizations_are_left_alone(alice: Member) -> None:
    facts = make_demo(SECRETS)
    assert facts == {"organization_id": None, "member_uid": None, "forms": {}, "flows": [], "curl_form_id": None}
    assert Organization.objects.count() == 1
    assert not AccessToken.objects.exists()
    assert get_user_model()._default_manager.get().is_superuser
    alice.refresh_from_db()
    assert alice.user is None
    assert make_demo(SECRETS) == facts
    assert Organization.objects.count() == 1


@pytest.mark.django_db
def test_somebodys_account_is_left_alone() -> None:
    account = UserFactory(username="admin")
    make_demo(SECRETS)
    assert list(get_user_model()._default_manager.all()) == [account]
    assert not Member.objects.filter(user=account).exists()


def test_a_token_that_was_revoked_or_whose_member_left_works_no_more(alice: Member) -> None:
    _row, token = make_token(alice)
    assert token_works(token) and not token_works("apaas_unknown")
    alice.is_active = False
    alice.save()
    assert not token_works(token)
