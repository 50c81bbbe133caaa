"""From the rows of the spine to the words and tones of its strip. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from spinereview.criteria.escc_values import Grade
from spinereview.criteria.fracture.values import Flag
from spinereview.domain.anatomy import Level
from spinereview.domain.assessment import Assessment
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole
from spinereview.domain.table import Table
from spinereview.review.strip import FractureMark, LevelRow, SinsMark, spine_rows
from spinereview.review.visibility import Visible
from spinereview.text import sentence
from spinereview.ui.panels.strip import StripCell, StripRow, StripView

SINS_TONES = {
    "STABLE": "mid",
    "POTENTIALLY_UNSTABLE": "warn",
    "UNSTABLE": "bad",
    "INDETERMINATE": "warn",
    "DESCRIPTIVE": "low",
}
ESCC_TONES = {
    Grade.G0: "mid",
    Grade.G1A: "mid",
    Grade.G1B: "warn",
    Grade.G1C: "warn",
    Grade.G2: "bad",
    Grade.G3: "bad",
}
_FRACTURE_TONES = {
    Flag.NEW: "bad",
    Flag.PROGRESSIVE: "bad",
    Flag.PRESENT: "warn",
    Flag.WATCH: "warn",
    Flag.SUSPECTED: "warn",
    Flag.RESECTED: "mid",
    Flag.NO: "mid",
    Flag.NE: "low",
}
_LETTERS = {Flag.NEW: "N", Flag.PROGRESSIVE: "P", Flag.WATCH: "W"}
"""Letters after the grade: what is new against the baseline."""
_ROLE_TONES = {
    LesionRole.TARGET: "target",
    LesionRole.NON_TARGET: "non_target",
    LesionRole.NEW: "new",
    LesionRole.TREATED_SITE: "accent",
}


class StripWords:
    """The strip of a timepoint; its words are not made again while its rows are the same."""

    def __init__(self) -> None:
        self._known: tuple[object, StripView] | None = None

    def view(
        self, visible: Visible, timepoint: Id | None, chosen: Level | None, assessments: Table[Assessment]
    ) -> StripView:
        """What the strip shows."""
        rows = spine_rows(visible, timepoint, assessments)
        visit = None if timepoint is None else visible.case.timepoints.get(timepoint)
        label = "" if visit is None else visit.label
        made_of = (rows, label, chosen, "escc" in visible.protocol.criteria)
        if self._known is None or self._known[0] != made_of:
            self._known = made_of, _view(rows, label, chosen, graded=made_of[-1])
        return self._known[1]


def _view(rows: Sequence[LevelRow], label: str, chosen: Level | None, *, graded: bool) -> StripView:
    columns = {name: cell for name, cell in COLUMNS.items() if name != "ESCC" or graded}
    return StripView(
        timepoint=label,
        columns=tuple(sentence(_heading(name, len(columns))) for name in columns),
        rows=tuple(_row(row, columns.values()) for row in rows),
        chosen="" if chosen is None else chosen.value,
    )


def _heading(name: str, count: int) -> str:
    """Code of a column's heading; shorter where there are many."""
    return "UI_STRIP_LESION_SHORT" if name == "LESION" and count > 3 else f"UI_STRIP_{name}"


def score_text(low: Decimal | int | None, high: Decimal | int | None) -> str:
    """A score, or its range where an item is missing: ``"11"``, ``"10–13"``."""
    return f"{low}" if low == high else f"{low}–{high}"


def _row(row: LevelRow, columns: Iterable[Callable[[LevelRow], StripCell]]) -> StripRow:
    name = sentence(f"UI_STRIP_{row.level}") if row.level in {Level.OCCIPUT, Level.COCCYX} else row.level.value
    return StripRow(
        level=row.level.value,
        name=name,
        cells=tuple(cell(row) for cell in columns),
        carries=row.carries,
    )


def _sins(row: LevelRow) -> StripCell:
    mark: SinsMark | None = row.sins
    if mark is None:
        return StripCell("·" if row.carries else "")
    score = score_text(mark.low, mark.high)
    words = f"{sentence(f'UI_SINS_{mark.category}')}, {score}"
    tone = SINS_TONES[mark.category] if mark.answered else "low"
    return StripCell(f"({score})" if mark.category == "DESCRIPTIVE" else score, tone, words)


def _escc(row: LevelRow) -> StripCell:
    mark = row.escc
    if mark is None:
        return StripCell("·" if row.carries else "")
    grade = mark.low.value if mark.low is mark.high else f"{mark.low}–{mark.high}"
    tone = ESCC_TONES[mark.low] if mark.low is mark.high else "warn"
    return StripCell(grade, tone, sentence("UI_STRIP_ESCC_WORDS", {"grade": grade}))


def _fracture(row: LevelRow) -> StripCell:
    mark: FractureMark | None = row.fracture
    if mark is None:
        return StripCell("·" if row.carries else "")
    flag = Flag(mark.flag)
    words = sentence("UI_SPINE_FLAG", {"flag": sentence(f"UI_FRACTURE_{flag}")}).removesuffix(".")
    if flag is Flag.RESECTED:
        return StripCell(sentence("UI_STRIP_RESECTED"), "mid", words)
    if mark.grade is None:
        return StripCell(_LETTERS.get(flag, flag.value), _FRACTURE_TONES[flag], words)
    if not mark.confirmed:
        words = f"{words}; {sentence('UI_STRIP_UNCONFIRMED')}"
    grade = f"G{mark.grade}" + ("" if mark.confirmed else "?")
    if flag is Flag.NO and mark.grade >= 1:
        # Deformed, but by the reader's word not broken.
        return StripCell(sentence("UI_STRIP_DEFORMED"), "mid", sentence("UI_FACT_NO_FRACTURE"))
    return StripCell(f"{grade} {_LETTERS.get(flag, '')}".strip(), _FRACTURE_TONES[flag], f"{words}, {grade}")


def _lesions(row: LevelRow) -> StripCell:
    if not row.lesions:
        return StripCell("·" if row.carries else "")
    first = row.lesions[0]
    more = f" +{len(row.lesions) - 1}" if len(row.lesions) > 1 else ""
    names = ", ".join(
        mark.label if mark.said else sentence("UI_STRIP_UNSAID", {"lesion": mark.label}) for mark in row.lesions
    )
    return StripCell(f"{first.label}{'' if first.said else '?'}{more}", _ROLE_TONES[first.role], names)


COLUMNS: dict[str, Callable[[LevelRow], StripCell]] = {
    "SINS": _sins,
    "ESCC": _escc,
    "VCF": _fracture,
    "LESION": _lesions,
}
"""Columns from left to right, by the code of their heading; that of ESCC only where the protocol grades it."""
