"""`python -m benchmarks.attack`: how long another organization waits for a list while somebody attacks the server.
Exits with 1 where it waits too long (docs/benchmarks.md).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import attackers, forms, queries, steady
from benchmarks.attackers import ATTACKS
from benchmarks.datasets import Datasets
from benchmarks.postgresql import PostgreSQL
from benchmarks.processes import cpu_seconds, cpu_seconds_of_ended, descendants, machine_busy_seconds
from benchmarks.requests import Request
from benchmarks.stages import module
from benchmarks.steady import Client, Seen
from benchmarks.web import PRODUCT, ROOT, WORKERS, WebServer

RECORDS = 200_000
"""Of the organization that attacks."""
MOST = 3.0
"""Times the quiet p99 that the p99 during an attack may be."""
REST = 5.0
"""Seconds after an attack; then all is as before."""
AS_BEFORE = 2.0
"""Times the quiet p99 that still count as that: two quiet phases differ by as much."""
WARM = 3.0


@dataclass(frozen=True)
class Round:
    """An attack, once: before, during, after; what the attacker got; the cores that other programs took meanwhile, in
    the worst of the phases."""

    before: Seen
    during: Seen
    after: Seen
    answers: Counter[str]
    others: float

    @property
    def ratio(self) -> float:
        return self.during.percentile(99) / self.before.percentile(99)

    @property
    def ratio_after(self) -> float:
        return self.after.percentile(99) / self.before.percentile(99)

    @property
    def failures(self) -> list[str]:
        return [*self.before.failures, *self.during.failures, *self.after.failures]


@dataclass
class Attacked:
    """A server that is attacked, and the client that is measured. `busy`: the CPU seconds of all else so far."""

    port: int
    client: Client
    busy: Callable[[], float]

    def round(self, name: str, seconds: float) -> Round:
        """An attack of so many seconds between two quiet phases of half as many."""
        others: list[float] = []
        before = self._ask(seconds / 2, others)
        command = [sys.executable, "-m", "benchmarks.attackers", name, str(self.port), str(seconds)]
        attacker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            during = self._ask(seconds, others)
            answers = json.loads(attacker.communicate(timeout=seconds + 60)[0])
        finally:
            attacker.kill()
            attacker.wait()
        time.sleep(REST)
        after = self._ask(seconds / 2, others)
        return Round(before, during, after, Counter(answers), max(others))

    def _ask(self, seconds: float, others: list[float]) -> Seen:
        began, busy = time.monotonic(), self.busy()
        seen = self.client.ask(seconds)
        others.append((self.busy() - busy) / (time.monotonic() - began))
        return seen


@contextmanager
def attacked(server: PostgreSQL, datasets: Datasets, data_dir: Path, records: int) -> Iterator[Attacked]:
    """The product with a large form of the attacker's organization, as production serves it."""
    with ExitStack() as stack:
        database = stack.enter_context(server.copied(datasets.records(records)))
        form_id = module(server, data_dir, "benchmarks.parties", [], database)
        with server.connect(database) as connection:
            connection.execute("ANALYZE")
        server.warm(database)
        web = stack.enter_context(WebServer(PRODUCT, server.url(database), data_dir))
        listed = Request("GET", queries.product(queries.Query(), form_id).path)
        headers = {"Host": "127.0.0.1", "ACCESS-TOKEN": steady.TOKEN}
        total = web.ask(Request("GET", listed.path)).content  # the other organization's: it must not be there
        assert total["code"] != 0, total
        client = Client(web.port, listed, headers, f'"total_count":{steady.RECORDS}'.encode())

        def busy() -> float:
            own = cpu_seconds(descendants(os.getpid())) + cpu_seconds_of_ended(os.getpid())
            return machine_busy_seconds() - own - server.cpu()

        attackers.warmed(web.port, {steady.TOKEN: listed, forms.TOKEN: queries.product(queries.Query())}, WARM)
        warm = client.ask(WARM)
        assert not warm.failures, warm.failures[0]
        yield Attacked(web.port, client, busy)


