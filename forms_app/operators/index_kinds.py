"""The kinds of index that serve lookups, and that a field type can wish for. Each is partial (one form) and lies on
the form's partition.

`terms(expression)` is what stands between the brackets of CREATE INDEX; `statistics(expression)` what
CREATE STATISTICS needs, since the planner ignores the statistics of partial expression indexes ("": it needs none).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Expression(NamedTuple):
    """The SQL of a column: `json` as jsonb (or the column's own type), `text` as text."""

    json: str
    text: str


@dataclass(frozen=True)
class Index:
    """A kind of index: its access method and its terms, with {json} and {text} for the column's SQL."""

    kind: str
    method: str
    templates: tuple[str, ...]
    statistics_template: str
    only_sorts: bool = False
    """It finds nothing: where indexes are few, those that find come first."""
    costly: bool = False
    """Every write pays so much for it that it grows when it is used, not when the form does."""
    key_template: str = ""
    """The key that its column has in an index of several columns; "": the column can't stand in one."""

    def keys(self, expression: Expression) -> tuple[str, ...]:
        """Its terms, one by one."""
        return tuple(template.format(json=expression.json, text=expression.text) for template in self.templates)

    def terms(self, expression: Expression) -> str:
        return ", ".join(self.keys(expression))

    def key(self, expression: Expression) -> str:
        """Its column's key in an index of several columns."""
        return self.key_template.format(json=expression.json)

    def statistics(self, expression: Expression) -> str:
        """The expression to gather statistics on."""
        return self.statistics_template.format(json=expression.json, text=expression.text)


BTREE = Index("btree", "btree", ("({json})", "id"), "({json})", key_template="({json})")
"""Equality, any-of, ranges and sorting of short scalars."""

CONTAINMENT = Index("gin", "gin", ("({json}) jsonb_path_ops",), "({json})")
"""`@>` on lists and objects."""

GRAMS = Index("grams", "gin", ("form_grams({text})",), "(form_grams({text}))", costly=True)
"""Substring search of any script by grams of one and two characters."""

_START = '(left({text}, 200) COLLATE "C")'

ORDER = Index(
    "order",
    "btree",
    (_START, "(CASE WHEN length({text}) <= 200 THEN id ELSE 9223372036854775807 END)"),
    _START,
    only_sorts=True,
    costly=True,
)
"""Sorting of texts, of which a btree can't hold all: by their start, and where that is the whole text by the id. Longer
texts that start alike lie side by side, and are sorted when they are read (PostgreSQL: incremental sort)."""

OWNER = Index("owner", "btree", ("{json}", "updated_at", "id"), "", key_template="{json}")
"""The records of an owner, the last changed first. Plain columns have statistics anyway."""

TOGETHER = "together"
"""The kind of an index of several columns that requests filter by together."""

SPAN = Index("span", "btree", ("({json}->0)", "({json}->1)", "id"), "({json}->0)")
"""Overlap of [start, end]."""
