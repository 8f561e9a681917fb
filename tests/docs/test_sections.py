"""The contract and the design are cited by section: each citation leads to a heading that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.pages import FENCE, ROOT, section, text_of

CITED_PAGES = ("docs/contract.md", "docs/design.md")
CITATION = re.compile(r"(?:(?P<page>[\w./-]+\.md) )?§(?P<number>\d+(?:\.\d+)*)")
OTHER_STANDARDS = ("ECMA-376",)
"""Whose sections may be cited too, on a line that names them."""
PLANNED = ("## 7.", "## 8.")


def citing_files() -> Iterator[Path]:
    """Our sources and pages."""
    for folder in ("apaas", "benchmarks", "config", "docs", "forms_app", "tests"):
        for ending in ("py", "md", "js", "html"):
            yield from (ROOT / folder).rglob(f"*.{ending}")
    yield from ROOT.glob("*.md")


def numbers(page: str) -> list[str]:
    """The numbers of the page's headings."""
    return re.findall(r"^##+ (\d+(?:\.\d+)*)\.? ", FENCE.sub("", text_of(page)), re.MULTILINE)


def wrong_citations(text: str, own: str) -> list[str]:
    """The citations of a file's text that lead nowhere. `own` is the file's name: the two pages cite their own sections
    by the number alone."""
    wrong = []
    for line in text.splitlines():
        if any(standard in line for standard in OTHER_STANDARDS):
            continue
        for citation in CITATION.finditer(line):
            page = citation["page"] or own
            if page not in CITED_PAGES or citation["number"] not in numbers(page):
                wrong.append(citation[0])
    return wrong


def test_every_cited_section_is_there() -> None:
    for path in citing_files():
        if path != Path(__file__):
            name = str(path.relative_to(ROOT))
            assert not wrong_citations(path.read_text(encoding="utf-8"), name), name


def test_a_section_that_is_not_there_and_a_page_that_is_not_named_are_found() -> None:
    text = "docs/contract.md §2.4, docs/contract.md §99 and docs/other.md §1\nthe contract (§2.3)\nECMA-376, §18.3"
    assert wrong_citations(text, "apaas/urls.py") == ["docs/contract.md §99", "docs/other.md §1", "§2.3"]
    assert wrong_citations("§2.3, §7.1", "docs/contract.md") == ["§7.1"]


def test_sections_are_numbered_once_and_in_order() -> None:
    for page in CITED_PAGES:
        found = [tuple(map(int, number.split("."))) for number in numbers(page)]
        assert found == sorted(set(found))


def test_what_is_planned_says_so() -> None:
    contract = text_of("docs/contract.md")
    for heading in PLANNED:
        assert "(planned, not built yet)" in section(contract, heading).partition("\n")[0]
    assert "(planned, not built yet)" in section(text_of("docs/design.md"), "## 9.").partition("\n")[0]
