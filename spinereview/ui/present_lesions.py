"""From a read to the rows of the table of lesions. No Qt: what is shown can be asked without a window."""

from __future__ import annotations

from collections.abc import Iterable

from spinereview.criteria.evidence.recist import lesion_value
from spinereview.criteria.recist.percent import mm_text
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import UNSTATED_ORGAN
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionRole, LesionState
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.review.labels import label
from spinereview.review.obligations import Obligation, Owed, obligations
from spinereview.review.visibility import Visible
from spinereview.text import sentence
from spinereview.ui.panels.lesions import CellTone, LesionCell, LesionRow, LesionTable
from spinereview.ui.theme import HUES

_NOT_IN_CELL = frozenset({Obligation.SITE, Obligation.MEASURABLE, Obligation.SELECTION, Obligation.VALUE})
"""Said in the lesion's own lines: its value is there all the same."""
_MEASURED = frozenset({LesionState.MEASURED, LesionState.SPLIT})


def lesion_table(
    visible: Visible, case: Case, settings: Settings, current: Id | None, sums: Table[Assessment]
) -> LesionTable:
    """Table of lesions by timepoint, the sum of the targets last.

    Parameters
    ----------
    sums
        Target assessments by ``"FU1/target"``; a sum whose timepoint may not be seen is left away by its absence.
    """
    read = visible.read
    timepoints = case.in_order
    owed = {timepoint.id: obligations(read, case, timepoint.id, settings) for timepoint in timepoints}
    rows = [_lesion_row(read, case, lesion, settings, owed) for lesion in _in_order(read.lesions.values())]
    if any(lesion.role is LesionRole.TARGET for lesion in read.lesions.values()):
        rows.append(_sum_row(visible, timepoints, sums))
    return LesionTable(
        timepoints=tuple((timepoint.id, timepoint.label) for timepoint in timepoints),
        current=current,
        rows=tuple(rows),
    )


def site_text(lesion: Lesion) -> str:
    """Where a lesion lies, in a line; a question where nobody has said."""
    site = lesion.site
    levels = "-".join(dict.fromkeys((site.levels[0], site.levels[-1]))) if site.levels else ""
    organ = "" if site.organ == UNSTATED_ORGAN else sentence(f"UI_ORGAN_{site.organ.replace(' ', '_')}")
    parts = [part for part in (levels, site.location, organ) if part]
    if lesion.nodal and site.organ != "LYMPH NODE":
        parts.append(sentence("UI_NODE"))
    return " ".join(parts[:2]) if parts else sentence("UI_SITE_MISSING")


def _in_order(lesions: Iterable[Lesion]) -> list[Lesion]:
    order = list(HUES)
    return sorted(lesions, key=lambda lesion: (order.index(lesion.role), len(lesion.id), lesion.id))


def _lesion_row(
    read: Read, case: Case, lesion: Lesion, settings: Settings, owed: dict[Id, tuple[Owed, ...]]
) -> LesionRow:
    cells = tuple(_cell(read, case, lesion, timepoint, settings, owed[timepoint.id]) for timepoint in case.in_order)
    broken = [one for many in owed.values() for one in many if one.lesion == lesion.id and one.why]
    rules = list(dict.fromkeys(sentence(one.why, one.args) for one in broken))
    return LesionRow(
        lesion=lesion.id,
        label=label(lesion),
        detail=rules[0] if rules else site_text(lesion),
        hue=HUES[lesion.role],
        cells=cells,
        detail_missing=bool(rules) or lesion.site.organ == UNSTATED_ORGAN,
        note="\n".join([sentence(f"UI_ROLE_{lesion.role}"), site_text(lesion), *rules]),
    )


def _cell(
    read: Read, case: Case, lesion: Lesion, timepoint: Timepoint, settings: Settings, owed: tuple[Owed, ...]
) -> LesionCell:
    finding = lesion.findings.get(timepoint.id)
    missing = [one for one in owed if one.lesion == lesion.id and one.code not in _NOT_IN_CELL]
    if missing:
        words = {"lesion": label(lesion), "timepoint": timepoint.label}
        return LesionCell(sentence(f"UI_CELL_{missing[0].code}"), CellTone.MISSING, sentence(missing[0].code, words))
    if finding is None:
        return LesionCell("", CellTone.EMPTY)
    if finding.state in _MEASURED:
        reported = lesion_value(read, case, lesion, timepoint.id, settings)
        if reported.mm is not None:
            notes = "\n".join(sentence(reason.code, reason.args) for reason in reported.warnings)
            return LesionCell(mm_text(reported.mm), CellTone.VALUE, notes)
        problem = reported.problem
        note = sentence(problem.code, problem.args) if problem is not None else ""
        return LesionCell(sentence("UI_CELL_NO_VALUE"), CellTone.MISSING, note)
    return LesionCell(
        sentence(f"UI_STATE_NAME_{finding.state}"), CellTone.STATE, finding.reason or finding.justification
    )


def _sum_row(visible: Visible, timepoints: tuple[Timepoint, ...], sums: Table[Assessment]) -> LesionRow:
    cells = []
    for timepoint in timepoints:
        assessment = sums.get(f"{timepoint.id}/target")
        value = assessment.values.get("sum_mm") if assessment and visible.shows_response(timepoint.id) else None
        cells.append(
            LesionCell("" if value is None else mm_text(value), CellTone.EMPTY if value is None else CellTone.VALUE)
        )
    return LesionRow(lesion=None, label=sentence("UI_SUM_OF_TARGETS"), detail="", hue="", cells=tuple(cells))
