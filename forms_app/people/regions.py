"""Loading the table of regions whose names addresses show."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from forms_app.caching import tags
from forms_app.models import Region

FILE = Path(__file__).resolve().parents[1] / "data" / "regions.csv"
COLUMNS = ["id", "parent_id", "level", "label"]


class UnreadableRegions(ValueError):
    """The file is no table of regions; says in which line."""


@transaction.atomic
def regions_load(path: Path = FILE) -> int:
    """Put the file's rows into the table, over those of the same id, and remove none: one statement. Gives back how
    many rows the file has. Raises UnreadableRegions, OSError."""
    regions = _read(path)
    # A parent may stand in the same statement: its foreign key is checked at the end of the transaction.
    Region.objects.bulk_create(
        regions, update_conflicts=True, unique_fields=["id"], update_fields=["label", "level", "parent"]
    )
    tags.bump("people")  # with whose names those of regions are kept
    return len(regions)


def _read(path: Path) -> list[Region]:
    regions: dict[str, Region] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        try:
            if rows.fieldnames != COLUMNS:
                raise UnreadableRegions(f"{path}: the first line must be {','.join(COLUMNS)}")
            for row in rows:
                region = _region(row, f"{path}, line {rows.line_num}")
                if region.id in regions:
                    raise UnreadableRegions(f"{path}, line {rows.line_num}: the id {region.id} is there twice")
                regions[region.id] = region
        except (UnicodeDecodeError, csv.Error) as error:
            raise UnreadableRegions(f"{path}: {error}") from error
    above = {region.parent_id for region in regions.values() if region.parent_id} - regions.keys()
    unknown = above - set(Region.objects.filter(pk__in=above).values_list("pk", flat=True))
    if unknown:
        raise UnreadableRegions(f"{path}: no such parent: {', '.join(sorted(unknown)[:10])}")
    return list(regions.values())


def _region(row: dict[str, str | None], place: str) -> Region:
    key, parent, level, label = (row[column] for column in COLUMNS)
    if None in row or level not in Region.Level.values:
        raise UnreadableRegions(f"{place}: expected {','.join(COLUMNS)}; levels are {', '.join(Region.Level.values)}")
    if not key or len(key) > 64 or not label or len(label) > 100:
        raise UnreadableRegions(f"{place}: an id of 1 to 64 and a label of 1 to 100 characters are needed")
    return Region(id=key, parent_id=parent or None, level=level, label=label)
