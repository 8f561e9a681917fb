"""`manage.py generate_entities`: plausible records of a form, as many as one wants."""

import argparse
import gc
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from forms_app.exceptions import DomainError
from forms_app.sampling.generating import entities_generate
from forms_app.schema.finding import UnknownTarget, actor_in, form_of


class Command(BaseCommand):
    """What was made stays when it is stopped."""

    help = "Make plausible records of a form: for trying it with as many as in life."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("form", help="the form's id or data table name")
        parser.add_argument("count", type=int, metavar="N")
        parser.add_argument("--seed", type=int, default=0, help="another one makes other records (default: 0)")
        parser.add_argument("--owner", type=int, metavar="UID", help="who owns the records (default: all members)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["count"] < 0:
            raise CommandError("N: 0 or more")
        owner = options["owner"]
        bar = tqdm(total=options["count"], unit=" records", disable=None, leave=False)
        try:
            schema = form_of(options["form"])
            actor = actor_in(schema, owner, anybody=True)
            gc.freeze()  # what is there stays: or the collector looks at all of Django again with every batch
            entities_generate(
                schema=schema,
                count=options["count"],
                actor=actor,
                seed=options["seed"],
                owner_uids=[] if owner is None else [owner],
                progress=bar.update,
            )
        except UnknownTarget as error:
            raise CommandError(str(error)) from error
        except DomainError as error:
            raise CommandError("; ".join(f"{fault.label}: {fault.message}" for fault in error.faults)) from error
        finally:
            bar.close()
        self.stdout.write(f"{options['count']} records made.")
