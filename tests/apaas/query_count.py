"""Counting SQL statements by table, as the committed table query_counts.json holds them."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

from tests.scoped_statements import form_is_named

FILE = Path(__file__).with_name("query_counts.json")
_TRANSACTION = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)
_TABLE = re.compile(
    r'\b(?:FROM|INTO|UPDATE)\s+"?((?:form_|forms_app_|django_|auth_|procrastinate_)\w+|ticket\w*|flow_counter)',
    re.IGNORECASE,
)
_PARTITION = re.compile(r"(?<=^form_entity)_p\d+$")
_LOCK = "pg_advisory_xact_lock"


def statements(call: Callable[[], Any]) -> dict[str, int]:
    """The statements of a call by the first table that they name; transaction control is not counted."""
    counts: Counter[str] = Counter()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        text = str(sql).strip()
        if not _TRANSACTION.match(text):
            table = _TABLE.search(text)
            counts[_PARTITION.sub("", table[1]) if table else "lock" if _LOCK in text else text[:40]] += 1
        return execute(sql, params, many, context)

    # Not CaptureQueriesContext: of a cursor that binds on the server Django does not know the text afterwards.
    with connection.execute_wrapper(note), form_is_named():
        call()
    return dict(sorted(counts.items()))


def hold(name: str, counts: dict[str, int]) -> None:
    """Compare with the committed table; UPDATE_QUERY_COUNTS=1 rewrites its entry (run without -n)."""
    table = json.loads(FILE.read_text()) if FILE.exists() else {}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        table[name] = counts
        FILE.write_text(json.dumps(dict(sorted(table.items())), indent=2) + "\n")
    assert counts == table.get(name), f"{name}: {counts}; UPDATE_QUERY_COUNTS=1 rewrites query_counts.json"
