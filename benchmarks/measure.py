"""Measuring lines in rounds: each round asks every side of every line, so that a slow minute meets all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.lines import Line
from benchmarks.postgresql import PostgreSQL
from benchmarks.processes import machine_busy_seconds
from benchmarks.sides import Side, Unavailable

CONNECTIONS = (1, 16)
WARM_SECONDS = 1.0
FEW, SLOW_SECONDS = 5, 30
"""Who answers fewer requests than this in a measurement is given so many seconds, once: rounds would take hours."""


@dataclass(frozen=True)
class Round:
    """One measurement. Milliseconds; CPU in seconds: of the server, of PostgreSQL, of the load generator, and of all
    else on the machine, which tells whether it was quiet."""

    per_second: float
    p50: float
    p99: float
    failures: int
    seconds: float
    cpu_server: float
    cpu_postgresql: float
    cpu_client: float
    cpu_others: float
    memory_mb: float


@dataclass
class Measurement:
    """A line, asked one side with so many connections: a round each, or what was wrong."""

    line: str
    side: str
    dataset: str
    connections: int
    rounds: list[Round] = field(default_factory=list)
    fault: str = ""
    unavailable: str = ""
    slow: bool = False
    """Measured once, for longer."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Asked:
    """A line that one side is asked: what is sent, and its measurements by connections."""

    line: Line
    side: Side
    sent: Sequence[Any]
    results: dict[int, Measurement]


def measure(
    lines: Sequence[Line],
    sides: Sequence[Side],
    *,
    server: PostgreSQL,
    dataset: str,
    seconds: float,
    rounds: int,
    say: Callable[[str], None],
) -> list[Measurement]:
    """Measure lines on sides whose records are in the same state. A line that answers wrongly is not measured."""
    asked = [prepared(line, side, dataset, seconds, say) for line in lines for side in sides]
    for number in range(1, rounds + 1):
        for one in asked:
            for connections, result in one.results.items():
                if result.fault or result.unavailable or result.slow:
                    continue
                found = measured(one, connections, server, seconds)
                if found.per_second * seconds < FEW and seconds < SLOW_SECONDS:
                    result.slow = True
                    found = measured(one, connections, server, SLOW_SECONDS)
                if not found.per_second:
                    result.fault = f"no answer within {SLOW_SECONDS} s"
                    say(f"  round {number}  {one.line.name:22} {one.side.name:14} {connections:3} {result.fault}")
                    continue
                result.rounds.append(found)
                if found.failures:
                    result.fault = f"{found.failures} requests failed"
                say(
                    f"  round {number}  {one.line.name:22} {one.side.name:14} {connections:3} connections "
                    f"{found.per_second:10,.1f}/s  p50 {found.p50:8.2f}  p99 {found.p99:8.2f} ms  {result.fault}"
                )
    return [result for one in asked for result in one.results.values()]


def prepared(line: Line, side: Side, dataset: str, seconds: float, say: Callable[[str], None]) -> Asked:
    """Make the requests, check the first answers, warm up."""
    results = {number: Measurement(line.name, side.name, dataset, number) for number in CONNECTIONS}
    sent: Sequence[Any] = []
    fault = unavailable = ""
    try:
        sent = side.requests(line)
        side.check(line, sent)  # type: ignore[arg-type]
        side.prepare(line, sent)  # type: ignore[arg-type]
        side.load(line, sent, 2, min(seconds, WARM_SECONDS))  # type: ignore[arg-type]
    except Unavailable as error:
        unavailable = str(error)
    except (AssertionError, RuntimeError, OSError) as error:
        fault = f"{type(error).__name__}: {error}"[:500]
    side.settle()
    if fault or unavailable:
        say(f"  {line.name} {side.name}: {fault or unavailable}")
    for result in results.values():
        result.fault, result.unavailable = fault, unavailable
    return Asked(line, side, sent, results)


def measured(one: Asked, connections: int, server: PostgreSQL, seconds: float) -> Round:
    """One measurement with what it cost."""
    began, busy = time.monotonic(), machine_busy_seconds()
    own, database = one.side.cpu(), server.cpu()
    load = one.side.load(one.line, one.sent, connections, seconds)
    own, database = one.side.cpu() - own, server.cpu() - database
    took, busy = time.monotonic() - began, machine_busy_seconds() - busy
    memory = one.side.memory()
    one.side.settle()
    return Round(
        per_second=load.per_second,
        p50=load.p50,
        p99=load.p99,
        failures=load.failures,
        seconds=took,
        cpu_server=own,
        cpu_postgresql=database,
        cpu_client=load.cpu,
        cpu_others=max(0.0, busy - own - database - load.cpu),
        memory_mb=memory,
    )
