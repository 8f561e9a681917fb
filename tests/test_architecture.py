"""The house's own rules: where imports may point, what stands where, what is nowhere."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from forms_app.field_types import registry
from forms_app.operators import operators
from tests.source import MODULES, PACKAGES, ROOT, Import, Module

FLOORS = {
    "forms_app": [
        ["apps", "exact_json", "exceptions", "formula", "registry", "third_party_texts"],
        ["database"],
        ["operators"],
        ["field_types"],
        ["models"],
        ["audit", "caching", "journal"],
        ["replicas"],
        ["people"],
        ["schema"],
        ["files", "idempotency"],
        ["records"],
        ["flows", "indexes", "loading", "sampling", "staff"],
        ["exporting", "webhooks"],
        ["design", "tickets"],
        ["demo"],
        ["admin", "management"],
    ],
    "apaas": [
        [
            "acyclic",
            "apps",
            "client_address",
            "counting",
            "definitions",
            "exceptions",
            "filtersets",
            "pagination",
            "password_hasher",
            "people_definitions",
            "rates",
            "webhook_definitions",
        ],
        ["journal"],
        ["authentication", "envelope", "errors", "sign_in", "throttling"],
        ["requests"],
        ["read_after"],
        ["filters", "tickets"],
        ["reference"],
        ["viewsets"],
        ["company_sign_in", "middleware", "ticket_urls", "urls"],
    ],
}
"""The rooms of a package, floor by floor: a module imports from its own room, its floor and those below."""

IMPORTS = [each for module in MODULES for each in module.imports]


def modules_of(package: str) -> list[Module]:
    return [module for module in MODULES if module.parts[0] == package]


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """A way around in the graph, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def graphs(imports: Iterable[Import]) -> dict[str, dict[str, set[str]]]:
    """Of each folder: which of its files and folders imports which other one of them."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for each in imports:
        importer, target = each.importer.split("."), each.target.split(".")
        shared = next(place for place, (a, b) in enumerate(zip(importer, target, strict=False)) if a != b)
        # A folder's own file says what of it others may take: it stands above what lies in the folder.
        if "__init__" not in (importer[shared], target[shared]):
            found[".".join(importer[:shared])][importer[shared]].add(target[shared])
    return found


def test_no_folder_holds_a_circle() -> None:
    """Neither of files nor of folders, imports for type checkers and in functions included."""
    found = {folder: way for folder, graph in graphs(IMPORTS).items() if (way := circle(graph))}
    assert found == {}


def test_packages_import_one_way() -> None:
    """forms_app ← apaas ← config."""
    order = {package: place for place, package in enumerate(PACKAGES)}
    backwards = [i for i in IMPORTS if order[i.target.split(".")[0]] > order[i.importer.split(".")[0]]]
    assert not backwards, "\n".join(map(str, backwards))


@pytest.mark.parametrize("package", FLOORS)
def test_no_import_points_up(package: str) -> None:
    floor = {room: place for place, rooms in enumerate(FLOORS[package]) for room in rooms}
    inside = [i for i in IMPORTS if i.importer.split(".")[0] == i.target.split(".")[0] == package]
    upwards = [
        i
        for i in inside
        if floor[i.target.split(".")[1]] > floor[i.importer.split(".")[1]] and i.importer != f"{package}.apps"
    ]
    assert not upwards, "\n".join(map(str, upwards))


@pytest.mark.parametrize("package", FLOORS)
def test_each_room_has_its_floor(package: str) -> None:
    rooms = {module.parts[1] for module in modules_of(package)} - {"__init__"}
    assert rooms == {room for rooms in FLOORS[package] for room in rooms}


def test_an_import_in_a_function_says_why() -> None:
    silent = [i for i in IMPORTS if i.in_function and "#" not in i.text]
    assert not silent, "\n".join(map(str, silent))


def test_nobody_imports_jobs() -> None:
    """They are deferred by their names (forms_app/database/queue.py)."""
    assert not [str(i) for i in IMPORTS if i.target.rsplit(".", 1)[-1] == "jobs"]


PLAIN = ("forms_app.formula.", "forms_app.flows.language.")


def test_the_languages_are_plain_python() -> None:
    """Formulas and flows know neither Django nor the form."""
    for module in MODULES:
        if module.name.startswith(PLAIN):
            ours = {i.target for i in module.imports if not i.target.startswith(PLAIN)}
            others = {name.split(".")[0] for name in module.all_imports} & {"django", "rest_framework", "psycopg"}
            assert not ours | others, module.name


def test_the_domain_knows_no_http() -> None:
    http = ("django.http", "rest_framework.response", "rest_framework.views")
    for module in modules_of("forms_app"):
        if module.parts[1] != "admin":  # it is pages
            assert not [name for name in module.all_imports if name.startswith(http)], module.name


SQL = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|UPDATE .+ SET|DELETE FROM|WHERE .+ =|ORDER BY|CREATE (TABLE|INDEX))\b")


def test_the_web_side_has_no_sql() -> None:
    for module in modules_of("apaas"):
        assert not [text.value for text in module.texts if SQL.search(str(text.value))], module.name
        for node in module.nodes:
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("raw", "extra", "cursor", "RawSQL"), f"{module.name}: {ast.unparse(node)}"


def test_no_field_type_is_named_outside_its_module() -> None:
    """Columns are asked what they can do; a ladder of names would have to be found at every new type. The demo's forms
    are data, and have to say what they are made of."""
    types = {field_type.name for field_type in registry}
    for module in MODULES:
        if "demo" not in module.parts:
            named = {text.value for text in module.texts} & (types - {module.parts[-1]})
            assert not named, f"{module.name} names {named}"


AMBIGUOUS = {"in", "like", "empty"}
"""Operators whose names are words that stand for other things too: they are looked for in comparisons alone."""


def test_no_operator_is_named_outside_its_module() -> None:
    """Neither in a text nor in a comparison with a name that holds an operator. The demo's tabs are data."""
    names = {operator.name for operator in operators}
    for module in MODULES:
        if "operators" in module.parts or "demo" in module.parts:
            continue
        named = {text.value for text in module.texts} & (names - AMBIGUOUS)
        assert not named, f"{module.name} names {named}"
        for node in module.nodes:
            if isinstance(node, ast.Compare):
                words = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
                texts = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
                compared = words & {"op", "operator", "lookup"} and texts & names
                assert not compared, f"{module.name}: {ast.unparse(node)}"


