"""A guard: a statement on a record-scoped table names the form. So one partition is touched, or one node where the
tables are distributed by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

TABLES = (
    "form_entity(?:_p[0-9]+|_trash)?|form_counter|form_remembered|form_number_sequence|form_field_index|form_field_use|"
    "form_idempotency_key|"
    "flow_counter|ticket|ticket_token|ticket_step|ticket_attachment"
)
ACROSS = {
    "a member's tickets": r"ticket\.creator_uid = ",
    "the tickets that were called by a ticket": r"ticket\.caller_form_id = ",
}
"""What is asked over all forms, by an index of its own: part of its condition."""

_NO_ALIAS = r"(?!(?:AS|CROSS|DEFAULT|FOR|GROUP|INNER|JOIN|LEFT|LIMIT|ON|ORDER|RETURNING|SELECT|SET|VALUES|WHERE)\b)"
_MENTION = re.compile(
    rf"\b(FROM|JOIN|UPDATE|INTO) ({TABLES})\b(?! \()(?: AS)?(?: {_NO_ALIAS}(\w+))?|\bINTO ({TABLES}) \(([^)]*)\)",
    re.IGNORECASE,
)


def unscoped(sql: str) -> list[str]:
    """The record-scoped tables that the statement names and whose form it does not: in a condition, or among the
    columns of an INSERT."""
    text = re.sub(r"\s+", " ", sql.replace('"', ""))
    if any(re.search(condition, text) for condition in ACROSS.values()):
        return []
    wrong = []
    for _word, table, alias, written, columns in _MENTION.findall(text):
        scoped = "custom_form_id" in columns if written else _named(alias or table, text)
        if not scoped:
            wrong.append(table or written)
    return wrong


def _named(alias: str, text: str) -> bool:
    """Whether a condition compares the form of `alias`; a name without a table is the statement's own."""
    own = rf"(?:{alias}\.|(?<![.\w]))custom_form_id"
    compared = rf"{own}(?: =| IN\b|, [^)]*\) (?:=|IN\b))|= {alias}\.custom_form_id\b"
    return re.search(compared, text) is not None


@contextmanager
def form_is_named() -> Iterator[None]:
    """Fails for a statement of the block that does not name its form."""

    def check(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        assert not unscoped(str(sql)), f"names no form of {unscoped(str(sql))}: {sql}"
        return execute(sql, params, many, context)

    with connection.execute_wrapper(check):
        yield
