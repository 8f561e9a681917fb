"""Results as tables: for the terminal, and for docs/benchmarks.md between its two marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.lines import LINES, Goal

ALL = "All measurements"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
NOISY_CORES = 0.35
"""More CPU than this, taken by others than the compared, makes a measurement doubtful."""

Results = Mapping[str, Any]
Row = Sequence[str]


def middle(measurement: Mapping[str, Any], key: str) -> float:
    """The median of the rounds."""
    return float(median(found[key] for found in measurement["rounds"]))


def found_of(results: Results, line: str, side: str, connections: int, dataset: str | None = None) -> Any:
    """The measurement of a line at the reference size, or in another dataset; None where nothing was measured."""
    dataset = dataset or f"{results['reference']:,} records"
    for measurement in results["measurements"]:
        asked = (measurement["line"], measurement["side"], measurement["connections"], measurement["dataset"])
        if asked == (line, side, connections, dataset) and measurement["rounds"] and not measurement["fault"]:
            return measurement
    return None


def per_second(results: Results, line: str, side: str, connections: int = 16, dataset: str | None = None) -> float:
    """Requests a second, the median; 0 where nothing was measured."""
    measurement = found_of(results, line, side, connections, dataset)
    return middle(measurement, "per_second") if measurement else 0.0


def times(results: Results, line: str, other: str) -> float:
    """How many times the other side's rate the product reaches at 16 connections: the median of the rounds' ratios,
    since a slow minute meets both. 0 where one of them was not measured."""
    mine, theirs = (found_of(results, line, side, 16) for side in ("product", other))
    if not mine or not theirs:
        return 0.0
    pairs = zip(mine["rounds"], theirs["rounds"], strict=False)
    return float(median(own["per_second"] / other_["per_second"] for own, other_ in pairs))


def spread(measurement: Mapping[str, Any]) -> str:
    """(highest − lowest) / median of the rounds' rates; a dash where there was one round."""
    rates = [found["per_second"] for found in measurement["rounds"]]
    return "–" if len(rates) == 1 else f"{(max(rates) - min(rates)) / median(rates):.0%}"


def is_noisy(measurement: Mapping[str, Any]) -> bool:
    """Whether others took much CPU in any of the rounds."""
    return any(found["cpu_others"] / found["seconds"] > NOISY_CORES for found in measurement["rounds"])


def rate(number: float) -> str:
    """A number with as many digits as mean something."""
    if not number:
        return "–"
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2g}"


# --- tables ------------------------------------------------------------------------------------------------


def summary(results: Results) -> list[Row]:
    """A row for each line: what the product reaches, beside the others, against its goal."""
    rows: list[Row] = [
        ("line", "product /s", "spread", "ordinary /s", "floor /s", "× ordinary", "of the floor", "goal", "reached")
    ]
    for line in LINES:
        mine = found_of(results, line.name, "product", 16)
        if not any(found["line"] == line.name for found in results["measurements"]):
            continue
        floor_share = times(results, line.name, "floor")
        rows.append(
            (
                line.title,
                rate(per_second(results, line.name, "product")) + (" ~" if mine and is_noisy(mine) else ""),
                spread(mine) if mine else "–",
                rate(per_second(results, line.name, "ordinary")),
                rate(per_second(results, line.name, "floor")),
                rate(times(results, line.name, "ordinary")),
                f"{floor_share:.0%}" if floor_share else "–",
                goal_text(line.goal),
                verdict(results, line.name, line.goal),
            )
        )
    return rows


def goal_text(goal: Goal) -> str:
    parts = [f"≥ {goal.per_second:,.0f}/s"] if goal.per_second else []
    parts += [f"≥ {goal.times:g} ×"] if goal.times else []
    parts += [f"≤ {goal.p50_alone:g} ms alone"] if goal.p50_alone else []
    return ", ".join(parts) or "–"


