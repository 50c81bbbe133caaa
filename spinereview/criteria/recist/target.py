"""Response of the target lesions: the ordered rules of RECIST 1.1 (Eisenhauer 2009), 4.3.1 and 4.3.2.

First match wins. Thresholds are tested on exact numbers; a lesion that is not evaluable can only add to the sum, so that
progression of the others stands (4.4.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import ZERO, fragment_mm, total, value_mm
from spinereview.criteria.recist.values import TargetResponse, TargetValue
from spinereview.domain.lesion import LesionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Response, the number of the rule that gave it, and whether the sum alone would be progression."""

    response: TargetResponse
    rule: int
    progressed: bool = False


def target_response(
    baseline_mm: Decimal,
    nadir_mm: Decimal,
    values: Mapping[str, TargetValue],
    settings: Settings,
    *,
    all_removed: bool = False,
) -> Verdict:
    """Response at one visit.

    Parameters
    ----------
    baseline_mm, nadir_mm
        Sums of diameters over the lesions in ``values``; the nadir is the smallest of baseline and visits before.
    values
        Remaining target lesions at this visit, as they count.
    all_removed
        The protocol has taken out every target lesion.

    Returns
    -------
    Verdict
        ``rule``: 1 no target lesion; 2 none evaluable or none left; 3 progression of the evaluable ones; 4 some not
        evaluable; 5 CR; 6 PD; 7 PD from a nadir of zero; 8 PR; 9 SD.

    References
    ----------
    RECIST 1.1 (Eisenhauer 2009), 4.3.1, 4.3.2, 4.4.2.
    """
    if all_removed:
        return Verdict(response=TargetResponse.NE, rule=2)
    if not values:
        return Verdict(response=TargetResponse.NA, rule=1)
    evaluable = [value for value in values.values() if value.evaluable]
    if not evaluable:
        return Verdict(response=TargetResponse.NE, rule=2)
    sum_mm = total(value_mm(value, settings) for value in evaluable)
    progressed = progressed_by_size(sum_mm, nadir_mm, settings)
    if len(evaluable) < len(values):
        if progressed and settings.pd_partial_sum:
            return Verdict(response=TargetResponse.PD, rule=3, progressed=True)
        return Verdict(response=TargetResponse.NE, rule=4, progressed=progressed)
    complete = all(supports_cr(lesion, values, settings) for lesion in values)
    if complete and (settings.cr_beats_pd_normal_nodes or not progressed):
        return Verdict(response=TargetResponse.CR, rule=5, progressed=progressed)
    if progressed:
        return Verdict(response=TargetResponse.PD, rule=6 if nadir_mm > 0 else 7, progressed=True)
    if responded(sum_mm, baseline_mm, settings):
        return Verdict(response=TargetResponse.PR, rule=8)
    return Verdict(response=TargetResponse.SD, rule=9)


def progressed_by_size(sum_mm: Decimal, nadir_mm: Decimal, settings: Settings) -> bool:
    """At least +20 % and at least +5 mm over the nadir; from a nadir of zero at least 5 mm (our reading).

    >>> at_25 = Decimal(25)
    >>> [progressed_by_size(Decimal(now), at_25, Settings()) for now in ("29.9", "30.0")]
    [False, True]
    """
    if nadir_mm > 0:
        return rose_by_share(sum_mm, nadir_mm, settings) and total([sum_mm, -nadir_mm]) >= settings.pd_abs_mm
    return sum_mm >= settings.pd_abs_mm or (settings.nadir_zero_pd == "any" and sum_mm > ZERO)


def rose_by_share(sum_mm: Decimal, nadir_mm: Decimal, settings: Settings) -> bool:
    """Whether the relative limit alone is reached."""
    # Whole numbers, not fractions: this runs for every visit whenever a caliper moves.
    now, now_by = sum_mm.as_integer_ratio()
    nadir, nadir_by = nadir_mm.as_integer_ratio()
    share, share_by = settings.pd_threshold.as_integer_ratio()
    return now * nadir_by * share_by >= (share_by + share) * nadir * now_by


def responded(sum_mm: Decimal, baseline_mm: Decimal, settings: Settings) -> bool:
    """At least -30 % from the baseline.

    >>> [responded(Decimal(now), Decimal(100), Settings()) for now in ("70.0", "70.1")]
    [True, False]
    """
    now, now_by = sum_mm.as_integer_ratio()
    baseline, baseline_by = baseline_mm.as_integer_ratio()
    share, share_by = settings.pr_threshold.as_integer_ratio()
    return now * baseline_by * share_by <= (share_by - share) * baseline * now_by


def supports_cr(lesion: str, values: Mapping[str, TargetValue], settings: Settings) -> bool:
    """Whether a lesion is compatible with CR: gone, or a node whose short axis is below 10 mm (4.3.1, 4.3.2).

    A partner of a merged mass supports CR exactly when its carrier does. A mass of a node and another lesion is not nodal.
    Of a node that split every fragment must be below the limit, not their sum (our reading).
    """
    value = values[lesion]
    carrier = lesion if value.carrier is None else value.carrier
    if values[carrier].state is LesionState.ABSENT:
        return True
    return mass_is_nodal(carrier, values) and _largest_part_mm(values[carrier], settings) < settings.node_path_min


def mass_is_nodal(carrier: str, values: Mapping[str, TargetValue]) -> bool:
    """Whether a lesion, and everything that merged into it, is nodal."""
    return values[carrier].nodal and all(value.nodal for value in values.values() if value.carrier == carrier)


def _largest_part_mm(value: TargetValue, settings: Settings) -> Decimal:
    if value.state is LesionState.SPLIT:
        return max(fragment_mm(part, settings) for part in value.parts)
    return value_mm(value, settings)
