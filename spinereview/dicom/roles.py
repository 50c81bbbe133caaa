"""What the images suggest of a stack: what it was made for, whether a contrast agent was given, how the patient was held.

Attributes come first, the free text of the description last, and it is said which of them spoke. Nothing here measures or
decides; the coordinator's word wins (:mod:`spinereview.domain.sequence`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from spinereview.dicom.calibration import ImageClass
from spinereview.dicom.geometry import StackResult
from spinereview.dicom.kernels import role_of_kernel
from spinereview.dicom.mr_roles import Found, role_of_mr, words_of
from spinereview.dicom.split import class_of
from spinereview.domain.assessment import Reason
from spinereview.domain.imaging import Posture
from spinereview.domain.sequence import RADIOGRAPHS, Contrast, Role, Source, Suggestion, contrast_of
from spinereview.domain.table import Table

_VIEWS: dict[str, Role] = {
    **dict.fromkeys(("AP", "PA"), Role.XRAY_FRONTAL),
    **dict.fromkeys(("LL", "RL", "LAT", "LATERAL", "LLAT", "RLAT"), Role.XRAY_LATERAL),
    **dict.fromkeys(("RLO", "LLO", "LPO", "RPO", "LAO", "RAO"), Role.XRAY_OBLIQUE),
}
"""View Position (0018,5101)."""


def _word(pattern: str) -> re.Pattern[str]:
    """A word of free text: letters before it or letters and figures behind it would make it another one."""
    return re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z0-9])", re.IGNORECASE)


_DESCRIBED_MR: tuple[tuple[re.Pattern[str], Role], ...] = (
    (_word("adc"), Role.ADC),
    (_word("dwi|diff|diffusion|ep2d_diff\\w*"), Role.DWI),
    (_word("stir|tirm"), Role.STIR),
    (_word("flair"), Role.FLAIR),
    (_word("t1w?|t1[ _]w"), Role.T1),
    (_word("t2\\*|t2star|medic|merge"), Role.T2_STAR),
    (_word("t2w?"), Role.T2),
    (_word("pd|pdw"), Role.PD),
    (_word("localizer|localiser|scout|survey|loc|3[ -]?plane"), Role.LOCALIZER),
)
_DESCRIBED_CT: tuple[tuple[re.Pattern[str], Role], ...] = (
    (_word("bone|knochen|os|hueso"), Role.CT_BONE),
    (_word("lung|lunge|poumon"), Role.CT_LUNG),
    (_word("soft|weichteil|st|stnd|standard"), Role.CT_SOFT),
)
_DESCRIBED_VIEW: tuple[tuple[re.Pattern[str], Role], ...] = (
    (_word("lat|lateral|seitlich"), Role.XRAY_LATERAL),
    (_word("ap|pa|frontal"), Role.XRAY_FRONTAL),
    (_word("obl|oblique"), Role.XRAY_OBLIQUE),
)
_GIVEN = re.compile(r"\+\s?c(?![a-z0-9])|(?<![a-z])(?:gd|gad|km|post|ce|contrast)(?![a-z0-9])", re.IGNORECASE)
_STANDING = _word("standing|stehend|erect|upright|stand|debout")
_WEIGHTINGS = frozenset((Role.T1, Role.T2, Role.PD, Role.STIR, Role.DWI))
_OWN: tuple[str, ...] = ("EchoTime", "InversionTime", "ImageType", "ConvolutionKernel")
_ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
_POSTURES = {"S": Posture.SUPINE, "P": Posture.PRONE}


def suggest(result: StackResult, description: str) -> Suggestion:
    """Suggestion for a stack.

    Parameters
    ----------
    description
        Series Description, free text.
    """
    file, frame = result.middle
    attributes = dict(file.attributes)
    split = dict(frame.split)
    # Where a series was split by one of these, each stack has its own.
    attributes.update((name, split[name]) for name in _OWN if name in split)
    kind = class_of(result.middle)
    contrast = contrast_of(result.stack.contrast)
    found = _by_attributes(
        kind, file.modality, attributes, split.get("BValue", ""), enhanced=file.sop_class_uid == _ENHANCED_MR
    )
    described = _described(kind, file.modality, description)
    posture, posture_source = _posture(attributes, description)
    role, source, because = _joined(file.modality, found, described, description)
    if role is Role.T1 and kind is ImageClass.CROSS_SECTION:
        role, source, because = _with_contrast(result.stack.contrast, description, (source, because))
    return Suggestion(
        role=role,
        source=source,
        because=because,
        contrast=contrast,
        posture=posture,
        posture_source=posture_source,
    )


def _by_attributes(
    kind: ImageClass, modality: str, attributes: Mapping[str, str], b_value: str, *, enhanced: bool
) -> Found | None:
    if kind is ImageClass.CAPTURE:
        view = _of_projection(modality, attributes) if modality in RADIOGRAPHS else None
        return view or (Role.CAPTURE, Reason(code="ROLE_CAPTURE_CLASS"))
    if kind is ImageClass.ULTRASOUND:
        return Role.ULTRASOUND, Reason(code="ROLE_MODALITY", args=Table({"value": modality}))
    if kind is ImageClass.PROJECTION:
        return _of_projection(modality, attributes)
    if modality == "MR":
        return role_of_mr(attributes, b_value, enhanced=enhanced)
    if modality == "CT":
        return _of_ct(attributes)
    return _of_pet(attributes) if modality == "PT" else None


def _of_projection(modality: str, attributes: Mapping[str, str]) -> Found | None:
    image_type = words_of(attributes.get("ImageType", ""))
    if "LOCALIZER" in image_type[2:]:
        return Role.LOCALIZER, Reason(code="ROLE_IMAGE_TYPE", args=Table({"value": "LOCALIZER"}))
    if modality in ("CT", "MR", "PT"):
        return Role.PROJECTION, Reason(code="ROLE_IMAGE_TYPE", args=Table({"value": "PROJECTION IMAGE"}))
    view = attributes.get("ViewPosition", "").strip().upper()
    # OBL, OBLI, OBLIQUE, RT OBL: written out in many ways, with the side or without.
    of_view = Role.XRAY_OBLIQUE if "OBL" in view else _VIEWS.get(view)
    if of_view is not None:
        return of_view, Reason(code="ROLE_VIEW", args=Table({"value": view}))
    # Patient Orientation (0020,0020): where the rows and where the columns lead to. Rows that lead to the left and to the
    # front as well are those of an oblique film (PS3.3 C.7.6.1.1.1).
    row = words_of(attributes.get("PatientOrientation", ""))[0]
    oblique = not {"L", "R"}.isdisjoint(row) and not {"A", "P"}.isdisjoint(row)
    straight = {"L": Role.XRAY_FRONTAL, "R": Role.XRAY_FRONTAL, "A": Role.XRAY_LATERAL, "P": Role.XRAY_LATERAL}
    role = Role.XRAY_OBLIQUE if oblique else straight.get(row[:1])
    if role is None:
        return None
    return role, Reason(code="ROLE_PATIENT_ORIENTATION", args=Table({"value": attributes["PatientOrientation"]}))


def _of_ct(attributes: Mapping[str, str]) -> Found | None:
    image_type = words_of(attributes.get("ImageType", ""))
    if not {"PERFUSION", "RCBF", "RCBV", "MTT", "TTP"}.isdisjoint(image_type[2:]):
        return Role.CALCULATED, Reason(code="ROLE_IMAGE_TYPE", args=Table({"value": "\\".join(image_type[2:])}))
    kernel = attributes.get("ConvolutionKernel", "").split("\\")[0].strip()
    role = role_of_kernel(kernel)
    return None if role is None else (role, Reason(code="ROLE_KERNEL", args=Table({"value": kernel})))


def _of_pet(attributes: Mapping[str, str]) -> Found:
    corrected = words_of(attributes.get("CorrectedImage", ""))
    if corrected != ("",) and "ATTN" not in corrected:
        return Role.PET_NOT_CORRECTED, Reason(code="ROLE_NOT_CORRECTED", args=Table({"value": "\\".join(corrected)}))
    if attributes.get("AttenuationCorrected", "").strip() == "NO":
        # An enhanced PET says each correction by an attribute of its own.
        return Role.PET_NOT_CORRECTED, Reason(code="ROLE_ATTENUATION_NO")
    return Role.PET, Reason(code="ROLE_MODALITY", args=Table({"value": "PT"}))


def _described(kind: ImageClass, modality: str, description: str) -> Role | None:
    """Role that the description names; None where it names none, or two that exclude each other."""
    if kind is ImageClass.PROJECTION:
        rows = _DESCRIBED_VIEW if modality not in ("CT", "MR", "PT") else ()
    else:
        rows = {"MR": _DESCRIBED_MR, "CT": _DESCRIBED_CT}.get(modality, ())
    found = [role for pattern, role in rows if pattern.search(description)]
    if Role.T2_STAR in found and Role.T2 in found:
        found.remove(Role.T2)
    if found[:1] in ([Role.ADC], [Role.DWI], [Role.STIR], [Role.FLAIR]):
        # A STIR or a FLAIR may be called "T2 STIR", an ADC map "DWI ADC": the first is the more telling one.
        return found[0]
    return found[0] if len(found) == 1 else None


def _joined(
    modality: str, found: Found | None, described: Role | None, description: str
) -> tuple[Role, Source, tuple[Reason, ...]]:
    text = Table({"value": description})
    if found is None:
        if described is None and modality == "CT":
            return Role.CT, Source.ATTRIBUTES, (Reason(code="ROLE_KERNEL_NOT_TOLD"),)
        if described is None:
            return Role.UNKNOWN, Source.NOTHING, (Reason(code="ROLE_NOT_TOLD"),)
        return described, Source.DESCRIPTION, (Reason(code="ROLE_DESCRIPTION", args=text),)
    role, reason = found
    if described in _WEIGHTINGS and role in _WEIGHTINGS and described is not role:
        return role, Source.ATTRIBUTES, (reason, Reason(code="ROLE_DESCRIPTION_DIFFERS", args=text))
    return role, Source.ATTRIBUTES, (reason,)


def _with_contrast(
    agent: str, description: str, so_far: tuple[Source, tuple[Reason, ...]]
) -> tuple[Role, Source, tuple[Reason, ...]]:
    """A T1 with a contrast agent, by the attribute, else by the description."""
    source, because = so_far
    contrast = contrast_of(agent)
    if contrast is Contrast.GIVEN:
        return Role.T1_CONTRAST, source, (*because, Reason(code="ROLE_AGENT", args=Table({"value": agent})))
    if contrast is Contrast.NOT_TOLD and _GIVEN.search(description):
        reason = Reason(code="ROLE_AGENT_DESCRIBED", args=Table({"value": description}))
        return Role.T1_CONTRAST, Source.DESCRIPTION, (*because, reason)
    return Role.T1, source, because


def _posture(attributes: Mapping[str, str], description: str) -> tuple[Posture | None, Source]:
    """How the patient was held: Patient Position (0018,5100), else the description."""
    stated = _POSTURES.get(attributes.get("PatientPosition", "")[-1:])
    if stated is not None:
        return stated, Source.ATTRIBUTES
    return (Posture.STANDING, Source.DESCRIPTION) if _STANDING.search(description) else (None, Source.NOTHING)
