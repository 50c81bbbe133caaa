"""What a reader calls a lesion."""

from __future__ import annotations

from spinereview.domain.lesion import Lesion, LesionRole

_LETTERS = {LesionRole.TARGET: "T", LesionRole.NON_TARGET: "N", LesionRole.NEW: "NEW", LesionRole.TREATED_SITE: "S"}


def lesion_label(lesion: Lesion) -> str:
    """What a reader calls a lesion: the letters of its role and its number; ``"T02"``.

    T target, N non-target, NEW new, S treated site. The number is that of the id, so it never changes.
    """
    number = lesion.id.removeprefix("L")
    return f"{_LETTERS[lesion.role]}{number}" if number.isdigit() else lesion.id
