"""Time as the trail keeps it, and what it says of a clock that was set.

The order of events is their number. The time of day is what the workstation believed; a second clock that nobody can set
runs beside it (``mono_ms``), and where the two disagree the trail gets a note. Nothing is refused because of a clock.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from spinereview.domain.codec import Json

_TOLERANCE_MS = 60_000
"""Drift between both clocks within one session that counts as setting the clock: more than a time server corrects."""


class Clock(Protocol):
    """Where time comes from."""

    def utc(self) -> datetime:
        """Time of day, with its zone UTC."""
        ...

    def utc_offset_min(self) -> int:
        """Minutes that local time is ahead of UTC."""
        ...

    def mono_ms(self) -> int:
        """Milliseconds of a clock that is never set, from an arbitrary start."""
        ...


class SystemClock:
    """The workstation's clocks."""

    def utc(self) -> datetime:
        """Time of day, with its zone UTC."""
        return datetime.now(UTC)

    def utc_offset_min(self) -> int:
        """Minutes that local time is ahead of UTC."""
        offset = datetime.now(UTC).astimezone().utcoffset()
        return 0 if offset is None else int(offset.total_seconds()) // 60

    def mono_ms(self) -> int:
        """Milliseconds since the start of the machine, sleep included where the system can tell."""
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        nanoseconds = time.monotonic_ns() if boottime is None else time.clock_gettime_ns(boottime)
        return nanoseconds // 1_000_000


class Moment(NamedTuple):
    """When something happened, as the trail keeps it; ``utc`` is ``2027-03-04T09:12:31.482Z``."""

    utc: str
    utc_offset_min: int
    mono_ms: int


def now(clock: Clock) -> Moment:
    """Moment that a clock shows."""
    text = clock.utc().astimezone(UTC).isoformat(timespec="milliseconds")
    return Moment(utc=text.replace("+00:00", "Z"), utc_offset_min=clock.utc_offset_min(), mono_ms=clock.mono_ms())


def clock_findings(before: Moment, after: Moment, *, one_session: bool) -> tuple[tuple[str, dict[str, Json]], ...]:
    """Names and arguments of the notes about a clock that was set between two events.

    Parameters
    ----------
    one_session
        Whether both moments are of one run of the program, so that ``mono_ms`` can be compared.
    """
    passed_ms = round((_parsed(after) - _parsed(before)).total_seconds() * 1000)
    drift_ms = passed_ms - (after.mono_ms - before.mono_ms) if one_session else 0
    findings: list[tuple[str, dict[str, Json]]] = []
    if passed_ms <= -1000 or drift_ms < -_TOLERANCE_MS:
        findings.append(("clock_set_back", {"seconds": -min(passed_ms, drift_ms) // 1000}))
    elif drift_ms > _TOLERANCE_MS:
        findings.append(("clock_set_forward", {"seconds": drift_ms // 1000}))
    if before.utc_offset_min != after.utc_offset_min:
        findings.append(("zone_changed", {"from": before.utc_offset_min, "to": after.utc_offset_min}))
    return tuple(findings)


def _parsed(moment: Moment) -> datetime:
    return datetime.fromisoformat(moment.utc)
