"""From a timeline to its words. No Qt."""

from __future__ import annotations

from spinereview.criteria.recist.percent import mm_text, number_text
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.imaging import Id
from spinereview.review.timeline import EventKind, Limits, Timeline, TimelineVisit
from spinereview.review.timeline_plot import LimitKind
from spinereview.text import sentence
from spinereview.ui.panels.timeline import TimelineView, VisitWords
from spinereview.ui.present import SHORT, TONES
from spinereview.ui.present_strip import score_text

_MARKS: dict[EventKind, tuple[str, str]] = {
    EventKind.NEW_LESION: ("L", "new"),
    EventKind.FRACTURE_NEW: ("F", "bad"),
    EventKind.FRACTURE_PROGRESSIVE: ("P", "bad"),
}
"""Letter and tone of an event."""


def timeline_view(line: Timeline, current: Id | None, settings: Settings) -> TimelineView:
    """What the panel shows of a timeline."""
    visits = tuple(_visit(visit, settings) for visit in line.visits)
    limits = next((visit.limits for visit in reversed(line.visits) if visit.limits is not None), None)
    summary = "  ·  ".join(
        " ".join(part for part in (told.label, told.sum, told.badge) if part)
        for told in visits
        if told.sum or told.badge
    )
    hidden = not any(visit.shown for visit in line.visits)
    empty = sentence("UI_TIMELINE_HIDDEN" if hidden else "UI_TIMELINE_EMPTY")
    return TimelineView(
        line=line,
        current=current,
        visits=visits,
        limits=() if limits is None else _limits(limits, settings),
        summary=summary,
        notice="" if any(visit.sum_mm is not None for visit in line.visits) else empty,
    )


def _limits(limits: Limits, settings: Settings) -> tuple[tuple[LimitKind, str], ...]:
    pct = number_text(100 * settings.pr_threshold)
    listed = [(LimitKind.RESPONSE, sentence("UI_TIMELINE_RESPONSE_LIMIT", {"pct": pct}))]
    if limits.progression_mm is not None:
        words = {"mm": number_text(settings.pd_abs_mm), "pct": number_text(100 * settings.pd_threshold)}
        code = "UI_TIMELINE_PROGRESSION_LIMIT_MM" if limits.by_mm else "UI_TIMELINE_PROGRESSION_LIMIT"
        listed.append((LimitKind.PROGRESSION, sentence(code, words)))
    return tuple(listed)


def _visit(visit: TimelineVisit, settings: Settings) -> VisitWords:
    summed = "" if visit.sum_mm is None else mm_text(visit.sum_mm)
    sins = ""
    if visit.sins is not None:
        code = "UI_TIMELINE_SINS" if visit.sins.level else "UI_TIMELINE_SINS_RANGE"
        sins = sentence(code, {"score": score_text(visit.sins.low, visit.sins.high), "level": visit.sins.level})
    return VisitWords(
        label=visit.label,
        sum=summed,
        badge=SHORT.get(visit.response, ""),
        tone=TONES.get(visit.response, "mid"),
        marks=tuple(dict.fromkeys(_MARKS[event.kind] for event in visit.events)),
        below=(visit.date, sins),
        words=_words(visit, summed, sins, settings),
    )


def _words(visit: TimelineVisit, summed: str, sins: str, settings: Settings) -> str:
    """A visit in full, a line each."""
    parts = [" ".join(part for part in (visit.label, visit.date) if part)]
    if not visit.shown:
        return parts[0]
    if summed:
        parts.append(sentence("UI_TIMELINE_SUM", {"sum": summed}))
    if visit.response:
        code = "UI_TIMELINE_RESPONSE" if visit.final else "UI_TIMELINE_RESPONSE_PROVISIONAL"
        parts.append(sentence(code, {"response": sentence(f"UI_RESPONSE_{visit.response}")}))
    if visit.limits is not None and summed:
        for kind, words in _limits(visit.limits, settings):
            mm = visit.limits.response_mm if kind is LimitKind.RESPONSE else visit.limits.progression_mm
            parts.append(f"{words}: {'' if mm is None else mm_text(mm)} mm")
    parts.extend(sentence(f"UI_TIMELINE_{event.kind}", {"about": event.about}) for event in visit.events)
    return "\n".join([*parts, sins] if sins else parts)
