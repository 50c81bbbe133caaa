"""Run the measurements: ``python -m benchmarks [topic ...] [--rounds N]``; every topic where none is named."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.harness import run

TOPICS = (
    "load",
    "scanning",
    "scroll",
    "window",
    "start",
    "door",
    "geometry",
    "exactness",
    "assess",
    "samples",
    "lasting",
    "large",
    "growth",
)
"""Modules of this package with ``GOALS`` and ``run``, in the order of measuring."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="topic", help=f"of {', '.join(TOPICS)}")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--report", type=Path, default=Path("build/bench.json"))
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.topics) - set(TOPICS)):
        parser.error(f"no such topic: {', '.join(unknown)}")
    modules = [importlib.import_module(f"benchmarks.{name}") for name in chosen.topics or TOPICS]
    return run(modules, rounds=chosen.rounds, report=chosen.report)


if __name__ == "__main__":
    sys.exit(main())
