"""What the values of a PET are, once its headers have been judged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PetScale:
    """What a rescaled value of a PET is.

    Parameters
    ----------
    unit
        Of the rescaled values, for the eye.
    to_unit
        Rescaled value x this = value in ``unit``: Philips stores counts with a factor to Bq/ml beside them.
    suv
        Rescaled value x this = SUVbw; None where none follows.
    because
        Code of why there is no SUV; empty where there is one.
    """

    unit: str
    to_unit: float = 1.0
    suv: float | None = None
    because: str = ""