def verdict(results: Results, line: str, goal: Goal) -> str:
    """ "yes", "no", or a dash where nothing was measured or asked."""
    if goal == Goal():
        return "–"
    alone = found_of(results, line, "product", 1)
    if not found_of(results, line, "product", 16) or not alone:
        return "–"
    reached = per_second(results, line, "product") >= goal.per_second
    if goal.times:
        reached &= times(results, line, "ordinary") >= goal.times
    if goal.p50_alone:
        reached &= middle(alone, "p50") <= goal.p50_alone
    return "yes" if reached else "no"


def other_goals(results: Results) -> list[Row]:
    """A row for each goal that is no rate."""
    rows: list[Row] = [("what", "measured", "goal", "reached")]

    def add(what: str, measured: str, goal: str, reached: bool) -> None:
        rows.append((what, measured, goal, "yes" if reached else "no"))

    facts = results["facts"]
    if "total" in facts:
        found = facts["total"]
        told = f"p50 {found['p50']:.2f}, p99 {found['p99']:.2f} ms; wrong in {found['wrong']} of {found['compared']}"
        told += f" comparisons while {found['written_meanwhile']:,} records were written"
        add("Unfiltered total inside a request", told, "≤ 1 ms, exact", found["p50"] <= 1 and not found["wrong"])
    sizes = sorted({int(size) for size in results["options"]["sizes"]})
    small, large = sizes[0], sizes[-1]
    grown = slower(results, "growth", f"{small:,} records", f"{large:,} records", "forms of other sizes")
    if grown and large > small:
        add(f"List at {large:,} records against {small:,}", f"{grown:.2f} × the time", "≤ 1.5 ×", grown <= 1.5)
    for count, size in results["options"]["forms"]:
        for line, word in (("forms_list", "List"), ("forms_create", "Create")):
            grown = slower(results, line, "1 form", f"{count:,} forms", f"{count:,} forms of {size:,}")
            if grown:
                told = f"{grown:.2f} × the time"
                add(f"{word} with {count:,} forms of {size:,} against one", told, "≤ 1.3 ×", grown <= 1.3)
    if "memory" in facts:
        memory = facts["memory"]["product_mb"]
        told = f"{memory:,.0f} MB (ordinary: {facts['memory']['ordinary_mb']:,.0f})"
        add("Memory of the server (PSS), 2 workers, after all lines", told, "≤ 300 MB", memory <= 300)
    if "seconds" in facts.get("load", {}):
        found = facts["load"]
        reached = found["seconds"] <= 30 and found["memory_mb"] <= 300 and not found["fault"]
        told = f"{found['seconds']:.1f} s, {found['memory_mb']:,.0f} MB {found['fault']}".strip()
        add(f"Load of {found['rows']:,} rows of XLSX", told, "≤ 30 s, ≤ 300 MB (of 100,000 rows)", reached)
    if "seconds" in facts.get("export", {}):
        found = facts["export"]
        speed = found["rows"] / found["seconds"]
        reached = found["first_byte"] <= 1 and speed >= 20_000 and found["grown_mb"] <= 150 and not found["fault"]
        told = f"{speed:,.0f} records/s, first byte after {found['first_byte']:.2f} s, {found['grown_mb']:,.0f} MB more"
        goal = "≥ 20,000/s, ≤ 1 s, ≤ 150 MB"
        add(f"Export of {found['rows']:,} records as CSV", f"{told} {found['fault']}".strip(), goal, reached)
    return rows


def slower(results: Results, line: str, base: str, other: str, dataset: str) -> float:
    """How many times as long the other side takes, at 16 connections; 0 where it was not measured."""
    first, second = (per_second(results, line, side, dataset=dataset) for side in (base, other))
    return first / second if first and second else 0.0


DETAILS = (
    *("line", "of", "conn.", "req/s", "spread", "p50 ms", "p99 ms"),
    *("server's CPU, ms/req", "PostgreSQL's", "CPU s", "MB", "others' cores"),
)


