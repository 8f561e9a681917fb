"""A guard: a statement on a record-scoped table names the form, and has nothing that Citus refuses. So one partition is
touched, or one node where the tables are distributed by it (docs/scaling.md).

It looks at every statement of every test, whatever connection or thread sends it, and fails the test that sent one.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from forms_app.database.distribution import DISTRIBUTED, SCOPE
from tests.refused_statements import REFUSED, refused

ACROSS: Mapping[str, str] = {
    "a member's tickets": r"ticket\.creator_uid = ",
    "the records that hold a file, whose address names no form": r"form_file_use\.stored_file_id = ",
    "the tickets that hold a file": r"ticket_attachment\.stored_file_id = ",
    "what waits for a member": r"ticket_token\.organization_id = ",
    "the tickets that were called by a ticket": r"ticket\.caller_form_id = ",
}
"""What is asked over all forms, by an index of its own: part of its condition."""
LISTS: Mapping[str, str] = {
    "how many records each form of a list has": r"FROM form_counter WHERE form_counter\.custom_form_id IN \(SELECT",
    "how many tickets each flow of a list has": r"count FROM ticket WHERE \(.*\.custom_form_id IN \(SELECT U0",
    "whether tickets keep Django from deleting a flow": r"FROM ticket .*WHERE ticket\.flow(?:_version)?_id IN \(%s",
    "a ticket at an address of Django's admin that it does not serve": r"WHERE ticket\.id = %s LIMIT 21$",
    "the uses of every form's indexes, for the survey": r"FROM form_field_use$",
    "the indexes of every form, for the survey": r"FROM form_field_index$",
    "how many indexes are in each state, for who watches": r"SELECT state, .* FROM form_field_index GROUP BY state$",
    "the end of every form's log, where transactions are counted anew": r"max\(\(SELECT max\(tx\) FROM form_entity_c",
    "the same with Citus, which asks all nodes at once": r"coalesce\(\(SELECT max\(tx\) FROM form_entity_change\), 0\)",
    "whether any record or ticket ever held one of some files": r"WHERE \w+\.stored_file_id IN \(",
    "the records of every form, for the survey": r"FROM form_counter GROUP BY 1$",
}
"""What a page or a job of who runs the product asks of many forms at once, each row by its own form."""
OTHERS: Mapping[str, str] = {
    "forms_app/migrations/": "a migration changes the rows of every form, once",
    "tests/": "what a test itself asks is no statement of the product",
    "benchmarks/": "nor is what a benchmark prepares",
}
"""Who sends a statement that is not judged, by the folder of the nearest code of ours; and why."""
OF_ALL_FORMS: Mapping[str, str] = {
    **OTHERS,
    "forms_app/demo/": "the demo moves the sequence of ids on behind the records of every form, once",
    "forms_app/admin/tickets/ticket_admin.py": "the list of all tickets, whose statements Django's admin makes",
    "forms_app/admin/people/scope.py": "a thing of one's organization, likewise",
}
"""Who need not name a form."""
ADMIN = re.compile(r"/django/contrib/admin/|/unfold/")
"""Lists and things of Django's admin are one's organization's; what is asked for them, it makes."""
PASSED_ON = "forms_app/database/cursor.py"
"""It sends what others wrote: they are who sends it."""
ROOT = Path(__file__).parent.parent
MOST_REMEMBERED = 20_000

# What is said of tables is of no form; an index's own name and WHERE say whose it is.
_NO_ALIAS = r"(?!(?:AS|CROSS|DEFAULT|FOR|GROUP|INNER|JOIN|LEFT|LIMIT|ON|ORDER|RETURNING|SELECT|SET|VALUES|WHERE)\b)"
_PLAIN = re.compile(LISTS["the end of every form's log, where transactions are counted anew"])
"""Not sent to Citus, which is asked in another way."""
_ACROSS = [re.compile(condition) for condition in (*ACROSS.values(), *LISTS.values())]
_DEFINES = re.compile(r" ?(?:ALTER|ANALYZE|CREATE|DROP|VACUUM)\b", re.IGNORECASE)
_GIVEN = r"\(*(?:%s|%b|\d+\b|'\d+'|ANY ?\(\(*(?:%s|%b|ARRAY|'))"


def _mentions() -> re.Pattern[str]:
    tables = rf"(?:{'|'.join(sorted(DISTRIBUTED, key=len, reverse=True))})(?:_p[0-9]\w*|_[0-9]{{4}}_[0-9]{{2}})?"
    return re.compile(
        rf"\bINTO ({tables})(?: AS \w+)? \(([^)]*)\)|"
        rf"\b(?:FROM|JOIN|UPDATE|INTO) ({tables})\b(?! \()(?: AS)?(?: {_NO_ALIAS}(\w+))?",
        re.IGNORECASE,
    )


