"""P15: 3,500 slices, about 1.8 GB: opened within the budget of memory, or image by image with a word about it.

Opened twice, each time in a process of its own: with the memory that the machine has, and with so little that the volume
cannot fit. In both every image is read, and has to be its own.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks.harness import Bench, Goal, Result
from benchmarks.opening import Opened, opened
from benchmarks.sparse import sparse_ct

IMAGES = 3_500
LITTLE_BYTES = 1 << 30
P15 = Goal(id="P15", what="peak / budget, 3,500 slices of 512 x 512", limit=1)
P15_VOLUME = Goal(id="P15", what="peak / volume where they fit, else / budget", limit=1.15)
P15_LITTLE = Goal(id="P15", what="peak / budget with 1 GB, image by image and said so", limit=1)
GOALS = (P15, P15_VOLUME, P15_LITTLE)
_MOST_ROUNDS = 3


def run(bench: Bench) -> Iterator[Result]:
    folder = bench.once(f"sparse_{IMAGES}", lambda made: sparse_ct(made, IMAGES))
    found = [opened(folder) for _round in range(min(bench.rounds, _MOST_ROUNDS))]
    peak = statistics.median(one.peak_bytes for one in found)
    notes = _notes(found[0])
    seconds = {"first image": [one.first_s for one in found], "all images": [one.load_s for one in found]}
    yield Result(goal=P15, value=peak / found[0].budget_bytes, seconds=seconds, notes=notes)
    held = found[0].volume_bytes if found[0].whole else found[0].budget_bytes
    yield Result(goal=P15_VOLUME, value=peak / held, seconds=seconds, notes=notes)
    little = opened(folder, LITTLE_BYTES)
    if little.whole or not little.said:
        raise AssertionError("what does not fit is not said")
    yield Result(
        goal=P15_LITTLE,
        value=little.peak_bytes / LITTLE_BYTES,
        seconds={"first image": [little.first_s], "all images": [little.load_s]},
        notes=_notes(little),
    )


def _notes(one: Opened) -> dict[str, object]:
    return {"whole": one.whole, "said": one.said, "peak_bytes": one.peak_bytes, "budget_bytes": one.budget_bytes}
