"""Start: from the process to a window that is painted and answers, as installed and frozen; there is no peer."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.harness import Bench, Goal, Result

P13 = Goal(id="P13", what="start of the program to the usable window, warm, s", limit=1.5)
P13_FROZEN = Goal(id="P13", what="start of the packaged program to the usable window, warm, s", limit=1.5)
P13_LATE = Goal(id="P13", what="libraries loaded at the start that only a later act needs", limit=0)
GOALS = (P13, P13_FROZEN, P13_LATE)

FROZEN = Path(__file__).parents[1] / "dist" / "spinereview" / "spinereview"
_WORDS = ("open", "--until-shown")


def run(bench: Bench) -> Iterator[Result]:
    home = bench.folder / "start"
    home.mkdir(exist_ok=True)
    own = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(home))
    environment = {**os.environ, **own, "QT_QPA_PLATFORM": "offscreen"}
    # An installed program has its modules compiled; without this every start would compile them anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    commands = {P13: [sys.executable, "-m", "spinereview", *_WORDS]}
    if FROZEN.exists() and _knows(FROZEN):
        commands[P13_FROZEN] = [str(FROZEN), *_WORDS]
    else:
        yield Result(goal=P13_FROZEN, why="there is no packaged program of this version (make package)")
    late: set[str] = set()
    seconds: dict[Goal, list[float]] = {goal: [] for goal in commands}
    for goal in commands:
        late.update(_shown(commands[goal], environment)[1])
    for _round in range(bench.rounds):
        for goal in bench.order.sample(list(commands), len(commands)):
            seconds[goal].append(_shown(commands[goal], environment)[0])
    for goal, taken in seconds.items():
        yield Result(goal=goal, value=statistics.median(taken), seconds={"start": taken})
    yield Result(goal=P13_LATE, value=float(len(late)), notes={"loaded": sorted(late)})


def _knows(program: Path) -> bool:
    """Whether a packaged program is new enough to say when its window is there."""
    done = subprocess.run([str(program), "open", "--help"], capture_output=True, text=True, check=False)
    return _WORDS[1] in done.stdout


def _shown(command: list[str], environment: Mapping[str, str]) -> tuple[float, list[str]]:
    """Seconds until the program says that its window is painted and answers, and the libraries that it names then."""
    begun = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - begun
        _, said = process.communicate(timeout=60)
    if process.returncode or not line.startswith("shown"):
        raise AssertionError(f"{command[0]} shows no window: {said}")
    return seconds, line.split()[1:]
