"""Bang's blinding index of each arm: how far guesses of the arm are better than chance.

Bang, Ni, Davis 2004 (Control Clin Trials 25:143). 1: all guess right; 0: as by chance; -1: all guess wrong. "Do not
know" counts among the guesses. The two arms are answered apart, never averaged: opposite biases would cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from spinereview.analysis.figures import Figure, Interval, normal_quantile, note, nothing
from spinereview.domain.checks import require
from spinereview.domain.table import Table

METHOD = "BANG_NORMAL"
SMALL = 10
"""Below this many guesses the normal interval is rough; the limit is ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """Guesses about the subjects of one arm."""

    right: int
    wrong: int
    unknown: int = 0

    def __post_init__(self) -> None:
        for name in ("right", "wrong", "unknown"):
            require(holds=getattr(self, name) >= 0, code="GUESSES_NEGATIVE", name=name, value=getattr(self, name))

    @property
    def total(self) -> int:
        """All guesses."""
        return self.right + self.wrong + self.unknown


def guesses_of(pairs: Sequence[tuple[str, str | None]], arm: str) -> Guesses:
    """Guesses about one arm, from pairs of the arm and what was guessed; None or an empty guess is "do not know".

    >>> guesses_of([("A", "A"), ("A", "B"), ("A", None), ("B", "A")], "A")
    Guesses(right=1, wrong=1, unknown=1)
    """
    said = [guess for actual, guess in pairs if actual == arm]
    return Guesses(
        right=sum(guess == arm for guess in said),
        wrong=sum(guess not in {arm, None, ""} for guess in said),
        unknown=sum(guess in {None, ""} for guess in said),
    )


def bang_index(guesses: Guesses, *, level_pct: float = 95.0) -> Figure:
    """Index of an arm: (2 r - 1) (right + wrong) / n with r = right / (right + wrong), which is (right - wrong) / n.

    The interval is normal, cut at -1 and 1, from the multinomial variance of the difference.
    """
    n = guesses.total
    parts = {"right": guesses.right, "wrong": guesses.wrong, "unknown": guesses.unknown, "n": n}
    counted = Table({name: float(value) for name, value in parts.items()})
    if n == 0:
        return nothing("bang", note("BANG_NO_GUESSES"), parts=dict(counted))
    right, wrong = guesses.right / n, guesses.wrong / n
    value = right - wrong
    variance = (right * (1 - right) + wrong * (1 - wrong) + 2 * right * wrong) / n
    notes = (note("BANG_FEW", count=n),) if n < SMALL else ()
    if max(parts["right"], parts["wrong"], parts["unknown"]) == n:
        return Figure(name="bang", value=value, parts=counted, notes=(*notes, note("BANG_ALL_ALIKE")))
    half = normal_quantile(level_pct) * sqrt(variance)
    interval = Interval(low=max(-1.0, value - half), high=min(1.0, value + half), level_pct=level_pct, method=METHOD)
    return Figure(name="bang", value=value, intervals=(interval,), parts=counted, notes=notes)
