"""`manage.py load_entities`: the rows of a file as records of a form."""

import argparse
import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from tqdm import tqdm

from forms_app.design.options import options_add
from forms_app.exceptions import DomainError
from forms_app.loading.file_load import BATCH_ROWS, FileSource, LoadStopped, file_load
from forms_app.loading.recognizing import recognized
from forms_app.loading.row_files import FORMATS, format_of
from forms_app.loading.row_reading import field_named
from forms_app.loading.sheet_cells import UnreadableFile
from forms_app.models import FileLoad
from forms_app.schema.finding import UnknownTarget, actor_in, form_of
from forms_app.schema.form_schema import FormSchema


def separator_named(text: str) -> str:
    """The character that the option names. Raises CommandError."""
    character = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(character) > 1 or character in ('"', "\r", "\n"):
        raise CommandError("--separator: one character, or tab")
    return character


def add_options(form_id: int, labels: Mapping[str, Sequence[str]]) -> None:
    options_add(form_id=form_id, labels=labels)


def key_named(schema: FormSchema, text: str) -> str:
    """The name of the unique field that the option means, by its name, label or number as headings do. Raises
    CommandError."""
    if not text:
        return ""
    column = field_named(schema, text)
    if column is None or column not in schema.unique:
        allowed = ", ".join(f"{column.name} ({column.label})" for column in schema.unique)
        raise CommandError(f"--key: no unique field is called {text}; unique are: {allowed or '–'}")
    return column.name


class Command(BaseCommand):
    """Each row exactly once, also when it is killed and run again; rows that the API would refuse go to a file."""

    help = (
        "Load the rows of a CSV, XLSX or JSON lines file into a form. Refused rows are written to a file of their own."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("form", help="the form's id or data table name")
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=sorted(set(FORMATS.values())), help="default: by the file's name")
        parser.add_argument("--sheet", default="", help="the sheet of a workbook (default: the first visible one)")
        parser.add_argument("--encoding", default="", help="of CSV and JSON lines (default: recognized)")
        parser.add_argument("--separator", default="", help="of CSV: a character, or tab (default: recognized)")
        parser.add_argument("--add-options", action="store_true", help="make options that cells name and fields lack")
        parser.add_argument(
            "--key", default="", metavar="FIELD", help="a unique field: change the record that has the row's value"
        )
        parser.add_argument(
            "--owner", type=int, metavar="UID", help="who owns the records (default: who made the form)"
        )
        parser.add_argument("--leave-out", action="append", default=[], metavar="HEADING", help="a column not to read")
        parser.add_argument("--refused", type=Path, metavar="PATH", help="default: FILE.refused.csv or .jsonl")
        parser.add_argument("--batch", type=int, default=BATCH_ROWS, metavar="ROWS", help="rows of a transaction")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], help="of the reasons")
        parser.add_argument("--resume", action="store_true", help="go on with a load of this file that was cut off")
        parser.add_argument("--again", action="store_true", help="load a file that was loaded before once more")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        if not 1 <= options["batch"] <= 10_000:
            raise CommandError("--batch: 1 to 10000")
        bar = tqdm(unit="B", unit_scale=True, disable=None, leave=False)

        def progress(load: FileLoad, position: int, size: int) -> None:
            bar.total = size
            bar.set_postfix(loaded=load.loaded, refused=load.refused, refresh=False)
            bar.update(position - bar.n)

        try:
            with translation.override(options["language"] or translation.get_language()):
                schema = form_of(options["form"])
                key = key_named(schema, options["key"])
                file_format = options["format"] or format_of(path)
                ending = "jsonl" if file_format == "jsonl" else "csv"
                source = recognized(
                    FileSource(
                        path,
                        file_format,
                        options["sheet"],
                        options["encoding"],
                        options["leave_out"],
                        separator_named(options["separator"]),
                    ),
                    schema,
                    self.stdout.write,
                )
                gc.freeze()  # what is there stays: or the collector looks at all of Django again with every batch
                load = file_load(
                    schema=schema,
                    source=source,
                    actor=actor_in(schema, options["owner"]),
                    refused_path=options["refused"] or path.with_name(f"{path.name}.refused.{ending}"),
                    resume=options["resume"],
                    again=options["again"],
                    batch_rows=options["batch"],
                    progress=progress,
                    note=self.stdout.write,
                    add_options=add_options if options["add_options"] else None,
                    key=key,
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or error}") from error
        except (UnreadableFile, UnknownTarget, LoadStopped, LookupError) as error:
            raise CommandError(str(error)) from error
        except DomainError as error:
            raise CommandError("; ".join(fault.message for fault in error.faults)) from error
        finally:
            bar.close()
        done = f"{load.loaded} rows loaded"
        if key:
            done = f"{load.created} records created, {load.updated} updated, {load.unchanged} unchanged"
        self.stdout.write(f"{done}, {load.refused} refused.")
        if load.refused:
            self.stdout.write(f"The refused rows and why: {load.refused_path}")
