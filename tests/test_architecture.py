"""The house's own rules: where imports may point, what stands where, what is nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from forms_app.field_types import registry

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("forms_app", "apaas", "config")
MODULES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts
)
LAYERS = [
    ["exceptions", "jsontext", "actor", "formula", "flow", "apps", "borrowed_texts"],
    ["lookups", "indexes"],
    ["field_types"],
    ["variables"],
    ["models"],
    ["columns", "versions", "partitions"],
    ["schema", "directory"],
    ["query"],
    ["names", "labels", "formulas", "ticket_history"],
    ["plans"],
    ["records", "worklist"],
    ["record_texts"],
    ["services", "tasks"],
    ["demo"],
    ["management", "admin"],
]
"""Inside forms_app: a module imports from its own layer and those before it."""

INSIDE_FUNCTIONS = {
    ("forms_app/apps.py", "forms_app.caching.tags"): "models must be loaded first",
    ("forms_app/indexes/building.py", "forms_app.tasks"): "the tasks call this module",
    ("forms_app/records/recompute.py", "forms_app.tasks"): "the tasks call this module",
    ("forms_app/design/forms.py", "forms_app.tasks"): "the tasks call the services",
    ("forms_app/tickets/locked.py", "forms_app.tasks"): "the tasks call the services",
}
"""The only imports of our own code that stand in a function, and why."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def is_module(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").exists()


def targets(node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[str]:
    """The modules that an import names."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        parts = name_of(path).split(".")
        if path.name != "__init__.py":
            parts = parts[:-1]
        parts = parts[: len(parts) - node.level + 1]
        base = ".".join([*parts, *filter(None, [node.module])])
    for alias in node.names:
        yield f"{base}.{alias.name}" if is_module(f"{base}.{alias.name}") else base


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(module of ours, whether it stands in a function); what only a type checker reads aside."""

    def walk(node: ast.AST, inside: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.Import | ast.ImportFrom):
                for target in targets(child, path):
                    if target.split(".")[0] in PACKAGES:
                        yield target, inside
            yield from walk(child, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))

    return walk(tree_of(path), False)


def layer(module: str) -> int:
    parts = module.split(".")
    if parts == ["forms_app"]:
        return 0
    (found,) = [place for place, names in enumerate(LAYERS) if parts[1] in names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_imports_point_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    for target, inside in imports(path):
        if (short(path), target) in INSIDE_FUNCTIONS and inside:
            continue
        whose = target.split(".")[0]
        assert PACKAGES.index(whose) <= PACKAGES.index(package), target
        if whose == package == "forms_app":
            assert layer(target) <= layer(name_of(path)), target


def test_every_module_of_the_domain_has_its_layer() -> None:
    known = {name for names in LAYERS for name in names}
    on_disk = {
        path.stem for path in (ROOT / "forms_app").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert on_disk - known - {"__init__", "migrations"} == set()


def test_only_listed_imports_of_ours_stand_in_functions() -> None:
    found = {
        (short(path), target)
        for path in MODULES
        if path.relative_to(ROOT).parts[0] != "config"  # it wires, and starts before Django does
        for target, inside in imports(path)
        if inside
    }
    assert found == set(INSIDE_FUNCTIONS)
    for path, _target in found:
        lines = [line for line in (ROOT / path).read_text().splitlines() if re.match(r"\s+from forms_app", line)]
        assert any("#" in line for line in lines), f"{path} does not say why"


@pytest.mark.parametrize("path", [p for p in MODULES if {"formula", "flow"} & set(p.parts)], ids=short)
def test_the_rules_are_plain_python(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert not any(t.split(".")[0] in ("django", "rest_framework", "psycopg") for t in targets(node, path))


@pytest.mark.parametrize("path", [p for p in MODULES if p.relative_to(ROOT).parts[0] == "forms_app"], ids=short)
def test_the_domain_knows_no_http(path: Path) -> None:
    if "admin" in path.parts:
        return  # it is pages
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for target in targets(node, path):
                assert not target.startswith(("django.http", "rest_framework.response", "rest_framework.views")), target


SQL = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|UPDATE .+ SET|DELETE FROM|WHERE .+ =|ORDER BY|CREATE (TABLE|INDEX))\b")


def texts(path: Path) -> Iterator[str]:
    """String constants, docstrings aside."""
    tree = tree_of(path)
    docstrings = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            docstrings |= {id(line.value) for line in body if isinstance(line, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("path", [p for p in MODULES if p.relative_to(ROOT).parts[0] == "apaas"], ids=short)
def test_the_web_side_has_no_sql(path: Path) -> None:
    assert not [text for text in texts(path) if SQL.search(text)]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("raw", "extra", "cursor", "RawSQL"), ast.unparse(node)


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_no_file_is_longer_than_three_hundred_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", [p for p in MODULES if "demo" not in p.parts], ids=short)
def test_no_field_type_is_named_outside_its_module(path: Path) -> None:
    """Columns are asked what they can do; a ladder of names would have to be found at every new type. The demo's forms
    are data, and have to say what they are made of."""
    names = {field_type.name for field_type in registry} - {path.stem}
    found = {text for text in texts(path) if text in names}
    assert not found, f"{short(path)} names {found}"


FORBIDDEN_CALLS = {"eval", "exec", "compile", "print", "breakpoint", "__import__"}


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_nothing_runs_text_nor_prints(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN_CALLS, ast.unparse(node)
        if isinstance(node, ast.Import | ast.ImportFrom):
            for target in targets(node, path):
                assert target.split(".")[0] not in ("pickle", "marshal", "shelve"), target


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_a_module_is_named_after_what_it_holds(path: Path) -> None:
    assert not re.fullmatch(r"(utils?|helpers?|managers?|handlers?|misc|common)", path.stem)
    if path.name != "__init__.py" and path.read_text().strip():
        assert ast.get_docstring(tree_of(path)), f"{short(path)} does not say what it is"


def test_the_rules_see_what_they_forbid(tmp_path: Path) -> None:
    """A rule that finds nothing in a file made to break it would find nothing anywhere."""
    bad = ROOT / "forms_app" / "lookups.py"
    tree = ast.parse("def f():\n    from forms_app.services import indexes\nSELECT = 'SELECT a FROM b'\n")
    assert [list(targets(node, bad)) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)] == [
        ["forms_app.indexes.building"]
    ]
    assert SQL.search("SELECT a FROM b")
    assert layer("forms_app.indexes.building") > layer("forms_app.operators.lookups")
