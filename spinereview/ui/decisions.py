"""How an answer to a question of the response is given: at once, or with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinereview.text import sentence

if TYPE_CHECKING:
    from spinereview.ui.workbench import Workbench

WITH_REASON = frozenset({("AFTER_CR", "AMEND_CR_TO_PR"), ("RESIDUAL_CR", "CR")})
"""Answers that change what was said of earlier visits, or rest on something outside the images."""


def decide(bench: Workbench, key: str, value: str) -> None:
    """Give an answer at the current timepoint; one that needs a reason asks for it first."""
    reading, timepoint = bench.reading, bench.reading.current
    if timepoint is None:
        return
    if (key, value) not in WITH_REASON:
        reading.decide(key, value)
        return

    def answered(reason: str) -> None:
        # The reader may have gone to another timepoint while he wrote.
        reading.show_timepoint(timepoint.id)
        reading.decide(key, value, reason)
        bench.grid.active.setFocus()

    bench.ask.ask(sentence(f"UI_ASK_{value}", {"timepoint": timepoint.label}), answered)
