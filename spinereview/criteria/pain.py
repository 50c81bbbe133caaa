"""Response of pain: International Consensus on palliative radiotherapy endpoints, Chow E et al. IJROBP 2012;82:1730-7.

Worst pain at the treated site, 0 to 10, and opioids as oral morphine equivalent in mg per day, each against the baseline.
Without opioid doses the consensus has no answer; what the pain alone says is answered beside it, and is not the consensus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spinereview.criteria.responses import MISSING, Dated, ResponseVisit, dated, no_anchor, no_schedule, undated
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.checks import require, require_text
from spinereview.domain.exact import reported_tenths
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import EventKind, Schedule
from spinereview.domain.settings import Flag, Numbers, Section, Whole, must
from spinereview.domain.table import Table

CRITERION = "pain"
RULE = "International Consensus (Chow 2012), Table 1"
OWN = "Pain without opioid doses, not International Consensus; reading of the program, docs/criteria.md"
WINDOW_RULE = "International Consensus (Chow 2012), time of assessment"
SILENT = "International Consensus (Chow 2012) is silent; reading of the program, docs/criteria.md"
NRS_MAX = 10
POINTS = 2
"""Change of the worst pain that counts."""


class PainResponse(StrEnum):
    """Words of the consensus; NE where something is missing, or there was no pain at baseline."""

    CR = "CR"
    PR = "PR"
    PP = "PP"
    INDETERMINATE = "INDETERMINATE"
    NE = "NE"


class PainOnly(StrEnum):
    """What the pain alone says; never a word of the consensus."""

    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    PROGRESSION = "PROGRESSION"
    NONE = "NONE"
    NOT_ASSESSABLE = "NOT_ASSESSABLE"
    NE = "NE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.pain]``.

    ``omed_tolerance_pct``: with 0 any increase of the opioids keeps a response from counting, with 25 one of 25 % or more.
    ``pp_both_worse``: more pain with more opioids is pain progression, else indeterminate.

    >>> Settings.parse({"omed_tolerance_pct": 25}).omed_tolerance_pct
    Decimal('25')
    """

    omed_tolerance_pct: Decimal = field(default=Decimal(0), metadata=must(Numbers((Decimal(0), Decimal(25)))))
    pp_both_worse: bool = field(default=True, metadata=must(Flag()))
    pain_primary_day: int = field(default=84, metadata=must(Whole(0)))
    pain_primary_tol_days: int = field(default=14, metadata=must(Whole(0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PainVisit:
    """What was said at one visit; None: nothing.

    Parameters
    ----------
    worst_pain
        At the treated site, a whole number from 0 to 10.
    omed_mg
        Oral morphine equivalent, mg per day; no opioid is 0.
    """

    timepoint: Id
    label: str = ""
    worst_pain: int | None = None
    omed_mg: Decimal | None = None
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        pain, omed = self.worst_pain, self.omed_mg
        require(holds=pain is None or 0 <= pain <= NRS_MAX, code="PAIN_RANGE", visit=self.name, value=pain)
        require(holds=omed is None or (omed.is_finite() and omed >= 0), code="OMED_RANGE", visit=self.name, value=omed)

    @property
    def name(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order, the first is the baseline; ``anchor`` is what the day of the primary assessment counts from."""

    visits: tuple[PainVisit, ...] = ()
    schedule: Schedule | None = None
    anchor: Anchor = Anchor.RT_END

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/pain"`` and ``"FU1/pain_only"`` of each visit after the baseline, and ``"pain/primary"``.

    The outcome is a :class:`PainResponse`, of ``pain_only`` a :class:`PainOnly`; ``pain/primary`` is the response of the
    visit that is nearest to the day of the primary assessment within its window, of two equally near the later one, and
    ``MISSING`` where its days are.

    Values: ``worst_pain``, ``baseline_pain``, ``pain_change``, ``omed_mg``, ``baseline_omed_mg``, and ``omed_change_pct`` in
    tenths, None from 0.
    """
    if not given.visits:
        return Table()
    baseline, *later = given.visits
    answers: dict[str, Assessment] = {}
    for visit in later:
        answers[f"{visit.timepoint}/pain"] = _response(baseline, visit, settings)
        answers[f"{visit.timepoint}/pain_only"] = _pain_only(baseline, visit)
    answers["pain/primary"] = _primary(given, answers, settings)
    return Table(answers)


def opioids_increased(before: Decimal, now: Decimal) -> bool:
    """Whether opioids rose by 25 % or more; any start from none does (our reading).

    >>> [opioids_increased(Decimal(40), Decimal(now)) for now in ("49.9", "50")], opioids_increased(Decimal(0), Decimal(1))
    ([False, True], True)
    """
    return now > 0 if before == 0 else Fraction(now) * 4 >= Fraction(before) * 5


def opioids_reduced(before: Decimal, now: Decimal) -> bool:
    """Whether opioids fell by 25 % or more; from none nothing falls.

    >>> [opioids_reduced(Decimal(40), Decimal(now)) for now in ("30", "30.1")], opioids_reduced(Decimal(0), Decimal(0))
    ([True, False], False)
    """
    return before > 0 and Fraction(now) * 4 <= Fraction(before) * 3


def _response(baseline: PainVisit, visit: PainVisit, settings: Settings) -> Assessment:
    base, now, omed_base, omed = baseline.worst_pain, visit.worst_pain, baseline.omed_mg, visit.omed_mg
    missing = _missing(baseline, visit, opioids=True)
    blocked = False
    if base == 0:
        outcome, code = PainResponse.NE, "PAIN_BASELINE_ZERO"
    elif base is None or now is None or omed_base is None or omed is None:
        outcome, code = PainResponse.NE, "PAIN_NE"
    else:
        increased = opioids_increased(omed_base, omed)
        more = increased if settings.omed_tolerance_pct else omed > omed_base
        less_pain = now == 0 or now <= base - POINTS
        blocked = less_pain and more
        if less_pain and not more:
            outcome, code = (PainResponse.CR, "PAIN_CR") if now == 0 else (PainResponse.PR, "PAIN_PR_SCORE")
        elif opioids_reduced(omed_base, omed) and now <= base:
            outcome, code = PainResponse.PR, "PAIN_PR_OPIOIDS"
        else:
            outcome, code = _progression(base, now, increased=increased, settings=settings)
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, CRITERION),
        outcome=outcome.value,
        values=_values(baseline, visit),
        because=(_reason(code, baseline, visit, SILENT if code == "PAIN_PP_BOTH" else RULE),),
        warnings=(_reason("PAIN_RESPONSE_BLOCKED", baseline, visit, RULE),) if blocked else (),
        missing=missing,
    )


def _progression(base: int, now: int, *, increased: bool, settings: Settings) -> tuple[PainResponse, str]:
    """What stands where there is no response."""
    worse = now >= base + POINTS
    if worse and not increased:
        return PainResponse.PP, "PAIN_PP_SCORE"
    if increased and now in (base, base + 1):
        return PainResponse.PP, "PAIN_PP_OPIOIDS"
    if worse and settings.pp_both_worse:
        return PainResponse.PP, "PAIN_PP_BOTH"
    return PainResponse.INDETERMINATE, "PAIN_INDETERMINATE"


def _pain_only(baseline: PainVisit, visit: PainVisit) -> Assessment:
    base, now = baseline.worst_pain, visit.worst_pain
    if base == 0:
        outcome = PainOnly.NOT_ASSESSABLE
    elif base is None or now is None:
        outcome = PainOnly.NE
    elif now == 0:
        outcome = PainOnly.COMPLETE
    elif now <= base - POINTS:
        outcome = PainOnly.PARTIAL
    else:
        outcome = PainOnly.PROGRESSION if now >= base + POINTS else PainOnly.NONE
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "pain_only"),
        outcome=outcome.value,
        values=_values(baseline, visit),
        because=(_reason(f"PAIN_ONLY_{outcome}", baseline, visit, OWN),),
        missing=_missing(baseline, visit, opioids=False),
    )


