"""What is found out of many cells of CSV at a time is what is found out of each."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from forms_app.exact_json import compact, dumps, reads
from forms_app.exporting.csv_text import CsvText, containers, numbers, plain_texts
from forms_app.field_types._spelling import plain_text
from forms_app.loading.formula_guard import guarded

SOME: tuple[Any, ...] = (
    None, "", "a", "官网", "a,b", 'a"b', 'a"', '"', '""', "a\nb", "\n", "a\\", "\\n", 'a\\"', "a\\nb", "a\rb", "a\tb",
    "=1", "+86", "-5", "@x", "'x", "'=x", "\t=", "a=", " x ", "null", "[1]", "{}", "12", "-", "\x01", "\x7f", "\u2028",
    "😀", 0, 12, -5, 10**30, Decimal("1.10"), Decimal("-0.000001"), True, False, [], {}, [1, 2], ["a"], ["a,b", 'c"'],
    [[]], {"a": 1}, {"a": "b: c, d", "e": ["\n\\", Decimal("1.50")], "官": None}, [None], ["a\n", "=1"],
)  # fmt: skip


def written(cell: Any) -> bytes:
    """One cell as the standard library writes it, behind another one."""
    text = "" if cell is None else guarded(cell) if isinstance(cell, str) else plain_text(cell)
    out = io.StringIO(newline="")
    csv.writer(out).writerow(["", text])
    return out.getvalue().encode()[1:-2]


def stored(cell: Any) -> bytes:
    """The JSON that PostgreSQL writes of it, without which there is none."""
    return b"" if cell is None else _spaced(cell).encode()


def _spaced(cell: Any) -> str:
    if isinstance(cell, list):
        return f"[{', '.join(map(_spaced, cell))}]"
    if isinstance(cell, dict):
        members = ", ".join(f"{_spaced(name)}: {_spaced(value)}" for name, value in cell.items())
        return f"{{{members}}}"
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, str | bool | None) else dumps(cell).decode()


def columns(seed: int) -> list[list[Any]]:
    """Columns of any cells, and of those of one kind."""
    random = Random(seed)
    texts = [cell for cell in SOME if cell is None or isinstance(cell, str)]
    tame = [text for text in texts if text is None or text[:1] not in ("=", "+", "-", "@", "'", "\t")]
    escaped = [text for text in tame if text is None or not {"\\", "\r", "\t", "\x01"} & set(text)]
    figures = [cell for cell in SOME if cell is None or type(cell) in (int, Decimal)]
    boxes = [cell for cell in SOME if cell is None or isinstance(cell, list | dict)]
    kinds = (SOME, texts, tame, escaped, figures, boxes, [None])
    return [random.choices(kind, k=random.randint(1, 6)) for kind in kinds for _round in range(40)]


class Held:
    """A batch whose records hold this in one field."""

    def __init__(self, cells: list[Any]) -> None:
        self.rows = cells
        self._texts = list(map(stored, cells))

    def joined(self, name: str) -> bytes:
        return b"\n".join(self._texts)

    def texts(self, name: str) -> list[bytes]:
        return self._texts

    def values(self, name: str) -> list[Any]:
        return [reads(text) if text else None for text in self._texts]


@pytest.mark.parametrize("seed", range(20))
def test_it_writes_what_the_standard_library_writes(seed: int) -> None:
    for cells in columns(seed):
        expected = list(map(written, cells))
        assert CsvText.spelled(cells) == expected, cells
        assert CsvText.stored(Held(cells), "field") == expected, cells  # type: ignore[arg-type]


def test_each_short_way_is_taken() -> None:
    assert numbers(b"1\n\n-2.50") == [b"1", b"", b"-2.50"]
    assert plain_texts(b'"a"\n\n\n"b,c"', 4) == [b"a", b"", b"", b'"b,c"']
    assert plain_texts(b'"a\\nb"\n"\\""', 2) == [b'"a\nb"', b'""""']
    assert containers([b'{"a": [1, 2]}', b"", b"[]"]) == [b'"{""a"":[1,2]}"', b"", b"[]"]


@pytest.mark.parametrize("text", ['"a\\\\"', '"\\t"', '"=1"', '["a"]', "true", '"a"x'])
def test_what_is_not_plain_is_left_to_the_long_way(text: str) -> None:
    assert numbers(text.encode()) is None
    assert plain_texts(b'"a"\n%b\n' % text.encode(), 3) is None


@pytest.mark.parametrize("cell", [cell for cell in SOME if cell is not None], ids=repr)
def test_json_without_blanks_is_what_we_write_ourselves(cell: Any) -> None:
    assert compact(stored(cell)) == dumps(cell)
