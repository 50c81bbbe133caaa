"""Words that several panels share: outcomes in short, their tones, lines of the history. No Qt."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from spinereview.ui.panels.history import HistoryLine

TONES: dict[str, str] = {
    "CR": "ok",
    "PR": "ok",
    "NED": "ok",
    "SD": "accent",
    "NON_CR_NON_PD": "accent",
    "PD": "bad",
    "NE": "warn",
}
SHORT = {outcome: outcome for outcome in TONES} | {"NON_CR_NON_PD": "Non-PD"}
"""What a panel writes of an outcome; those without an entry are none."""


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
