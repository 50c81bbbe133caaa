"""Which timepoint is the baseline, and which come before another: by the case alone, never by a date."""

from __future__ import annotations

from spinereview.criteria.evidence.recist import baseline_of as baseline
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.read import Lock, Read

__all__ = ["baseline", "earlier", "has_begun", "is_final"]


def earlier(case: Case, timepoint: Timepoint) -> tuple[Timepoint, ...]:
    """Timepoints before another, from the first on."""
    return tuple(before for before in case.in_order if before.ordinal < timepoint.ordinal)


def is_final(read: Read, case: Case, timepoint: Timepoint) -> bool:
    """Whether what follows from a timepoint can change no more without an amendment: it and all before it are locked."""
    return all(read.lock_of(one.id) is Lock.LOCKED for one in (*earlier(case, timepoint), timepoint))


def has_begun(read: Read, timepoint: Timepoint) -> bool:
    """Whether a response of a timepoint says something: before anybody looked, "no evidence of disease" would be a guess."""
    return bool(read.lesions) or read.lock_of(timepoint.id) is not Lock.OPEN
