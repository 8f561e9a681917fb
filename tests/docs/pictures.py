"""The pictures of the administrator's guide, taken from a demo that serves.

`python -m tests.docs.pictures FILE` takes them in English and Chinese and puts them into docs/images. FILE is what a
fresh `quickstart --json FILE`, which serves, wrote. The test of the samples takes them too, so that no step is one that
the pages lack.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import launched
from tests.docs.pages import ROOT

IMAGES = ROOT / "docs" / "images"
LANGUAGES = {"en": "en-US", "zh-CN": "zh-CN"}
SIZE = {"width": 1200, "height": 720}


@dataclass(frozen=True)
class Picture:
    """A page of the demo, and what is clicked there before it is taken."""

    name: str
    path: str
    steps: Callable[[Page], None] = lambda page: None


def designer(page: Page) -> None:
    page.wait_for_selector("#designer[data-ready=true]")


def options(page: Page) -> None:
    designer(page)
    page.locator(".fd-field").nth(3).click()
    page.wait_for_selector(".fd-option")


def tabs(page: Page) -> None:
    designer(page)
    page.click("[data-view=tabs]")


def settings(page: Page) -> None:
    designer(page)
    page.click("[data-view=form]")


def stage(page: Page) -> None:
    designer(page)
    page.locator("[data-slot=diagram] .fl-node[aria-label$='· 受理']").click()


PICTURES = (
    Picture("designer", "/admin/forms_app/customform/2/design/", designer),
    Picture("options", "/admin/forms_app/customform/2/design/", options),
    Picture("primary-field", "/admin/forms_app/customform/2/design/", settings),
    Picture("tabs", "/admin/forms_app/customform/2/design/", tabs),
    Picture("members", "/admin/forms_app/member/"),
    Picture("role", "/admin/forms_app/role/1/change/"),
    Picture("flow", "/admin/forms_app/flow/2/design/", stage),
    Picture("records", "/admin/forms_app/customform/2/records/"),
)


def take(browser: Browser, url: str, password: str, folder: Path) -> None:
    """All pictures in both languages, as `<folder>/<language>/<name>.png`."""
    for language, locale in LANGUAGES.items():
        context = browser.new_context(
            base_url=url, locale=locale, viewport=SIZE, color_scheme="light", reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto("/admin/login/")
        page.fill("[name=username]", "admin")
        page.fill("[name=password]", password)
        page.click("[type=submit]")
        page.wait_for_url("**/admin/")
        (folder / language).mkdir(parents=True, exist_ok=True)
        for picture in PICTURES:
            answer = page.goto(picture.path)
            assert answer is not None and answer.ok, picture.path
            picture.steps(page)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / language / f"{picture.name}.png", animations="disabled", caret="hide")
        context.close()


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text())
    with sync_playwright() as playwright:
        take(launched(playwright), told["base_url"], told["admin"]["password"], IMAGES)
