"""The schedule of a subject: on which days scans were made, and what happened when.

It belongs to the coordinator; a blinded reader has none. A day is a whole number; which day is 0 does not matter as long as
all days of a schedule count from the same one. A day that nobody knows is None, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor
from spinereview.domain.table import Table


class EventKind(StrEnum):
    """What ends or changes the follow-up of a subject.

    LOCAL_THERAPY is a treatment of one lesion outside the protocol; NEUROLOGICAL_DECLINE one that lasts and is attributed to
    a treated site; LAST_CONTACT a day on which the subject was known to be alive.
    """

    DEATH = "DEATH"
    NEW_THERAPY = "NEW_THERAPY"
    LOCAL_THERAPY = "LOCAL_THERAPY"
    POST_PROCEDURE_RT = "POST_PROCEDURE_RT"
    NEUROLOGICAL_DECLINE = "NEUROLOGICAL_DECLINE"
    LAST_CONTACT = "LAST_CONTACT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to the subject.

    Parameters
    ----------
    day
        None: it happened, nobody knows the day.
    cause
        Of a death: ``"PRIMARY_DISEASE"``, ``"TREATED_SEGMENT"``, or a word of the trial's own; empty: not stated.
    treated_site
        It concerns a site that the study treats.
    """

    kind: EventKind
    day: int | None
    cause: str = ""
    treated_site: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDays:
    """Days of one visit's scans.

    Parameters
    ----------
    scan_days
        Of all scans of the visit; empty: not known, or known in part.
    earliest, latest
        Where the days are not known: between which days they lie, as far as that is known.
    target_days
        Of the scans on which target lesions were measured; empty: of all.
    non_target_day
        Of the scan that shows unequivocal progression of non-target lesions; None: not stated.
    new_day
        Of the scan that first shows a new lesion; None: not stated.
    """

    scan_days: tuple[int, ...] = ()
    earliest: int | None = None
    latest: int | None = None
    target_days: tuple[int, ...] = ()
    non_target_day: int | None = None
    new_day: int | None = None

    def __post_init__(self) -> None:
        known = set(self.scan_days)
        parts = {*self.target_days, *({self.non_target_day, self.new_day} - {None})}
        require(holds=parts <= known, code="SCAN_DAY_NOT_OF_VISIT", days=", ".join(map(str, sorted(known))))
        ordered = self.earliest is None or self.latest is None or self.earliest <= self.latest
        require(holds=ordered, code="SCAN_DAYS_REVERSED", earliest=self.earliest, latest=self.latest)

    @property
    def day(self) -> int | None:
        """Day of the visit: of its last scan; None where it is not known."""
        return max(self.scan_days, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """A visit of the protocol, on the subject's own days; both ends of the window belong to it.

    Parameters
    ----------
    assesses
        Its mandatory modalities can show a tumour (CT or MR), and it serves as no baseline. Others are never missed.
    """

    name: str
    day: int
    minus: int = 0
    plus: int = 0
    assesses: bool = True

    def __post_init__(self) -> None:
        require_text("visit name", self.name)
        require(holds=self.minus >= 0 and self.plus >= 0, code="VISIT_WINDOW_NEGATIVE", name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Days of one subject.

    Parameters
    ----------
    anchors
        By the word of an :class:`~spinereview.domain.protocol.Anchor`.
    visits
        By timepoint.
    cut_off
        Last day that the analysis knows of; None: no limit.
    """

    anchors: Table[int] = field(default_factory=Table)
    visits: Table[VisitDays] = field(default_factory=Table)
    planned: tuple[PlannedVisit, ...] = ()
    events: tuple[Event, ...] = ()
    cut_off: int | None = None

    def __post_init__(self) -> None:
        for anchor in self.anchors:
            require(holds=anchor in set(Anchor), code="ANCHOR_UNKNOWN", name=anchor, allowed=", ".join(Anchor))
        deaths = [event for event in self.events if event.kind is EventKind.DEATH]
        require(holds=len(deaths) <= 1, code="DEATH_TWICE")

    def day_of(self, timepoint: Id) -> int | None:
        """Day of a visit; None where it is not known."""
        days = self.visits.get(timepoint)
        return None if days is None else days.day

    def of_kind(self, *kinds: EventKind) -> tuple[Event, ...]:
        """Events of some kinds."""
        return tuple(event for event in self.events if event.kind in kinds)
