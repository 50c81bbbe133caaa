"""A PET over the shown plane of another stack: its colours, and the bar that says what they mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QLinearGradient, QPainter, QPen

from spinereview.domain.measurement import PointUm
from spinereview.imaging.fusion import STEPS, colours, hot
from spinereview.imaging.onto_plane import linear, steps_on
from spinereview.imaging.slicing import Grid, PlaneSet
from spinereview.imaging.view import View
from spinereview.imaging.volume import Volume
from spinereview.text import sentence
from spinereview.ui.halo import HALO, halo_text
from spinereview.ui.painting import MARGIN
from spinereview.ui.stacks import ShownStack
from spinereview.ui.theme import DARK, OVERLAY_PX, font

TOP_SUV = 10
"""SUV that is shown hottest."""
BAR_PX, BAR_SHARE = 10.0, 0.28


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """That a PET lies in another frame of reference by hand alone.

    Parameters
    ----------
    by_um
        Micrometres (LPS) from its own positions to those of the image.
    author
        Who has confirmed it.
    draft
        Nobody has: it is being moved.
    """

    by_um: PointUm
    author: str = ""
    draft: bool = False

    @property
    def way(self) -> str:
        """The move in words, along the axes of the patient, to a tenth of a millimetre.

        >>> Moved(by_um=(7_125, -6_000, -405_000)).way
        'L 7.1, A 6.0, F 405.0 mm'
        """
        ways = zip(self.by_um, ("LR", "PA", "HF"), strict=True)
        told = [f"{letters[um < 0]} {Decimal(abs(um)) / 1000:.1f}" for um, letters in ways]
        return f"{', '.join(told)} mm"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fused:
    """A PET that lies over another stack of its frame of reference, or of another one by hand.

    Parameters
    ----------
    factor
        Rescaled value x this = what the bar shows.
    top
        Value that is shown hottest, in the bar's unit.
    unit
        ``SUVbw``, or the unit of the activity where no SUV follows.
    opacity
        Of the hottest, in percent.
    moved
        By hand; None: the two share their frame of reference.
    place
        Which PET of the visit it is, and of how many.
    """

    stack: ShownStack
    volume: Volume
    factor: float
    top: float
    unit: str
    opacity: int
    moved: Moved | None = None
    place: tuple[int, int] = (1, 1)

    @property
    def grid(self) -> Grid:
        """Where the samples lie in the space of the image."""
        grid = self.stack.grid
        if self.moved is None or grid.origin_mm is None:
            return grid
        x, y, z = (at + um / 1000 for at, um in zip(grid.origin_mm, self.moved.by_um, strict=True))
        return replace(grid, origin_mm=(x, y, z))

    @property
    def words(self) -> str:
        """What lies over the image, and by whose word where the files do not say that it does."""
        number, count = self.place
        which = f" ({number}/{count})" if count > 1 else ""
        told = {"title": self.stack.title + which, "opacity": str(self.opacity)}
        if self.moved is None:
            return sentence("UI_FUSED", told)
        if self.moved.draft:
            return sentence("UI_FUSED_DRAFT", told)
        return sentence("UI_FUSED_ALIGNED", {**told, "author": self.moved.author})


def moved_words(fused: Fused | None) -> str:
    """How far a person has moved what lies over the image; empty where nobody has, and of a draft, whose banner says it."""
    if fused is None or fused.moved is None or fused.moved.draft:
        return ""
    return sentence("UI_FUSED_MOVED", {"way": fused.moved.way})


class FusedPicture:
    """The colours over one viewport; made anew only when the plane, the PET or its opacity has changed."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[object, ...], QImage | None] | None = None

    def of(self, fused: Fused, planes: PlaneSet, index: int) -> QImage | None:
        """Picture of a plane; None where the PET does not say where it lies."""
        key = (id(fused), fused.moved, fused.opacity, int(fused.volume.ready.sum()), planes, index)
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, _picture(fused, planes, index))
        return self._kept[1]


def _picture(fused: Fused, planes: PlaneSet, index: int) -> QImage | None:
    steps = steps_on(planes, index, fused.grid, block=block_of(planes, fused.grid))
    if steps is None:
        return None
    volume = fused.volume
    values = linear(volume.samples, volume.slope, volume.intercept, steps) * fused.factor
    shades = np.ascontiguousarray(colours(values, fused.top, hot(fused.opacity / 100)))
    rows, columns = shades.shape[:2]
    kind = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(shades.data, columns, rows, shades.strides[0], kind).copy()


def block_of(planes: PlaneSet, grid: Grid) -> tuple[int, int]:
    """Rows and columns that share one value: at most half a sample of the PET long, which changes too slowly for more."""
    right, down = planes.directions()
    turned = np.array(grid.along_mm).T
    steps = (np.abs(np.linalg.solve(turned, np.array(way))).max() for way in (down, right))
    rows, columns = (max(1, int(0.5 / (step * mm))) for step, mm in zip(steps, planes.spacing, strict=True))
    return rows, columns


def draw_fused(painter: QPainter, image: QImage, block: tuple[int, int], view: View) -> None:
    """Draw the colours where the view says; each pixel of the picture is a block of the plane's samples."""
    left, top = view.to_screen(0, 0)
    right, bottom = view.to_screen(image.width() * block[1], image.height() * block[0])
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(left, top, right - left, bottom - top), image)


def draw_bar(painter: QPainter, fused: Fused, height: float) -> None:
    """Bar of colours at the left edge, its ends and its unit beside it."""
    box = QRectF(MARGIN + 4, height / 2 + 22, BAR_PX, height * BAR_SHARE)
    table = hot(1.0)
    gradient = QLinearGradient(box.bottomLeft(), box.topLeft())
    for place in range(0, STEPS, 17):
        blue, green, red, _ = (int(part) for part in table[place])
        gradient.setColorAt(place / (STEPS - 1), QColor(red, green, blue))
    painter.setPen(QPen(HALO, 3.0))
    painter.drawRect(box)
    painter.fillRect(box, gradient)
    painter.setPen(QPen(QColor(DARK.mid), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)
    face = font(OVERLAY_PX)
    rise = QFontMetricsF(face).capHeight()
    beside = QPointF(box.right() + 6, 0)
    halo_text(painter, beside.x(), box.top() + rise, f"{fused.top:.0f}", DARK.hi, face)
    halo_text(painter, beside.x(), box.bottom(), "0", DARK.hi, face)
    halo_text(painter, box.left(), box.bottom() + 6 + QFontMetricsF(face).ascent(), fused.unit, DARK.hi, face)
