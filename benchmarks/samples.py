"""Sample cases: how long they take to make, how much memory, and whether equal recipes give equal bytes.

Each making runs in a process of its own, as the command does; ``python -m benchmarks.samples FOLDER WHICH`` is one.
"""

from __future__ import annotations

import hashlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.harness import Bench, Goal, Result
from benchmarks.peak import peak_bytes
from spinereview.workflow.samples import make_samples

FIRST_S = Goal(id="S1", what="seconds to make the case of the first run", limit=5)
ALL_S = Goal(id="S2", what="seconds to make all sample cases", limit=60)
PEAK = Goal(id="S3", what="peak memory of making them all, in MB", limit=400)
SAME = Goal(id="S4", what="files that differ between two makings", limit=0)
GOALS = (FIRST_S, ALL_S, PEAK, SAME)
_MOST_ROUNDS = 3


def run(bench: Bench) -> Iterator[Result]:
    """Make the first case and then all of them, a few times each; the median counts."""
    rounds = min(bench.rounds, _MOST_ROUNDS)
    first = [_made(bench.folder / f"samples_first_{number}", "first-run") for number in range(rounds)]
    seconds, cpu = [one.seconds for one in first], [one.cpu_seconds for one in first]
    yield Result(
        goal=FIRST_S, value=statistics.median(seconds), seconds={"first-run": seconds}, notes={"cpu_seconds": cpu}
    )
    folders = [bench.folder / f"samples_all_{number}" for number in range(max(2, rounds))]
    all_of_them = [_made(folder, "all") for folder in folders]
    seconds, cpu = [one.seconds for one in all_of_them], [one.cpu_seconds for one in all_of_them]
    peaks = [one.peak for one in all_of_them]
    yield Result(goal=ALL_S, value=statistics.median(seconds), seconds={"all": seconds}, notes={"cpu_seconds": cpu})
    yield Result(goal=PEAK, value=max(peaks) / 1e6, notes={"peak_bytes": peaks})
    one, other = (_digests(folder) for folder in folders[:2])
    differing = sum(one.get(name) != other.get(name) for name in one.keys() | other.keys())
    yield Result(goal=SAME, value=differing, notes={"files": len(one)})


class _Making(NamedTuple):
    """What making samples took: seconds on the clock and of the processor, and bytes at the peak."""

    seconds: float
    cpu_seconds: float
    peak: int


def _made(folder: Path, which: str) -> _Making:
    """Make samples in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.samples", str(folder), which]
    taken, cpu, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return _Making(seconds=float(taken), cpu_seconds=float(cpu), peak=int(peak))


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file by its name below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def main() -> None:
    begun = time.perf_counter()
    make_samples(Path(sys.argv[1]), sys.argv[2])
    print(time.perf_counter() - begun, time.process_time(), peak_bytes())


if __name__ == "__main__":
    main()
