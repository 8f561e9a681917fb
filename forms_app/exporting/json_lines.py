"""A line of JSON for each record, as the API takes its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forms_app.exact_json import dumps
from forms_app.exporting.columns import first_row
from forms_app.exporting.shapes import Shape
from forms_app.loading.exported import RECORD


class JsonLines(Shape):
    content_type = "application/jsonl; charset=utf-8"
    as_json = True

    def rows(self, ids: Sequence[int], cells: Sequence[Sequence[Any]]) -> bytes:
        names = first_row(RECORD, self.columns)
        return b"".join(dumps(dict(zip(names, row, strict=True))) + b"\n" for row in zip(ids, *cells, strict=True))
