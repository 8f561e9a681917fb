"""`python -m benchmarks`: build the data, measure, print the table, write results (docs/benchmarks.md)."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine, plot, report, wrk
from benchmarks.datasets import Datasets
from benchmarks.lines import LINES, OTHER_LINES
from benchmarks.postgresql import PostgreSQL
from benchmarks.stages import STAGES, Run
from benchmarks.web import ROOT, command
from config.embedded.exceptions import ClusterError
from config.processes import ChildDied

RESULTS = ROOT / "benchmarks" / "results"


def parser() -> argparse.ArgumentParser:
    names = ", ".join([*(line.name for line in LINES), *OTHER_LINES])
    found = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    found.add_argument(
        "--sizes", type=numbers, default=[10_000, 1_000_000, 10_000_000], help="records, e.g. 10000,1000000"
    )
    found.add_argument(
        "--forms", type=pairs, default=[(300, 20_000), (2_000, 500)], help="forms x records, e.g. 300x20000,2000x500"
    )
    found.add_argument("--rows", type=int, default=100_000, help="rows of the spreadsheet that is loaded")
    found.add_argument("--only", type=lambda text: frozenset(text.split(",")), default=frozenset(), help=f"of: {names}")
    found.add_argument("--seconds", type=float, default=5, help="of each measurement (5)")
    found.add_argument("--rounds", type=int, default=3, help="measurements of each line (3)")
    found.add_argument("--fresh", action="store_true", help="build the data anew")
    found.add_argument("--data", type=Path, default=ROOT / ".data" / "benchmarks", help="where PostgreSQL and data are")
    found.add_argument("--shared-buffers", default="", help="e.g. 1GB (a quarter of the memory)")
    found.add_argument("--results", type=Path, default=RESULTS, help="where the results are written")
    found.add_argument("--report", type=Path, metavar="JSON", help="measure nothing: table, plot and page from results")
    return found


def numbers(text: str) -> list[int]:
    return sorted({int(part.replace("_", "")) for part in text.split(",")})


def pairs(text: str) -> list[tuple[int, int]]:
    found = []
    for part in text.split(","):
        count, _by, records = part.partition("x")
        found.append((int(count), int(records)))
    return found


def say(text: str) -> None:
    """Print at once, into a pipe too."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Measure, or with --report only show; the exit code."""
    options = parser().parse_args(arguments)
    if options.report:
        show(options.report)
        return 0
    unknown = options.only - {line.name for line in LINES} - set(OTHER_LINES)
    if unknown:
        say(f"There is no line {', '.join(sorted(unknown))}.")
        return 2
    try:
        wrk.program()
        path = measured(options)
    except (wrk.Missing, ClusterError, ChildDied, RuntimeError) as error:
        say(str(error))
        return 1
    show(path)
    return 0


def measured(options: argparse.Namespace) -> Path:
    """Run all stages; the file of their results."""
    began = datetime.now(UTC)
    data_dir = options.data.absolute()
    server = PostgreSQL(data_dir / "postgresql", options.shared_buffers)
    server.start()
    try:
        run = Run(
            server=server,
            datasets=Datasets(server, data_dir, options.fresh, say),
            data_dir=data_dir,
            sizes=options.sizes,
            forms=options.forms,
            rows=options.rows,
            seconds=options.seconds,
            rounds=options.rounds,
            only=options.only,
            say=say,
        )
        for stage in STAGES:
            stage(run)
        settings = server.settings()
    finally:
        server.stop()
    results = {
        "began": began.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.described(),
        "postgresql": settings,
        "server": " ".join(command(0, "…")[1:]),
        "options": {"sizes": run.sizes, "forms": run.forms, "seconds": run.seconds, "rounds": run.rounds},
        "reference": run.reference,
        "measurements": [asdict(found) for found in run.measurements],
        "facts": run.facts,
    }
    options.results.mkdir(parents=True, exist_ok=True)
    path: Path = options.results / f"{began:%Y-%m-%d-%H%M}.json"
    path.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
    return path


def show(path: Path) -> None:
    """Print the table of some results; draw them beside; put them into the page when they are the repository's, and the
    picture beside that for the README."""
    results = json.loads(path.read_text())
    say(report.text(results))
    path.with_suffix(".svg").write_text(plot.svg(results))
    if path.absolute().parent == RESULTS:
        (ROOT / "docs" / "benchmarks.svg").write_text(plot.svg(results))
        report.into_page(ROOT / "docs" / "benchmarks.md", results, path)
    say(f"Results: {path}, plot: {path.with_suffix('.svg')}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
