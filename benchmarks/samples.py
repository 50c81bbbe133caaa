"""Sample cases: how long they take to make, how much memory, and whether equal recipes give equal bytes.

Each making runs in a process of its own, as the command does; ``python -m benchmarks.samples FOLDER WHICH`` is one.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

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
    first = [_made(bench.folder / f"samples_first_{number}", "first-run")[0] for number in range(rounds)]
    yield Result(goal=FIRST_S, value=sorted(first)[rounds // 2], seconds={"first-run": first})
    folders = [bench.folder / f"samples_all_{number}" for number in range(max(2, rounds))]
    all_of_them = [_made(folder, "all") for folder in folders]
    seconds, peaks = [taken for taken, _ in all_of_them], [peak for _, peak in all_of_them]
    yield Result(goal=ALL_S, value=sorted(seconds)[len(seconds) // 2], seconds={"all": seconds})
    yield Result(goal=PEAK, value=max(peaks) / 1e6, notes={"peak_bytes": peaks})
    one, other = (_digests(folder) for folder in folders[:2])
    differing = sum(one.get(name) != other.get(name) for name in one.keys() | other.keys())
    yield Result(goal=SAME, value=differing, notes={"files": len(one)})


def _made(folder: Path, which: str) -> tuple[float, int]:
    """Seconds and bytes at the peak of a process that makes samples."""
    command = [sys.executable, "-m", "benchmarks.samples", str(folder), which]
    taken, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(taken), int(peak)


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
    print(time.perf_counter() - begun, peak_bytes())


if __name__ == "__main__":
    main()
