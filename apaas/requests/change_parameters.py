"""What the calls on the change log and the trash take (docs/contract.md §5.4)."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy

from apaas.requests.people_parameters import PAGING
from apaas.requests.readers import Parameter, moment, text

PER_PAGE = PAGING[1]
AS_OF = Parameter(
    "as_of",
    moment,
    gettext_lazy("A time: the record as it was then."),
    schema={"type": "string", "format": "date-time"},
)
HISTORY_CURSOR = Parameter(
    "cursor",
    text,
    gettext_lazy("Where the page begins: each answer's next_cursor. Without it, at the newest entry."),
    default="*",
    schema={"type": "string"},
)
FEED_CURSOR = Parameter(
    "cursor",
    text,
    gettext_lazy("Where the page begins: each answer's next_cursor; now; without it, at the oldest entry."),
    default="*",
    schema={"type": "string"},
)
LABEL = Parameter(
    "query",
    text,
    gettext_lazy("A part of the primary field's text."),
    schema={"type": "string", "maxLength": settings.MAX_QUERY_LENGTH},
)
HISTORY = (HISTORY_CURSOR, PER_PAGE)
CHANGES = (FEED_CURSOR, PER_PAGE)
TRASH = (LABEL, *PAGING)
