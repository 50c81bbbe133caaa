"""From a read to the rows of the table of lesions. No Qt: what is shown can be asked without a window."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from spinereview.criteria.evidence.recist import baseline_of, lesion_value
from spinereview.criteria.recist.percent import mm_text
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import UNSTATED_ORGAN
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id, Stack
from spinereview.domain.lesion import Comparability, Lesion, LesionFinding, LesionRole, LesionState, NewStatus
from spinereview.domain.measurement import Entered, Measurement, OnImage
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.report.words import site_text
from spinereview.review.badges import BY_HAND, badges
from spinereview.review.commands.fragments import fragments
from spinereview.review.labels import label
from spinereview.review.obligations import TREATED, Obligation, Owed
from spinereview.review.overlay import value_text
from spinereview.review.timepoints import earlier
from spinereview.review.visibility import Visible
from spinereview.text import sentence
from spinereview.ui.known_rows import KnownRows, RowParts, others_of
from spinereview.ui.lesion_rules import Owing, Problem
from spinereview.ui.panels.lesion_table import CellTone, LesionCell, LesionRow, LesionTable
from spinereview.ui.theme import HUES

_NOT_IN_CELL = frozenset({Obligation.SITE, Obligation.MEASURABLE, Obligation.SELECTION, Obligation.VALUE})
"""Said in the lesion's own lines: its value is there all the same."""
_MEASURED = frozenset({LesionState.MEASURED, LesionState.SPLIT})
_SHORT_WARNINGS = {
    "MODALITY_CHANGE": "UI_BADGE_MODALITY",
    "MODALITY_NOT_JUDGED": "UI_BADGE_MODALITY",
    "PLANE_CHANGE": "UI_BADGE_PLANE",
    "PLANE_CHANGE_SAID": "UI_BADGE_PLANE",
    "SEQUENCE_CHANGE": "UI_BADGE_SEQUENCE",
    "NO_CONTRAST": "UI_BADGE_CONTRAST",
    "BADGE_THICK_SLICE": "UI_BADGE_THICK",
    "BADGE_TILT": "UI_BADGE_TILT",
    BY_HAND: "UI_BADGE_BY_HAND",
    "VALUE_CALIBRATION_MANUAL": "UI_BADGE_BY_HAND",
    "BADGE_DETECTOR_PLANE": "UI_BADGE_DETECTOR",
    "VALUE_CALIBRATION_DETECTOR": "UI_BADGE_DETECTOR",
    "BADGE_MAGNIFICATION_ESTIMATED": "UI_BADGE_ESTIMATED",
    "BADGE_CALIBRATION_UNSTATED": "UI_BADGE_UNSTATED",
    "VALUE_CALIBRATION_UNSTATED": "UI_BADGE_UNSTATED",
}
"""One word in the cell for what the tooltip says in a sentence; every other warning is a triangle with a number."""
_STATUS_TONE = {NewStatus.YES: "bad", NewStatus.EQUIVOCAL: "warn", NewStatus.NO: "low"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the rows are made from."""

    read: Read
    case: Case
    settings: Settings
    owed: Mapping[str, tuple[Owed, ...]]
    """By lesion, without what is said in its own lines."""
    problems: Mapping[str, tuple[Problem, ...]]


def lesion_table(
    visible: Visible,
    case: Case,
    settings: Settings,
    current: Id | None,
    sums: Table[Assessment],
    *,
    owing: Owing,
    problems: Mapping[str, tuple[Problem, ...]],
    expanded: Collection[Id] = (),
    known: KnownRows | None = None,
) -> LesionTable:
    """Table of lesions by timepoint, the sum of the targets last.

    Parameters
    ----------
    sums
        Target assessments by ``"FU1/target"``; a sum whose timepoint may not be seen is left away by its absence.
    owing
        What is missing at a timepoint, by the settings of RECIST 1.1.
    problems
        What the choice of each lesion breaks.
    expanded
        Lesions whose fragments have rows of their own.
    known
        Rows of before: one whose parts are the same is not made again.
    """
    read, rows_before = visible.read, known or KnownRows()
    others = others_of(read)
    timepoints = case.in_order
    asked = _Asked(read=read, case=case, settings=settings, owed=_owed_in_cells(timepoints, owing), problems=problems)
    rows: list[LesionRow] = []
    for lesion in _in_order(read.lesions.values()):
        made_of = RowParts(
            lesion=lesion,
            others=others,
            case=case,
            settings=settings,
            owed=asked.owed.get(lesion.id, ()),
            problems=problems.get(lesion.id, ()),
            expanded=lesion.id in expanded,
        )
        rows.append(rows_before.row(made_of, partial(_lesion_row, asked, lesion, expanded=made_of.expanded)))
        if lesion.id in expanded:
            rows.extend(_fragment_rows(asked, lesion))
    if any(lesion.role is LesionRole.TARGET for lesion in read.lesions.values()):
        rows.append(_sum_row(visible, timepoints, sums))
    pinned = _pinned(visible, case, current, sums)
    return LesionTable(
        timepoints=tuple((timepoint.id, timepoint.label) for timepoint in timepoints),
        current=current,
        rows=tuple(rows),
        pinned=frozenset(pinned),
        words=Table({timepoint: sentence(code) for timepoint, code in pinned.items() if code and len(timepoints) > 2}),
    )


def _owed_in_cells(timepoints: Iterable[Timepoint], owing: Owing) -> dict[str, tuple[Owed, ...]]:
    found: dict[str, tuple[Owed, ...]] = {}
    for timepoint in timepoints:
        for owed in owing(timepoint.id):
            if owed.lesion is not None and owed.code not in _NOT_IN_CELL:
                found[owed.lesion] = (*found.get(owed.lesion, ()), owed)
    return found


def _pinned(visible: Visible, case: Case, current: Id | None, sums: Table[Assessment]) -> dict[Id, str]:
    """Timepoints that stay in sight, with the code of a word for the head: baseline, nadir, the one before, the current."""
    found: dict[Id, str] = {}
    now = case.timepoints.get(current) if current is not None else None
    if now is not None:
        found[now.id] = ""
        before = earlier(case, now)
        found.update({before[-1].id: ""} if before else {})
        nadir = _nadir(visible, case, now, sums)
        if nadir is not None:
            found[nadir] = "UI_HEAD_NADIR"
    first = baseline_of(case)
    if first is not None:
        found[first.id] = found.get(first.id, "")
    return found


def _nadir(visible: Visible, case: Case, now: Timepoint, sums: Table[Assessment]) -> Id | None:
    """Timepoint of the smallest sum before the current one, as far as sums may be seen.

    None without a sum at baseline, and where the protocol removed lesions: the sums are restated then, and the printed ones
    are not those that are compared.
    """
    own = sums.get(f"{now.id}/target")
    if own is not None and own.values.get("original_nadir_mm") is not None:
        return None
    known: list[tuple[Decimal, int, Id]] = []
    for timepoint in earlier(case, now):
        assessment = sums.get(f"{timepoint.id}/target")
        value = assessment.values.get("sum_mm") if assessment and visible.shows_response(timepoint.id) else None
        if value is not None:
            known.append((value, timepoint.ordinal, timepoint.id))
    first = baseline_of(case)
    has_baseline = first is not None and any(timepoint == first.id for _, _, timepoint in known)
    return min(known)[2] if has_baseline else None


def _in_order(lesions: Iterable[Lesion]) -> list[Lesion]:
    order = list(HUES)
    return sorted(lesions, key=lambda lesion: (order.index(lesion.role), len(lesion.id), lesion.id))


def _lesion_row(asked: _Asked, lesion: Lesion, *, expanded: bool) -> LesionRow:
    cells = tuple(_cell(asked, lesion, timepoint) for timepoint in asked.case.in_order)
    problems = asked.problems.get(lesion.id, ())
    hard = [one for one in problems if one.hard]
    first = next(iter([*hard, *problems]), None)
    site = site_text(lesion)
    given = [sentence("UI_REASON_GIVEN", {"reason": lesion.override_reason})] if lesion.override_reason else []
    split = any(finding.state is LesionState.SPLIT for finding in lesion.findings.values())
    return LesionRow(
        lesion=lesion.id,
        label=label(lesion),
        detail=first.words if first is not None else site,
        hue=HUES[lesion.role],
        cells=cells,
        detail_missing=bool(hard) or lesion.site.organ == UNSTATED_ORGAN,
        note="\n".join([sentence(f"UI_ROLE_{lesion.role}"), site, *given, *(one.with_source for one in problems)]),
        mark="" if first is None else "bad" if first.hard else "warn",
        site="" if first is None else site,
        expanded=expanded if split else None,
    )


def _fragment_rows(asked: _Asked, lesion: Lesion) -> Iterable[LesionRow]:
    """A row a letter, over all timepoints at which the lesion is split."""
    split = {
        timepoint.id: finding
        for timepoint in asked.case.in_order
        if (finding := lesion.findings.get(timepoint.id)) is not None and finding.state is LesionState.SPLIT
    }
    for name in sorted({name for finding in split.values() for name in fragments(finding.parts)}):
        cells = tuple(
            _fragment_cell(asked, lesion, timepoint, split[timepoint.id].parts.get(name))
            if timepoint.id in split
            else LesionCell("", CellTone.EMPTY)
            for timepoint in asked.case.in_order
        )
        words = {"lesion": label(lesion), "part": name}
        yield LesionRow(
            lesion=lesion.id,
            label=name,
            detail="",
            hue="",
            cells=cells,
            note=sentence("UI_FRAGMENT", words),
            part=name,
        )


def _fragment_cell(asked: _Asked, lesion: Lesion, timepoint: Timepoint, part: Measurement | None) -> LesionCell:
    if part is None:
        return LesionCell("", CellTone.EMPTY)
    if isinstance(part.geometry, Entered):
        return LesionCell(mm_text(asked.settings.tstm_mm), CellTone.VALUE, sentence("UI_FRAGMENT_TOO_SMALL"))
    finding = lesion.findings[timepoint.id]
    alone = replace(finding, state=LesionState.MEASURED, parts=Table({"a": part}))
    whole = replace(lesion, findings=lesion.findings.with_(timepoint.id, alone))
    reported = lesion_value(asked.read, asked.case, whole, timepoint.id, asked.settings)
    if reported.mm is None:
        note = "" if reported.problem is None else sentence(reported.problem.code, reported.problem.args)
        return LesionCell(sentence("UI_CELL_NO_VALUE"), CellTone.MISSING, note)
    stack = _stack_of(asked.case, part)
    return LesionCell(mm_text(reported.mm), CellTone.VALUE, value_text(part, stack))


def _cell(asked: _Asked, lesion: Lesion, timepoint: Timepoint) -> LesionCell:
    finding = lesion.findings.get(timepoint.id)
    missing = [one for one in asked.owed.get(lesion.id, ()) if one.timepoint == timepoint.id]
    if missing:
        words = {"lesion": label(lesion), "timepoint": timepoint.label}
        return LesionCell(sentence(f"UI_CELL_{missing[0].code}"), CellTone.MISSING, sentence(missing[0].code, words))
    before = _treated_before(asked.case, lesion, timepoint)
    if finding is None:
        if before is None:
            return LesionCell("", CellTone.EMPTY)
        return LesionCell(sentence(f"UI_STATE_NAME_{before}"), CellTone.EMPTY, sentence(f"UI_STATE_NOTE_{before}"))
    cell = _of_finding(asked, lesion, finding, timepoint)
    if before is not None and finding.state is not before:
        args = {"lesion": label(lesion), "state": sentence(f"UI_STATE_NAME_{finding.state}")}
        note = sentence("VALUE_AFTER_TREATMENT", args)
        return replace(
            cell, sub=sentence(f"UI_STATE_NAME_{before}"), sub_tone="warn", note=f"{note}\n{cell.note}".strip()
        )
    return cell


def _of_finding(asked: _Asked, lesion: Lesion, finding: LesionFinding, timepoint: Timepoint) -> LesionCell:
    if finding.state in _MEASURED and finding.comparability is not Comparability.NOT_COMPARABLE:
        cell = _value_cell(asked, lesion, finding, timepoint)
    elif finding.state in _MEASURED:
        note = sentence("NOT_COMPARABLE", {"lesion": label(lesion)})
        cell = LesionCell(sentence("UI_STATE_NAME_NE"), CellTone.STATE, note, sub=sentence("UI_BADGE_MODALITY"))
    else:
        cell = _state_cell(asked.read, lesion, finding)
    return _with_status(cell, lesion, finding, _settled_later(asked.case, lesion, timepoint))


def _value_cell(asked: _Asked, lesion: Lesion, finding: LesionFinding, timepoint: Timepoint) -> LesionCell:
    reported = lesion_value(asked.read, asked.case, lesion, timepoint.id, asked.settings)
    if reported.mm is None:
        problem = reported.problem
        note = sentence(problem.code, problem.args) if problem is not None else ""
        return LesionCell(sentence("UI_CELL_NO_VALUE"), CellTone.MISSING, note)
    warnings = {one.code: sentence(one.code, one.args) for one in reported.warnings}
    for part in finding.parts.values():
        stack = _stack_of(asked.case, part)
        for badge in () if stack is None else badges(stack):
            if badge.warns:
                warnings.setdefault(badge.code, sentence(badge.code, badge.args))
    if finding.margin_hidden_by:
        hidden = {"lesion": label(lesion), "by": sentence(f"UI_MARGIN_{finding.margin_hidden_by}")}
        warnings["MARGIN"] = sentence("UI_MARGIN_NOTE", hidden)
    notes = [*warnings.values()]
    sub, tone = _short(tuple(warnings)), "warn"
    if finding.state is LesionState.SPLIT:
        count = str(len(fragments(finding.parts)))
        notes.insert(0, sentence("UI_SPLIT_NOTE", {"lesion": label(lesion), "count": count}))
        sub, tone = sentence("UI_SPLIT_PARTS", {"count": count}), "warn" if warnings else "low"
    elif any(other.carrier == lesion.id for other in _findings_at(asked.read, timepoint.id)):
        names = [label(other) for other in asked.read.lesions.values() if _carrier(other, timepoint.id) == lesion.id]
        notes.insert(0, sentence("UI_MASS_NOTE", {"lesion": label(lesion), "others": ", ".join(names)}))
        sub, tone = sub or f"+ {', '.join(names)}", tone if sub else "low"
    return LesionCell(mm_text(reported.mm), CellTone.VALUE, "\n".join(notes), sub=sub, sub_tone=tone)


def _state_cell(read: Read, lesion: Lesion, finding: LesionFinding) -> LesionCell:
    words = {"lesion": label(lesion)}
    note = "\n".join(
        word
        for word in (sentence(f"UI_STATE_NOTE_{finding.state}", words), finding.reason or finding.justification)
        if word
    )
    sub = sentence("UI_SUB_TREATED_OFF") if finding.state is LesionState.TREATED_OFF else ""
    if finding.carrier is not None:
        carrier = read.lesions.get(finding.carrier)
        into = {"carrier": str(finding.carrier) if carrier is None else label(carrier)}
        sub, merged = sentence("UI_CELL_MERGED", into), sentence("UI_STATE_NOTE_MERGED_INTO", {**words, **into})
        if finding.state is LesionState.MERGED:
            return LesionCell(sub, CellTone.STATE, merged)
        note = f"{merged}\n{note}"
    tone = CellTone.WORSE if finding.state is LesionState.UNEQUIVOCAL_PD else CellTone.STATE
    return LesionCell(sentence(f"UI_STATE_NAME_{finding.state}"), tone, note, sub=sub)


def _with_status(cell: LesionCell, lesion: Lesion, finding: LesionFinding, later: NewStatus | None) -> LesionCell:
    """How sure it is that the lesion is new, below its value or state; once certain it is dated back."""
    status = finding.new_status
    if status is None:
        return cell
    words = [sentence(f"UI_NEW_{status}")]
    if finding.cause:
        words.append(sentence(f"UI_CAUSE_{finding.cause}"))
    note = "\n".join(word for word in (": ".join(words), cell.note) if word)
    if status is NewStatus.EQUIVOCAL and later is not None:
        note = f"{sentence(f'NEW_{later}_BACKDATED', {'lesion': label(lesion)})}\n{note}"
        return replace(cell, sub=sentence(f"UI_NEW_LATER_{later}"), sub_tone=_STATUS_TONE[later], note=note)
    return replace(cell, sub=sentence(f"UI_NEW_SHORT_{status}"), sub_tone=_STATUS_TONE[status], note=note)


def _settled_later(case: Case, lesion: Lesion, timepoint: Timepoint) -> NewStatus | None:
    """The first certain word on a lesion after a timepoint."""
    after = [visit.id for visit in case.in_order if visit.ordinal > timepoint.ordinal and visit.id in lesion.findings]
    words = (lesion.findings[visit].new_status for visit in after)
    return next((word for word in words if word in {NewStatus.YES, NewStatus.NO}), None)


def _short(codes: Iterable[str]) -> str:
    """The most important warning in a word, and how many more there are."""
    found = list(dict.fromkeys(_SHORT_WARNINGS.get(code, "UI_BADGE_OTHER") for code in codes))
    if not found:
        return ""
    found.sort(key=[*_SHORT_WARNINGS.values(), "UI_BADGE_OTHER"].index)
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    return f"{sentence(found[0])}{more}"


def _treated_before(case: Case, lesion: Lesion, timepoint: Timepoint) -> LesionState | None:
    """The first state of treatment at an earlier timepoint: it is kept, whatever is said later."""
    states = [lesion.findings[visit.id].state for visit in earlier(case, timepoint) if visit.id in lesion.findings]
    return next((state for state in states if state in TREATED), None)


def _findings_at(read: Read, timepoint: Id) -> list[LesionFinding]:
    return [lesion.findings[timepoint] for lesion in read.lesions.values() if timepoint in lesion.findings]


def _carrier(lesion: Lesion, timepoint: Id) -> Id | None:
    finding = lesion.findings.get(timepoint)
    return None if finding is None else finding.carrier


def _stack_of(case: Case, part: Measurement) -> Stack | None:
    found = case.find_stack(part.geometry.image.stack) if isinstance(part.geometry, OnImage) else None
    return None if found is None else found[1]


def _sum_row(visible: Visible, timepoints: tuple[Timepoint, ...], sums: Table[Assessment]) -> LesionRow:
    cells = []
    for timepoint in timepoints:
        assessment = sums.get(f"{timepoint.id}/target")
        value = assessment.values.get("sum_mm") if assessment and visible.shows_response(timepoint.id) else None
        cells.append(
            LesionCell("" if value is None else mm_text(value), CellTone.EMPTY if value is None else CellTone.VALUE)
        )
    return LesionRow(lesion=None, label=sentence("UI_SUM_OF_TARGETS"), detail="", hue="", cells=tuple(cells))
