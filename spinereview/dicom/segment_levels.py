"""Which vertebra a segment is, by its code, else by its label (PS3.3 C.8.20.4, PS3.16 CID 7603)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from spinereview.domain.anatomy import Level
from spinereview.imaging.vertebra_labels import level_named

if TYPE_CHECKING:
    from pydicom.sr.coding import Code


@cache
def _coded() -> tuple[tuple[Level, Code], ...]:
    """C1 to L5 in SNOMED CT; the older SRT codes compare as equal to them."""
    from pydicom.sr.codedict import codes  # noqa: PLC0415  # ten thousand concepts, which only a segmentation needs

    known = set(dir(codes.SCT))
    return tuple((level, getattr(codes.SCT, f"{level}Vertebra")) for level in Level if f"{level}Vertebra" in known)


@cache
def _a_vertebra() -> tuple[Code, Code]:
    from pydicom.sr.codedict import codes  # noqa: PLC0415  # as above

    return codes.SCT.Vertebra, codes.SCT.Bone


def level_of_segment(item: Dataset) -> Level | None:
    """Level of an item of the Segment Sequence; None for what is no vertebra, or is another by its label than by its code.

    The Segmented Property Type says it itself; where that is a vertebra or a bone, its Anatomic Region says which. Of a
    lesion the region says where it lies, which makes no vertebra of it.
    """
    kind = _code(item, "SegmentedPropertyTypeCodeSequence")
    coded = _level(kind)
    general = kind is not None and any(kind == one for one in _a_vertebra())
    if coded is None and general:
        coded = _level(_code(item, "AnatomicRegionSequence"))
    named = level_named(str(item.get("SegmentLabel", "")))
    if coded is None:
        # Without a code, or with one that says no more than that it is a vertebra, the label may say which.
        return named if kind is None or general else None
    return coded if named in (None, coded) else None


def _level(code: Code | None) -> Level | None:
    return None if code is None else next((level for level, known in _coded() if code == known), None)


def _code(item: Dataset, keyword: str) -> Code | None:
    from pydicom.sr.coding import Code  # noqa: PLC0415  # as above

    for one in item.get(keyword) or ():
        value, scheme = one.get("CodeValue"), one.get("CodingSchemeDesignator")
        if value and scheme:
            return Code(str(value), str(scheme), str(one.get("CodeMeaning", "")))
    return None
