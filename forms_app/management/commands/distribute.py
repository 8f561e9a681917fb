"""`manage.py distribute`: the tables over the nodes of Citus, or back on one (docs/scaling.md)."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_app.database.distributing import NoCitus, do, plan, require_nodes


class Command(BaseCommand):
    help = (
        "Says what is to be done to spread the tables over the nodes of Citus; with --do, does it. Stop the servers "
        "and the worker first: a table can't be written to while it moves. What was interrupted goes on when it is "
        "run again."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--do", action="store_true", help="do it")
        parser.add_argument("--back", action="store_true", help="bring all tables back to the coordinator")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            nodes = require_nodes()
        except NoCitus as reason:
            raise CommandError(str(reason)) from reason
        steps = plan(back=options["back"])
        self.stdout.write(f"{nodes} node(s) take rows; {len(steps)} step(s) to do.")
        for number, step in enumerate(steps, 1):
            self.stdout.write(f"{number:3} {step.says}")
            if options["do"]:
                do(step)
        if steps and options["do"]:
            self.stdout.write("Done. Start the servers and the worker again.")
        elif steps:
            self.stdout.write("Nothing was done. With --do, it is.")
