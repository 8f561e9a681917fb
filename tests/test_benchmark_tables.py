"""What a run of the benchmarks found, as tables, as a page and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import plot, report, web
from benchmarks.lines import LINES, OTHER_LINES


def measurement(line: str, side: str, connections: int, *rates: float, dataset: str = "1,000 records") -> Any:
    rounds = [
        {
            "per_second": rate,
            "p50": 1000 / rate,
            "p99": 3000 / rate,
            "failures": 0,
            "seconds": 5.0,
            "cpu_server": 4.0,
            "cpu_postgresql": 2.0,
            "cpu_client": 0.5,
            "cpu_others": 0.1,
            "memory_mb": 123.4,
        }
        for rate in rates
    ]
    return {
        "line": line,
        "side": side,
        "dataset": dataset,
        "connections": connections,
        "rounds": rounds,
        "fault": "",
        "unavailable": "",
    }


@pytest.fixture
def results() -> dict[str, Any]:
    """What a run writes, with figures that are easy to reckon with."""
    return {
        "began": "2025-01-01T00:00:00+00:00",
        "machine": {
            "cpu": "CPU",
            "cores": 2,
            "memory_gb": 8.0,
            "system": "Linux",
            "python": "3.11",
            "wrk": "wrk 4",
            "packages": {"django": "5.2"},
            "commit": "0123456789abcdef",
            "changed_since_commit": True,
        },
        "postgresql": {"server_version": "18", "fsync": "on"},
        "options": {"sizes": [10, 1000], "forms": [[3, 50]], "seconds": 5.0, "rounds": 3},
        "reference": 1000,
        "measurements": [
            measurement("list", "product", 1, 500),
            measurement("list", "product", 16, 1000, 1200, 1100),
            measurement("list", "ordinary", 16, 20, 20, 20),
            measurement("list", "floor", 16, 2200, 2400, 2200),
            measurement("search", "product", 1, 100),
            measurement("search", "product", 16, 700),
            {**measurement("create", "product", 16), "fault": "5 requests failed"},
            measurement("ids", "product", 1, 80),
            measurement("ids", "product", 16, 90),
            *({**measurement("ids", "ordinary", n), "unavailable": "It has no such call."} for n in (1, 16)),
            measurement("growth", "10 records", 16, 150, dataset="forms of other sizes"),
            measurement("growth", "1,000 records", 16, 100, dataset="forms of other sizes"),
            measurement("forms_list", "1 form", 16, 140, dataset="3 forms of 50"),
            measurement("forms_list", "3 forms", 16, 100, dataset="3 forms of 50"),
        ],
        "facts": {
            "memory": {"product_mb": 250.0, "ordinary_mb": 200.0},
            "field_indexes": [["btree", 4], ["grams", 1]],
            "total": {"p50": 0.3, "p99": 0.8, "compared": 20, "wrong": 0, "written_meanwhile": 99},
            "load": {"rows": 100, "seconds": 31.0, "memory_mb": 100.0, "fault": ""},
            "export": {"rows": 100_000, "seconds": 4.0, "first_byte": 0.2, "grown_mb": 20.0, "fault": ""},
        },
    }


def test_the_table_holds_medians_ratios_and_whether_the_goal_is_reached(results: dict[str, Any]) -> None:
    listed, searched, asked, created = report.summary(results)[1:]
    assert listed == (
        *("List, first page of 20", "1,100", "18%", "20.0", "2,200", "55.0", "50%"),
        *("≥ 1,000/s, ≥ 50 ×", "yes"),
    )
    assert (searched[1], searched[-1]) == ("700", "no"), "its first page alone takes 10 ms"
    assert (created[1], created[-1]) == ("–", "–")
    assert asked[1:] == ("90.0", "–", "–", "–", "–", "–", "–", "–"), "which the product alone is asked"


def test_the_other_goals_are_judged(results: dict[str, Any]) -> None:
    judged = {row[0]: (row[1], row[-1]) for row in report.other_goals(results)[1:]}
    assert judged["List at 1,000 records against 10"] == ("1.50 × the time", "yes")
    exported = "25,000 records/s, first byte after 0.20 s, 20 MB more"
    assert judged["Export of 100,000 records as CSV"] == (exported, "yes")
    assert judged["List with 3 forms of 50 against one"] == ("1.40 × the time", "no")
    assert judged["Load of 100 rows of XLSX"][1] == "no"
    assert judged["Unfiltered total inside a request"][1] == "yes"
    assert judged["Memory of the server (PSS), 2 workers, after all lines"] == ("250 MB (ordinary: 200)", "yes")


def test_a_line_that_failed_says_why(results: dict[str, Any]) -> None:
    assert "5 requests failed" in report.text(results)
    assert "commit 0123456789 with changes" in report.text(results)


def test_a_side_that_cannot_be_asked_says_so_once(results: dict[str, Any]) -> None:
    rows = [row for row in report.details(results) if row[:2] == ("ids", "ordinary")]
    assert [row[2:4] for row in rows] == [("–", "It has no such call.")]


def test_others_on_the_machine_make_a_figure_doubtful(results: dict[str, Any]) -> None:
    results["measurements"][1]["rounds"][2]["cpu_others"] = 2.0
    assert report.summary(results)[1][1] == "1,100 ~"


def test_the_page_takes_the_tables_between_its_marks(results: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    for _time in range(2):
        report.into_page(page, results, tmp_path / "2025-01-01.json")
    written = page.read_text()
    assert written.startswith("before\n") and written.endswith("\nafter\n")
    assert "old" not in written
    assert written.count("| List, first page of 20 | 1,100 |") == 1
    assert "2025-01-01.svg" in written
    assert "results/2025-01-01.md" in written
    raw = (tmp_path / "2025-01-01.md").read_text()
    assert raw.startswith(f"# {report.ALL} of 2025-01-01\n") and raw.count("| list | product | 16 |") == 1


def test_the_plot_is_a_picture_of_every_line_that_was_measured(results: dict[str, Any]) -> None:
    tree = ElementTree.fromstring(plot.svg(results))
    words = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"List, first page of 20", "Substring of two Chinese characters", "1,100", "this product"} <= set(words)
    assert "One record by a random id" not in words
    bars = list(tree.iter("{http://www.w3.org/2000/svg}rect"))
    drawn = [bar.get("fill") for bar in bars if bar.get("height") == str(plot.BAR - 2)]
    assert [drawn.count(plot.COLOURS[side]) for side in ("product", "ordinary", "floor")] == [3, 1, 1]
    for bar in bars:
        assert float(bar.get("x", 0)) + float(bar.get("width", 0)) <= float(tree.get("width", 0))


def test_the_page_explains_every_line() -> None:
    page = (web.ROOT / "docs" / "benchmarks.md").read_text()
    for name in (*(line.name for line in LINES), *OTHER_LINES):
        assert f"| `{name}` |" in page
