"""`X-Read-After`: its text, and that no answer has it where there are no replicas."""

from __future__ import annotations

import pytest
from django.conf import settings

from apaas.read_after import HEADER, position, written
from forms_app.models import CustomApp, Member
from tests.apaas.conftest import Api
from tests.factories import make_form, make_token


@pytest.mark.parametrize("place", [0, 1, 0x16B3748, 2**63 - 1])
def test_a_position_is_read_back(place: int) -> None:
    assert position(written(place)) == place


def test_the_text_tells_nothing_of_the_position() -> None:
    texts = {written(7) for _time in range(50)}
    assert len(texts) == 50
    assert len({len(written(place)) for place in (0, 1, 2**63 - 1)}) == 1


@pytest.mark.parametrize("text", ["", "0/16B3748", "é", "AAAA", "A" * 32, "A" * 5, "=" * 9])
def test_another_text_is_none(text: str) -> None:
    assert position(text) is None


def test_a_text_that_was_changed_is_none() -> None:
    text = written(1234)
    for place in range(len(text)):
        for other in "Ab_":
            if text[place] != other:
                assert position(text[:place] + other + text[place + 1 :]) is None


@pytest.mark.django_db
def test_without_replicas_nothing_is_told_and_nothing_looked_at(custom_app: CustomApp, alice: Member) -> None:
    assert settings.REPLICA_URLS == []
    assert not any("read_after" in name for name in settings.MIDDLEWARE)
    form = make_form(custom_app, {"text": "text_field"})
    api = Api(make_token(alice)[1])
    made = api.call(
        "POST", "form_entities", {"custom_form_id": form.pk, "form_entity": {"text": "a"}}, HTTP_X_READ_AFTER="junk"
    )
    assert (made.status_code, HEADER in made.headers) == (200, False)
