"""The flow designer as a browser's hands use it."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Locator, Page

from forms_app.models import Flow
from tests.forms_app.admin.hands import sent


def open_designer(page: Page, flow: Flow) -> None:
    page.goto(reverse("admin:forms_app_flow_design", args=[flow.pk]))
    page.wait_for_selector("#designer[data-ready=true]")


def press(page: Page, name: str) -> int:
    """Click on save, check, publish or unpublish; the status of the answer, when the page has taken it."""
    return sent(page, f"[data-slot={name}]", "/design/" if name == "save" else f"/{name}/").status


def called(page: Page, name: str) -> Locator:
    """The component of this name in the diagram."""
    return page.locator(f"[data-slot=diagram] .fl-node[aria-label$='· {name}']")


def port(page: Page, name: str) -> Locator:
    """Its "+", which adds what comes next."""
    return page.locator(f"[data-slot=diagram] .fl-port[aria-label^='{name}:']")


def setting(page: Page, name: str) -> Locator:
    return page.locator(f"#designer [data-setting={name}]")


def add(page: Page, anchor: Locator, type: str, name: str) -> None:
    """Insert a component by a "+" of the diagram, and name it."""
    anchor.click()
    page.click(f".fl-menu [data-add={type}]")
    setting(page, "name").fill(name)


def draw(page: Page, source: Locator, target: Locator) -> None:
    """Draw a line with the mouse, from a component's "+" to another component."""
    source.hover()
    page.mouse.down()
    box = target.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()


def ways(flow: Flow) -> list[tuple[str, str, str]]:
    """The lines of the draft by names: (from, to, rule)."""
    flow.refresh_from_db()
    names = {one["id"]: one["name"] for one in flow.draft["components"]}
    told = [(one, "otherwise" if one.get("default") else one.get("rule", "")) for one in flow.draft["lines"]]
    return sorted((names[one["source"]], names[one["target"]], rule) for one, rule in told)
