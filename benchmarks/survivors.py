"""What no test notices: the reason of each surviving error, the last results, and the tables of ``docs/mutation.md``.

``benchmarks/survivors.toml`` names for a survivor its module, its function (qualified; empty outside of functions) and its
text as the runner prints it; ``what`` may be a list of texts that share a reason. A line number would be wrong with the next
change. One entry covers all errors of one text in a function, as of a number that stands there twice.
"""

from __future__ import annotations

import functools
import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
REASONS = ROOT / "benchmarks" / "survivors.toml"
RESULTS = ROOT / "build" / "mutation.json"
DOCUMENT = ROOT / "docs" / "mutation.md"

_BEGIN, _END = "<!-- tables: begin -->", "<!-- tables: end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """An error that no test noticed."""

    function: str
    line: int
    what: str

    @property
    def key(self) -> tuple[str, str]:
        """What names it in the file of reasons, beside the module."""
        return (self.function, self.what)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of the mutants of one module."""

    module: str
    mutants: int = 0
    survivors: list[Survivor] = field(default_factory=list)

    @property
    def score(self) -> float:
        """Part of the mutants that a test noticed."""
        return 1 - len(self.survivors) / self.mutants if self.mutants else 1.0


def given() -> Iterator[tuple[str, str, str, str]]:
    """Module, function, text and reason of every entry."""
    for entry in tomllib.loads(REASONS.read_text(encoding="utf-8"))["survivor"]:
        texts = [entry["what"]] if isinstance(entry["what"], str) else entry["what"]
        for text in texts:
            yield entry["module"], entry.get("function", ""), text, entry["reason"]


@functools.cache
def _reasons() -> dict[str, dict[tuple[str, str], str]]:
    by_module: dict[str, dict[tuple[str, str], str]] = {}
    for module, function, text, reason in given():
        by_module.setdefault(module, {})[function, text] = reason
    return by_module


def reasons_of(module: str) -> dict[tuple[str, str], str]:
    """Reasons of a module's survivors, by function and text."""
    return _reasons().get(module, {})


def without_need(tally: Tally) -> list[tuple[str, str]]:
    """Function and text of the entries whose errors did not survive."""
    return sorted(reasons_of(tally.module).keys() - {one.key for one in tally.survivors})


def kept(path: Path) -> list[Tally]:
    """Last results, of every module that was run; none where there is no file."""
    if not path.exists():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))
    return [
        Tally(module=module, mutants=one["mutants"], survivors=[Survivor(**survivor) for survivor in one["survivors"]])
        for module, one in found.items()
    ]


def keep(tallies: Iterable[Tally], path: Path) -> None:
    """Put results in the place of earlier ones of the same modules."""
    merged = {one.module: one for one in [*kept(path), *tallies]}
    raw = {
        name: {"mutants": merged[name].mutants, "survivors": [asdict(one) for one in merged[name].survivors]}
        for name in sorted(merged)
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(raw, indent=1), encoding="utf-8")
    new.replace(path)


def write_tables(tallies: Sequence[Tally], modules: Sequence[str]) -> None:
    """Put the tables into ``docs/mutation.md``, between its two marks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.split(_BEGIN)[0], text.split(_END)[1]
    DOCUMENT.write_text(f"{before}{_BEGIN}\n{tables(tallies, modules)}{_END}{after}", encoding="utf-8")


def tables(tallies: Sequence[Tally], modules: Sequence[str]) -> str:
    """Score of each module, and its survivors with their reasons; what was not run is said."""
    run = {one.module: one for one in tallies}
    there = [run[name] for name in modules if name in run]
    mutants = sum(one.mutants for one in there)
    noticed = mutants - sum(len(one.survivors) for one in there)
    missing = [name for name in modules if name not in run]
    lines = [f"Tests notice {noticed} of {mutants} errors: **{noticed / mutants if mutants else 1:.3f}**.", ""]
    if missing:
        lines += [f"Not run: {', '.join(missing)}.", ""]
    lines += ["| module | score | survive | without a reason |", "|---|---|---|---|"]
    for one in there:
        if one.mutants:
            bare = sum(survivor.key not in reasons_of(one.module) for survivor in one.survivors)
            lines.append(f"| `{one.module}` | {one.score:.2f} | {len(one.survivors)} of {one.mutants} | {bare or ''} |")
    lines += ["", "| where | error | reason |", "|---|---|---|"]
    for one in there:
        reasons = reasons_of(one.module)
        rows: dict[tuple[str, str], list[str]] = {}
        for function, what in dict.fromkeys(survivor.key for survivor in one.survivors):
            shown = what.replace("|", "\\|")
            rows.setdefault((function, reasons.get((function, what), "**none yet**")), []).append(f"`{shown}`")
        for (function, reason), errors in rows.items():
            place = f"`{one.module}` {function}".rstrip()
            lines.append(f"| {place} | {'; '.join(errors)} | {reason} |")
    return "\n".join([*lines, ""])
