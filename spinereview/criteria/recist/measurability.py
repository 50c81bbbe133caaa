"""Whether a lesion is measurable at baseline: RECIST 1.1 (Eisenhauer 2009), 3.1.1 to 3.1.3 and 3.2.

Sizes are compared as reported: 9.95 mm is reported 10.0 and measurable.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.recist.settings import Settings
from spinereview.domain.lesion import PriorTherapy, Tissue

NON_NODAL_MIN_MM = Decimal(10)
"""3.1.1: longest diameter on CT with slices of at most 5 mm, and by caliper on the skin."""

CHEST_XRAY_MIN_MM = Decimal(20)
"""3.1.1: chest X-ray."""

THIN_SLICE_MM = Decimal(5)
"""3.1.1: up to this thickness the limits hold as they are, above it twice the slice."""

BONE = "BONE"
LUNG = "LUNG"

NEVER_MEASURABLE = frozenset(
    {"LEPTOMENINGES", "ASCITES", "PLEURAL EFFUSION", "PERICARDIAL EFFUSION", "LYMPHANGITIS", "INFLAMMATORY BREAST"}
)
"""3.1.2: sites of truly non-measurable disease, as names of organs."""

_CROSS_SECTIONAL = frozenset({"CT", "MR"})
_X_RAY = frozenset({"CR", "DX"})
SKIN = "SKIN"
"""Instead of a modality: a superficial lesion measured with a caliper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionFacts:
    """What decides on measurability.

    Parameters
    ----------
    size_mm
        Reported longest diameter, of a node the short axis; of a bone lesion in the scope that the protocol records. None:
        not measured.
    modality
        DICOM Modality of the images measured on, or :data:`SKIN`.
    slice_thickness_mm, slice_interval_mm
        None: not stated.
    """

    nodal: bool = False
    organ: str
    size_mm: Decimal | None
    modality: str
    slice_thickness_mm: Decimal | None = None
    slice_interval_mm: Decimal | None = None
    tissue: Tissue | None = None
    soft_tissue: bool | None = None
    prior_therapy: PriorTherapy | None = None


def measurable(facts: LesionFacts, settings: Settings) -> tuple[bool, str]:
    """Whether a lesion is measurable, and the code that says why.

    >>> node = LesionFacts(nodal=True, organ="LYMPH NODE", size_mm=Decimal("14.9"), modality="CT")
    >>> measurable(node, Settings())
    (False, 'NODE_NON_TARGET')
    """
    never = _never(facts, settings)
    if never:
        return False, never
    if facts.size_mm is None:
        return False, "NOT_MEASURED"
    slice_mm = effective_slice_mm(facts, settings) if facts.modality in _CROSS_SECTIONAL else Decimal(0)
    minimum = minimum_mm(facts, slice_mm, settings)
    if facts.size_mm < minimum:
        return False, _too_small(facts.size_mm, settings, nodal=facts.nodal)
    if slice_mm is None:
        return True, "MEASURABLE_SLICE_UNKNOWN"
    if slice_mm <= THIN_SLICE_MM:
        return True, "MEASURABLE"
    kept = facts.nodal and settings.thick_slice_nodes == "keep"
    return True, "MEASURABLE_THICK_SLICE_KEPT" if kept else "MEASURABLE_THICK_SLICE"


def effective_slice_mm(facts: LesionFacts, settings: Settings) -> Decimal | None:
    """Slice that the limits are doubled by: the larger of thickness and interval, or the one the protocol names."""
    thickness, interval = facts.slice_thickness_mm, facts.slice_interval_mm
    if settings.slice_measure == "thickness":
        return thickness
    if settings.slice_measure == "interval":
        return interval
    return max((value for value in (thickness, interval) if value is not None), default=None)


def minimum_mm(facts: LesionFacts, slice_mm: Decimal | None, settings: Settings) -> Decimal:
    """Smallest measurable size; twice the slice above 5 mm (3.1.1; for nodes as the protocol says)."""
    if facts.modality in _X_RAY:
        return CHEST_XRAY_MIN_MM
    minimum = settings.node_target_min if facts.nodal else NON_NODAL_MIN_MM
    if slice_mm is None or slice_mm <= THIN_SLICE_MM or (facts.nodal and settings.thick_slice_nodes == "keep"):
        return minimum
    return max(minimum, 2 * slice_mm)


def _never(facts: LesionFacts, settings: Settings) -> str:
    """Why no size makes the lesion measurable; empty where a size can."""
    chest_x_ray = facts.modality in _X_RAY and facts.organ == LUNG
    if facts.modality not in _CROSS_SECTIONAL | {SKIN} and not chest_x_ray and not _unmeasured(facts):
        return "METHOD_NOT_MEASURABLE"
    if facts.organ in NEVER_MEASURABLE:
        return "KIND_NOT_MEASURABLE"
    if facts.organ == BONE and not facts.nodal:
        code = _bone(facts)
        if code:
            return code
    therapy = facts.prior_therapy
    if therapy is not None and not therapy.study_treatment:
        if settings.irradiated_targets == "never" or therapy.progressed_since is False:
            return "TREATED_BEFORE"
        return "" if therapy.progressed_since else "PROGRESSION_MISSING"
    return ""


def _bone(facts: LesionFacts) -> str:
    """3.1.3: blastic lesions never; lytic and mixed ones by a soft-tissue component on CT or MR."""
    if facts.tissue is Tissue.BLASTIC:
        return "BONE_BLASTIC"
    if facts.tissue is None:
        return "TISSUE_MISSING"
    if facts.tissue is not Tissue.SOFT and not facts.soft_tissue:
        return "BONE_WITHOUT_SOFT_TISSUE"
    return "" if facts.modality in _CROSS_SECTIONAL or _unmeasured(facts) else "METHOD_NOT_MEASURABLE"


def _unmeasured(facts: LesionFacts) -> bool:
    """Never measured: there is no method yet that could be the wrong one."""
    return facts.size_mm is None and not facts.modality


def _too_small(size_mm: Decimal, settings: Settings, *, nodal: bool) -> str:
    if not nodal:
        return "BELOW_MINIMUM"
    return "NODE_NON_TARGET" if size_mm >= settings.node_path_min else "NODE_OF_NORMAL_SIZE"
