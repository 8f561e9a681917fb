"""`manage.py restore`: an archive of `manage.py backup`, back into the database and the files."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config.backup.exceptions import BackupError
from config.backup.restoring import restore


class Command(BaseCommand):
    """All or nothing, as far as the database is concerned; files are put in their places before it is committed."""

    help = "Put an archive of `backup` back, and apply the migrations that it lacks. Stop servers and workers first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument("--overwrite", action="store_true", help="drop what is in the database now")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore(options["file"], overwrite=options["overwrite"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        connections.close_all()
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(
            f"As of {restored.made_at}: {restored.tables} tables with {restored.rows} rows, {restored.files} files. "
            "Each was compared with what the backup says."
        )
        if not restored.same_key:
            self.stderr.write(
                "SECRET_KEY is not the one of the backup: no token, session or webhook's secret of it is valid here."
            )
