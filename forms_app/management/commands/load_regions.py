"""`manage.py load_regions`: the names of countries, provinces, cities and districts."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_app.people.regions import FILE, UnreadableRegions, regions_load


class Command(BaseCommand):
    """Loads over what is there; removes nothing."""

    help = "Load a table of regions (columns id, parent_id, level, label). Rows of the same id are overwritten."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=FILE, help=f"CSV in UTF-8 (default: {FILE.name})")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = regions_load(options["file"])
        except UnreadableRegions as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        self.stdout.write(f"{count} regions loaded.")
