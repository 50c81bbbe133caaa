"""What a stack was made for: the weighting of an MR, the kernel of a CT, the view of a radiograph.

Attributes of the images only suggest it, with the reason; the coordinator's word stands in
:class:`~spinereview.domain.imaging.Stack` and wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from spinereview.domain.assessment import Reason
from spinereview.domain.imaging import Posture, Stack


class Role(StrEnum):
    """What a stack shows, as far as it matters for what is hung where."""

    T1 = "T1"
    T1_CONTRAST = "T1_CONTRAST"
    T2 = "T2"
    T2_FAT_SAT = "T2_FAT_SAT"
    STIR = "STIR"
    FLAIR = "FLAIR"
    PD = "PD"
    T2_STAR = "T2_STAR"
    DWI = "DWI"
    ADC = "ADC"
    CT_SOFT = "CT_SOFT"
    CT_BONE = "CT_BONE"
    CT_LUNG = "CT_LUNG"
    CT = "CT"
    PET = "PET"
    PET_NOT_CORRECTED = "PET_NOT_CORRECTED"
    XRAY_FRONTAL = "XRAY_FRONTAL"
    XRAY_LATERAL = "XRAY_LATERAL"
    XRAY_OBLIQUE = "XRAY_OBLIQUE"
    XRAY = "XRAY"
    LOCALIZER = "LOCALIZER"
    PROJECTION = "PROJECTION"
    """Projected through a volume: MIP."""
    CALCULATED = "CALCULATED"
    """Made by calculation, not for reading: perfusion, difference, field map."""
    CAPTURE = "CAPTURE"
    ULTRASOUND = "ULTRASOUND"
    UNKNOWN = "UNKNOWN"


class Contrast(StrEnum):
    """Whether a contrast agent was given."""

    GIVEN = "GIVEN"
    NONE = "NONE"
    NOT_TOLD = "NOT_TOLD"


_WORDS = frozenset(role.value for role in Role)
_NO_AGENT = frozenset({"NONE", "NO", "N", "0", "OHNE", "WITHOUT", "NATIVE", "NATIV", "NO CONTRAST"})

_OF_MODALITY: dict[str, tuple[Role, ...]] = {
    "MR": (
        *(Role.T1, Role.T1_CONTRAST, Role.T2, Role.T2_FAT_SAT, Role.STIR, Role.FLAIR, Role.PD, Role.T2_STAR),
        *(Role.DWI, Role.ADC, Role.LOCALIZER, Role.PROJECTION, Role.CALCULATED, Role.UNKNOWN),
    ),
    "CT": (
        *(Role.CT_SOFT, Role.CT_BONE, Role.CT_LUNG, Role.CT),
        *(Role.LOCALIZER, Role.PROJECTION, Role.CALCULATED, Role.UNKNOWN),
    ),
    "PT": (Role.PET, Role.PET_NOT_CORRECTED, Role.PROJECTION, Role.CALCULATED, Role.UNKNOWN),
    "US": (Role.ULTRASOUND, Role.UNKNOWN),
}
_OF_RADIOGRAPHS = (Role.XRAY_FRONTAL, Role.XRAY_LATERAL, Role.XRAY_OBLIQUE, Role.XRAY, Role.LOCALIZER, Role.UNKNOWN)
RADIOGRAPHS = frozenset({"CR", "DX", "RF", "XA", "DR", "RG"})

_READING: tuple[frozenset[Role], ...] = (
    frozenset(
        {
            *(Role.T1, Role.T1_CONTRAST, Role.T2, Role.T2_FAT_SAT, Role.STIR),
            *(Role.CT_SOFT, Role.CT_BONE, Role.CT_LUNG, Role.CT),
        }
    ),
    frozenset(
        {
            *(Role.PD, Role.FLAIR, Role.T2_STAR, Role.UNKNOWN),
            *(Role.XRAY_FRONTAL, Role.XRAY_LATERAL, Role.XRAY_OBLIQUE, Role.XRAY),
        }
    ),
    frozenset({Role.PET, Role.DWI, Role.ADC, Role.ULTRASOUND}),
)
"""Roles by how early they are looked at; those that stand in none come last: no lesion is measured on them."""

PARTNERS = (Role.T2, Role.STIR, Role.T2_FAT_SAT, Role.T1_CONTRAST, Role.T1)
"""Weightings of a spine MR in the order in which they are hung below each other."""


class Source(StrEnum):
    """Where a word about a stack comes from, the strongest first."""

    PERSON = "PERSON"
    ATTRIBUTES = "ATTRIBUTES"
    DESCRIPTION = "DESCRIPTION"
    """Free text that somebody typed at the scanner."""
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What the images suggest of a stack.

    Parameters
    ----------
    source
        The weakest thing that the role rests on.
    because
        What of the images says so; more than one where the description says something else than the attributes.
    posture
        None: nothing says how the patient was held.
    """

    role: Role
    source: Source
    because: tuple[Reason, ...]
    contrast: Contrast = Contrast.NOT_TOLD
    posture: Posture | None = None
    posture_source: Source = Source.NOTHING


UNTOLD = Suggestion(role=Role.UNKNOWN, source=Source.NOTHING, because=(Reason(code="ROLE_NOT_TOLD"),))
"""Of images that are not there."""


def contrast_of(agent: str) -> Contrast:
    """What Contrast/Bolus Agent (0018,0010) says.

    >>> contrast_of("Dotarem"), contrast_of("NONE"), contrast_of("")
    (<Contrast.GIVEN: 'GIVEN'>, <Contrast.NONE: 'NONE'>, <Contrast.NOT_TOLD: 'NOT_TOLD'>)
    """
    stated = agent.strip().upper()
    if not stated:
        return Contrast.NOT_TOLD
    return Contrast.NONE if stated in _NO_AGENT else Contrast.GIVEN


def roles_of(modality: str) -> tuple[Role, ...]:
    """Roles that a stack of a modality may have."""
    if modality in RADIOGRAPHS:
        return _OF_RADIOGRAPHS
    return _OF_MODALITY.get(modality, tuple(Role))


def role_of(stack: Stack, suggestion: Suggestion) -> Role:
    """The coordinator's word, UNKNOWN where it is none of these; without one what the images suggest."""
    if not stack.role:
        return suggestion.role
    return Role(stack.role) if stack.role in _WORDS else Role.UNKNOWN


def reading_rank(role: Role) -> int:
    """How early a role is looked at, from 0.

    >>> reading_rank(Role.T2) < reading_rank(Role.ADC) < reading_rank(Role.LOCALIZER)
    True
    """
    return next((rank for rank, roles in enumerate(_READING) if role in roles), len(_READING))


def source_of(stack: Stack, suggestion: Suggestion) -> Source:
    """Where the role comes from."""
    return Source.PERSON if stack.role else suggestion.source
