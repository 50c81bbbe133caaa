"""The figures of docs/performance.md and the plot beside it, written from the report of a run and never by hand.

What stands between two markers is replaced. The table of goals is written from a run that measured every goal; the part on
growth from any run that measured growth. Each says on which machine and when its figures were measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import Goal

PAGE, PLOT = Path("docs/performance.md"), Path("docs/performance.svg")
_MB = 1e6
Row = Mapping[str, Any]


def write_page(report: Path, goals: Iterable[Goal], page: Path = PAGE, plot: Path = PLOT) -> list[str]:
    """Write what a report holds into the page; the names of the parts that were written."""
    content = json.loads(report.read_text(encoding="utf-8"))
    results, text = content["results"], page.read_text(encoding="utf-8")
    written = []
    measured = {(one["id"], one["what"]) for one in results}
    if all((goal.id, goal.what) in measured for goal in goals):
        text = between(text, "figures", figures(content))
        written.append("figures")
    rows = next((one["growth"] for one in results if "growth" in one), None)
    if rows:
        text = between(text, "growth", growth_table(rows, content))
        plot.write_text(growth_plot(rows), encoding="utf-8")
        written.append("growth")
    page.write_text(text, encoding="utf-8")
    return written


def between(text: str, name: str, new: str) -> str:
    """A page with other text between the two markers of a part."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    head, found, rest = text.partition(begin)
    _old, also, tail = rest.partition(end)
    if not found or not also:
        raise ValueError(f"the page has no part {name}")
    return f"{head}{begin}\n{new}\n{end}{tail}"


def machine_line(content: Mapping[str, Any]) -> str:
    """On what was measured."""
    machine = content["machine"]
    system = machine["system"].partition("-")[0]
    libraries = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items() if version)
    day = f" on {content['day']}" if content.get("day") else ""
    rounds = content["rounds"]
    return (
        f"Measured{day} in {rounds} round{'s' if rounds != 1 else ''}: {machine['cores']} cores,"
        f" {machine['memory_mb']:,} MB of memory, {system}, Python {machine['python']}; {libraries}."
    )


def figures(content: Mapping[str, Any]) -> str:
    """Table of the goals with their values."""
    lines = [machine_line(content), "", "| | What | Value | Goal | |", "|---|---|---:|---:|---|"]
    for one in sorted(content["results"], key=_in_order):
        sign = "≤" if one["at_most"] else "≥"
        value = "–" if one["value"] is None else f"{one['value']:,.2f}"
        verdict = f"not run: {one['why']}" if one["value"] is None else "reached" if one["met"] else "**missed**"
        lines.append(f"| {one['id']} | {one['what']} | {value} | {sign} {one['limit']:,.2f} | {verdict} |")
    return "\n".join(lines) + "\n"


def _in_order(one: Row) -> tuple[str, int]:
    letters = one["id"].rstrip("0123456789")
    # The goals of speed and memory come first, in the order of their numbers.
    return ("" if letters == "P" else letters, int(one["id"][len(letters) :] or 0))


def growth_table(rows: Sequence[Row], content: Mapping[str, Any]) -> str:
    """Table of what opening took for each number of slices."""
    lines = [
        machine_line(content),
        "",
        "| Slices | Volume, MB | Scan, s | First image, s | All images, s | Peak, MB | Read as |",
        "|---:|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        times = " | ".join(f"{value:.3f}" for value in (row["scan_s"], row["first_s"], row["first_s"] + row["load_s"]))
        sizes = [f"{row[name] / _MB:,.0f}" for name in ("volume_bytes", "peak_bytes")]
        way = "one volume" if row["whole"] else "single images"
        lines.append(f"| {row['images']:,} | {sizes[0]} | {times} | {sizes[1]} | {way} |")
    lines += ["", "![Time and memory by the number of slices](performance.svg)"]
    return "\n".join(lines) + "\n"


# The plot: two panels, time and memory over the number of slices

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _GAP = 760, 320, 60, 36, 44, 76
_PANEL = (_WIDTH - 2 * _LEFT - _GAP) // 2
_COLOURS = ("#1f6fb2", "#c2571a", "#4a7d3a")


def growth_plot(rows: Sequence[Row]) -> str:
    """Scalable drawing of the growth: straight lines where it is linear."""
    slices = [int(row["images"]) for row in rows]
    times = {
        "all images": [row["first_s"] + row["load_s"] for row in rows],
        "first image": [row["first_s"] for row in rows],
        "scan": [row["scan_s"] for row in rows],
    }
    memory = {
        "peak": [row["peak_bytes"] / _MB for row in rows],
        "volume": [row["volume_bytes"] / _MB for row in rows],
    }
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_panel(_LEFT, "Time, s", slices, times),
        *_panel(_LEFT + _PANEL + _GAP, "Memory, MB", slices, memory),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _panel(left: int, title: str, slices: Sequence[int], lines: Mapping[str, Sequence[float]]) -> list[str]:
    bottom, height = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP
    most_x, most_y = max(slices), rounded_up(max(max(values) for values in lines.values()))
    parts = [f'<text x="{left}" y="20" font-weight="bold" fill="#222222">{title}</text>']
    for quarter in range(5):
        y, value = bottom - height * quarter / 4, most_y * quarter / 4
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + _PANEL}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#444444">{value:,.4g}</text>')
        x = left + _PANEL * quarter / 4
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#444444">{most_x * quarter / 4:,.0f}</text>'
        )
    parts.append(
        f'<text x="{left + _PANEL / 2:.1f}" y="{bottom + 36}" text-anchor="middle" fill="#444444">slices of 512 x 512</text>'
    )
    for place, (name, values) in enumerate(lines.items()):
        colour = _COLOURS[place]
        points = [
            (left + _PANEL * x / most_x, bottom - height * y / most_y) for x, y in zip(slices, values, strict=True)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        parts.append(f'<text x="{left + 12}" y="{_TOP + 16 + 16 * place}" fill="{colour}">{name}</text>')
    return parts


def rounded_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten.

    >>> [rounded_up(value) for value in (0.3, 1.2, 7, 1840)]
    [0.5, 2.0, 10.0, 2000.0]
    """
    power = 10.0
    while power > value:
        power /= 10
    while power * 10 <= value:
        power *= 10
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value)
