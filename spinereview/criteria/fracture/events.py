"""New and progressive fractures against a vertebra's own baseline: Sahgal A et al. J Clin Oncol 2013;31:3426.

The papers judge serial images and print no number; thresholds are our reading, in the settings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from spinereview.criteria.fracture.grade import genant_grade, losses, reported_pct
from spinereview.criteria.fracture.heights import Heights, Unit
from spinereview.criteria.fracture.reference import reference
from spinereview.criteria.fracture.settings import Settings
from spinereview.criteria.fracture.values import Flag, Input, Measured, SpineVisit, Vertebra
from spinereview.domain.assessment import Reason
from spinereview.domain.table import Table

EVENT_RULE = "Sahgal 2013, J Clin Oncol 31:3426; thresholds: reading of the program"
FURTHER_LOSS_PCT = Fraction(10)
"""A rise of the grade alone is noise without this much further loss (Buckens 2013: limits of agreement 12.5 points)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What is new of a vertebra: NEW, PROGRESSIVE or WATCH, or None; the loss against its own baseline where it is known.

    ``by_fact``: it rests on what the reader saw, and so holds for every kind of images.
    """

    flag: Flag | None = None
    loss_pct: Fraction | None = None
    by_fact: bool = False
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()

    def as_new(self) -> Event:
        """A fracture that was new at an earlier visit stays new."""
        return replace(self, flag=Flag.NEW)


def incident(
    given: Input,
    baseline: SpineVisit | None,
    visit: SpineVisit,
    vertebra: Vertebra,
    measured: Measured | None,
    settings: Settings,
) -> Event:
    """Event of a vertebra on one stack against the same vertebra on the baseline's images of the same modality.

    Without heights here or there a fracture line that was not seen before, or a grade that the reader raises, still counts.
    A visit that does not come after the baseline has no event.
    """
    if baseline is None or not _is_after(given, visit, baseline) or vertebra.resected or vertebra.endplates_hidden:
        return Event()
    before = baseline.vertebrae.get(vertebra.level) or Vertebra(level=vertebra.level)
    past = None if measured is None else _same_modality(before, measured)
    known = _compared(given, baseline, before, past, visit, vertebra, measured)
    then, now = (None, None)
    if past is not None and measured is not None:
        then, now = _grades(given, baseline, before, past, measured, settings)
    fractured = _fractured(before, then)
    code = _code(vertebra, before, known.loss_pct, (then, now), settings, fractured=fractured)
    limit = settings.vcf_prog_pct if fractured else settings.vcf_new_pct
    args = {"visit": baseline.label or baseline.timepoint, "limit": f"{limit}"}
    args["loss"] = "" if known.loss_pct is None else str(reported_pct(known.loss_pct))
    if code and vertebra.non_fracture_cause:
        return replace(known, flag=Flag.WATCH, reasons=(_reason("CAUSE_AND_FURTHER_LOSS", vertebra, **args),))
    if code:
        flag = Flag.PROGRESSIVE if fractured else Flag.NEW
        return replace(known, flag=flag, by_fact=code in _FACTS, reasons=(_reason(code, vertebra, **args),))
    if known.loss_pct is not None and known.loss_pct >= Fraction(settings.vcf_watch_pct):
        return replace(known, flag=Flag.WATCH, reasons=(_reason("FURTHER_LOSS_WATCH", vertebra, **args),))
    return known


_FACTS = frozenset({"FRACTURE_LINE_NEW", "GRADE_ROSE_BY_READER"})


def _is_after(given: Input, visit: SpineVisit, baseline: SpineVisit) -> bool:
    names = [one.timepoint for one in given.visits]
    return names.index(visit.timepoint) > names.index(baseline.timepoint)


def _compared(
    given: Input,
    baseline: SpineVisit,
    before: Vertebra,
    past: Measured | None,
    visit: SpineVisit,
    vertebra: Vertebra,
    measured: Measured | None,
) -> Event:
    """Loss against the own baseline, without a verdict; a warning where there is none."""
    if measured is None:
        return Event()
    if past is None:
        name = baseline.label or baseline.timepoint
        return Event(warnings=(_reason("NO_HEIGHTS_AT_BASELINE", vertebra, visit=name),))
    changed = _reference_changed(given, baseline, before, past, visit, vertebra, measured)
    if Unit.PIXEL in {measured.heights.unit, past.heights.unit}:
        return Event(warnings=(_reason("INCIDENT_UNCALIBRATED", vertebra), *changed))
    return Event(loss_pct=further_loss(measured.heights, past.heights), warnings=changed)


def _code(
    vertebra: Vertebra,
    before: Vertebra,
    loss: Fraction | None,
    grades: tuple[int | None, int | None],
    settings: Settings,
    *,
    fractured: bool,
) -> str:
    """Code of what makes an event, the first that holds; empty for none."""
    then, now = grades
    limit = Fraction(settings.vcf_prog_pct if fractured else settings.vcf_new_pct)
    rise = then is not None and now is not None and (now > then if fractured else then == 0 and now >= 1)
    if loss is not None and loss >= limit:
        return "FURTHER_LOSS"
    if rise and loss is not None and loss >= FURTHER_LOSS_PCT:
        return "GRADE_ROSE"
    if vertebra.fracture_line and not before.fracture_line:
        return "FRACTURE_LINE_NEW"
    return "GRADE_ROSE_BY_READER" if fractured and _raised(before.grade, vertebra.grade) else ""


def _raised(before: Decimal | None, now: Decimal | None) -> bool:
    """Whether the reader gives a higher grade than before."""
    return before is not None and now is not None and now > before


def further_loss(now: Heights, before: Heights) -> Fraction:
    """Largest loss of a height against the same vertebra before, in per cent of what it was; never below 0."""
    lost = [
        100 * (1 - Fraction(height) / Fraction(was)) for height, was in zip(now.all, before.all, strict=True) if was > 0
    ]
    return max([*lost, Fraction(0)])


def _same_modality(before: Vertebra, measured: Measured) -> Measured | None:
    return next((other for other in before.measured.values() if other.modality == measured.modality), None)


def _grades(
    given: Input, baseline: SpineVisit, before: Vertebra, past: Measured, measured: Measured, settings: Settings
) -> tuple[int | None, int | None]:
    """Computed grades at the baseline and now, both against the reference that was fixed at the baseline.

    So a rise that comes only from another reference is none.
    """
    fixed = reference(given, baseline, before, past.stack)
    if fixed is None:
        return None, None
    then = genant_grade(losses(past.heights, fixed.heights).largest, settings)
    if Unit.PIXEL in {measured.heights.unit, past.heights.unit}:
        return then, None
    return then, genant_grade(losses(measured.heights, fixed.heights).largest, settings)


def _fractured(before: Vertebra, computed: int | None) -> bool:
    grade = before.grade if before.grade is not None else computed
    return grade is not None and grade >= 1 and not before.non_fracture_cause


def _reference_changed(
    given: Input,
    baseline: SpineVisit,
    before: Vertebra,
    past: Measured,
    visit: SpineVisit,
    vertebra: Vertebra,
    measured: Measured,
) -> tuple[Reason, ...]:
    then = reference(given, baseline, before, past.stack)
    now = reference(given, visit, vertebra, measured.stack)
    if then is None or now is None or then.levels == now.levels:
        return ()
    own = vertebra.level.value
    args = {"before": ", ".join(then.levels) or own, "now": ", ".join(now.levels) or own}
    return (_reason("REFERENCE_CHANGED", vertebra, **args),)


def _reason(code: str, vertebra: Vertebra, **more: str) -> Reason:
    return Reason(code=code, args=Table({"level": vertebra.level.value, **more}), rule=EVENT_RULE, refs=(vertebra.ref,))
