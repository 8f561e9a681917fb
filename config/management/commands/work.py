"""`manage.py work`: the worker of background jobs, as production runs it."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.programs import become, worker


class Command(BaseCommand):
    """Becomes procrastinate's worker, which alone would start the embedded database where DATABASE_URL is missing."""

    help = "Do background jobs until told to stop. Needs DATABASE_URL and SECRET_KEY, the same as the server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4, help="jobs at once (default: 4)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["concurrency"] < 1:
            raise CommandError("--concurrency must be 1 or more.")
        become(worker("--concurrency", str(options["concurrency"])))
