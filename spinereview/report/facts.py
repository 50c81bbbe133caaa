"""What a report, its tables and the JSON of a read are made of: the read as far as it may be seen, and what follows from it.

Everything here has passed :func:`~spinereview.review.visibility.visible`; nothing below asks the whole document again. Dates
and hashes come from the trail and the case, never from a clock, so that equal facts give equal files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from spinereview.criteria.evidence.diameters import Reported
from spinereview.criteria.evidence.recist import lesion_value
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import from_the_head
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.lesion import Lesion, LesionRole
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.review.visibility import Visible
from spinereview.text import sentence

_ROLES = (LesionRole.TARGET, LesionRole.NON_TARGET, LesionRole.NEW, LesionRole.TREATED_SITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Where the trail of a read stands: number, SHA-256 and time (ISO 8601, UTC) of its last event."""

    sequence: int
    sha256: str
    utc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFacts:
    """A read with all that was derived from it, and what it was made from.

    Parameters
    ----------
    seen
        The read as far as the asker may see it.
    assessments
        All that follows from it and may be seen.
    program
        Version of the program that derived it.
    dates
        Study dates (ISO 8601) by timepoint; empty where days may not be shown.
    stack_sha256
        Hash of each stack as the trail has it.
    """

    seen: Visible
    assessments: Table[Assessment]
    program: str
    case_sha256: str
    trail: Trail
    dates: Table[str] = field(default_factory=Table)
    stack_sha256: Table[str] = field(default_factory=Table)

    @property
    def read(self) -> Read:
        """The read as far as it may be seen."""
        return self.seen.read

    @property
    def case(self) -> Case:
        """The case with the timepoints that are there."""
        return self.seen.case

    @property
    def subject(self) -> str:
        """Code of the subject."""
        return self.case.subject_code

    @property
    def reader(self) -> str:
        """Code of the reader."""
        return self.read.reader_code

    @property
    def protocol(self) -> str:
        """Title and version of the protocol."""
        words = {"title": self.seen.protocol.title, "version": self.seen.protocol.version}
        return sentence("REPORT_PROTOCOL_VERSION", words)

    @property
    def protocol_sha256(self) -> str:
        """Hash of the protocol's bytes."""
        return self.seen.protocol.sha256

    @property
    def trail_head(self) -> str:
        """First eight digits of the hash of the trail's last event."""
        return self.trail.sha256[:8]

    @property
    def settings(self) -> Settings:
        """Settings of RECIST 1.1 in the protocol."""
        return Settings.parse(self.seen.protocol.criteria.get("recist", Table()))

    @property
    def lesions(self) -> tuple[Lesion, ...]:
        """Lesions as they are listed: targets, non-targets, new ones, treated sites, each by number."""
        listed = self.read.lesions.values()
        return tuple(sorted(listed, key=lambda lesion: (_ROLES.index(lesion.role), len(lesion.id), lesion.id)))

    def value(self, lesion: Lesion, timepoint: Timepoint, settings: Settings) -> Reported:
        """Reported value of a lesion at a timepoint, or why there is none."""
        return lesion_value(self.read, self.case, lesion, timepoint.id, settings)

    def at(self, timepoint: Timepoint, *question: str) -> Assessment | None:
        """Answer to a question about a timepoint; None where there is none, or it may not be seen."""
        return self.assessments.get("/".join((timepoint.id, *question)))

    def levels_at(self, timepoint: Timepoint, question: str) -> Iterator[tuple[str, Assessment]]:
        """Levels (``"T9"``, of a lesion over several ``"T8-T10"``) with their answers, from the head down."""
        found = {
            answer.scope[2]: answer for answer in self.assessments.values() if _is_about(answer, timepoint, question)
        }
        yield from from_the_head(found).items()


def _is_about(answer: Assessment, timepoint: Timepoint, question: str) -> bool:
    return len(answer.scope) == 3 and answer.scope[:2] == (timepoint.id, question)
