"""Local failure by size and by judgement: one result for each visit after the baseline, in the light of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from spinereview.criteria.local_control.values import Judgement, Settings
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.recist.sums import Sums, fragment_mm, total, value_mm
from spinereview.criteria.recist.target import progressed_by_size
from spinereview.criteria.recist.values import TargetValue
from spinereview.criteria.responses import LocalResult
from spinereview.domain.lesion import LesionState

CONTROL, FAILURE, EQUIVOCAL, NE = LocalResult.CONTROL, LocalResult.FAILURE, LocalResult.EQUIVOCAL, LocalResult.NE


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Result of a visit, and the code that says why."""

    result: LocalResult
    code: str


def by_protocol(sums: Sequence[Sums], settings: Settings, recist: RecistSettings) -> list[Found]:
    """LC_PROTOCOL_06120426: at least +20 % of the sum at the baseline of the treatment; no absolute limit by default.

    Where the baseline is zero: a lesion of at least 10 mm, or growth on two consecutive scans that could be evaluated, then
    dated at the first of them. Text of the registry; the details are our reading.
    """
    found = [_against_baseline(one, settings, recist) for one in sums]
    before_mm = Decimal(0)
    grew: int | None = None
    for at, one in enumerate(sums):
        if one.sum_mm is None or one.baseline_mm != 0:
            continue
        rising = one.sum_mm > before_mm
        if rising and grew is not None:
            for index in (grew, at):
                if found[index].result is CONTROL:
                    found[index] = Found(result=FAILURE, code="LC_GREW_TWICE")
        grew = at if rising else None
        before_mm = one.sum_mm
    return found


def by_nadir(sums: Sequence[Sums], recist: RecistSettings) -> list[Found]:
    """LC_RECIST_NADIR: progression by size as in RECIST 1.1 (Eisenhauer 2009), 4.3.1, from a nadir of zero our reading."""
    return [_against_nadir(one, recist) for one in sums]


def by_judgement(judgements: Sequence[Judgement | None]) -> list[Found]:
    """LC_SPINO (Thibault 2015): unequivocal growth fails; one that was equivocal before is dated at the first such scan.

    Two equivocal scans confirm nothing; one that is stable or smaller after an equivocal one was pseudoprogression. A scan
    that could not be evaluated breaks no run (our reading; to be confirmed by a clinician).
    """
    words = {
        Judgement.UNEQUIVOCAL: Found(result=FAILURE, code="LC_SPINO_UNEQUIVOCAL"),
        Judgement.EQUIVOCAL: Found(result=EQUIVOCAL, code="LC_SPINO_EQUIVOCAL"),
        Judgement.NONE: Found(result=CONTROL, code="LC_SPINO_NONE"),
        Judgement.NE: Found(result=NE, code="LC_NE"),
    }
    found = [Found(result=NE, code="LC_JUDGEMENT_MISSING") if one is None else words[one] for one in judgements]
    run: list[int] = []
    for at, one in enumerate(judgements):
        if one in {None, Judgement.NE}:
            continue
        if one is Judgement.EQUIVOCAL:
            run.append(at)
            if len(run) > 1:
                found[at] = Found(result=EQUIVOCAL, code="LC_SPINO_EQUIVOCAL_AGAIN")
            continue
        if run and one is Judgement.UNEQUIVOCAL:
            found[run[0]] = Found(result=FAILURE, code="LC_SPINO_CONFIRMED")
        elif run:
            found[at] = Found(result=CONTROL, code="LC_SPINO_PSEUDOPROGRESSION")
        run = []
    return found


def _against_baseline(sums: Sums, settings: Settings, recist: RecistSettings) -> Found:
    if sums.baseline_mm is None:
        return Found(result=NE, code="LC_NE_NO_BASELINE")
    if not any(value.evaluable for value in sums.kept.values()):
        return Found(result=NE, code="LC_NE")
    if sums.baseline_mm == 0:
        largest = max(_largest_mm(value, recist) for value in sums.kept.values() if value.evaluable)
        failed, code = largest >= settings.lc_recurrence_mm, "LC_RECURRENCE"
    else:
        limit = (1 + Fraction(settings.lc_threshold)) * Fraction(sums.baseline_mm)
        now = Fraction(sums.evaluable_mm)
        reached = now >= limit if settings.lc_compare == ">=" else now > limit
        failed = reached and total([sums.evaluable_mm, -sums.baseline_mm]) >= settings.lc_abs_mm
        code = "LC_OVER_BASELINE"
    return _found(sums, failed=failed, code=code, control="LC_CONTROL_BASELINE")


def _against_nadir(sums: Sums, recist: RecistSettings) -> Found:
    if sums.nadir_mm is None:
        return Found(result=NE, code="LC_NE_NO_BASELINE")
    if not any(value.evaluable for value in sums.kept.values()):
        return Found(result=NE, code="LC_NE")
    failed = progressed_by_size(sums.evaluable_mm, sums.nadir_mm, recist)
    return _found(sums, failed=failed, code="LC_OVER_NADIR", control="LC_CONTROL_NADIR")


def _found(sums: Sums, *, failed: bool, code: str, control: str) -> Found:
    """A site without a value can only add to the sum: failure of the others stands, control does not."""
    if failed:
        return Found(result=FAILURE, code=code)
    return Found(result=CONTROL, code=control) if sums.sum_mm is not None else Found(result=NE, code="LC_NE_PARTIAL")


def _largest_mm(value: TargetValue, recist: RecistSettings) -> Decimal:
    if value.state is LesionState.SPLIT:
        return max(fragment_mm(part, recist) for part in value.parts)
    return value_mm(value, recist)
