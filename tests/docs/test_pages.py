"""What holds for all pages, and for the settings and the decisions."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.pages import FENCE, ROOT, TICKED, rows, section, text_of

READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changes/*.md"))
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)


# --- Settings ------------------------------------------------------------------------------------------------


def settings_read() -> list[str]:
    found = []
    modules = [ast.parse(path.read_text()) for path in (ROOT / "config" / "settings").glob("*.py")]
    for node in (node for module in modules for node in ast.walk(module)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) == "env"
        ):
            name = node.args[0]
            assert isinstance(name, ast.Constant)
            found.append(str(name.value))
    return found


def test_every_setting_has_its_section_and_no_other() -> None:
    described = re.findall(r"^### ([A-Z_]+)$", text_of("docs/settings.md"), re.MULTILINE)
    assert sorted(described) == sorted(settings_read())


# --- Decisions -----------------------------------------------------------------------------------------------


def test_every_package_of_run_time_has_its_case() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    packages = [re.split(r"[\[=]", line)[0] for line in project["dependencies"]]
    cased = {name for row in rows(text_of("docs/decisions/002-dependencies.md")) for name in TICKED.findall(row[0])}
    assert cased >= set(packages)


def test_decisions_carry_their_numbers() -> None:
    for path in sorted((ROOT / "docs/decisions").glob("*.md")):
        assert path.read_text(encoding="utf-8").startswith(f"# {path.name[:3]} ")


# --- Contributing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", ["forms_app", "apaas"])
def test_the_picture_shows_every_room(package: str) -> None:
    picture = section(text_of("CONTRIBUTING.md"), "## The rooms")
    rooms = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")} - {"migrations"}
    assert rooms <= set(re.findall(r"(\w+)/", picture))


def test_the_paths_of_where_do_i_change_are_there() -> None:
    for what, where in rows(section(text_of("CONTRIBUTING.md"), "## Where do I change")):
        for name in TICKED.findall(where):
            top = ROOT if name.startswith(("apaas/", "config/", "deploy/", "docs/")) else ROOT / "forms_app"
            if "/" in name:
                assert list(top.glob(re.sub(r"<\w+>", "*", name))), f"{what}: {name}"


# --- All pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    prose = FENCE.sub("", path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _hash, anchor = target.partition("#")
        found = path.parent / name if name else path
        assert found.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(found), f"{target} names no heading"


def anchors(path: Path) -> set[str]:
    """The headings of a page as its links name them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_samples_parse(path: Path) -> None:
    for kind, code in FENCE.findall(path.read_text(encoding="utf-8")):
        if kind == "json":
            json.loads(code)
        elif kind == "bash":
            words = shlex.split(code, comments=True)
            for flag, value in pairwise(words):
                if flag in ("-d", "--data") and value.lstrip().startswith(("{", "[")):
                    json.loads(re.sub(r"\$\w+", "0", value))


def test_both_readmes_say_the_same() -> None:
    english, chinese = (text_of(name) for name in READMES)
    assert FENCE.findall(english) == FENCE.findall(chinese)
    shapes = [re.findall(r"^(#+) ", FENCE.sub("", text), re.MULTILINE) for text in (english, chinese)]
    assert shapes[0] == shapes[1]
    assert len(rows(english)) == len(rows(chinese))
    links = [re.findall(r"\]\((?!README)([^)]+)\)", text) for text in (english, chinese)]
    assert links[0] == [link.replace("docs/zh-CN/", "docs/") for link in links[1]]
