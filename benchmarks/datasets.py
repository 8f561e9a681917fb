"""The databases that are measured: built once, kept between runs, copied before anything writes to them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from benchmarks import floor, forms
from benchmarks.postgresql import PostgreSQL
from benchmarks.web import ROOT, environment

SAMPLES = 2_000
"""Records that the floor's creates take their values from."""

PRODUCT = ("benchmarks/forms.py", "benchmarks/product.py", "forms_app/migrations/*.py")
ORDINARY = (*PRODUCT, "benchmarks/datasets.py", "benchmarks/ordinary/**/*.py")
FLOOR = (*PRODUCT, "benchmarks/datasets.py", "benchmarks/floor.py")
"""What makes the data of each: kept data are built anew when it changes."""


@dataclass(frozen=True)
class Datasets:
    """Makes databases on a server; `say` hears what is being done."""

    server: PostgreSQL
    data_dir: Path
    fresh: bool
    say: Callable[[str], None]

    def records(self, count: int) -> str:
        """The product with one form of so many records: the database's name."""
        return self._kept(
            f"records_{count}", PRODUCT, lambda draft: self._product(draft, "records", str(count), "some")
        )

    def grown(self, count: int) -> str:
        """The same with every index that the product gives a form that has grown."""
        return self._kept(f"grown_{count}", PRODUCT, lambda draft: self._product(draft, "records", str(count), "grown"))

    def forms(self, count: int, records: int, indexed: bool) -> str:
        """The product with so many forms of so many records each."""
        kind = "indexed" if indexed else "plain"
        return self._kept(
            f"forms_{count}x{records}_{kind}",
            PRODUCT,
            lambda draft: self._product(draft, "forms", str(count), str(records), kind),
        )

    def ordinary(self, count: int) -> str:
        """The ordinary application with the same records."""
        source = self.records(count)
        return self._kept(f"ordinary_{count}", ORDINARY, lambda draft: self._ordinary(draft, source))

    def floor(self, count: int) -> str:
        """The same records in a plain indexed table."""
        source = self.records(count)
        return self._kept(f"floor_{count}", FLOOR, lambda draft: self._floor(draft, source))

    def _kept(self, name: str, makers: Sequence[str], build: Callable[[str], None]) -> str:
        """The database of that name; built unless a finished one of the same makers is there."""
        note = fingerprint(makers)
        if not self.fresh and self.server.note(name) == note:
            return name
        began = time.monotonic()
        self.say(f"Building {name} …")
        draft = f"{name}_draft"
        self.server.make(draft)
        build(draft)
        with self.server.connect(draft) as connection:
            connection.execute("VACUUM (ANALYZE, FREEZE)")
        self.server.keep(draft, name, note)
        size = self.server.fetch("postgres", "SELECT pg_database_size(%s)", [name])[0][0]
        self.say(f"Built {name}: {size / 2**20:,.0f} MB in {time.monotonic() - began:,.0f} s")
        return name

    def _product(self, draft: str, *arguments: str) -> None:
        self._python("benchmarks.product", arguments, draft, "config.settings")

    def _ordinary(self, draft: str, source: str) -> None:
        self._python("benchmarks.ordinary", (forms.TOKEN, str(forms.MEMBERS)), draft, "benchmarks.ordinary.settings")
        with self.server.connect(draft) as connection, without_indexes(connection, "ordinary_record"):
            self._copy(
                source,
                "SELECT id, custom_form_id, owner_uid, data, created_at, updated_at FROM form_entity",
                connection,
                "ordinary_record (id, form_id, owner_id, data, created_at, updated_at)",
            )
            connection.execute(
                "SELECT setval(pg_get_serial_sequence('ordinary_record', 'id'), max(id)) FROM ordinary_record"
            )

    def _floor(self, draft: str, source: str) -> None:
        ((grams,),) = self.server.fetch(source, "SELECT pg_get_functiondef('form_grams'::regproc)")
        with self.server.connect(draft) as connection:
            connection.execute(grams)
            connection.execute(floor.TABLE.encode())
            self._copy(
                source, "SELECT id, owner_uid, data, created_at, updated_at FROM form_entity", connection, "record"
            )
            connection.execute(floor.INDEXES.encode())
            random = Random(1)
            rows = [(n, json.dumps(forms.values(forms.RECORD, random))) for n in range(1, SAMPLES + 1)]
            connection.cursor().executemany("INSERT INTO sample VALUES (%s, %s)", rows)

    def _copy(self, source: str, query: str, to: psycopg.Connection[Any], table: str) -> None:
        """Copy rows from one database into another: the very same records for all that is compared."""
        with (
            self.server.connect(source) as read,
            read.cursor().copy(f"COPY ({query} WHERE custom_form_id = {forms.FORM}) TO STDOUT".encode()) as out,
            to.cursor().copy(f"COPY {table} FROM STDIN".encode()) as into,
        ):
            for block in out:
                into.write(block)

    def _python(self, module: str, arguments: tuple[str, ...], database: str, settings: str) -> None:
        """Run a module of ours on a database. Raises RuntimeError with its words."""
        more = environment(self.server.url(database), self.data_dir) | {"DJANGO_SETTINGS_MODULE": settings}
        result = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=more, capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise RuntimeError(f"{module} failed: {result.stderr.strip()[-2000:]}")


@contextmanager
def without_indexes(connection: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """Load a table without its secondary indexes, and make them again behind."""
    rows = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint)",
        [table],
    ).fetchall()
    for name, _definition in rows:
        connection.execute(f'DROP INDEX "{name}"'.encode())
    yield
    for _name, definition in rows:
        connection.execute(definition)


def fingerprint(makers: Sequence[str]) -> str:
    """The files that make some data, as a hash."""
    found = hashlib.sha256()
    for pattern in makers:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()
