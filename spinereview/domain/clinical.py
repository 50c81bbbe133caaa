"""The clinical record: an investigator's document, in a file of its own, never beside a blinded read."""

from __future__ import annotations

from dataclasses import dataclass, field

from spinereview.domain.checks import require_text
from spinereview.domain.imaging import Id
from spinereview.domain.scores import Answer
from spinereview.domain.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalEvent:
    """Death, new therapy, surgery, radiotherapy, a symptomatic fracture ...; ``day`` counts from an anchor."""

    kind: str
    day: int
    cause: str = ""
    related_site: Id | None = None
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalRecord:
    """Answers by visit and item (raw items; scores are derived), and events."""

    id: Id
    subject_code: str
    visits: Table[Table[Answer]] = field(default_factory=Table)
    events: Table[ClinicalEvent] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require_text("clinical record id", self.id)
        require_text("subject code", self.subject_code)
