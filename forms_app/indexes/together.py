"""The indexes of several columns: which ones requests filtered by together, and since when that has been dear.

Each reading that took long is counted in memory (`forms_app.records.query.together`). It is written down now and then,
with the next request of the kind; the worker builds the index when a day's readings have cost enough. From then on
only its last use is noted, so that what is known stays what it cost without.
"""

from __future__ import annotations

import hashlib
import time

from forms_app.caching.tagged import Tagged
from forms_app.database.cursor import fetch
from forms_app.database.replicas import by_primary
from forms_app.models import FieldUse
from forms_app.operators.index_kinds import TOGETHER
from forms_app.records.query import Terms
from forms_app.records.query.answers import usable
from forms_app.records.query.together import Cost, Names, costs, together

ENOUGH_SECONDS = 1.0
"""So much of a day's time is worth an index: an update pays some 0.04 ms for it."""
STEP_SECONDS = 0.2
"""What a process spent is written down when it is so much, and once an hour."""
AGAIN_SECONDS = 3600

_written: Tagged[dict[int, tuple[float, bool]]] = Tagged(
    "when this process last wrote down what columns are filtered by together, and whether that was enough",
    dict,
    tag=None,
    most=100_000,
)


def number_of(form_id: int, names: Names) -> int:
    """What stands for the columns where others have a field's id: negative, always the same."""
    digest = hashlib.blake2b(repr((form_id, *names)).encode(), digest_size=8).digest()
    return -(int.from_bytes(digest) >> 1) - 1


def note(form_id: int, terms: Terms) -> None:
    """Write down what this process spent on terms of these columns, when that is due. Not in a transaction, and not
    where the database may not be written to."""
    names = together(terms)
    if not names:
        return
    now, number, spent, written = time.monotonic(), number_of(form_id, names), costs.current(), _written.current()
    at, enough = written.setdefault(number, (now, False))
    cost = spent.get((form_id, names), Cost())
    if (now - at < AGAIN_SECONDS and (enough or cost.seconds < STEP_SECONDS)) or not usable():
        return
    spent.pop((form_id, names), None)
    with by_primary():
        rows = fetch(_WRITE, [form_id, number, " ".join(names), *cost, form_id, number, cost.times, form_id, number])
    written[number] = now, bool(rows) and rows[0][0] >= ENOUGH_SECONDS


# Of an index that is there only its last use is noted: what it cost without it stays known.
_KEY = f"custom_form_id = %s AND field_id = %s AND kind = '{TOGETHER}'"
_WRITE = f"""
INSERT INTO form_field_use (custom_form_id, field_id, kind, used_at, names, times, seconds, counted_from)
SELECT n.form, n.number, '{TOGETHER}', clock_timestamp(), n.names, CASE WHEN n.built THEN 0 ELSE n.times END,
CASE WHEN n.built THEN 0 ELSE n.seconds END, CASE WHEN n.built THEN '-infinity' ELSE clock_timestamp() END
FROM (SELECT %s::bigint AS form, %s::bigint AS number, %s::text AS names, %s::bigint AS times, %s::float8 AS seconds,
EXISTS (SELECT 1 FROM form_field_index WHERE {_KEY}) AS built) n
WHERE %s::bigint > 0 OR EXISTS (SELECT 1 FROM form_field_use WHERE {_KEY})
ON CONFLICT (custom_form_id, field_id, kind) DO UPDATE SET used_at = excluded.used_at,
times = CASE WHEN {{anew}} THEN excluded.times ELSE form_field_use.times + excluded.times END,
seconds = CASE WHEN {{anew}} THEN excluded.seconds ELSE form_field_use.seconds + excluded.seconds END,
counted_from = CASE WHEN {{anew}} THEN excluded.counted_from ELSE form_field_use.counted_from END
RETURNING seconds
""".format(anew="form_field_use.counted_from < excluded.counted_from - interval '1 day'")


def names_of(form_id: int, number: int) -> Names:
    """The columns that a number stands for; none where nobody noted it, or they are gone."""
    use = FieldUse.objects.filter(custom_form_id=form_id, field_id=number, kind=TOGETHER).first()
    return tuple(use.names.split()) if use else ()


def forget(form_id: int, name: str) -> list[int]:
    """Forget all that is known of a column with others; the numbers of those."""
    uses = FieldUse.objects.filter(custom_form_id=form_id, kind=TOGETHER)
    numbers = [number for number, names in uses.values_list("field_id", "names") if name in names.split()]
    uses.filter(field_id__in=numbers).delete()
    return numbers
