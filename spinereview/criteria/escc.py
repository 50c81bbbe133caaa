"""Epidural spinal cord compression of each level: Bilsky MH et al. J Neurosurg Spine 2010;13:324-8.

Grades 0, 1a, 1b, 1c, 2, 3 on axial T2; reliability Uei H et al. Spine 2018;43:E448. What is not known is a range and never
grade 0. How many sites are compressed is our reading: a site is a run of neighbouring levels from a threshold on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.escc_values import (
    CRITERION,
    GRADES,
    OWN_RULE,
    RULE,
    EsccVisit,
    Grade,
    Images,
    Input,
    LevelEscc,
    Settings,
)
from spinereview.domain.anatomy import Level, from_the_head
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.table import Table

NE = "NE"
NOT_APPLICABLE = "NOT_APPLICABLE"
_BELOW_CONUS_EXPECTED = frozenset(
    Level(name) for name in ("L3", "L4", "L5", "L6", "S1", "S2", "S3", "S4", "S5", "COCCYX")
)
"""The conus ends at about L1 to L2; from here on the reader is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Lowest and highest grade that a level can have."""

    low: Grade
    high: Grade

    def reaches(self, threshold: Grade) -> bool | None:
        """Whether the grade is at least the threshold; None where that is open."""
        least = GRADES.index(threshold)
        if GRADES.index(self.low) >= least:
            return True
        return None if GRADES.index(self.high) >= least else False


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/escc/T9"`` of each level, and ``"FU1/escc"`` of the highest one with the count of sites.

    The outcome is a :class:`Grade`, ``NE``, or ``NOT_APPLICABLE`` below the conus where the protocol does not grade there.
    Values: ``code`` (0 to 5, None where it is a range), ``low_code``, ``high_code``; of the visit also ``sites``,
    ``sites_low``, ``sites_high``.
    """
    answers: dict[str, Assessment] = {}
    for visit in given.visits:
        for level, one in visit.levels.items():
            answers[f"{visit.timepoint}/{CRITERION}/{level}"] = _level(visit, one, settings)
        if visit.levels or visit.rest_unremarkable or visit.covered:
            answers[f"{visit.timepoint}/{CRITERION}"] = _visit(given, visit, settings)
    return Table(answers)


def span_of(level: LevelEscc) -> Span:
    """Grades that a level can have: the reader's own, else what was seen leaves possible.

    >>> span_of(LevelEscc(level=Level.T9, images=Images.T2_AXIAL, cord_compressed=True))
    Span(low=<Grade.G2: '2'>, high=<Grade.G3: '3'>)
    """
    if level.images is Images.OTHER:
        return Span(low=Grade.G0, high=Grade.G3)
    if level.grade is not None:
        return Span(low=level.grade, high=level.grade)
    return Span(low=level.seen[0], high=level.seen[-1])


def sites_between(states: Sequence[bool | None]) -> tuple[int, int]:
    """Fewest and most runs of levels in a row; None is a level that may or may not belong to one.

    >>> sites_between([True, None, True]), sites_between([None]), sites_between([True, False, True])
    ((1, 2), (0, 1), (2, 2))
    """
    fewest: dict[bool, int] = {False: 0}
    most: dict[bool, int] = {False: 0}
    for state in states:
        options = (False, True) if state is None else (state,)
        fewest = {now: min(count + (now and not before) for before, count in fewest.items()) for now in options}
        most = {now: max(count + (now and not before) for before, count in most.items()) for now in options}
    return min(fewest.values()), max(most.values())


def _code(grade: Grade) -> Decimal:
    return Decimal(GRADES.index(grade))


def _applies(level: LevelEscc, settings: Settings) -> bool:
    return not level.below_conus or settings.escc_below_conus == "adapt"


def _codes(span: Span) -> dict[str, Decimal | None]:
    low, high = _code(span.low), _code(span.high)
    return {"code": low if low == high else None, "low_code": low, "high_code": high}


def _level(visit: EsccVisit, level: LevelEscc, settings: Settings) -> Assessment:
    scope = (visit.timepoint, CRITERION, level.level.value)
    args = {"level": level.level.value}
    if not _applies(level, settings):
        reason = Reason(code="ESCC_NOT_APPLICABLE", args=Table(args), rule=OWN_RULE, refs=(level.ref,))
        nothing = Table[Decimal | None]({"code": None, "low_code": None, "high_code": None})
        return Assessment(criterion=CRITERION, scope=scope, outcome=NOT_APPLICABLE, values=nothing, because=(reason,))
    span = span_of(level)
    known = span.low is span.high
    args |= {"low": span.low.value, "high": span.high.value}
    code = f"ESCC_GRADE_{span.low.name}" if known else "ESCC_RANGE"
    reasons = [Reason(code=code, args=Table(args), rule=RULE, refs=(level.ref,))]
    if known:
        reasons.append(_severity(span.low, args["level"]))
    return Assessment(
        criterion=CRITERION,
        scope=scope,
        outcome=span.low.value if known else NE,
        values=Table(_codes(span)),
        because=tuple(reasons),
        warnings=_warnings(level),
        missing=() if known else (_missing(level, span),),
    )


