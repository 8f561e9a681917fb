"""What the test of samples sees: it must be able to fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.docs.samples import Demo, blocks, differences, filled_in, program, succeeded

PAGE = """
```bash
export APAAS_URL=http://127.0.0.1:8000
curl "$APAAS_URL/x" # answers an error
```

```json
{"code": 0}
```

Prose.

```python
# write.py
print("$APAAS_URL")
```

```sh
make run
```
"""
DEMO = Demo("http://127.0.0.1:9000", "apaas_t", "p", Path("/nowhere"), Path("/nowhere"))


def test_an_answer_belongs_to_the_block_that_it_stands_behind() -> None:
    assert [(block.language, block.line, block.answer) for block in blocks(PAGE)] == [
        ("bash", 2, '{"code": 0}\n'),
        ("json", 7, ""),
        ("python", 13, ""),
        ("sh", 18, ""),
    ]


def test_a_page_is_one_script_of_what_is_run() -> None:
    script = program(blocks(PAGE), DEMO)
    assert "export APAAS_URL=http://127.0.0.1:9000" in script
    assert "cat > write.py <<'END-OF-FILE'\n# write.py\nprint(" in script
    assert "make run" not in script


def test_a_reader_fills_in_what_only_they_know() -> None:
    assert filled_in("<the token that make run printed> <the password that make run printed>", DEMO) == "apaas_t p"


@pytest.mark.parametrize(
    ("status", "body", "well"),
    [
        (200, {"code": 0}, True),
        (200, {"code": 100400}, False),
        (400, {"code": 100400}, False),
        (200, {"status": "200"}, True),
        (200, {"status": "404", "message": "推單失敗。"}, False),
        (200, {"status": 403}, False),
        (200, None, True),
        (502, None, False),
    ],
)
def test_a_call_that_is_refused_is_seen_as_such(status: int, body: Any, well: bool) -> None:
    assert succeeded(status, body) is well


@pytest.mark.parametrize(
    ("written", "answered", "fits"),
    [
        ({"a": 1, "b": None}, {"a": 2, "b": "x"}, True),
        ({"a": 1}, {"a": 1.5}, True),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}, {"b": 3}]}, True),
        ({"a": []}, {"a": [1]}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": [{"b": 1}]}, {"a": [{"c": 1}]}, False),
        ({"a": {"b": 1}}, {"a": [1]}, False),
    ],
)
def test_an_answer_is_held_to_the_keys_their_order_and_the_types(written: Any, answered: Any, fits: bool) -> None:
    assert (differences(written, answered) == []) is fits
