"""Windows by number key: three for Hounsfield units, one from the values of the shown image, and the one that it states."""

from __future__ import annotations

from enum import StrEnum

from spinereview.errors import Refused
from spinereview.imaging.window import PRESETS, Window, suggested
from spinereview.ui.shown import Shown, place_in_volume


class Preset(StrEnum):
    """In the order of the number keys."""

    SOFT_TISSUE = "SOFT_TISSUE"
    BONE = "BONE"
    LUNG = "LUNG"
    SPINE_MR = "SPINE_MR"
    STATED = "STATED"


_CT = dict(PRESETS)


def preset_window(shown: Shown, preset: Preset) -> Window:
    """Window of a preset for what is shown.

    Raises
    ------
    Refused
        ``UI_PRESET_NEEDS_HU`` for a window in Hounsfield units where the values are none, ``UI_PRESET_NO_VALUES`` where the
        image has not been read yet, ``UI_PRESET_NOT_STATED`` where the images state no window.
    """
    if preset in _CT:
        if not shown.stack.hounsfield:
            raise Refused("UI_PRESET_NEEDS_HU", modality=shown.stack.stack.modality)
        return _CT[preset]
    if preset is Preset.STATED:
        if shown.stack.window is None:
            raise Refused("UI_PRESET_NOT_STATED")
        return shown.stack.window
    return _from_values(shown)


def _from_values(shown: Shown) -> Window:
    """From the shown image; in a reformat from the middle one of the stack, whose values are of the same kind."""
    volume = shown.volume
    place = None if volume is None else place_in_volume(shown) if shown.planes.native else len(volume) // 2
    if volume is None or place is None or volume.colour or not volume.ready[place]:
        raise Refused("UI_PRESET_NO_VALUES")
    return suggested(volume.real_values(place))
