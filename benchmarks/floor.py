"""The floor: the same reads and writes as plain SQL on a plain indexed table, by pgbench."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.postgresql import PostgreSQL
from benchmarks.queries import PER_PAGE, Query
from benchmarks.wrk import Load

TABLE = """
CREATE TABLE record (
    id bigint NOT NULL, owner_uid bigint NOT NULL, data jsonb NOT NULL,
    created_at timestamptz(3) NOT NULL, updated_at timestamptz(3) NOT NULL
);
CREATE TABLE counter (slot int PRIMARY KEY, live bigint NOT NULL, changes bigint NOT NULL) WITH (fillfactor = 20);
CREATE TABLE sample (n int PRIMARY KEY, data jsonb NOT NULL);
CREATE SEQUENCE record_id;
"""
INDEXES = """
ALTER TABLE record ADD PRIMARY KEY (id);
CREATE INDEX ON record (updated_at, id);
CREATE INDEX ON record (created_at, id);
CREATE INDEX ON record ((data -> 'status'), id);
CREATE INDEX ON record ((data -> 'quantity'), id);
CREATE INDEX ON record ((data -> 'amount'), id);
CREATE INDEX ON record ((data -> 'due'), id);
CREATE INDEX ON record USING gin (form_grams(data ->> 'title')) WITH (fastupdate = off);
INSERT INTO counter SELECT slot, CASE slot WHEN 0 THEN (SELECT count(*) FROM record) ELSE 0 END, 0
FROM generate_series(0, 15) slot;
SELECT setval('record_id', (SELECT max(id) FROM record));
"""
COLUMNS = "id, owner_uid, created_at, updated_at, data::text"
COUNTERS = "SELECT sum(live), sum(changes) FROM counter;"
COUNTED = "UPDATE counter SET live = live + {}, changes = changes + 1 WHERE slot = mod(pg_backend_pid(), 16)"


def conditions(query: Query) -> str:
    parts = []
    if query.statuses:
        listed = ", ".join(f"'\"{status}\"'::jsonb" for status in query.statuses)
        parts.append(f"data -> 'status' IN ({listed})")
        parts.append(f"data -> 'quantity' BETWEEN '{query.low}' AND '{query.high}'")
    if query.needle:
        parts.append(f"form_grams(data ->> 'title') @@ '''{query.needle}'''::tsquery")
    return " AND ".join(parts) or "true"


def page(query: Query) -> str:
    """A page, and the counters that give its total, or say that one that was counted before still holds."""
    order = "data -> 'quantity', id" if query.by_quantity else "updated_at DESC, id DESC"
    if query == Query():
        found = f"SELECT {COLUMNS} FROM record ORDER BY {order} LIMIT {PER_PAGE};"
    else:
        # Ids first: the select list would be computed for each row that is sorted or skipped.
        ids = f"SELECT id FROM record WHERE {conditions(query)} ORDER BY {order} LIMIT {PER_PAGE} OFFSET {query.offset}"
        found = f"SELECT {COLUMNS} FROM record WHERE id = ANY (ARRAY({ids})) ORDER BY {order};"
    return f"{found}\n{COUNTERS}\n"


def page_after_a_write(query: Query, records: int) -> str:
    """A write, then a page; the total of a selection has to be counted."""
    count = "" if conditions(query) == "true" else f"SELECT count(*) FROM record WHERE {conditions(query)};\n"
    return f"{update(records)}{page(query)}{count}"


def page_from(updated_at: str, record_id: int) -> str:
    """The page behind a record, newest change first."""
    return (
        f"SELECT {COLUMNS} FROM record WHERE (updated_at, id) < ('{updated_at}', {record_id}) "
        f"ORDER BY updated_at DESC, id DESC LIMIT {PER_PAGE};\n{COUNTERS}\n"
    )


def detail(records: int) -> str:
    return f"\\set id random(1, {records})\nSELECT {COLUMNS} FROM record WHERE id = :id;\n"


def create(samples: int) -> str:
    """A record like one of the samples, counted in the same statement."""
    return (
        f"\\set n random(1, {samples})\n"
        f"WITH counted AS ({COUNTED.format(1)}) INSERT INTO record "
        "SELECT nextval('record_id'), 1, data, clock_timestamp(), clock_timestamp() FROM sample WHERE n = :n "
        f"RETURNING {COLUMNS};\n"
    )


def update(records: int) -> str:
    """Another value for a field of a record, counted in the same statement."""
    return (
        f"\\set id random(1, {records})\n\\set score random(100, 999)\n"
        f"WITH counted AS ({COUNTED.format(0)}) UPDATE record SET "
        "data = data || jsonb_build_object('score', :score::int), updated_at = clock_timestamp() WHERE id = :id "
        f"RETURNING {COLUMNS};\n"
    )


def run(server: PostgreSQL, database: str, scripts: Sequence[str], *, connections: int, seconds: float) -> Load:
    """Run scripts in any order, each statement prepared once for each connection. Raises RuntimeError."""
    with tempfile.TemporaryDirectory() as folder:
        command = [server.program("pgbench"), "-n", "-M", "prepared", "-c", str(connections), "-j", "1"]
        command += ["-T", str(max(1, round(seconds))), "-l", "--log-prefix", f"{folder}/log"]
        for place, text in enumerate(scripts):
            path = Path(folder) / f"{place}.sql"
            path.write_text(text)
            command += ["-f", str(path)]
        before = os.times()
        result = subprocess.run(
            [*command, server.url(database)], capture_output=True, text=True, check=False, cwd=folder
        )
        after = os.times()
        times = [int(line.split()[2]) for log in Path(folder).glob("log.*") for line in log.read_text().splitlines()]
    found = re.search(r"^tps = ([\d.]+)", result.stdout, re.MULTILINE)
    if result.returncode != 0 or found is None or not times:
        raise RuntimeError(f"pgbench failed: {(result.stderr or result.stdout).strip()[-500:]}")
    times.sort()
    return Load(
        per_second=float(found[1]),
        p50=times[len(times) // 2] / 1e3,
        p99=times[int(len(times) * 0.99)] / 1e3,
        failures=0,
        cpu=after.children_user - before.children_user + after.children_system - before.children_system,
    )
