"""A read: the one document that one reader writes of one case."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.domain.alignment import Alignment
from spinereview.domain.case import TreatedSite
from spinereview.domain.checks import LATER, require, require_text
from spinereview.domain.imaging import Id, ImageRef, Ref
from spinereview.domain.known_length import KnownLength
from spinereview.domain.lesion import Lesion
from spinereview.domain.measurement import Measurement, PointUm
from spinereview.domain.scores import Answer, LevelFinding
from spinereview.domain.table import Table


class Purpose(StrEnum):
    """What a read is made for."""

    ELIGIBILITY = "ELIGIBILITY"
    EFFICACY = "EFFICACY"
    REPEAT = "REPEAT"
    TRAINING = "TRAINING"
    LOCAL = "LOCAL"
    FREE_READ = "FREE_READ"


class Lock(StrEnum):
    """Whether a timepoint may still be changed."""

    OPEN = "OPEN"
    LOCKED = "LOCKED"
    AMENDING = "AMENDING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What belongs to a timepoint and to no lesion.

    ``manifest_sha256`` names the images as they were when the visit was opened. ``decisions`` (after CR, equivocal with
    CR, residual) is the one part of a locked visit that stays writable until signing.
    """

    manifest_sha256: str = ""
    lock: Lock = Lock.OPEN
    quality: Table[Answer] = field(default_factory=Table)
    coverage: Table[Answer] = field(default_factory=Table)
    patient_scores: Table[Table[Answer]] = field(default_factory=Table)
    decisions: Table[Answer] = field(default_factory=Table)
    levels: Table[LevelFinding] = field(default_factory=Table)
    comment: str = ""


_UNSAID = Visit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Question from the reader to the coordinator; ``critical`` says that the patient may be in danger."""

    about: Ref
    text: str
    critical: bool = False
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Everything that one reader has said of one case.

    Parameters
    ----------
    level_labels
        By stack, then by level: the labelled point.
    numbering
        Variant of the subject's numbering: empty, or ``"T13"``, ``"L6"``.
    link_offsets
        Micrometres (LPS) from A to B by ``"A|B"``, a pair of stacks that scroll together; 0 along an axis: nothing set.
    signed_through
        Timepoint up to which the read is signed.
    calibrations
        Projections that were calibrated by hand, by stack.
    alignments
        PETs that were aligned by hand, by stack, then by the frame of reference that they were moved into.
    treated_sites
        Named in the read where the case names none.
    """

    id: Id
    case: Id
    reader_code: str
    purpose: Purpose
    protocol_sha256: str
    visits: Table[Visit] = field(default_factory=Table)
    lesions: Table[Lesion] = field(default_factory=Table)
    level_labels: Table[Table[Measurement]] = field(default_factory=Table)
    numbering: str = ""
    link_offsets: Table[PointUm] = field(default_factory=Table)
    key_images: Table[ImageRef] = field(default_factory=Table)
    queries: Table[Query] = field(default_factory=Table)
    arm_guess: Answer | None = None
    signed_through: Id | None = None
    amendments: tuple[str, ...] = ()
    calibrations: Table[KnownLength] = field(default_factory=Table, metadata=LATER)
    alignments: Table[Table[Alignment]] = field(default_factory=Table, metadata=LATER)
    treated_sites: Table[TreatedSite] = field(default_factory=Table, metadata=LATER)

    def __post_init__(self) -> None:
        require_text("read id", self.id)
        require_text("reader code", self.reader_code)
        for key, lesion in self.lesions.items():
            require(holds=key == lesion.id, code="KEY_NOT_ID", name=key)

    def visit_at(self, timepoint: str) -> Visit:
        """What belongs to a timepoint; an empty visit where nothing has been said of it."""
        return self.visits.get(timepoint, _UNSAID)

    def lock_of(self, timepoint: str) -> Lock:
        """Lock of a timepoint; OPEN where nothing has been said of it."""
        return self.visit_at(timepoint).lock
