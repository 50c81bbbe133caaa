"""The name by which a lesion is shown: its number, which never changes, after the letters of its role."""

from __future__ import annotations

from spinereview.domain.lesion import Lesion, LesionRole

PREFIX: dict[LesionRole, str] = {
    LesionRole.TARGET: "T",
    LesionRole.NON_TARGET: "N",
    LesionRole.NEW: "NEW",
    LesionRole.TREATED_SITE: "S",
}


def number(lesion_id: str) -> str:
    """Number in the id of a lesion.

    >>> number("L07")
    '07'
    """
    return lesion_id.lstrip("L")


def label(lesion: Lesion) -> str:
    """Name on the screen and in the report: ``T01``, ``N02``, ``NEW03``; the number is the lesion's own."""
    return f"{PREFIX[lesion.role]}{number(lesion.id)}"
