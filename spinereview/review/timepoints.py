"""Which timepoint is the baseline, and which come before another: by the case alone, never by a date."""

from __future__ import annotations

from spinereview.domain.case import Case, Timepoint

RECIST_BASELINE = "RECIST"
"""Flag of a timepoint in ``Timepoint.baseline_for``."""


def baseline(case: Case) -> Timepoint | None:
    """Baseline of the sum of diameters: the flagged timepoint, else the first; None in a case without images."""
    ordered = case.in_order
    flagged = [timepoint for timepoint in ordered if RECIST_BASELINE in timepoint.baseline_for]
    return next(iter(flagged or ordered), None)


def earlier(case: Case, timepoint: Timepoint) -> tuple[Timepoint, ...]:
    """Timepoints before another, from the first on."""
    return tuple(before for before in case.in_order if before.ordinal < timepoint.ordinal)
