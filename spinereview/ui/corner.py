"""Words about what a viewport shows: corner text, the probe of the status bar, names of stacks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from spinereview.domain.imaging import Plane, StackKind
from spinereview.domain.sequence import Role, Source, Suggestion, source_of
from spinereview.review.badges import CALIBRATIONS, badges
from spinereview.text import sentence
from spinereview.ui.fused import moved_words
from spinereview.ui.painting import HEAD_ENDS, CornerText
from spinereview.ui.shown import Shown
from spinereview.workflow.source import StackDescription

_APART = {
    "EchoTime": "UI_APART_ECHO_TIME",
    "EchoNumbers": "UI_APART_ECHO_NUMBER",
    "BValue": "UI_APART_B_VALUE",
    "InversionTime": "UI_APART_INVERSION_TIME",
    "InstanceNumber": "UI_APART_NUMBER",
}
"""Attributes whose bare value would be a riddle."""
_PLAIN_ROLES = frozenset({Role.UNKNOWN, Role.CT, Role.PET, Role.XRAY, Role.ULTRASOUND})


def stack_title(description: StackDescription) -> str:
    """Series description, or what the images are where it is empty."""
    stack = description.stack
    plane = sentence(f"UI_PLANE_NAME_{stack.plane}")
    title = description.series_description.strip() or f"{stack.modality} {plane}".strip()
    told = apart_text(description.distinguished_by)
    return f"{title} ({told})" if told else title


def apart_text(pairs: Sequence[tuple[str, str]]) -> str:
    """What tells a stack from the others of its series: values of attributes, with their unit where one has a name.

    >>> apart_text([("EchoTime", "5.19")]), apart_text([("ImageType", "WATER"), ("BValue", "50")])
    ('TE 5.19 ms', 'WATER b 50')
    """
    told = ((_APART.get(name), value) for name, value in pairs if value)
    return " ".join(value if code is None else sentence(code, {"value": value}) for code, value in told)


def spacing_text(description: StackDescription, *, brief: bool = False) -> str:
    """What the images were made for, where that is more than the modality; millimetres between them, and how many.

    Parameters
    ----------
    brief
        The number of images without its word, for a narrow line.
    """
    stack = description.stack
    role = "" if description.role in _PLAIN_ROLES else sentence(f"ROLE_SHORT_{description.role}")
    distance = "" if stack.slice_interval_mm is None else f"{short(stack.slice_interval_mm)} mm"
    count = str(description.image_count) if brief else count_text(description.image_count)
    return " · ".join(text for text in (role, distance, count) if text)


def because_text(suggestion: Suggestion) -> str:
    """Why the images suggest what they suggest."""
    return "; ".join(sentence(reason.code, reason.args) for reason in suggestion.because)


def role_text(description: StackDescription) -> str:
    """What the images were made for, who says so, and why."""
    source = source_of(description.stack, description.suggestion)
    told = f"{sentence(f'ROLE_{description.role}')}: {sentence(f'ROLE_SOURCE_{source}')}"
    return told if source is Source.PERSON else f"{told}, {because_text(description.suggestion)}"


def count_text(count: int) -> str:
    """How many images there are."""
    return sentence("UI_ONE_IMAGE") if count == 1 else sentence("UI_IMAGE_COUNT", {"count": str(count)})


def short(length: Decimal) -> str:
    """A distance for the eye: at most two decimals, no zeros at the end.

    >>> short(Decimal("3.270299")), short(Decimal("5.00"))
    ('3.27', '5')
    """
    return f"{length:.2f}".rstrip("0").rstrip(".")


def voxel_text(description: StackDescription) -> str:
    """Size of a voxel in millimetres; empty where there are none."""
    return f"{description.spacing} mm" if description.spacing else ""


def lossy_text(description: StackDescription) -> str:
    """That images were compressed with loss, and how; empty where they were not."""
    if description.lossy is None:
        return ""
    return sentence("LOSSY_IMAGES", {"how": str(description.lossy)}).rstrip(": ")


def corner_text(shown: Shown) -> CornerText:
    """Text in the four corners."""
    stack = shown.stack
    window = _window_text(shown)
    interval = stack.stack.slice_interval_mm
    distance = "" if interval is None else f"{short(interval)} mm"
    if stack.stack.kind is StackKind.PROJECTION:
        # Where the millimetres come from, or that there are none, stands on every projection.
        trust = next(badge for badge in badges(stack.stack) if badge.code in CALIBRATIONS)
        distance = sentence(trust.code, trust.args)
    if not shown.planes.native:
        distance = sentence("UI_REFORMAT_STRAIGHTENED" if shown.stack.grid.sheared else "UI_REFORMAT")
    # What was projected or has no place in the patient is no slice of him.
    is_slice = stack.stack.kind is not StackKind.PROJECTION and stack.stack.plane is not Plane.UNKNOWN
    counted = "UI_SLICE" if is_slice else "UI_IMAGE"
    hung = f" ({sentence(f'UI_HUNG_{shown.hung_as}')})" if shown.hung_as else ""
    zoom = sentence("UI_ZOOM", {"zoom": f"{shown.view.scale * shown.view.spacing[1]:.1f}"})
    fused = _laid_over(shown)
    below, moved = _joined(zoom, fused), moved_words(shown.fused)
    lossy = _joined(stack.lossy, moved) if stack.lossy else ""
    return CornerText(
        upper_left=(f"{stack.timepoint.label}{hung}{HEAD_ENDS}{stack.title}", window),
        upper_right=(
            sentence(counted, {"number": str(shown.index + 1), "count": str(shown.planes.count)}),
            distance,
        ),
        lower_left=shown.link_text,
        lower_right=(lossy, below) if lossy else (_joined(moved, zoom), fused),
        warning=lossy,
    )


def _window_text(shown: Shown) -> str:
    """Width and centre, in the unit in which values are told; empty for colours."""
    if shown.volume is not None and shown.volume.colour:
        return ""
    width, centre, pet = shown.window.width, shown.window.centre, shown.stack.pet
    inverted = "  inverted" if shown.inverted else ""
    if pet is None:
        return f"W {width:.0f}  L {centre:.0f}{inverted}"
    if pet.suv is None:
        return f"W {width * pet.to_unit:.0f}  L {centre * pet.to_unit:.0f} {pet.unit}".rstrip() + inverted
    return f"W {width * pet.suv:.2f}  L {centre * pet.suv:.2f} SUVbw{inverted}"


def _joined(*texts: str) -> str:
    return "  ".join(text for text in texts if text)


def _laid_over(shown: Shown) -> str:
    """What lies over the image to be looked at."""
    outlined = sentence("UI_OUTLINED") if shown.outlines else ""
    return " · ".join(text for text in ("" if shown.fused is None else shown.fused.words, outlined) if text)


def probe_text(shown: Shown | None, point: tuple[float, float] | None) -> tuple[str, str]:
    """Position in the patient (LPS, millimetres) and real value under the pointer; empty where there is none."""
    if shown is None or point is None:
        return "", ""
    column, row = point
    rows, columns = shown.planes.size
    if not (0 <= column < columns and 0 <= row < rows):
        return "", ""
    where = shown.planes.to_patient(shown.index, column, row)
    position = "" if where is None else "x {:.1f}  y {:.1f}  z {:.1f} mm".format(*where)
    return position, _value_text(shown, int(column), int(row))


def _value_text(shown: Shown, column: int, row: int) -> str:
    volume = shown.volume
    if volume is None or volume.colour or not shown.stack.valued:
        return ""
    if shown.planes.grid.sheared and not shown.planes.native:
        return ""  # between samples there is no value that was measured
    place = [0, 0, 0]
    for axis, reverse, value in zip(shown.planes.axes, shown.planes.reverse, (shown.index, row, column), strict=True):
        place[axis] = shown.planes.grid.shape[axis] - 1 - value if reverse else value
    index = 0 if shown.single is not None else place[0]
    if not volume.ready[index]:
        return ""
    real = volume.value_at(index, place[1], place[2])
    pet = shown.stack.pet
    if pet is not None:
        return f"SUVbw {real * pet.suv:.2f}" if pet.suv is not None else f"{real * pet.to_unit:.0f} {pet.unit}".strip()
    unit = " HU" if shown.stack.hounsfield else ""
    return f"{real:.0f}{unit}" if abs(real) >= 10 or real == round(real) else f"{real:.2f}{unit}"


def window_words(shown: Shown | None) -> str:
    """Window that an image is shown in, as it is kept with a lesion's technique: ``"W400 L40"``; empty for colours."""
    if shown is None or (shown.volume is not None and shown.volume.colour):
        return ""
    return f"W{shown.window.width:.0f} L{shown.window.centre:.0f}"
