"""The kinds of index that a field type can wish for. Each is partial (one form) and lies on the form's partition.

`terms(expression)` is what stands between the brackets of CREATE INDEX; `statistics(expression)` what
CREATE STATISTICS needs, since the planner ignores the statistics of partial expression indexes.
"""

from __future__ import annotations

from dataclasses import dataclass

from forms_app.lookups import Expression


@dataclass(frozen=True)
class Index:
    """A kind of index: its access method and its terms."""

    kind: str
    method: str
    template: str
    statistics_template: str

    def terms(self, expression: Expression) -> str:
        return self.template.format(json=expression.json, text=expression.text)

    def statistics(self, expression: Expression) -> str:
        """The expression to gather statistics on."""
        return self.statistics_template.format(json=expression.json, text=expression.text)


BTREE = Index("btree", "btree", "({json}), id", "({json})")
"""Equality, any-of, ranges and sorting of short scalars."""

CONTAINMENT = Index("gin", "gin", "({json}) jsonb_path_ops", "({json})")
"""`@>` on lists and objects."""

GRAMS = Index("grams", "gin", "form_grams({text})", "(form_grams({text}))")
"""Substring search of any script by grams of one and two characters."""

SPAN = Index("span", "btree", "({json}->0), ({json}->1), id", "({json}->0)")
"""Overlap of [start, end]."""
