"""A case as a read sees it: what a person said of it in the read stands beside what the case itself says."""

from __future__ import annotations

from dataclasses import replace

from spinereview.domain.case import Case
from spinereview.domain.known_length import calibrated_case
from spinereview.domain.read import Read


def case_as_read(case: Case, read: Read) -> Case:
    """A case with the images as the read calibrates them, and with the treated sites that it names.

    Where the case names treated sites itself, which a coordinator did, those of the read do not count.
    """
    seen = calibrated_case(case, read.calibrations)
    if case.treated_sites or not read.treated_sites:
        return seen
    return replace(seen, treated_sites=read.treated_sites)
