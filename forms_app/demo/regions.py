"""The table of regions, and the four regions that the document's addresses name."""

from __future__ import annotations

from forms_app.models import Region
from forms_app.people.regions import regions_load

# (id, parent, level, name): another system's ids, which stand beside those of the table.
DOCUMENT_REGIONS = (
    ("4", None, Region.Level.COUNTRY, "中国"),
    ("9", "4", Region.Level.PROVINCE, "上海市"),
    ("73", "9", Region.Level.CITY, "上海市"),
    ("732", "73", Region.Level.DISTRICT, "浦东新区"),
)


def make_regions() -> None:
    """Load the table, unless someone loaded one before, and add the document's regions."""
    if not Region.objects.exists():
        regions_load()
    Region.objects.bulk_create(
        [Region(id=key, parent_id=parent, level=level, label=label) for key, parent, level, label in DOCUMENT_REGIONS],
        ignore_conflicts=True,
    )
