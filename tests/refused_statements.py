"""What Citus refuses of a statement on a distributed table, read from its text. Each rule was seen on Citus 13.2.2,
whose words stand in REFUSED (docs/scaling.md).

A function that is called in SET or RETURNING is known by name here; test_distribution.py holds that the names have the
volatility that PostgreSQL says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from forms_app.database.distribution import DISTRIBUTED, LOCAL, LOCAL_PREFIXES, REFERENCE

REFUSED = {
    "set": "functions used in UPDATE queries on distributed tables must not be VOLATILE",
    "conflict": "functions used in the DO UPDATE SET clause of INSERTs on distributed tables must be marked IMMUTABLE",
    "where": "functions used in the WHERE/ON/WHEN clause of modification queries … must not be VOLATILE",
    "returning": "non-IMMUTABLE functions are not allowed in the RETURNING clause",
    "subquery": "cannot execute a distributed query from a query on a shard",
    "correlated": "correlated subqueries are not supported when the FROM clause contains a reference table",
    "local": "a join with a table that is on the coordinator alone is read whole, or refused",
}
IMMUTABLE = frozenset(
    {"count", "jsonb_array_elements", "jsonb_array_elements_text", "lower", "make_interval", "max", "min", "mod", "sum"}
    | {"unnest"}
)
STABLE = frozenset(
    {"date_trunc", "jsonb_agg", "jsonb_build_array", "jsonb_build_object", "jsonb_object_agg", "length", "now"}
    | {"pg_backend_pid", "pg_current_xact_id", "statement_timestamp", "to_char", "to_jsonb"}
)
VOLATILE = frozenset(("clock_timestamp", "form_change_tx", "gen_random_uuid", "nextval", "random"))

_WORDS = (
    r"(?!(?:ALL|AND|ANY|ARRAY|AS|BETWEEN|BY|CASE|COALESCE|DO|ELSE|EXISTS|FROM|GREATEST|IN|INTO|IS|LEAST|LIKE|NULLIF|NOT|ON"
    r"|OR|ORDER|OVER|ROW|SELECT|SET|THEN|VALUES|WHEN|WHERE|WITH)\b)"
)
_CALL = re.compile(rf"(?<!\bAS )\b{_WORDS}([a-z_]\w*) ?\(", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(SET|WHERE|RETURNING|FROM)\b", re.IGNORECASE)
_WRITE = re.compile(r"\b(?:UPDATE|DELETE FROM|INSERT INTO) (\w+)", re.IGNORECASE)
_PART = r"(?:_p[0-9]\w*|_[0-9]{4}_[0-9]{2})?"


def _one_of(tables: tuple[str, ...], prefixes: tuple[str, ...] = ()) -> str:
    return "|".join([*sorted(tables, key=len, reverse=True), *(rf"{prefix}\w+" for prefix in prefixes)])


_DISTRIBUTED = re.compile(rf"\b(?:FROM|JOIN|UPDATE|INTO) (?:{_one_of(DISTRIBUTED)}){_PART}\b(?! \()", re.IGNORECASE)
_LOCAL = re.compile(rf"\b(?:FROM|JOIN) ({_one_of(LOCAL, LOCAL_PREFIXES)})\b", re.IGNORECASE)
_REFERENCE = re.compile(
    rf"\b(?:FROM|JOIN) ({_one_of(REFERENCE)})\b(?: AS)?(?: (?!(?:WHERE|ON|INNER|LEFT|JOIN|ORDER|LIMIT|GROUP)\b)(\w+))?",
    re.IGNORECASE,
)


@cache
def _is_distributed(table: str) -> bool:
    return re.fullmatch(rf"(?:{_one_of(DISTRIBUTED)}){_PART}", table, re.IGNORECASE) is not None


def refused(sql: str) -> list[str]:
    """Which rules the statement breaks: keys of REFUSED with the name that breaks it."""
    text = re.sub(r"\s+", " ", sql.replace('"', ""))
    if not _DISTRIBUTED.search(text) and not re.search(rf"INTO (?:{_one_of(DISTRIBUTED)}) \(", text):
        return []
    found = [f"local: {table}" for table in dict.fromkeys(_LOCAL.findall(text))]
    found += [f"correlated: {table}" for table in _correlated(text)]
    for clause, written in _written(text):
        if clause == "RETURNING":
            found += ["subquery: RETURNING"] if re.search(r"\(SELECT\b", written, re.IGNORECASE) else []
            found += [f"returning: {name}" for name in _calls(written) if name not in IMMUTABLE]
            found += ["returning: ::text"] if "::text" in written else []
        elif clause == "CONFLICT":
            found += [f"conflict: {name}" for name in _calls(written) if name not in IMMUTABLE]
        else:
            allowed = IMMUTABLE | STABLE
            found += [f"{clause.lower()}: {name}" for name in _calls(written) if name not in allowed]
    return list(dict.fromkeys(found))


def _calls(text: str) -> Iterator[str]:
    return map(str.lower, _CALL.findall(text))


def _written(text: str) -> Iterator[tuple[str, str]]:
    """The clauses of each part that writes a distributed table: their keyword and their text."""
    for write in _WRITE.finditer(text):
        if not _is_distributed(write[1]):
            continue
        whole = _to_its_end(text, write.end())
        places = [match for match in _CLAUSE.finditer(whole) if _depth(whole[: match.start()]) == 0]
        ends = [*(match.start() for match in places[1:]), len(whole)]
        for match, end in zip(places, ends, strict=False):
            clause = match[1].upper()
            if clause in ("SET", "WHERE") and write[0][:6].upper() == "INSERT":
                # What an INSERT selects is worked out by the coordinator, also where it is volatile.
                clause = "CONFLICT" if "ON CONFLICT" in whole[: match.start()].upper() else "FROM"
            if clause != "FROM":
                yield clause, whole[match.end() : end]


def _to_its_end(text: str, start: int) -> str:
    """From `start` to where the bracket that it stands in is closed."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth < 0:
            return text[start:place]
    return text[start:]


def _depth(text: str) -> int:
    return text.count("(") - text.count(")")


def _correlated(text: str) -> Iterator[str]:
    """Reference tables whose rows a subquery on a distributed table is asked for one by one."""
    names = {alias or table for table, alias in _REFERENCE.findall(text)}
    for inner in re.finditer(r"\(SELECT\b", text, re.IGNORECASE):
        subquery = _to_its_end(text, inner.start() + 1)
        own = {alias or table for table, alias in _REFERENCE.findall(subquery)}
        if _DISTRIBUTED.search(subquery):
            yield from (name for name in sorted(names - own) if re.search(rf"= \(?{name}\.", subquery))