@dataclass(frozen=True)
class Row:
    """What is said of an attack: medians of its rounds, and what was missed."""

    name: str
    cells: tuple[str, ...]
    missed: tuple[str, ...]

    @classmethod
    def of(cls, name: str, rounds: list[Round]) -> Row:
        def median(value: Callable[[Round], float]) -> float:
            return statistics.median(value(each) for each in rounds)

        ratio, after = median(lambda each: each.ratio), median(lambda each: each.ratio_after)
        failures = [text for each in rounds for text in each.failures]
        answers: Counter[str] = sum((each.answers for each in rounds), Counter())
        got = ", ".join(f"{status} × {count:,}" for status, count in sorted(answers.items()))
        times = [
            median(lambda each: each.before.percentile(50)),
            median(lambda each: each.before.percentile(99)),
            median(lambda each: each.during.percentile(50)),
            median(lambda each: each.during.percentile(99)),
        ]
        cells = (
            ATTACKS[name][0],
            *(f"{each:.1f}" for each in times),
            f"{ratio:.2f}",
            f"{median(lambda each: each.after.percentile(99)):.1f}",
            f"{after:.2f}",
            got,
            str(len(failures)),
            f"{max(each.others for each in rounds):.2f}",
        )
        missed = []
        if not ratio <= MOST:
            missed.append(f"{name}: the p99 is {ratio:.2f} times that of the quiet, {MOST} are allowed")
        if not after <= AS_BEFORE:
            missed.append(f"{name}: {REST:.0f} s after the end the p99 is {after:.2f} times that of the quiet before")
        if failures:
            missed.append(f"{name}: {len(failures)} failures, the first: {failures[0]}")
        return cls(name, cells, tuple(missed))


HEAD = (
    ("attack", "---"),
    ("quiet p50, ms", "--:"),
    ("quiet p99", "--:"),
    ("p50 under", "--:"),
    ("p99 under", "--:"),
    ("÷ quiet", "--:"),
    (f"p99 {REST:.0f} s after", "--:"),
    ("÷ quiet", "--:"),
    ("the attacker's answers", "---"),
    ("failures", "--:"),
    ("others' cores", "--:"),
)


def table(rows: list[Row]) -> str:
    lines = [[title for title, _rule in HEAD], *(row.cells for row in rows)]
    written = [f"| {' | '.join(cells)} |" for cells in lines]
    return "\n".join([written[0], f"|{'|'.join(rule for _title, rule in HEAD)}|", *written[1:]])


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m benchmarks.attack", description=__doc__)
    found.add_argument("--seconds", type=float, default=60, help="of each attack (60); quiet phases take half of it")
    found.add_argument("--rounds", type=int, default=1, help="of all attacks (1); the table has medians")
    found.add_argument("--records", type=int, default=RECORDS, help=f"of the attacker's form ({RECORDS})")
    found.add_argument(
        "--only", type=lambda text: text.split(","), default=list(ATTACKS), help=f"of {','.join(ATTACKS)}"
    )
    found.add_argument("--data", type=Path, default=ROOT / ".data" / "benchmarks", help="where PostgreSQL and data are")
    found.add_argument("--shared-buffers", default="", help="e.g. 1GB (a quarter of the memory)")
    return found


def say(text: str) -> None:
    """Print at once, into a pipe too."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Attack and measure; the exit code."""
    options = parser().parse_args(arguments)
    if unknown := set(options.only) - set(ATTACKS):
        say(f"There is no attack {', '.join(sorted(unknown))}.")
        return 2
    data_dir = options.data.absolute()
    server = PostgreSQL(data_dir / "postgresql", options.shared_buffers)
    server.start()
    try:
        datasets = Datasets(server, data_dir, False, say)
        rows = measured(server, datasets, data_dir, options)
    finally:
        server.stop()
    say(f"{WORKERS} workers, {options.records:,} records; {options.rounds} rounds of {options.seconds:g} s, medians")
    say(table(rows))
    missed = [text for row in rows for text in row.missed]
    say("\n".join(missed or ["All goals are reached."]))
    return 1 if missed else 0


def measured(server: PostgreSQL, datasets: Datasets, data_dir: Path, options: argparse.Namespace) -> list[Row]:
    found: dict[str, list[Round]] = {name: [] for name in options.only}
    with attacked(server, datasets, data_dir, options.records) as product:
        for number in range(1, options.rounds + 1):
            for name, rounds in found.items():
                rounds.append(product.round(name, options.seconds))
                say(f"  round {number}  {' | '.join(Row.of(name, rounds[-1:]).cells)}")
    return [Row.of(name, rounds) for name, rounds in found.items()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
