"""Numbers that a list shows beside its rows and sorts by, counted in a statement of their own: Citus does not count one
by one what is distributed for the rows of what is not."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.db.models import BigIntegerField, F, Value
from django.db.models.expressions import Combinable, Func


def counted(numbers: Mapping[int, int]) -> Combinable:
    """The number that is counted for a row's id, 0 where there is none."""
    return Func(
        Value(json.dumps(numbers)),
        F("id"),
        template="coalesce((%(expressions)s::text)::bigint, 0)",
        arg_joiner="::jsonb ->> ",
        output_field=BigIntegerField(),
    )