FORBIDDEN_CALLS = {"eval", "exec", "compile", "print", "breakpoint", "__import__"}


def test_nothing_runs_text_nor_prints() -> None:
    for module in MODULES:
        called = [node.func for node in module.nodes if isinstance(node, ast.Call)]
        assert not FORBIDDEN_CALLS & {name.id for name in called if isinstance(name, ast.Name)}, module.name
        assert not {"pickle", "marshal", "shelve"} & {name.split(".")[0] for name in module.all_imports}, module.name


DRAWER = re.compile(r"(utils?|helpers?|managers?|handlers?|services?|misc|common)")


def test_nothing_lies_in_a_drawer() -> None:
    assert not [module.name for module in MODULES if any(map(DRAWER.fullmatch, module.parts))]


def test_each_module_says_what_it_is() -> None:
    """But a package's own file where it is empty."""
    assert not [m.name for m in MODULES if m.text.strip() and not ast.get_docstring(m.tree)]


WRITTEN = [
    *(module.path for module in MODULES),
    *(path for folder in ("benchmarks", "tests") for path in sorted((ROOT / folder).rglob("*.py"))),
]
"""The product, its tests and its benchmarks; migrations are drawn up by Django."""


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    assert ROOT / "tests" / "conftest.py" in WRITTEN
    lengths = {path: len(path.read_text().splitlines()) for path in WRITTEN}
    assert not {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > 300}


def test_no_folder_holds_more_than_twenty_five_modules() -> None:
    """But the field types, one in a module."""
    sizes = Counter(module.path.parent for module in MODULES if module.path.name != "__init__.py")
    assert not {str(folder): size for folder, size in sizes.items() if size > 25 and folder.name != "field_types"}


def test_only_what_belongs_to_all_lies_loose_in_the_domain() -> None:
    loose = {path.stem for path in (ROOT / "forms_app").glob("*.py")}
    assert loose == {"__init__", "apps", "exact_json", "exceptions", "registry", "third_party_texts"}


STATIC = ROOT / "forms_app" / "static" / "forms_app"
IMPORTED = re.compile(r"""(?:from|import\()\s*"(\.[^"]+)\"""")


def test_scripts_import_one_way() -> None:
    """What several pages share lies in `shared`; the diagram of a flow is drawn on its tickets too, and a condition of
    the records page is filled in by the controls of records."""
    graph: dict[str, set[str]] = defaultdict(set)
    for script in STATIC.rglob("*.js"):
        for address in IMPORTED.findall(script.read_text()):
            target = (script.parent / address).resolve()
            assert target.exists(), f"{script} imports {address}"
            here, there = (path.relative_to(STATIC).parts[0] for path in (script, target))
            if here != there:
                graph[here].add(there)
    assert dict(graph) == {
        "entry": {"shared"},
        "flow": {"shared", "vendor"},
        "form": {"shared"},
        "records": {"entry"},
        "ticket": {"flow"},
    }


def test_the_rules_see_what_they_forbid(tmp_path: Path) -> None:
    """A rule that finds nothing in a file made to break it would find nothing anywhere."""
    path = tmp_path / "broken.py"
    path.write_text(
        '"""Broken."""\n'
        "from typing import TYPE_CHECKING\n"
        "from forms_app.people import actor\n"
        "if TYPE_CHECKING:\n    from forms_app.models import Member\n"
        "def f():\n    from ..schema import form_schema\n"
        "SELECT = 'SELECT a FROM b'\n"
    )
    module = Module(path, "forms_app.records.broken")
    targets = {(i.target, i.in_function) for i in module.imports}
    assert targets == {
        ("forms_app.people.actor", False),
        ("forms_app.models.__init__", False),
        ("forms_app.schema.form_schema", True),
    }
    assert [text.value for text in module.texts if SQL.search(str(text.value))] == ["SELECT a FROM b"]
    back = Import("forms_app.people.actor", "forms_app.records.broken", 1, False, "")
    assert set(circle(graphs([*module.imports, back])["forms_app"])) == {"people", "records"}
    assert DRAWER.fullmatch("helpers") and not DRAWER.fullmatch("help")
