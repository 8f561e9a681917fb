"""`manage.py create_token`: an access token for a program, printed once."""

import argparse
import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from forms_app.exceptions import DomainError
from forms_app.management.refusals import sentences
from forms_app.models import Verb
from forms_app.people.actor import Actor
from forms_app.people.token_writes import token_make


def moment(text: str) -> datetime:
    """A time as the option spells it, in TIME_ZONE where it names no offset. Raises ArgumentTypeError."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is no time such as 2027-01-31T18:00")
    return make_aware(found) if is_naive(found) else found


class Command(BaseCommand):
    """As an operator of the platform: with any right of the member's."""

    help = "Create an access token that acts as a member. Prints JSON; the token is shown this once."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("organization", type=int, help="the organization's id")
        parser.add_argument("uid", type=int, help="the member's uid")
        parser.add_argument("name", help="what uses the token")
        parser.add_argument(
            "--verbs", nargs="+", metavar="VERB", help=f"no more than these of {', '.join(Verb.values)}"
        )
        parser.add_argument("--forms", nargs="+", type=int, metavar="ID", help="for these forms alone")
        parser.add_argument("--networks", nargs="+", metavar="NETWORK", help="from there alone, as 10.0.0.0/8")
        parser.add_argument("--expires", type=moment, metavar="TIME", help="works until then, as 2027-01-31T18:00")
        parser.add_argument("--calls-per-minute", type=int, metavar="N")
        parser.add_argument("--calls-at-once", type=int, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        values = {
            "uid": options["uid"],
            "name": options["name"],
            "verbs": options["verbs"],
            "custom_form_ids": options["forms"],
            "networks": options["networks"] or [],
            "expires_at": options["expires"],
            "calls_per_minute": options["calls_per_minute"],
            "calls_at_once": options["calls_at_once"],
        }
        for name in ("calls_per_minute", "calls_at_once"):
            if values[name] is not None and values[name] < 1:
                raise CommandError(f"--{name.replace('_', '-')}: at least 1")
        try:
            row, token = token_make(values=values, actor=Actor.acting_for(options["organization"], "platform"))
        except DomainError as error:
            raise CommandError(sentences(error)) from error
        self.stdout.write(json.dumps({"id": row.pk, "token": token}))
