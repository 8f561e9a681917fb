"""The rows of a batch on their way into the engine of mass writes (`forms_app.records.mass_writes`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column
from forms_app.loading.row_files import RawRow
from forms_app.loading.row_reading import Reading, Sent
from forms_app.people.actor import Actor
from forms_app.records.bulk_checks import equal_numbers
from forms_app.records.changes.entries import LOAD, deed_of
from forms_app.records.cleaning import Values
from forms_app.records.mass_checks import RowChecks
from forms_app.records.mass_rows import MassRow, right
from forms_app.records.mass_writes import MassWrite


class FileChecks(RowChecks):
    """Checks rows of a file by what was read in them (`sent`) before."""

    def __init__(self, reading: Reading, rows: Sequence[RawRow], sent: Sequence[Sent], keyed: bool) -> None:
        super().__init__(reading.schema)
        self._reading = reading
        self._rows = rows
        self._sent = sent
        self._keyed = keyed

    def key(self, row: MassRow, column: Column) -> Any:
        sent = self._sent[row.index]
        wrong = [fault for fault in sent.faults if sent.values is None or fault.field == column.name]
        if wrong or sent.values is None:
            raise Refused(wrong)
        return sent.values.get(column.name)

    def new(self, row: MassRow) -> tuple[Values, list[Fault]]:
        sent = self._sent[row.index]
        if sent.values is None and self._keyed:
            return {}, []  # that it can't be read was said when its key was asked for
        return self._reading.new(sent)

    def changes(self, row: MassRow, stored: Mapping[str, Any]) -> tuple[Values, list[Fault]]:
        return self._reading.changes(self._rows[row.index], self._sent[row.index], stored)


class BatchWrite:
    """The write of one batch, in a transaction of the caller's."""

    def __init__(
        self, reading: Reading, rows: Sequence[RawRow], sent: Sequence[Sent], actor: Actor, key: Column | None
    ) -> None:
        self.rows = [MassRow(place, {}) for place in range(len(rows))]
        self._checks = FileChecks(reading, rows, sent, key is not None)
        self._write = MassWrite(reading.schema, actor, True, False, makes=True, key=key, checks=self._checks)
        self._write.deed = deed_of(actor, LOAD)
        self._last: list[MassRow] = []

    def judged(self) -> list[MassRow]:
        """All rows, with what is wrong with each. Raises Moved, IntegrityError."""
        *turns, self._last = self._turns()
        for rows in turns:
            self._write.judge(rows)
            self._write.write(right(rows))
        self._write.judge(self._last)
        return self.rows

    def write(self) -> None:
        """Write what was not written yet; counters are the last of it."""
        self._write.write(right(self._last))

    def _turns(self) -> list[list[MassRow]]:
        """The rows so that none has the key of an earlier one of its turn: a key that comes again means the record as
        the earlier row left it, whatever the batch."""
        key = self._write.key
        if key is None:
            return [self.rows]
        keys: dict[int, Any] = {}
        for row in self.rows:
            try:
                keys[row.index] = self._checks.key(row, key)
            except Refused:
                continue
        named = [place for place, value in keys.items() if value is not None]
        numbers = dict(zip(named, equal_numbers(key, [keys[place] for place in named]), strict=True))
        turns: list[list[MassRow]] = [[]]
        seen: set[int] = set()
        for row in self.rows:
            number = numbers.get(row.index)
            if number in seen:
                turns.append([])
                seen.clear()
            if number is not None:
                seen.add(number)
            turns[-1].append(row)
        return turns
