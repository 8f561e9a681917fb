"""The product's own source, read once: its modules, their imports and their texts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("forms_app", "apaas", "config")


@dataclass(frozen=True)
class Import:
    """One import of a module of ours."""

    importer: str
    target: str
    line: int
    in_function: bool
    text: str
    """The line on which it begins."""

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


@dataclass(frozen=True, eq=False)
class Module:
    """A file of Python."""

    path: Path
    name: str
    """Dotted; a package's own file is `package.__init__`."""

    @property
    def parts(self) -> list[str]:
        return self.name.split(".")

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    def imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        """The dotted names of what an import names: modules where they are ours, else as far as they are written."""
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
            return
        base = node.module or ""
        if node.level:
            base = ".".join([*self.parts[: len(self.parts) - node.level], *filter(None, [node.module])])
        for alias in node.names:
            yield f"{base}.{alias.name}" if module_named(f"{base}.{alias.name}") else base

    @cached_property
    def all_imports(self) -> list[str]:
        """What it imports, wherever that stands, ours and others'."""
        return [
            name for node in self.nodes if isinstance(node, ast.Import | ast.ImportFrom) for name in self.imported(node)
        ]

    @cached_property
    def imports(self) -> list[Import]:
        """Its imports of modules of ours: at the top, in functions, and for type checkers only."""
        found: list[Import] = []

        def walk(node: ast.AST, in_function: bool) -> None:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.Import | ast.ImportFrom):
                    for target in map(module_named, self.imported(child)):
                        if target and target != self.name:
                            text = self.lines[child.lineno - 1]
                            found.append(Import(self.name, target, child.lineno, in_function, text))
                functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
                walk(child, in_function or isinstance(child, functions))

        walk(self.tree, False)
        return found

    @cached_property
    def texts(self) -> list[ast.Constant]:
        """Its string constants, docstrings aside."""
        bodies = [body for node in self.nodes if isinstance(body := getattr(node, "body", None), list)]
        docstrings = {id(line.value) for body in bodies for line in body if isinstance(line, ast.Expr)}
        return [
            node
            for node in self.nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        ]


def _module(path: Path) -> Module:
    return Module(path, ".".join(path.relative_to(ROOT).with_suffix("").parts))


MODULES = [
    _module(path)
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
_names = {module.name for module in MODULES}


def module_named(name: str) -> str | None:
    """The module of ours of that dotted name; of a package, its own file."""
    if name in _names:
        return name
    return f"{name}.__init__" if f"{name}.__init__" in _names else None