def _severity(grade: Grade, level: str) -> Reason:
    """0 to 1b is low grade, 2 and 3 high grade; 1c stands between them."""
    code = "ESCC_HIGH_GRADE" if grade in {Grade.G2, Grade.G3} else "ESCC_LOW_GRADE"
    if grade is Grade.G1C:
        code = "ESCC_INTERMEDIATE_GRADE"
    return Reason(code=code, args=Table({"level": level}), rule=RULE)


def _missing(level: LevelEscc, span: Span) -> Reason:
    if level.images is Images.OTHER:
        code = "ESCC_NO_AXIAL_T2"
    elif span.low is Grade.G2:
        code = "ESCC_CSF_MISSING"
    else:
        code = "ESCC_FACTS_MISSING"
    return Reason(code=code, args=Table({"level": level.level.value}), rule=RULE, refs=(level.ref,))


def _warnings(level: LevelEscc) -> tuple[Reason, ...]:
    args = {"level": level.level.value}
    listed: list[Reason] = []
    if level.below_conus:
        listed.append(Reason(code="BELOW_CONUS", args=Table(args), rule=OWN_RULE, refs=(level.ref,)))
    elif level.level in _BELOW_CONUS_EXPECTED:
        listed.append(Reason(code="ESCC_CONUS_NOT_SAID", args=Table(args), rule=OWN_RULE, refs=(level.ref,)))
    if level.images is Images.CT_MYELOGRAM:
        listed.append(Reason(code="ESCC_MYELOGRAM", args=Table(args), rule=OWN_RULE, refs=(level.ref,)))
    if level.grade is not None and level.grade not in level.seen:
        seen = Table({**args, "grade": level.grade.value, "seen": ", ".join(level.seen)})
        listed.append(Reason(code="ESCC_DIFFERS", args=seen, rule=RULE, refs=(level.ref,)))
    return tuple(listed)


def _spans(given: Input, visit: EsccVisit, settings: Settings) -> dict[Level, Span | None]:
    """What can be said of every level that counts, in the order of the spine; None below the conus, ungraded there."""
    order = list(given.order)
    places = [order.index(Level(level)) for level in (*visit.levels, *visit.covered)]
    if places:
        order = order[min(places) : max(places) + 1]
    unlisted = Span(low=Grade.G0, high=Grade.G0 if visit.rest_unremarkable else Grade.G3)
    spans: dict[Level, Span | None] = dict.fromkeys(order, unlisted)
    for one in visit.levels.values():
        spans[one.level] = span_of(one) if _applies(one, settings) else None
    return spans


def _visit(given: Input, visit: EsccVisit, settings: Settings) -> Assessment:
    spans = _spans(given, visit, settings)
    graded = {level: span for level, span in spans.items() if span is not None}
    scope = (visit.timepoint, CRITERION)
    if not graded:
        reason = Reason(code="ESCC_NO_LEVEL_APPLIES", rule=OWN_RULE)
        return Assessment(criterion=CRITERION, scope=scope, outcome=NOT_APPLICABLE, because=(reason,))
    threshold = Grade(settings.escc_site_threshold)
    # A level that is not graded below the conus has no cord to compress: it ends a run.
    fewest, most = sites_between([False if span is None else span.reaches(threshold) for span in spans.values()])
    highest = Span(
        low=max((span.low for span in graded.values()), key=GRADES.index),
        high=max((span.high for span in graded.values()), key=GRADES.index),
    )
    known = highest.low is highest.high
    open_levels = [level for level, span in graded.items() if span.low is not span.high]
    named = [level for level, span in graded.items() if span.high is highest.high]
    args = {
        "levels": ", ".join(named),
        "low": highest.low.value,
        "high": highest.high.value,
        "threshold": threshold.value,
        "fewest": str(fewest),
        "most": str(most),
    }
    worst = "ESCC_WORST" if known else "ESCC_WORST_RANGE"
    count = "ESCC_SITES" if fewest == most else "ESCC_SITES_RANGE"
    refs = tuple(one.ref for one in from_the_head(visit.levels).values())
    sites = {
        "sites": Decimal(fewest) if fewest == most else None,
        "sites_low": Decimal(fewest),
        "sites_high": Decimal(most),
    }
    return Assessment(
        criterion=CRITERION,
        scope=scope,
        outcome=highest.low.value if known else NE,
        values=Table({**_codes(highest), **sites}),
        because=tuple(Reason(code=code, args=Table(args), rule=OWN_RULE, refs=refs) for code in (worst, count)),
        missing=tuple(_open(visit, level, graded[level]) for level in open_levels),
    )


def _open(visit: EsccVisit, level: Level, span: Span) -> Reason:
    one = visit.levels.get(level)
    if one is not None:
        return _missing(one, span)
    return Reason(code="ESCC_UNGRADED", args=Table({"level": level.value}), rule=OWN_RULE)