def _missing(baseline: PainVisit, visit: PainVisit, *, opioids: bool) -> tuple[Reason, ...]:
    wanted = [("PAIN_MISSING", one.worst_pain is None, one) for one in (baseline, visit)]
    if opioids:
        wanted += [("OMED_MISSING", one.omed_mg is None, one) for one in (baseline, visit)]
    return tuple(
        Reason(code=code, args=Table({"visit": one.name}), rule=RULE, refs=(one.ref,) if one.ref else ())
        for code, absent, one in wanted
        if absent
    )


def _values(baseline: PainVisit, visit: PainVisit) -> Table[Decimal | None]:
    base, now, omed_base, omed = baseline.worst_pain, visit.worst_pain, baseline.omed_mg, visit.omed_mg
    change = None if base is None or now is None else Decimal(now - base)
    ratio = None
    if omed_base and omed is not None:
        ratio = reported_tenths(100 * (Fraction(omed) / Fraction(omed_base) - 1))
    return Table(
        {
            "worst_pain": None if now is None else Decimal(now),
            "baseline_pain": None if base is None else Decimal(base),
            "pain_change": change,
            "omed_mg": omed,
            "baseline_omed_mg": omed_base,
            "omed_change_pct": ratio,
        }
    )


def _reason(code: str, baseline: PainVisit, visit: PainVisit, rule: str) -> Reason:
    args = {
        "base": str(baseline.worst_pain),
        "now": str(visit.worst_pain),
        "omed_base": str(baseline.omed_mg),
        "omed": str(visit.omed_mg),
    }
    refs = tuple(one.ref for one in (baseline, visit) if one.ref)
    return Reason(code=code, args=Table(args), rule=rule, refs=refs)


