"""What is installed: pyproject.toml names it, requirements.txt and requirements-dev.txt lock it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import distributions, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PRODUCT = ("apaas", "config", "forms_app")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OPTIONAL = [Requirement(text).name for text in PROJECT["project"]["optional-dependencies"]["oidc"]]
"""Imported, with what they need, where a setting asks for it."""


def locked(name: str) -> dict[str, Requirement]:
    """What a file of requirements locks, by package."""
    found = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / name).read_text().strip()):
        if entry.startswith("#"):
            continue
        line, *hashes = entry.split(" \\\n    ")
        assert hashes, f"{name}: {line} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), f"{name}: {line}"
        requirement = Requirement(line)
        assert requirement.url is None
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), f"{name}: {line} is not one version"
        found[canonicalize_name(requirement.name)] = requirement
    return found


SERVER, DEVELOPER = locked("requirements.txt"), locked("requirements-dev.txt")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (PROJECT["project"]["dependencies"], SERVER),
        ([*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]], DEVELOPER),
    ],
    ids=["server", "developer"],
)
def test_what_the_project_names_is_locked_as_it_says(wanted: list[str], found: dict[str, Requirement]) -> None:
    for requirement in map(Requirement, wanted):
        assert found[canonicalize_name(requirement.name)].specifier == requirement.specifier


def test_who_develops_has_what_a_server_has() -> None:
    assert {name: DEVELOPER[name].specifier for name in SERVER} == {name: one.specifier for name, one in SERVER.items()}
    assert not {"pytest", "ruff", "mypy", "playwright"} & SERVER.keys()


def test_all_that_they_need_is_locked_too() -> None:
    """Nothing comes in unlocked by way of a package that another one needs, on the machine that runs this."""
    installed = {canonicalize_name(one.name): one for one in distributions()}
    for name, lock in SERVER.items():
        if lock.marker is not None and not lock.marker.evaluate():
            continue
        assert lock.specifier.contains(installed[name].version, prereleases=True), (
            f"{name} is {installed[name].version}"
        )
        for needed in map(Requirement, installed[name].requires or ()):
            extras = lock.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                assert canonicalize_name(needed.name) in SERVER, f"{name} needs {needed}"


def test_the_files_name_no_place_to_load_from() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        assert not re.search(r"index-url|find-links|trusted-host|pypi|simple/", (ROOT / name).read_text())


def test_what_the_product_imports_a_server_has() -> None:
    owners = packages_distributions()
    needed = [Requirement(text).name for name in OPTIONAL for text in requires(name) or ()]
    there = SERVER.keys() | {canonicalize_name(name) for name in (*OPTIONAL, *needed)}
    for path in (path for room in PRODUCT for path in (ROOT / room).rglob("*.py")):
        for module in imported(path):
            top = module.partition(".")[0]
            if top in sys.stdlib_module_names or top in PRODUCT:
                continue
            names = {canonicalize_name(name) for name in owners.get(top, ())}
            assert names & there, f"{path.relative_to(ROOT)} imports {module}"


def imported(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module)
    return found
