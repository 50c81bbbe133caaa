"""A lesion and what was found of it at each timepoint, in the words of RECIST 1.1 (Eisenhauer 2009)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spinereview.domain.anatomy import Site
from spinereview.domain.checks import require, require_text
from spinereview.domain.imaging import Id
from spinereview.domain.measurement import Measurement
from spinereview.domain.table import Table


class LesionRole(StrEnum):
    """What a lesion counts as."""

    TARGET = "TARGET"
    NON_TARGET = "NON_TARGET"
    NEW = "NEW"
    TREATED_SITE = "TREATED_SITE"


class LesionState(StrEnum):
    """State of a lesion at one timepoint; which of them a role may have says :data:`STATES_OF_ROLE`."""

    MEASURED = "MEASURED"
    ABSENT = "ABSENT"
    TOO_SMALL = "TOO_SMALL"
    NE = "NE"
    MERGED = "MERGED"
    SPLIT = "SPLIT"
    TREATED_OFF = "TREATED_OFF"
    TREATED_BY_PROTOCOL = "TREATED_BY_PROTOCOL"
    NODE_NORMAL = "NODE_NORMAL"
    PRESENT = "PRESENT"
    UNEQUIVOCAL_PD = "UNEQUIVOCAL_PD"


_TREATED = frozenset({LesionState.NE, LesionState.TREATED_OFF, LesionState.TREATED_BY_PROTOCOL})
_BY_SIZE = _TREATED | {
    LesionState.MEASURED,
    LesionState.ABSENT,
    LesionState.TOO_SMALL,
    LesionState.MERGED,
    LesionState.SPLIT,
}
_BY_EYE = _TREATED | {
    LesionState.ABSENT,
    LesionState.NODE_NORMAL,
    LesionState.PRESENT,
    LesionState.UNEQUIVOCAL_PD,
}
STATES_OF_ROLE: dict[LesionRole, frozenset[LesionState]] = {
    LesionRole.TARGET: _BY_SIZE,
    LesionRole.NON_TARGET: _BY_EYE,
    LesionRole.NEW: _BY_EYE | {LesionState.MEASURED, LesionState.TOO_SMALL},
    LesionRole.TREATED_SITE: _BY_SIZE | {LesionState.PRESENT, LesionState.UNEQUIVOCAL_PD},
}
"""RECIST 1.1, 4.1 and 4.3: targets are measured, non-targets and new lesions are judged."""


SEEN = frozenset({LesionState.PRESENT, LesionState.UNEQUIVOCAL_PD})
"""States of a lesion that is judged and seen; as such a non-target may lie in the mass of a target."""


class Tissue(StrEnum):
    """Kind of a lesion's tissue."""

    LYTIC = "LYTIC"
    MIXED = "MIXED"
    BLASTIC = "BLASTIC"
    SOFT = "SOFT"


class Scope(StrEnum):
    """What of a bone lesion its diameter records; locked at baseline."""

    SOFT_TISSUE_COMPONENT = "SOFT_TISSUE_COMPONENT"
    WHOLE_LESION = "WHOLE_LESION"


class NewStatus(StrEnum):
    """How sure it is that a lesion is new (RECIST 1.1, 4.3.5)."""

    NO = "NO"
    EQUIVOCAL = "EQUIVOCAL"
    YES = "YES"


class Comparability(StrEnum):
    """Whether a follow-up in another technique can be compared, in the reader's judgement."""

    COMPARABLE = "COMPARABLE"
    NOT_COMPARABLE = "NOT_COMPARABLE"


class FieldRelation(StrEnum):
    """Place relative to the irradiated field."""

    IN_FIELD = "IN_FIELD"
    MARGINAL = "MARGINAL"
    OUTSIDE = "OUTSIDE"


class Pet(StrEnum):
    """FDG-PET at the lesion."""

    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    NONE = "NONE"


class EquivocalCause(StrEnum):
    """Why a lesion may be none, or not new (RECIST 1.1, 4.3.5; osteoblastic flare: Hamaoka 2004)."""

    FLARE = "FLARE"
    POST_OP = "POST_OP"
    POST_RT = "POST_RT"
    TECHNIQUE = "TECHNIQUE"
    FRACTURE = "FRACTURE"
    BENIGN = "BENIGN"
    OTHER = "OTHER"


