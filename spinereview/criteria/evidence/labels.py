"""What a reader calls a lesion."""

from __future__ import annotations

from functools import lru_cache

from spinereview.domain.lesion import Lesion, LesionRole

_LETTERS = {LesionRole.TARGET: "T", LesionRole.NON_TARGET: "N", LesionRole.NEW: "NEW", LesionRole.TREATED_SITE: "S"}


def lesion_label(lesion: Lesion) -> str:
    """What a reader calls a lesion: the letters of its role and its number; ``"T02"``.

    T target, N non-target, NEW new, S treated site. The number is that of the id, so it never changes.
    """
    return _label(lesion.role, lesion.id)


@lru_cache(maxsize=4096)
def _label(role: LesionRole, lesion: str) -> str:
    """Kept, since it is asked of every lesion at every visit whenever a caliper moves."""
    number = lesion.removeprefix("L")
    return f"{_LETTERS[role]}{number}" if number.isdigit() else lesion
