"""What a viewport shows, and its picture: made anew only when something that changes it has changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from PySide6.QtGui import QImage

from spinereview.domain.anatomy import Level
from spinereview.domain.measurement import PointMpx
from spinereview.imaging.cross_reference import Segment
from spinereview.imaging.labels import Outline
from spinereview.imaging.near import NearPlanes
from spinereview.imaging.plane_picture import is_flat, plane_greys
from spinereview.imaging.slicing import PlaneSet
from spinereview.imaging.view import View
from spinereview.imaging.volume import Volume
from spinereview.imaging.window import Window
from spinereview.review.overlay import Caliper
from spinereview.review.spine_overlay import HeightsMark, LevelPlate
from spinereview.text import sentence
from spinereview.ui.fused import Fused
from spinereview.ui.painting import picture
from spinereview.ui.stacks import ShownStack


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelOffer:
    """Name that a segmentation gives a vertebra, at its place on the shown plane; ``title`` names the segmentation."""

    level: Level
    point: PointMpx
    title: str


@dataclass(slots=True)
class Shown:
    """What a viewport shows; all of it view state, none of it in a document.

    ``fit`` says that nobody has zoomed or panned: the whole plane stays in sight when the pane changes its size.
    ``pointed`` is the point that the crosshair points to, (column, row); ``link_text`` says how the pane follows the active
    one, ``hung_as`` what its timepoint is to the others. ``fused`` is a PET that lies over the plane;
    ``outlines`` are those of segmentations on it, ``offers`` the names that they offer while a label is set.
    ``single`` is the plane that ``volume`` is, where a stack exceeds the memory and its images are read one by one.
    """

    stack: ShownStack
    planes: PlaneSet
    index: int
    window: Window
    view: View
    volume: Volume | None = None
    single: int | None = None
    fit: bool = True
    inverted: bool = False
    calipers: tuple[Caliper, ...] = field(default=())
    plates: tuple[LevelPlate, ...] = field(default=())
    heights: tuple[HeightsMark, ...] = field(default=())
    lines: tuple[tuple[Segment, bool], ...] = field(default=())
    pointed: tuple[float, float] | None = None
    link_text: tuple[str, str] = ("", "")
    hung_as: str = ""
    fused: Fused | None = None
    outlines: tuple[Outline, ...] = field(default=())
    offers: tuple[LevelOffer, ...] = field(default=())


def place_in_volume(shown: Shown) -> int:
    """Place of the shown image in its volume."""
    return 0 if shown.single is not None else shown.planes.array_index(shown.index)


def missing(shown: Shown) -> str:
    """Why there is no picture, as a sentence; empty where there is one."""
    if shown.volume is None:
        return sentence("UI_LOADING")
    if shown.planes.axes[0] != 0:
        return ""
    if shown.single is not None and shown.single != shown.index:
        return sentence("UI_LOADING")
    place = place_in_volume(shown)
    if shown.volume.ready[place]:
        return ""
    failure = shown.volume.failed.get(place)
    return sentence(failure.code, failure.arguments) if failure else sentence("UI_LOADING")


class PictureCache:
    """The picture of one viewport."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[object, ...], QImage] | None = None
        self._near = NearPlanes()
        self.flat = False
        """Whether the last picture is nothing but black, or nothing but white."""

    def forget(self) -> None:
        """The samples have changed."""
        self._kept = None
        self._near.forget()

    def of(self, shown: Shown) -> QImage:
        """Picture of the shown plane, as far as its samples are there."""
        volume = shown.volume
        assert volume is not None  # asked by `missing`
        filled = bool(volume.complete) or shown.planes.axes[0] == 0 or int(volume.ready.sum())
        key = (id(volume), shown.planes, shown.index, shown.window, shown.inverted, filled)
        if self._kept is None or self._kept[0] != key:
            planes, index = shown.planes, shown.index
            if shown.single is not None:
                alone = replace(planes.grid, shape=(1, *planes.grid.shape[1:]))
                planes, index = replace(planes, grid=alone), 0
            greys = plane_greys(volume, planes, index, shown.window, inverted=shown.inverted, near=self._near)
            self._kept, self.flat = (key, picture(greys)), is_flat(greys)
        return self._kept[1]