class MarginHidden(StrEnum):
    """What hides a lesion's margin; a target whose margin cannot be drawn is not evaluable, never 0."""

    HARDWARE = "HARDWARE"
    CEMENT = "CEMENT"
    ARTEFACT = "ARTEFACT"
    TISSUE = "TISSUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Technique:
    """How a lesion was imaged when it was first measured; compared at each visit (RECIST 1.1, 4.2: same method).

    ``window`` is the one that it was measured in, ``"W400 L40"``; empty where nobody recorded it.
    """

    modality: str
    plane: str
    role: str
    contrast: str
    window: str


class LocalTherapy(StrEnum):
    """Kind of an earlier local therapy of a lesion."""

    RT = "RT"
    SURGERY = "SURGERY"
    ABLATION = "ABLATION"
    EMBOLISATION = "EMBOLISATION"
    AUGMENTATION = "AUGMENTATION"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorTherapy:
    """Earlier local therapy of a lesion, without a date: a blinded reader has none.

    Parameters
    ----------
    study_treatment
        It was the study's own, which does not make the lesion non-measurable.
    over_two_years, progressed_since
        More than two years ago; the lesion itself progressed since. None: not said.
    """

    kind: LocalTherapy
    study_treatment: bool
    over_two_years: bool | None = None
    progressed_since: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionFinding:
    """One lesion at one timepoint.

    Parameters
    ----------
    parts
        ``"a"``; the fragments ``"a"``, ``"b"`` ... where SPLIT; ``"cc"`` a craniocaudal extent.
    carrier
        Lesion that carries the diameter of the merged mass; of a non-target that is seen in the mass of a target, too.
    plane_visible
        It touches another lesion and a plane between them is seen: both keep their own diameter (RECIST 1.1, 4.3.2).
    reason, justification
        Why NE, or why in another plane or technique; the free text that UNEQUIVOCAL_PD demands.
    new_status
        Only of lesions that are new or have reappeared; a later visit's status dates back.
    cause
        Why equivocal: FLARE, POST_OP, TECHNIQUE, FRACTURE ...
    unchanged
        The reader confirmed that nothing changed: so that the act has a change.
    """

    state: LesionState
    parts: Table[Measurement] = field(default_factory=Table)
    carrier: Id | None = None
    plane_visible: bool | None = None
    reason: str = ""
    justification: str = ""
    comparability: Comparability | None = None
    new_status: NewStatus | None = None
    only_by_new_technique: bool = False
    cause: str = ""
    field_relation: FieldRelation | None = None
    pet: Pet | None = None
    margin_hidden_by: str | None = None
    unchanged: bool = False

    def __post_init__(self) -> None:
        merged = self.state is LesionState.MERGED
        carried = self.carrier is not None
        fits = carried if merged else not carried or self.state in SEEN
        require(holds=fits, code="FINDING_CARRIER", value=self.state)
        justified = self.state is not LesionState.UNEQUIVOCAL_PD or bool(self.justification.strip())
        require(holds=justified, code="FINDING_JUSTIFICATION")
        split = self.state is LesionState.SPLIT
        require(holds=not split or len(self.parts) >= 2, code="FINDING_SPLIT_PARTS")
        measured = self.state is LesionState.MEASURED
        require(holds=not measured or bool(self.parts), code="FINDING_WITHOUT_MEASUREMENT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """A lesion, its role and site, and its findings by timepoint.

    Parameters
    ----------
    id
        ``"L01"`` ...: the number stays with it whatever its role becomes; shown with the letter of the role.
    nodal
        Lymph node: its short axis counts (RECIST 1.1, 3.1.2).
    group
        Several lesions of one organ recorded as one item (RECIST 1.1, 4.3.3).
    first_seen
        Timepoint at which it was first recorded.
    override_reason
        The reader's reason where a soft rule was overridden.
    """

    id: Id
    role: LesionRole
    nodal: bool = False
    site: Site
    tissue: Tissue | None = None
    predominantly_lytic: bool | None = None
    soft_tissue: bool | None = None
    cystic: bool = False
    scope: Scope = Scope.SOFT_TISSUE_COMPONENT
    group: bool = False
    first_seen: Id
    technique: Technique | None = None
    prior_therapy: PriorTherapy | None = None
    treated_site: Id | None = None
    findings: Table[LesionFinding] = field(default_factory=Table)
    override_reason: str = ""
    comment: str = ""

    def __post_init__(self) -> None:
        require_text("lesion id", self.id)
        require_text("first_seen", self.first_seen)
        for timepoint, finding in self.findings.items():
            allowed = finding.state in STATES_OF_ROLE[self.role]
            require(
                holds=allowed,
                code="STATE_NOT_OF_ROLE",
                lesion=self.id,
                timepoint=timepoint,
                state=finding.state,
                role=self.role,
            )
