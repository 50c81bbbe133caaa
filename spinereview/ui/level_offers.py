"""Names of vertebrae from segmentations, while labels are set: with a question mark, taken by a click, never by themselves.

A segmentation that names a vertebra otherwise than the reader has labelled it offers none of its names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from spinereview.criteria.fracture.values import levels_in_order
from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Id
from spinereview.domain.measurement import PointMpx, PointUm
from spinereview.domain.read import Lock
from spinereview.imaging.slicing import place_on_plane
from spinereview.imaging.vertebra_labels import level_at
from spinereview.imaging.view import View
from spinereview.review.levels import LevelMark
from spinereview.text import sentence
from spinereview.ui.shown import LevelOffer, Shown
from spinereview.ui.theme import DARK, OVERLAY_PX, SECONDARY_PX, font
from spinereview.ui.tools import GRAB_PX
from spinereview.workflow.outlines import Outlines

if TYPE_CHECKING:
    from spinereview.ui.workbench import Workbench

_PLATE = QColor(16, 19, 22, 217)
_TOP = 54.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A vertebra that a segmentation names at a point.

    Parameters
    ----------
    centre_um
        Middle of its samples, which is what was proposed.
    """

    level: Level
    title: str
    centre_um: PointUm | None


class LevelOffers:
    """Suggestions of the segmentations that lie among the images; nothing of them is kept."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._kept: dict[Id, tuple[tuple[LevelMark, ...], tuple[Outlines, ...], tuple[Outlines, ...]]] = {}
        """By stack: the labels and segmentations that were compared last, and which of these agree: scrolling asks again."""

    def on(self, shown: Shown, marks: tuple[LevelMark, ...], reach_um: int) -> tuple[LevelOffer, ...]:
        """Names that are offered on a plane: of vertebrae near it that have no label yet."""
        if self._locked(shown):
            return ()
        reading = self._bench.reading
        known = {mark.level for mark in marks}
        numbered = levels_in_order(reading.read.numbering)
        offers: dict[Level, LevelOffer] = {}
        for outlines in self._agreeing(shown, marks):
            for vertebra in outlines.vertebrae:
                found = place_on_plane(shown.planes, shown.index, vertebra.centre_um)
                wanted = vertebra.level in numbered and vertebra.level not in known
                if wanted and found is not None and found[1] <= reach_um:
                    offer = LevelOffer(level=vertebra.level, point=found[0], title=outlines.title)
                    offers.setdefault(vertebra.level, offer)
        return tuple(offers[level] for level in Level if level in offers)

    def at(self, shown: Shown, marks: tuple[LevelMark, ...], point: PointMpx, point_um: PointUm) -> Named | None:
        """What a segmentation names at a clicked point, or what is offered under it; None where two names are at it."""
        agreeing = self._agreeing(shown, marks)
        found = {level: one for one in agreeing if (level := level_at(one.layers, point_um)) is not None}
        if not found:
            under = next((offer for offer in shown.offers if _near(offer.point, point, shown.view)), None)
            source = next((one for one in agreeing if under is not None and one.title == under.title), None)
            found = {} if under is None or source is None else {under.level: source}
        if len(found) != 1:
            return None
        ((level, outlines),) = found.items()
        centre = next((one.centre_um for one in outlines.vertebrae if one.level is level), None)
        return Named(level=level, title=outlines.title, centre_um=centre)

    def _agreeing(self, shown: Shown, marks: tuple[LevelMark, ...]) -> tuple[Outlines, ...]:
        """Segmentations of a stack whose names are those of the labels that are set."""
        stack, read = shown.stack.stack.id, self._bench.outlines.read_for(shown.stack)
        kept = self._kept.get(stack)
        if kept is not None and kept[0] == marks and kept[1] is read:
            return kept[2]
        agreeing = tuple(outlines for outlines in read if outlines.vertebrae and _agrees(outlines, marks))
        self._kept[stack] = (marks, read, agreeing)
        return agreeing

    def _locked(self, shown: Shown) -> bool:
        return self._bench.reading.read.lock_of(shown.stack.timepoint.id) is Lock.LOCKED


def _agrees(outlines: Outlines, marks: tuple[LevelMark, ...]) -> bool:
    """Whether a segmentation names no labelled vertebra otherwise."""
    named = ((level_at(outlines.layers, mark.point_um), mark.level) for mark in marks)
    return all(found in (None, level) for found, level in named)


def draw_offers(painter: QPainter, offers: Sequence[LevelOffer], view: View, size: QSize) -> None:
    """Draw names with a question mark in a dashed frame, and whose they are below the upper corners."""
    if not offers:
        return
    face = font(SECONDARY_PX, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(face)
    for offer in offers:
        text = f"{offer.level.value} ?"
        box = QRectF(0, 0, metrics.horizontalAdvance(text) + 10, metrics.height() + 4)
        box.moveCenter(QPointF(*view.to_screen(offer.point[0] / 1000, offer.point[1] / 1000)))
        pen = QPen(QColor(DARK.ok), 1.0)
        pen.setDashPattern([3.0, 3.0])
        painter.setPen(pen)
        painter.setBrush(_PLATE)
        painter.drawRoundedRect(box, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(face)
        painter.setPen(QColor(DARK.ok))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
    titles = ", ".join(dict.fromkeys(offer.title for offer in offers))
    _draw_words(painter, sentence("UI_LEVEL_OFFERS", {"title": titles}), size)


def _draw_words(painter: QPainter, text: str, size: QSize) -> None:
    face = font(OVERLAY_PX)
    wrap = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
    words = QFontMetricsF(face).boundingRect(QRectF(0, 0, min(size.width() - 40, 620), size.height()), wrap, text)
    plate = QRectF((size.width() - words.width()) / 2 - 10, _TOP, words.width() + 20, words.height() + 10)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(face)
    painter.setPen(QColor(DARK.mid))
    painter.drawText(plate.adjusted(10, 5, -10, -5), wrap, text)


def _near(offered: PointMpx, clicked: PointMpx, view: View) -> bool:
    """Whether a click lies on an offered name, at any zoom."""
    down, right = view.spacing
    across = (offered[0] - clicked[0]) / 1000 * right * view.scale
    below = (offered[1] - clicked[1]) / 1000 * down * view.scale
    return hypot(across, below) <= GRAB_PX
