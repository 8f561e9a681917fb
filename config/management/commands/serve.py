"""`manage.py serve`: the server, as production runs it."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.addresses import Address
from config.processes import cores
from config.programs import become, server


class Command(BaseCommand):
    """Becomes granian: what is sent to this process, such as SIGHUP to load new code, is for it."""

    help = "Serve until told to stop. Needs DATABASE_URL and SECRET_KEY; `manage.py quickstart` is for trying."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
        parser.add_argument("--workers", type=int, default=cores(), help=f"server processes (default: {cores()})")

    def handle(self, *args: Any, **options: Any) -> None:
        address = Address(options["host"], options["port"])
        if options["workers"] < 1:
            raise CommandError("--workers must be 1 or more.")
        if fault := address.why_taken():
            raise CommandError(f"Can't listen on {address}: {fault}. Choose another with --port or --host.")
        become(server(address.host, address.port, options["workers"], log_level="info"))
