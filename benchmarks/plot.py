"""Results as a picture: requests a second of each line, on a logarithmic scale. SVG, written by hand: bars and words
need no library, and a text can be compared in a repository."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from benchmarks.lines import LINES, SIDES
from benchmarks.report import Results, per_second, rate

COLOURS = {"product": "#1d4ed8", "ordinary": "#f59e0b", "floor": "#cbd5e1"}
NAMES = {"product": "this product", "ordinary": "the ordinary way", "floor": "PostgreSQL alone"}
LEFT, WIDTH, RIGHT = 380, 480, 70
TOP, BAR, GAP = 84, 13, 14


def svg(results: Results) -> str:
    """The picture. Sides that were not measured have no bar, lines that nothing was measured of no place."""
    found = [(line, _measured(results, line.name)) for line in LINES]
    found = [(line, bars) for line, bars in found if bars]
    rates = [reached for _line, bars in found for reached in bars.values()]
    low = floor(log10(min(rates, default=1)))
    high = max(low + 1, ceil(log10(max([10, *rates]))))
    height = TOP + len(rates) * BAR + len(found) * GAP + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" '
        f'width="{LEFT + WIDTH + RIGHT}" height="{height}" font-family="system-ui, sans-serif" font-size="12">',
        f'<rect width="{LEFT + WIDTH + RIGHT}" height="{height}" fill="#ffffff"/>',
        _words(20, 28, f"Requests a second at {results['reference']:,} records, 16 connections", size=16, bold=True),
        _words(20, 47, _caption(results), colour="#64748b"),
        *_legend(),
        *_grid(low, high, height),
    ]
    top = TOP + GAP / 2
    for line, bars in found:
        parts.append(_words(LEFT - 12, top + len(bars) * BAR / 2 + 4, line.title, anchor="end"))
        for number, (side, reached) in enumerate(bars.items()):
            long = max(1.0, (log10(reached) - low) / (high - low) * WIDTH)
            y = top + number * BAR
            size = f'width="{long:.1f}" height="{BAR - 2}"'
            parts.append(f'<rect x="{LEFT}" y="{y:.0f}" {size} rx="2" fill="{COLOURS[side]}"/>')
            bold = side == "product"
            parts.append(_words(LEFT + long + 5, y + BAR - 3, rate(reached), size=11, bold=bold, colour="#334155"))
        top += len(bars) * BAR + GAP
    return "\n".join([*parts, "</svg>"]) + "\n"


def _measured(results: Results, line: str) -> dict[str, float]:
    """Requests a second of each side that was measured."""
    rates = {side: per_second(results, line, side) for side in SIDES}
    return {side: reached for side, reached in rates.items() if reached}


def _caption(results: Results) -> str:
    machine, options = results["machine"], results["options"]
    return (
        f"{machine['cores']} cores ({machine['cpu']}) shared by server, database and client; token and exact total "
        f"included; medians of {options['rounds']} rounds, logarithmic scale"
    )


def _legend() -> Iterator[str]:
    x = LEFT
    for side in SIDES:
        yield f'<rect x="{x}" y="58" width="12" height="12" rx="2" fill="{COLOURS[side]}"/>'
        yield _words(x + 18, 68, NAMES[side])
        x += 36 + 7 * len(NAMES[side])


def _grid(low: int, high: int, height: int) -> Iterator[str]:
    for power in range(low, high + 1):
        x = LEFT + (power - low) / (high - low) * WIDTH
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - 32}" stroke="#e2e8f0"/>'
        yield _words(x, height - 16, f"{10**power:,g}", anchor="middle", colour="#64748b")


def _words(
    x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", colour: str = "#0f172a", bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
        f"{escape(text.replace('`', ''))}</text>"
    )
