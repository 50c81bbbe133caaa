"""From a read and its assessments to the words of the panels. No Qt: what the panels show can be asked without a window."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from spinereview.criteria.recist.values import BASELINE, INCOMPLETE
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.table import Table
from spinereview.review.visibility import Visible
from spinereview.text import sentence
from spinereview.ui.panels.history import HistoryLine
from spinereview.ui.panels.response import ResponseView

TONES: dict[str, str] = {
    "CR": "ok",
    "PR": "ok",
    "NED": "ok",
    "SD": "accent",
    "NON_CR_NON_PD": "accent",
    "PD": "bad",
    "NE": "warn",
}
_SHORT = {outcome: outcome for outcome in TONES} | {"NON_CR_NON_PD": "Non-PD"}
_SILENT = frozenset({"NON_TARGET_NA", "NEW_NONE", "NON_TARGET_INCOMPLETE"})
"""Reasons that say that there is nothing to say."""


def response_view(visible: Visible, case: Case, current: Id | None, assessments: Table[Assessment]) -> ResponseView:
    """Response of the current timepoint, or the sentence that says why none is shown."""
    timepoint = case.timepoints.get(current) if current is not None else None
    if timepoint is None:
        return ResponseView()
    if not visible.shows_response(timepoint.id):
        return ResponseView(
            outcome="–",
            title=sentence("UI_RESPONSE_HIDDEN_TITLE"),
            timepoint=timepoint.label,
            summary=sentence("UI_RESPONSE_HIDDEN"),
        )
    target = assessments.get(f"{timepoint.id}/target")
    overall = assessments.get(f"{timepoint.id}/overall")
    if target is None or overall is None:
        return ResponseView(outcome="–", title=sentence("UI_RESPONSE_NONE"), timepoint=timepoint.label)
    parts = [target, *_present(assessments, f"{timepoint.id}/non_target", f"{timepoint.id}/new"), overall]
    first = BASELINE in (target.outcome, overall.outcome)
    shown = target if first else overall
    return ResponseView(
        outcome=_SHORT.get(shown.outcome, "–"),
        tone=TONES.get(shown.outcome, "mid"),
        title=sentence(f"UI_RESPONSE_{overall.outcome}"),
        timepoint=timepoint.label,
        summary=" ".join(sentence(reason.code, reason.args) for reason in _headline(target, overall)),
        reasons=tuple(_tree(reason for part in parts for reason in part.because)),
        warnings=tuple(dict.fromkeys(sentence(one.code, one.args) for part in parts for one in part.warnings)),
        missing=tuple(dict.fromkeys(sentence(one.code, one.args) for part in parts for one in part.missing)),
    )


def _present(assessments: Table[Assessment], *keys: str) -> list[Assessment]:
    return [assessments[key] for key in keys if key in assessments]


def _headline(target: Assessment, overall: Assessment) -> tuple[Reason, ...]:
    """What is said first: the sum and its limits; how the whole came about, where that is more than the targets."""
    if overall.outcome in {BASELINE, INCOMPLETE} or overall.outcome == target.outcome:
        return target.because
    return (*overall.because, *target.because)


def _tree(reasons: Iterable[Reason]) -> Iterable[tuple[int, str]]:
    """What each reason rests on, then the rules they follow."""
    rules: list[str] = []
    for reason in reasons:
        if reason.because:
            for below in reason.because:
                yield 0, sentence(below.code, below.args)
        elif reason.code.startswith(("NON_TARGET_", "NEW_")) and reason.code not in _SILENT:
            yield 0, sentence(reason.code, reason.args)
        if reason.rule and reason.rule not in rules:
            rules.append(reason.rule)
    for rule in rules:
        yield 0, rule


def event_time(utc: str, offset_min: int, now: datetime) -> str:
    """When an event was, as people say it: the time of a day, with the date where it was another one."""
    try:
        moment = datetime.fromisoformat(utc).astimezone(timezone(timedelta(minutes=offset_min)))
    except ValueError:
        return utc
    pattern = "%H:%M" if moment.date() == now.astimezone(moment.tzinfo).date() else "%Y-%m-%d %H:%M"
    return moment.strftime(pattern)


def history_line(seq: int, text: str, actor: str, when: str, *, undone: bool, note: bool) -> HistoryLine:
    """Line of the history panel."""
    return HistoryLine(seq=seq, text=text, actor=actor, when=when, undone=undone, note=note)