def unscoped(sql: str) -> list[str]:
    """The record-scoped tables that the statement names and whose form it does not: in a condition, or among the
    columns of an INSERT. A condition that only compares tables with each other says no form."""
    text = re.sub(r"\s+", " ", sql.replace('"', ""))
    if _DEFINES.match(text) or any(re.search(condition, text) for condition in _ACROSS):
        return []
    wrong, compared, said = [], [], False
    for written, columns, table, alias in guard.mentions.findall(text):
        scoped = SCOPE in columns if written else _named(alias or table, text)
        if not scoped:
            wrong.append(table or written)
        elif written:
            said = "VALUES (" in text
        else:
            compared.append(table)
    said = (
        said
        or re.search(rf"{SCOPE}(?:, [^)]*\))? (?:=|IN) {_GIVEN}", text)
        or re.search(rf"{_GIVEN} = \w+\.{SCOPE}", text)
    )
    return wrong or ([] if said else compared)


def _named(alias: str, text: str) -> bool:
    """Whether a condition compares the form of `alias`; a name without a table is the statement's own."""
    own = rf"(?:{alias}\.|(?<![.\w])){SCOPE}"
    compared = rf"{own}(?: =| IN\b|, [^)]*\) (?:=|IN\b))|= {alias}\.{SCOPE}\b"
    return re.search(compared, text) is not None


def in_words(forms: list[str], rules: list[str]) -> str:
    """What is wrong with a statement: whose form it does not name, and what Citus refuses of it."""
    said = [f"names no form of {', '.join(forms)}"] if forms else []
    return "; ".join([*said, *(f"{each} ({REFUSED[each.partition(':')[0]]})" for each in rules)])


class Guard:
    """What was sent and should not have been. A statement's text is judged once; who sent it is asked of wrong ones
    only."""

    def __init__(self) -> None:
        self.verdicts: dict[str, tuple[list[str], list[str]]] = {}
        self.found: list[str] = []
        self._mentions: re.Pattern[str] | None = None

    @property
    def mentions(self) -> re.Pattern[str]:
        self._mentions = self._mentions or _mentions()
        return self._mentions

    def look(self, sql: Any) -> None:
        """Note the statement if it is wrong and the product's own."""
        text = sql if type(sql) is str else str(sql)
        verdict = self.verdicts.get(text)
        if verdict is None:
            if len(self.verdicts) >= MOST_REMEMBERED:
                self.verdicts.clear()
            verdict = self.verdicts[text] = (unscoped(text), [] if _PLAIN.search(text) else refused(text))
        forms, rules = verdict
        forms = forms if forms and is_judged() else []
        rules = rules if rules and is_judged(across=True) else []
        if forms or rules:
            lines = "".join(traceback.format_list([each for each in traceback.extract_stack() if _ours(each.filename)]))
            self.found.append(f"{in_words(forms, rules)}: {text}\n{lines}")

    def tell(self) -> None:
        """Raises AssertionError with what was found since the last time."""
        found, self.found = self.found, []
        assert not found, "\n".join(found)


def _ours(file_name: str) -> str:
    """The file's path below the project's folder, "" for others'."""
    path = Path(file_name)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) and ".venv" not in path.parts else ""


def is_judged(across: bool = False) -> bool:
    """Whether the statement that is being sent is the product's, by the nearest code of ours; and one that has to name
    a form, unless it is asked `across` all of them."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        ours = _ours(frame.f_code.co_filename)
        if not across and ADMIN.search(frame.f_code.co_filename):
            return False
        if ours and ours not in (PASSED_ON, "tests/scoped_statements.py"):
            return not ours.startswith(tuple(OTHERS if across else OF_ALL_FORMS))
        frame = frame.f_back
    return True


guard = Guard()


def watch() -> None:
    """Have the guard look at every statement from now on, on every connection and in every thread."""
    for name in ("_execute", "_executemany"):
        send = getattr(CursorWrapper, name)

        def looked_at(self: Any, sql: Any, *args: Any, send: Any = send, **kwargs: Any) -> Any:
            guard.look(sql)
            return send(self, sql, *args, **kwargs)

        setattr(CursorWrapper, name, looked_at)


@contextmanager
def form_is_named() -> Iterator[None]:
    """Fails for a statement of the block that does not name its form, also for one of the test itself."""

    def check(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        wrong = in_words(unscoped(str(sql)), refused(str(sql)))
        assert not wrong, f"{wrong}: {sql}"
        return execute(sql, params, many, context)

    with connection.execute_wrapper(check):
        yield
