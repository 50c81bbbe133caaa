"""Goals, rounds and results: how a measurement is made and said.

A speed is a ratio of medians within one run: the methods take turns in random order, and their outputs are compared for
equality before the clock starts. A topic is a module with ``GOALS`` and ``run(bench)``, which yields a :class:`Result` for
each goal; it raises :class:`NotRun` where a peer is missing.
"""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

LIBRARIES = ("numpy", "pydicom", "imagecodecs", "PySide6-Essentials", "simpleitk", "python-gdcm", "vtk", "pyqtgraph")


class NotRun(Exception):
    """A measurement that cannot be made here, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is measured, and what it should come to.

    Parameters
    ----------
    at_most
        Whether ``limit`` is an upper bound; else it is a lower one.
    """

    id: str
    what: str
    limit: float
    at_most: bool = True

    def met(self, value: float) -> bool:
        """Whether a value reaches the goal."""
        return value <= self.limit if self.at_most else value >= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came out; ``seconds`` holds every round of every method."""

    goal: Goal
    value: float | None = None
    why: str = ""
    seconds: Mapping[str, list[float]] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """One line for people and scripts: ``P1 load / limit  1.62  goal <= 1.70  ok``."""
        head = f"{self.goal.id} {self.goal.what}"
        if self.value is None:
            return f"{head}  not run: {self.why}"
        sign = "<=" if self.goal.at_most else ">="
        verdict = "ok" if self.goal.met(self.value) else "MISSED"
        return f"{head}  {self.value:.2f}  goal {sign} {self.goal.limit:.2f}  {verdict}"

    def as_json(self) -> dict[str, Any]:
        """Everything that the line says, with rounds, medians and spread."""
        methods = {
            name: {
                "rounds": len(taken),
                "median_s": statistics.median(taken),
                "least_s": min(taken),
                "greatest_s": max(taken),
                "quartiles_s": statistics.quantiles(taken, n=4) if len(taken) > 1 else taken,
            }
            for name, taken in self.seconds.items()
        }
        met = None if self.value is None else self.goal.met(self.value)
        return {**asdict(self.goal), "value": self.value, "met": met, "why": self.why, "methods": methods, **self.notes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where and how often to measure.

    Parameters
    ----------
    folder
        Temporary; topics share what they write there, by name.
    """

    folder: Path
    rounds: int = 9
    order: random.Random = field(default_factory=lambda: random.Random(0))

    def once(self, name: str, make: Callable[[Path], object]) -> Path:
        """Folder of this name, made by the first topic that asks for it."""
        folder = self.folder / name
        if not folder.exists():
            make(folder)
        return folder

    def timed(
        self, methods: Mapping[str, Callable[[], Any]], equal: Callable[[Any, Any], bool]
    ) -> Mapping[str, list[float]]:
        """Seconds of each method in each round, after all outputs have been found equal to that of the first."""
        names = list(methods)
        reference = methods[names[0]]()
        for name in names[1:]:
            if not equal(reference, methods[name]()):
                raise AssertionError(f"{name} and {names[0]} do not give the same")
        del reference
        taken: dict[str, list[float]] = {name: [] for name in names}
        for _round in range(self.rounds):
            for name in self.order.sample(names, len(names)):
                gc.collect()
                begun = time.perf_counter()
                output = methods[name]()
                taken[name].append(time.perf_counter() - begun)
                del output
        return taken


def ratio(seconds: Mapping[str, list[float]], over: str, under: str) -> float:
    """Median of one method over that of another."""
    return statistics.median(seconds[over]) / statistics.median(seconds[under])


def peer(module: str) -> ModuleType:
    """A program to measure against.

    Raises
    ------
    NotRun
        It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise NotRun(f"{module} is not installed (make bench installs it)") from error


def run_topic(topic: ModuleType, bench: Bench, say: Callable[[str], None] = print) -> list[Result]:
    """Results of every goal of a topic; said as they come."""
    results: list[Result] = []
    why = "the topic gave no result"
    try:
        for result in topic.run(bench):
            results.append(result)
            say(result.line)
    except NotRun as error:
        why = str(error)
    measured = {(result.goal.id, result.goal.what) for result in results}
    for goal in topic.GOALS:
        if (goal.id, goal.what) not in measured:
            results.append(Result(goal=goal, why=why))
            say(results[-1].line)
    return results


def machine() -> dict[str, Any]:
    """Cores, memory and versions: without them a figure says nothing."""
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return {
        "cores": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20,
        "system": platform.platform(),
        "python": platform.python_version(),
        "libraries": versions,
    }


def run(topics: list[ModuleType], *, rounds: int, report: Path, say: Callable[[str], None] = print) -> int:
    """Measure every topic, write the report; 0 where everything was measured, met or not, else 1."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="spinereview-bench-") as folder:
        for topic in topics:
            results += run_topic(topic, Bench(folder=Path(folder), rounds=rounds), say)
    report.parent.mkdir(parents=True, exist_ok=True)
    day = datetime.now(UTC).date().isoformat()
    content = {"day": day, "machine": machine(), "rounds": rounds, "results": [result.as_json() for result in results]}
    report.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return 0 if all(result.value is not None for result in results) else 1