def details(results: Results) -> list[Row]:
    """A row for every measurement: medians, and what a request costs; one for a side that can't be asked a line."""
    rows: list[Row] = [DETAILS]
    for found in results["measurements"]:
        name = found["line"] + ("" if found["dataset"].endswith(" records") else f" ({found['dataset']})")
        start = (name, found["side"], str(found["connections"]))
        if found["unavailable"]:
            row = (name, found["side"], "–", found["unavailable"], *[""] * 8)
            rows += [row] if row != rows[-1] else []
            continue
        if found["fault"] or not found["rounds"]:
            rows.append((*start, found["fault"], *[""] * 8))
            continue
        requests = middle(found, "per_second") * middle(found, "seconds")
        own, database = middle(found, "cpu_server"), middle(found, "cpu_postgresql")
        rows.append(
            (
                *start,
                rate(middle(found, "per_second")),
                spread(found),
                f"{middle(found, 'p50'):.2f}",
                f"{middle(found, 'p99'):.2f}",
                f"{own / requests * 1000:.2f}" if own else "–",
                f"{database / requests * 1000:.2f}",
                f"{own + database:.1f}",
                f"{middle(found, 'memory_mb'):,.0f}" if own else "–",
                f"{max(each['cpu_others'] / each['seconds'] for each in found['rounds']):.2f}",
            )
        )
    return rows


# --- writing -----------------------------------------------------------------------------------------------


def plain(rows: Sequence[Row]) -> str:
    """Columns in step, for a terminal."""
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    widths += [max(min(len(row[place]), 28) for row in rows) for place in range(3, len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def markdown(rows: Sequence[Row]) -> str:
    head, *body = rows
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(['---', *['--:'] * (len(head) - 1)])}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in body)])


def text(results: Results) -> str:
    """Everything, for a terminal."""
    return f"{sections(results, plain, '')}\n\n{ALL}\n\n{plain(details(results))}"


def sections(results: Results, table: Callable[[Sequence[Row]], str], mark: str) -> str:
    parts = [conditions(results)]
    parts += [f"- {fault}" for fault in results["facts"].get("faults", [])]
    for title, rows in (
        (f"At {results['reference']:,} records, 16 connections", summary(results)),
        ("Other goals", other_goals(results)),
    ):
        if len(rows) > 1:
            parts.append(f"{mark}{title}\n\n{table(rows)}")
    return "\n\n".join(parts)


def conditions(results: Results) -> str:
    """The machine, the versions and the settings in a few lines."""
    machine, postgresql, options = results["machine"], results["postgresql"], results["options"]
    kept = ", ".join(f"{name} {value}" for name, value in postgresql.items() if name != "server_version")
    packages = ", ".join(f"{name} {value}" for name, value in machine["packages"].items())
    changed = " with changes" if machine["changed_since_commit"] else ""
    indexes = ", ".join(f"{count} {kind}" for kind, count in results["facts"].get("field_indexes", []))
    return "\n".join(
        [
            f"- {results['began']}, commit {machine['commit'][:10]}{changed}; {options['rounds']} rounds of "
            f"{options['seconds']:g} s, medians",
            f"- {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; "
            "server, database and client on it",
            f"- PostgreSQL {postgresql.get('server_version', '')}: {kept}",
            f"- Python {machine['python']}, {packages}, {machine['wrk']}",
            f"- field indexes of the form: {indexes or 'none'}",
        ]
    )


def into_page(page: Path, results: Results, path: Path) -> None:
    """Put the tables and the plot between the page's marks. Every single measurement goes beside the results, into a
    page of its own."""
    text_ = page.read_text()
    before, _begin, rest = text_.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    plot = f"![Requests a second](../benchmarks/results/{path.with_suffix('.svg').name})"
    raw = path.with_suffix(".md")
    raw.write_text(f"# {ALL} of {path.stem}\n\n{markdown(details(results))}\n")
    link = f"[{ALL}](../benchmarks/results/{raw.name}): each line, side and number of connections."
    inside = f"{plot}\n\n{sections(results, markdown, '### ')}\n\n{link}"
    page.write_text(f"{before}{BEGIN}\n\n{inside}\n\n{END}{after}")
