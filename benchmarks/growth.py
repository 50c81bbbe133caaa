"""How opening grows with the number of slices: scan, first image, all images, peak of memory, each in a process of its own.

Sparse files: what is measured is the program and the memory, not a disk. ``--write`` puts the table and the plot of these
rows into docs/performance.md and docs/performance.svg.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import asdict, replace

from benchmarks.harness import Bench, Goal, Result
from benchmarks.opening import Opened, opened
from benchmarks.sparse import sparse_ct

SIZES = (50, 100, 200, 400, 800, 1_600, 3_500)
G1 = Goal(id="G1", what="seconds a slice until the last image, 3,500 slices / 400", limit=1.5)
G2 = Goal(id="G2", what="seconds a slice of the scan, 3,500 slices / 400", limit=1.5)
G3 = Goal(id="G3", what="peak / volume at the worst size from 400 slices on", limit=1.15)
GOALS = (G1, G2, G3)
_BASE, _FROM = 400, 400
_MOST_ROUNDS = 3


def run(bench: Bench) -> Iterator[Result]:
    rows = {
        size: _median([_opened(bench, size) for _round in range(min(bench.rounds, _MOST_ROUNDS))]) for size in SIZES
    }
    notes = {"growth": [asdict(row) for row in rows.values()]}
    few, many = rows[_BASE], rows[SIZES[-1]]
    yield Result(
        goal=G1, value=_each(many, many.first_s + many.load_s) / _each(few, few.first_s + few.load_s), notes=notes
    )
    yield Result(goal=G2, value=_each(many, many.scan_s) / _each(few, few.scan_s))
    whole = [row for size, row in rows.items() if row.whole and size >= _FROM]
    yield Result(goal=G3, value=max(row.peak_bytes / row.volume_bytes for row in whole))


def _opened(bench: Bench, size: int) -> Opened:
    folder = bench.once(f"sparse_{size}", lambda made: sparse_ct(made, size))
    return opened(folder)


def _median(found: list[Opened]) -> Opened:
    """One row of several rounds: the median of each time and of the peak."""
    middle = {
        name: statistics.median(getattr(one, name) for one in found)
        for name in ("scan_s", "first_s", "load_s", "peak_bytes")
    }
    return replace(found[0], **middle)


def _each(row: Opened, seconds: float) -> float:
    return seconds / row.images
