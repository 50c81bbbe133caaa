"""Convolution kernels (0018,1210) by what they are made for; each manufacturer has names of his own.

Siemens numbers its kernels by sharpness (B31f, Br40d, I70f); Canon has ranges of numbers (FC13, FC30, FC52); GE has words;
Philips has letters. A kernel that lies between soft and bone, or that is not known here, tells nothing.
"""

from __future__ import annotations

import re

from spinereview.domain.sequence import Role

SOFT_SHARPEST, BONE_SOFTEST = 45, 60
"""Siemens: up to 45 for soft tissue, from 60 on for bone; what lies between is used for both."""

_SIEMENS = re.compile(r"([BHUIQ][a-z]{0,2}|[TCD])(\d\d)[a-z]*", re.IGNORECASE)
_CANON = re.compile(r"FC(\d\d)")
_CANON_RANGES = ((range(1, 28), Role.CT_SOFT), (range(30, 36), Role.CT_BONE), (range(50, 60), Role.CT_LUNG))
_WORDS: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"bone|edge", re.IGNORECASE), Role.CT_BONE),
    (re.compile(r"lung|chst", re.IGNORECASE), Role.CT_LUNG),
    (re.compile(r"soft|stand|std|body", re.IGNORECASE), Role.CT_SOFT),
)
_PHILIPS = {"A": Role.CT_SOFT, "B": Role.CT_SOFT, "D": Role.CT_BONE, "E": Role.CT_BONE, "L": Role.CT_LUNG}


def role_of_kernel(kernel: str) -> Role | None:
    """What a kernel is made for; None where it is not told.

    >>> role_of_kernel("Br38f"), role_of_kernel("BONEPLUS"), role_of_kernel("B50f")
    (<Role.CT_SOFT: 'CT_SOFT'>, <Role.CT_BONE: 'CT_BONE'>, None)
    """
    canon = _CANON.fullmatch(kernel.upper())
    if canon:
        return next((role for numbers, role in _CANON_RANGES if int(canon[1]) in numbers), None)
    siemens = _SIEMENS.fullmatch(kernel)
    if siemens:
        return _by_sharpness(siemens[1], int(siemens[2]))
    if kernel.upper() in _PHILIPS:
        return _PHILIPS[kernel.upper()]
    return next((role for pattern, role in _WORDS if pattern.search(kernel)), None)


def _by_sharpness(family: str, sharpness: int) -> Role | None:
    if family.lower() == "bl":
        return Role.CT_LUNG
    if sharpness <= SOFT_SHARPEST:
        return Role.CT_SOFT
    return Role.CT_BONE if sharpness >= BONE_SOFTEST else None
