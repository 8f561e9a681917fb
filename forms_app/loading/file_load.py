"""Loading a file into a form: batch by batch, every rule of the API held, each row exactly once.

A batch is one transaction: its records, their count, and how far the file is. What it refuses is on the disk before it
is committed. So a load that was killed goes on where the last commit left it (docs/loading.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from forms_app.database.retry import retried
from forms_app.field_types import Column
from forms_app.loading.exported import is_exported, is_guarded
from forms_app.loading.names import LoadNames, Sought
from forms_app.loading.refused_rows import RefusedRow, RefusedRows, as_they_were, is_of_refused_rows
from forms_app.loading.row_files import RawRow, RowFile, digest_of, open_rows
from forms_app.loading.row_reading import Reading, Sent, heading_of
from forms_app.loading.row_writes import BatchWrite
from forms_app.loading.sheet_cells import UnreadableFile
from forms_app.models import FileLoad, Verb
from forms_app.people.actor import Actor
from forms_app.people.permission import permit
from forms_app.records.mass_attempts import until_still
from forms_app.records.mass_checks import key_column
from forms_app.records.numbering import reserved
from forms_app.schema.form_schema import FormSchema

BATCH_ROWS = 1_000
Note = Callable[[str], None]
AddOptions = Callable[[int, Mapping[str, Sequence[str]]], None]
"""Makes options: (form's id, labels by the field's name)."""
Progress = Callable[[FileLoad, int, int], None]
"""Told after each batch: how far the load is, and the position in the file and its size."""


class LoadStopped(Exception):
    """The load can't begin or go on. Its text says why, and what would be right."""


@dataclass(frozen=True)
class FileSource:
    """The file to be loaded and how to read it; `left_out` are headings that are not read."""

    path: Path
    file_format: str
    sheet: str = ""
    encoding: str = "utf-8-sig"
    left_out: Sequence[str] = ()
    separator: str = ","

    def digest(self) -> str:
        """What tells the rows of this source from any other's. Raises UnreadableFile, OSError."""
        is_text = self.file_format != "xlsx"
        return digest_of(self.path, self.encoding if is_text else "", self.sheet)


def file_load(
    *,
    schema: FormSchema,
    source: FileSource,
    actor: Actor,
    refused_path: Path,
    resume: bool = False,
    again: bool = False,
    batch_rows: int = BATCH_ROWS,
    progress: Progress | None = None,
    note: Note = lambda _text: None,
    add_options: AddOptions | None = None,
    key: str = "",
) -> FileLoad:
    """Make a record of each row that the API would take; put the others into the file of refused rows. With `key`, the
    name of a unique field, a row changes the record that has its value there, if there is one. `resume` goes on
    with a load of the same file that was cut off, `again` loads a file that was loaded before. `note` is told what a
    spreadsheet shows otherwise than it was read; `add_options` makes the options that cells name and fields lack.
    Raises UnreadableFile, LoadStopped, Forbidden, NotFound, Refused (the key), OSError; the batches before are
    kept."""
    for verb in (Verb.CREATE, Verb.UPDATE) if key else (Verb.CREATE,):
        permit(actor, schema.rights(actor), verb)
    digest = source.digest()
    how = {"sheet": source.sheet, "encoding": source.encoding, "separator": source.separator}
    with open_rows(source.path, source.file_format, **how) as file:
        loading = Loading(schema.id, actor, file, source, key, add_options)
        load = _begun(schema, source, digest, actor, refused_path, resume, again, key)
        if load.finished_at is None:
            load = loading.run(load, batch_rows, progress)
        for text in file.notes():
            note(text)
    return load


def _begun(
    schema: FormSchema,
    source: FileSource,
    digest: str,
    actor: Actor,
    refused_path: Path,
    resume: bool,
    again: bool,
    key: str,
) -> FileLoad:
    """The row that holds the load's state: a new one, or that of the load to go on with. Raises LoadStopped."""
    earlier = FileLoad.objects.filter(custom_form_id=schema.id, digest=digest).first()
    if earlier is not None and resume:
        if earlier.owner_uid != actor.uid:
            raise LoadStopped(_("The load began with the owner {uid}.").format(uid=earlier.owner_uid))
        if earlier.key != key:
            began = _("The load began with --key {key}.") if earlier.key else _("The load began without --key.")
            raise LoadStopped(began.format(key=earlier.key))
        return earlier
    if earlier is not None and not again:
        message = _("This file was loaded at {time}: --again loads it once more.")
        if earlier.finished_at is None:
            message = _("A load of this file began at {time} and was cut off: --resume goes on, --again begins anew.")
        raise LoadStopped(message.format(time=timezone.localtime(earlier.finished_at or earlier.started_at)))
    if refused_path.exists() and refused_path.stat().st_size:
        raise LoadStopped(_("{path} exists: move it away, or name another by --refused.").format(path=refused_path))
    with transaction.atomic():
        FileLoad.objects.filter(custom_form_id=schema.id, digest=digest).delete()
        return FileLoad.objects.create(
            custom_form_id=schema.id,
            digest=digest,
            file_name=source.path.name[:255],
            owner_uid=actor.uid,
            refused_path=str(refused_path.absolute()),
            key=key,
        )