def _primary(given: Input, answers: Mapping[str, Assessment], settings: Settings) -> Assessment:
    lacking: tuple[Reason, ...] = ()
    start = None
    near: list[tuple[int, int, Dated]] = []
    if given.schedule is None:
        lacking = (no_schedule(),)
    else:
        start = given.schedule.anchors.get(given.anchor.value)
        lacking = () if start is not None else (no_anchor(given.anchor),)
    if given.schedule is not None and start is not None:
        nominal = start + settings.pain_primary_day
        first, last = nominal - settings.pain_primary_tol_days, nominal + settings.pain_primary_tol_days
        if given.schedule.cut_off is not None:
            last = min(last, given.schedule.cut_off)
        shadows = [ResponseVisit(timepoint=one.timepoint, label=one.label, response=None) for one in given.visits]
        listed = dated(shadows, given.schedule)[1:]
        lacking = undated([one for one in listed if one.day is None and one.earliest <= last and one.latest >= first])
        near = [
            (abs(one.day - nominal), -one.day, one)
            for one in listed
            if one.day is not None and first <= one.day <= last
        ]
    if lacking:
        return Assessment(criterion=CRITERION, scope=(CRITERION, "primary"), outcome=MISSING, missing=lacking)
    return _primary_of(given, answers, settings, near)


def _primary_of(
    given: Input, answers: Mapping[str, Assessment], settings: Settings, near: list[tuple[int, int, Dated]]
) -> Assessment:
    args = {
        "day": str(settings.pain_primary_day),
        "tolerance": str(settings.pain_primary_tol_days),
        "anchor": given.anchor.value,
    }
    if not near:
        reason = Reason(code="PAIN_PRIMARY_NO_VISIT", args=Table(args), rule=WINDOW_RULE)
        return Assessment(
            criterion=CRITERION, scope=(CRITERION, "primary"), outcome=PainResponse.NE.value, because=(reason,)
        )
    used = min(near, key=lambda one: one[:2])[2]
    own = answers[f"{used.visit.timepoint}/pain"]
    args |= {"visit": used.visit.name}
    reason = Reason(code="PAIN_PRIMARY", args=Table(args), rule=WINDOW_RULE, because=own.because)
    day = used.day
    therapies = () if given.schedule is None else given.schedule.of_kind(EventKind.NEW_THERAPY, EventKind.LOCAL_THERAPY)
    after = day is not None and any(event.day is None or event.day < day for event in therapies)
    return Assessment(
        criterion=CRITERION,
        scope=(CRITERION, "primary"),
        outcome=own.outcome,
        values=Table({**own.values, "day": None if day is None else Decimal(day)}),
        because=(reason,),
        warnings=(
            *own.warnings,
            *((Reason(code="PAIN_AFTER_THERAPY", args=Table(args), rule=SILENT),) if after else ()),
        ),
        missing=own.missing,
    )
