"""Run the measurements: ``python -m benchmarks [topic ...] [--rounds N] [--write]``; every topic where none is named."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.harness import Goal, run
from benchmarks.page import write_page

TOPICS = (
    "load",
    "scanning",
    "scroll",
    "window",
    "ahead",
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
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument(
        "--write-only", action="store_true", help="the same from the report of the last run; measures nothing"
    )
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.topics) - set(TOPICS)):
        parser.error(f"no such topic: {', '.join(unknown)}")
    modules = [importlib.import_module(f"benchmarks.{name}") for name in chosen.topics or TOPICS]
    ended = 0 if chosen.write_only else run(modules, rounds=chosen.rounds, report=chosen.report)
    if chosen.write or chosen.write_only:
        parts = write_page(chosen.report, every_goal())
        print(
            f"docs/performance.md: {', '.join(parts) or 'nothing new; the table of goals needs a run of every topic'}"
        )
    return ended


def every_goal() -> list[Goal]:
    """The goals of all topics."""
    modules = [importlib.import_module(f"benchmarks.{name}") for name in TOPICS]
    return [goal for module in modules for goal in module.GOALS]


if __name__ == "__main__":
    sys.exit(main())
