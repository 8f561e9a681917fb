"""`manage.py create_organization`: a company, whoever administers it, and what a script needs to go on."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from forms_app.exceptions import DomainError
from forms_app.management.refusals import sentences
from forms_app.people.actor import Actor
from forms_app.people.token_writes import token_make
from forms_app.staff.departments import department_mass_upsert
from forms_app.staff.founding import Founded, organization_found
from forms_app.staff.members import member_mass_upsert


class Command(BaseCommand):
    """All or nothing."""

    help = (
        "Create an organization and the account of its administrator. Prints JSON: ids, the address where the "
        "administrator sets a password, and with --token an access token, which is shown this once."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", help="of the organization")
        parser.add_argument("--administrator", required=True, metavar="NAME", help="the full name of its first member")
        parser.add_argument("--username", required=True, help="what the administrator signs in by")
        parser.add_argument("--email", default="", help="of the administrator")
        parser.add_argument("--token", default="", metavar="NAME", help="make a token that acts as the administrator")
        rows = "a JSON file with a list of rows as `PUT {}/mass_upsert` takes them"
        parser.add_argument("--departments", type=Path, metavar="FILE", help=rows.format("departments"))
        parser.add_argument("--members", type=Path, metavar="FILE", help=rows.format("users"))

    def handle(self, *args: Any, **options: Any) -> None:
        names = {name: options[name] for name in ("name", "administrator", "username", "email")}
        departments, members = (_rows(options[name]) for name in ("departments", "members"))
        try:
            with transaction.atomic():
                founded = organization_found(**names)
                facts = _facts(founded)
                operator = Actor.acting_for(founded.organization.pk, "platform")
                if departments:
                    department_mass_upsert(organization_id=founded.organization.pk, rows=departments, actor=operator)
                if members:
                    member_mass_upsert(organization_id=founded.organization.pk, rows=members, actor=operator)
                if options["token"]:
                    values = {"uid": founded.administrator.uid, "name": options["token"]}
                    facts["token"] = token_make(values=values, actor=operator)[1]
        except DomainError as error:
            raise CommandError(sentences(error)) from error
        self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2))


def _facts(founded: Founded) -> dict[str, Any]:
    uid, token = founded.invitation
    return {
        "organization_id": founded.organization.pk,
        "member_uid": founded.administrator.uid,
        "username": founded.account.get_username(),
        "invitation": reverse("invitation", args=[uid, token]),
    }


def _rows(path: Path | None) -> list[Any]:
    if path is None:
        return []
    try:
        rows = json.loads(path.read_text())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise CommandError(f"{path} is no JSON: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CommandError(f"{path} holds no list of objects")
    return rows
