"""An export: all records of a query as a file of one format, made while it is sent and never in memory as a whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from forms_app.database.own_connection import ByOwnConnection
from forms_app.database.replicas import by_primary
from forms_app.exceptions import Fault, TooLarge
from forms_app.exporting.batches import Batch
from forms_app.exporting.cells import Writing
from forms_app.exporting.columns import columns_of, long_texts, wanted_keys
from forms_app.exporting.csv_text import CsvText
from forms_app.exporting.json_lines import JsonLines
from forms_app.exporting.shapes import Shape
from forms_app.exporting.workbook import LONGEST_CELL, MOST_ROWS, Workbook, too_long
from forms_app.models import Verb
from forms_app.people.called import PeopleCalled
from forms_app.people.permission import permit
from forms_app.records.labels import PageLabels
from forms_app.records.presentation import Projection
from forms_app.records.query import EncodedRow, EntityQuery

FORMATS: Mapping[str, type[Shape]] = {"csv": CsvText, "xlsx": Workbook, "jsonl": JsonLines}
HEADINGS = ("label", "name")
VALUES = ("shown", "stored")
BATCH = 250
"""Records that are read and written at a time: what a thousand are made of does not fit a processor's cache, and cost a
fifth more each."""
LONGEST_SECONDS = 3_600
"""So long an export may take: its snapshot keeps PostgreSQL from clearing away what was overwritten since."""


class ExportTooSlow(Exception):
    """Whoever asked reads so slowly that the export is broken off."""


@dataclass(frozen=True)
class Export:
    """What is exported and how; the choices that are None are those that suit the format."""

    query: EntityQuery
    names: tuple[str, ...] | None
    file_format: str
    headings: str | None = None
    values: str | None = None

    @property
    def shape(self) -> type[Shape]:
        return FORMATS[self.file_format]

    @property
    def file_name(self) -> str:
        """The form's name, without what no file may be called."""
        name = "".join("_" if char in '\\/:*?"<>|' or ord(char) < 32 else char for char in self.query.schema.name)
        return f"{name.strip('. ') or self.query.schema.data_table_name}.{self.file_format}"

    def pieces(self, told: Callable[[int], object] = lambda _count: None) -> ByOwnConnection[bytes]:
        """The file in pieces, to be closed; an empty one says that more is being made. The first is made before
        anything is sent, so what a list would refuse is refused as there. `told` is told of each so many records that
        were read. Raises TooExpensive, TooLarge, Forbidden."""
        permit(self.query.actor, self.query.schema.rights(self.query.actor), Verb.EXPORT)
        return ByOwnConnection(self._pieces(told))

    def _pieces(self, told: Callable[[int], object]) -> Iterator[bytes]:
        ends, language = time.monotonic() + LONGEST_SECONDS, translation.get_language()
        with transaction.atomic():
            self._fits()
            stream = self.query.stream(BATCH)
            rows = stream.next()
            shape, projection = self._shape()
            with shape:
                yield shape.begin()
                while rows:
                    if time.monotonic() > ends:
                        raise ExportTooSlow
                    # Names go into memory under the tags of now, which a replica may be behind by then.
                    with stream.ahead() as meanwhile, translation.override(language), by_primary():
                        piece = self._piece(shape, projection, rows, meanwhile)
                    told(len(rows))
                    yield piece
                    rows = stream.next()
                yield from shape.end()

    def _shape(self) -> tuple[Shape, Projection]:
        as_json = self.shape.as_json
        writing = Writing(
            (self.headings or ("name" if as_json else "label")) == "label",
            (self.values or ("stored" if as_json else "shown")) == "shown",
            as_json,
            PeopleCalled(self.query.actor.organization_id),
            self.shape.spelled,
            self.shape.stored,
        )
        projection = wanted_keys(self.query.schema, self.names)
        return self.shape(columns_of(projection, writing)), projection

    def _piece(
        self, shape: Shape, projection: Projection, rows: list[EncodedRow], meanwhile: Callable[[], None]
    ) -> bytes:
        batch = Batch(projection, rows)
        sought = chain.from_iterable(column.sought(batch) for column in shape.columns)
        batch.labels = PageLabels.load(sought, self.query.actor)
        cells = []
        for column in shape.columns:
            cells.append(column.write(batch))
            meanwhile()
        return shape.rows([row.id for row in rows], cells)

    def _fits(self) -> None:
        """Raises TooLarge where a workbook can't hold what is asked."""
        if self.shape is not Workbook:
            return
        if (count := self.query.count()) > MOST_ROWS:
            message = _("A sheet holds at most {limit} records: ask for csv, or restrict the filters.")
            message = message.format(limit=MOST_ROWS)
            raise TooLarge([Fault("too_many_rows", message, field="format", allowed=MOST_ROWS, got=count)])
        schema = self.query.schema
        if name := self.query.longer(long_texts(wanted_keys(schema, self.names)), LONGEST_CELL):
            raise too_long(name, schema.columns[name].label)
