"""`manage.py backup`: the database and the files in one archive."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backup.exceptions import BackupError
from config.backup.taking import backup


class Command(BaseCommand):
    """Changes nothing. Servers and workers may go on."""

    help = "Write the database and the uploaded files into one archive. SECRET_KEY is not in it: keep that elsewhere."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive; it must not exist yet")
        parser.add_argument("--without-files", action="store_true", help="leave the uploaded files out")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            taken = backup(options["file"], with_files=not options["without_files"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        held = f"{taken.tables} tables with {taken.rows} rows, {taken.files} files, {taken.bytes} bytes"
        self.stdout.write(f"{options['file']}: {held}.")
        for name in taken.missing:
            self.stderr.write(f"The database names a file that is not there: {name}")
