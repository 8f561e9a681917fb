"""The diagram lays itself out: in a browser, since that is what it is written for."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.forms_app.admin.flows.flow_definitions import approval, component, line, scribble

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

DRAW = """async ([definition, options]) => {
    const { draw } = await import("/static/forms_app/flow/diagram.js");
    document.getElementById("drawing")?.remove();
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.id = "drawing";
    document.body.append(svg);
    const { nodes, ...found } = draw(svg, definition, options);
    return { ...found, nodes: Object.fromEntries(nodes) };
}"""


@pytest.fixture
def drawing(page: Page) -> Page:
    page.goto(reverse("admin:index"))
    return page


def draw(page: Page, definition: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Draw it; where everything stands."""
    found: dict[str, Any] = page.evaluate(DRAW, [definition, options])
    return found


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two boxes (left, top, right, bottom) share more than an edge."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def box(node: dict[str, float]) -> tuple[float, ...]:
    return node["x"], node["y"], node["x"] + node["width"], node["y"] + node["height"]


def label_box(label: dict[str, Any]) -> tuple[float, ...]:
    return label["x"] - label["width"] / 2, label["y"] - 12, label["x"] + label["width"] / 2, label["y"] + 12


def stretches(points: list[list[float]]) -> list[tuple[float, ...]]:
    """The straight parts of a line, as boxes."""
    pairs = pairwise(points)
    return [(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])) for a, b in pairs]


def test_nothing_covers_a_component_and_the_same_flow_looks_the_same(drawing: Page) -> None:
    for seed in range(60):
        definition = scribble(seed)
        found = draw(drawing, definition)
        assert draw(drawing, definition) == found, seed
        nodes = {name: box(node) for name, node in found["nodes"].items()}
        assert set(nodes) == {one["id"] for one in definition["components"]}
        boxes = list(nodes.values())
        labels = [label_box(one["label"]) for one in found["lines"] if one["label"]]
        placed = boxes + labels
        for place, one in enumerate(placed):
            assert not any(overlap(one, other) for other in placed[place + 1 :]), (seed, place)
            assert one[0] >= 0 and one[1] >= 0 and one[2] <= found["width"] and one[3] <= found["height"], seed
        for one in found["lines"]:
            for stretch in stretches(one["points"]):
                assert stretch[0] == stretch[2] or stretch[1] == stretch[3], (seed, one)
                assert not any(overlap(stretch, other) for other in boxes), (seed, one)


def test_a_line_leads_from_one_component_down_to_the_next_and_a_loop_back_up(drawing: Page) -> None:
    found = draw(drawing, approval())
    nodes, lines = found["nodes"], found["lines"]
    assert [one["line"] for one in lines if one["back"]] == [6]
    for one, drawn in zip(approval()["lines"], lines, strict=True):
        (x, y), (to_x, to_y) = drawn["points"][0], drawn["points"][-1]
        left, top, right, bottom = box(nodes[one["source"]])
        assert left <= x <= right and top <= y <= bottom
        left, top, right, bottom = box(nodes[one["target"]])
        assert left <= to_x <= right and top <= to_y <= bottom
        assert (y < to_y) is not drawn["back"]
    assert nodes["money"]["y"] == nodes["law"]["y"]
    middle = (nodes["money"]["x"] + nodes["law"]["x"]) / 2
    assert nodes["both"]["x"] == nodes["met"]["x"] == pytest.approx(middle, abs=1)


def test_marks_faults_and_rules_are_shown(drawing: Page) -> None:
    marks = {"money": {"state": "waiting", "count": 3}, "law": {"state": "stopped"}}
    words = {"types": {"parallel": "并行"}, "default": "其他", "states": {"waiting": "等待", "stopped": "出错"}}
    draw(drawing, approval(), marks=marks, words=words, labels={"amount": "金额"}, faults=["met"], selected="both")
    labels = drawing.locator("#drawing .fl-label text").all_text_contents()
    assert labels == ["金额 > 1000", "其他"]
    node = drawing.locator("#drawing [data-component=money]")
    assert node.get_attribute("aria-label") == "财务 · 等待 3"
    assert node.locator(".fl-count").text_content() == "3"
    assert drawing.locator("#drawing .fl-mark-stopped").get_attribute("data-component") == "law"
    assert drawing.locator("#drawing .fl-wrong").get_attribute("data-component") == "met"
    assert drawing.locator("#drawing .fl-selected").get_attribute("data-component") == "both"
    assert drawing.locator("#drawing [role=button]").count() == 0


def test_a_long_name_is_cut_to_its_component_and_kept_whole_in_its_title(drawing: Page) -> None:
    name = "財務部門主管審批與覆核確認" * 4
    definition = {
        "components": [component("start", "start", "<b>开始</b>"), component("c1", "human_input", name)],
        "lines": [line("start", "c1")],
    }
    found = draw(drawing, definition)
    node = drawing.locator("#drawing [data-component=c1]")
    shown = node.locator(".fl-name").text_content() or ""
    assert shown.endswith("…") and name.startswith(shown[:-1])
    assert node.locator("title").text_content() == name
    width = node.locator(".fl-name").evaluate("text => text.getComputedTextLength()")
    assert width <= found["nodes"]["c1"]["width"] - 44
    assert drawing.locator("#drawing b").count() == 0
