"""Which timepoint is the baseline, and which come before another: by the case alone, never by a date."""

from __future__ import annotations

from spinereview.criteria.evidence.recist import baseline_of as baseline
from spinereview.domain.case import Case, Timepoint

__all__ = ["baseline", "earlier"]


def earlier(case: Case, timepoint: Timepoint) -> tuple[Timepoint, ...]:
    """Timepoints before another, from the first on."""
    return tuple(before for before in case.in_order if before.ordinal < timepoint.ordinal)
