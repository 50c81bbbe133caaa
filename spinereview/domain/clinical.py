"""The clinical record: an investigator's document, in a file of its own, never beside a blinded read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id
from spinereview.domain.scores import Answer
from spinereview.domain.table import Table


class ClinicalEventKind(StrEnum):
    """What can happen to a subject.

    NEUROLOGICAL_DECLINE is one that lasts and is attributed to a treated site; LOCAL_THERAPY a treatment of one lesion
    outside the protocol; FRACTURE_SYMPTOMS new pain or deficit of a vertebral fracture; ADVERSE_EVENT is graded by CTCAE.
    """

    DEATH = "DEATH"
    NEW_THERAPY = "NEW_THERAPY"
    LOCAL_THERAPY = "LOCAL_THERAPY"
    POST_PROCEDURE_RT = "POST_PROCEDURE_RT"
    NEUROLOGICAL_DECLINE = "NEUROLOGICAL_DECLINE"
    LAST_CONTACT = "LAST_CONTACT"
    RANDOMISATION = "RANDOMISATION"
    FIRST_TREATMENT = "FIRST_TREATMENT"
    SURGERY = "SURGERY"
    PROCEDURE = "PROCEDURE"
    RT_START = "RT_START"
    RT_END = "RT_END"
    FRACTURE_SYMPTOMS = "FRACTURE_SYMPTOMS"
    ADVERSE_EVENT = "ADVERSE_EVENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalEvent:
    """Something that happened.

    Parameters
    ----------
    day
        On the subject's own count of days, the one of the schedule; None: nobody knows the day, which is never guessed.
    cause
        Of a death ``"PRIMARY_DISEASE"``, ``"TREATED_SEGMENT"`` or another word; of an adverse event its term.
    related_site
        Treated site that it concerns.
    confirmed_by
        How it is known: ``"MRI"``, ``"examination"``.
    grade
        CTCAE v5.0, 1 to 5, of an adverse event.
    """

    kind: ClinicalEventKind
    day: int | None
    cause: str = ""
    related_site: Id | None = None
    confirmed_by: str = ""
    grade: int | None = None

    def __post_init__(self) -> None:
        for name in ("cause", "confirmed_by"):
            value = getattr(self, name)
            require(holds=not value or value.isprintable(), code="VALUE_EMPTY", name=name)
        graded = self.kind is ClinicalEventKind.ADVERSE_EVENT
        fits = (self.grade is not None and 1 <= self.grade <= 5) if graded else self.grade is None
        require(holds=fits, code="EVENT_GRADE", kind=self.kind.value, grade=self.grade)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalRecord:
    """Answers by visit and item (raw items; scores are derived), and events by their id."""

    id: Id
    subject_code: str
    visits: Table[Table[Answer]] = field(default_factory=Table)
    events: Table[ClinicalEvent] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require_text("clinical record id", self.id)
        require_text("subject code", self.subject_code)

    @property
    def death(self) -> ClinicalEvent | None:
        """The death of the subject; None where there is none."""
        return next((event for event in self.events.values() if event.kind is ClinicalEventKind.DEATH), None)