class Batch(NamedTuple):
    """Rows of the file, what `reading` found in each (None where names are to be looked up before), those names, and
    how far the file was read with them."""

    rows: Sequence[tuple[int, RawRow]]
    reading: Reading
    sent: Sequence[Sent] | None
    sought: Sought
    position: int

    @classmethod
    def of(cls, rows: Sequence[tuple[int, RawRow]], reading: Reading, names: LoadNames, position: int) -> Batch:
        sought = names.unknown(reading.sought(row for _number, row in rows))
        if sought:  # the database is to be asked first, which is not for the thread that reads ahead
            return cls(rows, reading, None, sought, position)
        return cls(rows, reading, [reading.sent(row) for _number, row in rows], {}, position)


class Loading:
    """One run over the rows of a file."""

    def __init__(
        self, form_id: int, actor: Actor, file: RowFile, source: FileSource, key: str, add_options: AddOptions | None
    ) -> None:
        """Reads the first row of a table. Raises UnreadableFile, and Refused for what is no key."""
        self.form_id = form_id
        self.actor = actor
        self.file = file
        self.source = source
        self.key = key
        self.add_options = add_options
        self.heading: list[str] | None = None
        self.rows = file.rows
        if source.file_format != "jsonl":
            first = next(file.rows, None)
            if first is None:
                raise UnreadableFile(_("{path} has no rows.").format(path=source.path))
            self.heading = list(first[1])
            if is_of_refused_rows(self.heading) or is_guarded(self.heading):
                self.heading = list(as_they_were(self.heading))
                self.rows = ((number, as_they_were(row)) for number, row in file.rows)
        self.names = LoadNames(actor)
        self.reading = self._reading()

    def _reading(self) -> Reading:
        schema, heading = FormSchema.of(self.form_id, self.actor), self.heading
        key = self._key(schema)
        columns = None if heading is None else heading_of(schema, heading, self.source.left_out)
        if key is not None and columns is not None and key not in columns:
            raise UnreadableFile(_("The first row must name the field of --key: {name}").format(name=key.name))
        return Reading(schema, columns, self.names, heading is not None and is_exported(heading))

    def _key(self, schema: FormSchema) -> Column | None:
        return key_column(schema, self.key) if self.key else None

    def run(self, load: FileLoad, batch_rows: int, progress: Progress | None) -> FileLoad:
        """Load what the load has not done yet. While PostgreSQL writes a batch, a thread reads and checks the next."""
        refused = RefusedRows(Path(load.refused_path), self.heading)
        rows = islice(self.rows, load.rows, None)
        language = translation.get_language()

        def coming() -> Batch:
            with translation.override(language):
                return Batch.of(list(islice(rows, batch_rows)), self.reading, self.names, self.file.position())

        with ThreadPoolExecutor(1) as ahead:
            batch = coming()
            while batch.rows:
                future = ahead.submit(coming)
                load = self._batch(load, batch, refused)
                if progress:
                    progress(load, batch.position, self.file.size)
                batch = future.result()
        load.finished_at = timezone.now()
        FileLoad.objects.filter(pk=load.pk).update(finished_at=load.finished_at)
        return load

    def _batch(self, load: FileLoad, batch: Batch, refused: RefusedRows) -> FileLoad:
        if self.add_options and (labels := self.reading.new_labels(row for _number, row in batch.rows)):
            self.add_options(self.form_id, labels)
        if FormSchema.of(self.form_id, self.actor) is not self.reading.schema:
            self.reading = self._reading()  # the definition changed: the rows from here on follow the new one
        while batch.reading is not self.reading or batch.sent is None:
            self.names.look_up(batch.sought)
            batch = Batch.of(batch.rows, self.reading, self.names, batch.position)
        sent = batch.sent
        return until_still(lambda: self._written(load, batch, sent, refused))

    @retried
    def _written(self, load: FileLoad, batch: Batch, sent: Sequence[Sent], refused: RefusedRows) -> FileLoad:
        """One batch, one transaction. Raises LoadStopped when another process is loading the file, IntegrityError and
        Moved when others write the same values."""
        key = self._key(batch.reading.schema)
        with reserved(batch.reading.schema, len(batch.rows)), transaction.atomic():
            state = {"rows": load.rows, "batches": load.batches, "finished_at": None}
            locked = FileLoad.objects.select_for_update().filter(pk=load.pk, **state).first()
            if locked is None:
                raise LoadStopped(_("Another process is loading this file."))
            write = BatchWrite(batch.reading, [row for _number, row in batch.rows], sent, self.actor, key)
            judged = write.judged()
            wrong = [
                RefusedRow(*row, verdict.faults)
                for row, verdict in zip(batch.rows, judged, strict=True)
                if verdict.faults
            ]
            locked.rows += len(judged)
            locked.batches += 1
            locked.loaded += len(judged) - len(wrong)
            locked.updated += sum(row.right and row.stored is not None and bool(row.values) for row in judged)
            locked.unchanged += sum(row.right and row.stored is not None and not row.values for row in judged)
            locked.refused += len(wrong)
            locked.refused_bytes = refused.write(locked.refused_bytes, wrong)
            locked.save()
            write.write()
            return locked
