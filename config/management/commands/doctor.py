"""`manage.py doctor`: what is wrong with this installation, in sentences."""

from typing import Any

from django.core.management.base import BaseCommand

from config.health.checks import outcome
from config.health.examinations import EXAMINATIONS


class Command(BaseCommand):
    """Changes nothing."""

    help = "Look at the installation and say what is wrong, and what to do. Ends with 1 if something has failed."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = {name: outcome(examination) for name, examination in EXAMINATIONS.items()}
        for name, each in found.items():
            if each.message:
                self.stdout.write(f"{each.status.upper():8} {name}: {each.message}")
        wrong = sum(each.status != "ok" for each in found.values())
        self.stdout.write(f"{len(found) - wrong} of {len(found)} examinations found nothing.")
        if any(each.status == "failed" for each in found.values()):
            raise SystemExit(1)
