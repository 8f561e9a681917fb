"""Nothing reads or writes records without an actor: what touches their table takes one, or the condition that one's
rights make, or acts as the system, by name and with a reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.source import MODULES, Module

TABLES = re.compile(r"\b(FROM|INTO|UPDATE|JOIN)\s+form_entity(_trash|_change)?\b")
"""As statements name them; a partition is named by a schema's `partition`."""
MODELS = {"FormEntity", "DestroyedEntity", "EntityChange"}
LIMITS = {"actor", "within", "where"}
"""Parameters by which a function is told what may be reached: an actor, or the condition made of their rights."""

SYSTEM = {
    "forms_app.design.field_values.holds_values": "a design asks whether values would be lost",
    "forms_app.design.options.holds_option": "a design asks whether an option is held",
    "forms_app.design.forms.recompute_after_design": "recomputes what a design changed",
    "forms_app.indexes.building.duplicates": "an index tells what it stumbles over",
    "forms_app.records.bulk_checks._sql": "uniqueness holds over all records",
    "forms_app.records.uniqueness.taken_faults": "uniqueness holds over all records",
    "forms_app.records.computing.related_of": "a stored formula reads for the system; who may not read is not shown it",
    "forms_app.records.jobs.recompute_form": "recomputes a form",
    "forms_app.records.recompute.related_ids": "recomputes what reads a changed record",
    "forms_app.records.changes.entries.entered": "enters what a write did that was told what it may reach",
    "forms_app.records.changes.entries.entered_alone": "the same, by a statement of its own",
    "forms_app.records.changes.partitions.count_on": "looks for the last entry of all",
    "forms_app.records.trash.trash_purge": "forgets what is old",
    "forms_app.records.statements.insert": "a new record, after the actor's verb was asked for",
    "forms_app.records.statements._insert_apart": "the same, where Citus is",
    "forms_app.records.statements._note_apart": "enters in a ticket's history what a write did, where Citus is",
    "forms_app.records.statements.recomputed": "writes computed values",
    "forms_app.records.statements.strip": "takes out what a removed field left, whoever may read it",
    "forms_app.records.statements.transfer": "records that were locked as the actor reaches them",
    "forms_app.records.statements.destroy": "records that were locked as the actor reaches them",
    "forms_app.sampling.draws._ids": "makes samples, for who may run commands",
    "forms_app.staff.leaving._records": "a leaver's records go to the successor, whoever may read them",
    "forms_app.tickets.rows.write_steps": "notes the version of a ticket's record",
}


def functions(module: Module) -> Iterator[tuple[str, ast.FunctionDef, ast.ClassDef | None]]:
    def below(
        node: ast.AST, path: str, owner: ast.ClassDef | None
    ) -> Iterator[tuple[str, ast.FunctionDef, ast.ClassDef | None]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                yield from below(child, f"{path}.{child.name}", child)
            elif isinstance(child, ast.FunctionDef):
                yield f"{path}.{child.name}", child, owner
            else:
                yield from below(child, path, owner)

    return below(module.tree, module.name, None)


def touches(function: ast.FunctionDef) -> bool:
    """Whether the function names the records' table, apart from what it says of itself."""
    nodes = list(ast.walk(function))
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    formatted = [node for part in nodes if isinstance(part, ast.FormattedValue) for node in ast.walk(part)]
    partitions = (isinstance(node, ast.Attribute) and node.attr == "partition" for node in formatted)
    return any(map(TABLES.search, texts)) or bool(named & MODELS) or any(partitions)


def limited(function: ast.FunctionDef, owner: ast.ClassDef | None) -> bool:
    """Whether the function, or the object that it belongs to, is told what may be reached."""
    names = {argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]}
    for node in ast.walk(owner) if owner else ():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return bool(names & LIMITS)


TOUCHING = {
    path: limited(function, owner)
    for module in MODULES
    if ".migrations." not in module.name
    for path, function, owner in functions(module)
    if touches(function)
}


def test_who_reads_or_writes_records_is_told_what_may_be_reached() -> None:
    assert len(TOUCHING) > 20
    assert sorted(path for path, told in TOUCHING.items() if not told) == sorted(SYSTEM)


def test_no_statement_on_records_stands_outside_of_a_function_of_the_domain() -> None:
    assert [path for path in TOUCHING if not path.startswith("forms_app.")] == []


LOCKING = {
    "forms_app.records.mass_writes.MassWrite.write": "the records were locked as the actor reaches them",
    "forms_app.records.mass_writes.MassWrite.follow": "the same",
    "forms_app.records.recompute.recompute_records": "computes anew whatever anybody may read",
    "forms_app.records.writes._update_locked": "the record was locked as the actor reaches it",
    "forms_app.tickets.locked.LockedTicket.world": "a ticket's own record moves with it",
}
"""Who locks or updates without a limit."""


ARGUMENTS = {"lock": 3, "update": 5}
"""How many come to `within`."""


def unlimited(function: ast.FunctionDef) -> bool:
    """Whether the function locks or updates records whatever the actor reaches."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        called, said = ast.unparse(node.func), {word.arg for word in node.keywords}
        most = ARGUMENTS.get(called.removeprefix("statements."))
        if called.startswith("statements.") and most and len(node.args) < most and "within" not in said:
            return True
    return False


def test_who_locks_a_record_says_within_what() -> None:
    found = {path for module in MODULES for path, function, _owner in functions(module) if unlimited(function)}
    assert found == set(LOCKING)


@pytest.mark.parametrize(
    "name",
    [
        "entity_create",
        "entity_update",
        "entity_transfer",
        "entity_mass_create",
        "entity_mass_update",
        "entity_mass_upsert",
        "entity_mass_destroy",
        "field_evaluate",
        "present",
        "titles",
        "existing",
        "file_load",
        "entities_generate",
        "ticket_open",
        "ticket_push",
        "ticket_stages",
        "file_for",
        "webhook_make",
        "webhook_change",
        "webhook_replay",
        "webhook_try",
        "bodies_of",
    ],
)
def test_what_others_call_for_records_takes_an_actor(name: str) -> None:
    found = [
        f
        for module in MODULES
        if module.name.startswith("forms_app.")
        for p, f, _o in functions(module)
        if p.endswith(f".{name}")
    ]
    assert found
    for function in found:
        assert "actor" in {argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]}
