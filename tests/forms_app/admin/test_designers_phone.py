"""The designers on a phone and on a small screen, in each language: no button lies over another."""

from __future__ import annotations

from itertools import combinations

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from forms_app.models import CustomForm, Flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BUTTONS = ".fd-bar .fd-button:visible, .fd-undo button:visible, .fd-foot button:visible, .fd-views:visible"


def overlapping(page: Page) -> list[tuple[str, str]]:
    boxes = [(one.inner_text(), one.bounding_box()) for one in page.locator(BUTTONS).all()]
    found = []
    for (name, box), (other, beside) in combinations(boxes, 2):
        assert box
        assert beside
        apart_x = box["x"] + box["width"] <= beside["x"] or beside["x"] + beside["width"] <= box["x"]
        apart_y = box["y"] + box["height"] <= beside["y"] or beside["y"] + beside["height"] <= box["y"]
        if not (apart_x or apart_y):
            found.append((name, other))
    return found


@pytest.mark.parametrize("width", [360, 390, 1280])
@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_no_button_lies_over_another(page: Page, flow: Flow, form: CustomForm, language: str, width: int) -> None:
    page.set_extra_http_headers({"Accept-Language": language})
    page.set_viewport_size({"width": width, "height": 800})
    for address in (
        reverse("admin:forms_app_customform_design", args=[form.pk]),
        reverse("admin:forms_app_flow_design", args=[flow.pk]),
    ):
        page.goto(address)
        page.wait_for_selector("#designer[data-ready=true]")
        assert page.locator(BUTTONS).count() > 6
        assert overlapping(page) == []


def test_saving_stands_beside_the_name_on_a_small_screen(page: Page, flow: Flow, form: CustomForm) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    for address in (
        reverse("admin:forms_app_customform_design", args=[form.pk]),
        reverse("admin:forms_app_flow_design", args=[flow.pk]),
    ):
        page.goto(address)
        page.wait_for_selector("#designer[data-ready=true]")
        title, save = (page.locator(one).bounding_box() for one in (".fd-title", ".fd-bar [data-slot=save]"))
        assert title
        assert save
        assert title["y"] < save["y"] + save["height"] / 2 < title["y"] + title["height"]
