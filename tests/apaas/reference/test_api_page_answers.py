"""What a form's API page shows of answers and refusals is what its samples are answered."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from apaas.reference.pages.form_tabs import NAMES
from apaas.reference.pages.refusals import shortened
from forms_app.field_types._references import MAX_ID
from forms_app.models import CustomForm, Member
from tests.apaas.conftest import Api, parsed
from tests.apaas.reference.api_pages import ORIGIN, tabs_of
from tests.factories import add_field


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_answers_are_what_the_samples_are_answered(
    full: CustomForm, alice: Member, api: Api, language: str
) -> None:
    """The page is made after its own sample made a record: it holds the examples."""
    for name in NAMES:
        create = tabs_of(full, alice)["create"].request
        assert create is not None
        api.ok("POST", create.url.removeprefix(ORIGIN), create.body)
        with translation.override(language):
            tab = tabs_of(full, alice)[name]
            shown = json.loads(tab.answer_text, parse_float=Decimal)
        assert tab.request is not None
        asked = tab.request.headers.get("Accept-Language")
        assert asked == (None if language == "zh-hans" else language)
        sent = dict(tab.request.query) if tab.request.body is None else tab.request.body
        headers = {"HTTP_ACCEPT_LANGUAGE": asked} if isinstance(asked, str) else {}
        response = api.call(tab.request.method, tab.request.url.removeprefix(ORIGIN), sent, **headers)
        assert response.status_code == 200, response.content
        real = parsed(response)
        assert (list(shown), shown["remark"]) == (list(real), real["remark"])
        if "data" in real:
            (first, second) = [(answer["data"].get("models") or [answer["data"]])[0] for answer in (shown, real)]
            assert list(first) == list(second), name
        assert_same_shape(shown, real, name)


def assert_same_shape(shown: Any, real: Any, place: str) -> None:
    """The same keys at every depth, and values of the same kind where both have one."""
    if shown is None or real is None:
        return
    assert isinstance(shown, dict) == isinstance(real, dict), place
    if isinstance(shown, dict):
        assert set(shown) == set(real), place
        for key in shown:
            assert_same_shape(shown[key], real[key], f"{place}.{key}")
    elif isinstance(shown, list) and shown and real:
        assert_same_shape(shown[0], real[0], f"{place}[0]")
    else:
        number = (int, Decimal)
        assert type(shown) is type(real) or (isinstance(shown, number) and isinstance(real, number)), place


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_refusals_are_what_the_mistakes_are_answered(
    full: CustomForm, alice: Member, api: Api, language: str
) -> None:
    add_field(full, "must", ("text_field", {"required": True}))
    with translation.override(language):
        tabs = tabs_of(full, alice)
    assert {name for name, tab in tabs.items() if tab.refusals} == set(NAMES)
    for name, tab in tabs.items():
        for refusal in tab.refusals:
            assert tab.request is not None
            path = tab.request.url.removeprefix(ORIGIN)
            sent = refusal.sent
            if sent is None:  # of the record that its path names
                path, sent = path.rpartition("/")[0] + f"/{MAX_ID}", {"custom_form_id": full.pk, "form_entity": {}}
                sent = sent if name == "update" else {"custom_form_id": full.pk}
            response = api.call(tab.request.method, path, sent, HTTP_ACCEPT_LANGUAGE=language)
            real, shown = parsed(response), json.loads(refusal.answer_text, parse_float=Decimal)
            assert response.status_code == refusal.status, (name, refusal.title, real)
            for error in real["errors"]:
                error["allowed"] = shortened(error["allowed"])
            assert real | {"request_id": ""} == shown | {"request_id": ""}, (name, refusal.title)
