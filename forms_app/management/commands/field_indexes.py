"""`manage.py field_indexes`: the indexes of forms, what there is and what is missing; builds what is missing."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_app.database.pooler import refuse_pooler
from forms_app.indexes import building
from forms_app.indexes.choosing import Entry, Standing, crowded, survey, tend
from forms_app.models import CustomForm

COLUMNS = ("form", "field", "kind", "state", "size", "scans", "last used", "what")


class Command(BaseCommand):
    """Shows; with --build, does at once what the background worker would do by and by."""

    by_a_person = False
    help = "Show the indexes of fields: how each stands, its size and use, what is missing, being built or left over."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("form", nargs="?", type=int, help="id of a form (default: all)")
        parser.add_argument("--build", action="store_true", help="build what is missing, broken or failed, now")
        parser.add_argument("--json", action="store_true", help="as a JSON list")

    def run_from_argv(self, argv: list[str]) -> None:
        self.by_a_person = True
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        form_id = options["form"]
        if form_id is not None and not CustomForm.objects.filter(pk=form_id).exists():
            raise CommandError(f"There is no form {form_id}.")
        if options["build"] and self.by_a_person:
            refuse_pooler("builds of indexes")
        if options["build"]:
            self._build(form_id, int(options["verbosity"]) if not options["json"] else 0)
        entries = survey(form_id)
        if options["json"]:
            self.stdout.write(json.dumps([facts(entry) for entry in entries], ensure_ascii=False, indent=1))
            return
        self._table(entries)
        for leaf, count in crowded(entries):
            self.stderr.write(self.style.WARNING(f"{leaf} has {count} indexes of fields: connections pay for each."))

    def _build(self, form_id: int | None, verbosity: int) -> None:
        wanting = {Standing.MISSING, Standing.BROKEN, Standing.FAILED, Standing.REQUESTED, Standing.BUILDING}
        entries = tend(form_id, retry=True)
        for form in sorted({entry.key.form_id for entry in entries if entry.standing in wanting}):
            built = building.build_form(form)
            if verbosity:
                self.stdout.write(f"Form {form}: {built} built.")

    def _table(self, entries: Sequence[Entry]) -> None:
        rows = [COLUMNS, *(tuple(map(str, cells(entry))) for entry in entries)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        states = [str(entry.standing) for entry in entries]
        counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        size = megabytes(sum(entry.disk.size for entry in entries if entry.disk))
        self.stdout.write(f"{len(entries)} indexes, {size}" + (f": {counts}" if counts else ""))


def cells(entry: Entry) -> tuple[Any, ...]:
    """A line of the table."""
    disk = entry.disk
    used = f"{entry.used_at:%Y-%m-%d %H:%M}" if entry.used_at else ""
    size, scans = (megabytes(disk.size), disk.scans) if disk else ("", "")
    field = entry.field_name or f"#{entry.key.field_id}"
    return entry.key.form_id, field, entry.key.kind, str(entry.standing), size, scans, used, remark(entry)


def megabytes(size: int) -> str:
    return f"{size / 1_048_576:.1f} MB"


def remark(entry: Entry) -> str:
    """How far a build is, why there is none, or why there is one of several fields."""
    if entry.progress:
        return f"{entry.progress.phase}, {entry.progress.percent} %"
    if "duplicates" in entry.detail:
        return f"records share a value: {entry.detail['duplicates']}"
    if entry.cost and "error" not in entry.detail:
        return f"within a day {entry.cost.times} lists took {entry.cost.seconds:.1f} s without it"
    return str(entry.detail.get("error", "")).replace("\n", " ")


def facts(entry: Entry) -> dict[str, Any]:
    """An index as JSON."""
    disk, progress = entry.disk, entry.progress
    return {
        "form": entry.key.form_id,
        "field_id": max(0, entry.key.field_id) or None,
        "field": entry.field_name or None,
        "kind": entry.key.kind,
        "state": str(entry.standing),
        "partition": disk.leaf if disk else None,
        "size": disk.size if disk else None,
        "scans": disk.scans if disk else None,
        "last_used": entry.used_at.isoformat() if entry.used_at else None,
        "unused_since": entry.unused_since.isoformat() if entry.unused_since else None,
        "progress": {"phase": progress.phase, "percent": progress.percent} if progress else None,
        "cost": entry.cost._asdict() if entry.cost else None,
        "detail": dict(entry.detail),
    }
