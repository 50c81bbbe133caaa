"""Draws calipers and heights as SVG over a part of a plane, from the same primitives as the window.

Coordinates of the drawing are the plane's own, in millimetres from its outer corner (samples, where there are none): a
stored point of thousandths of a pixel times the spacing, exactly. Strokes are white with a black halo, so that they stand
on bone and on lung and in a grey print; what a lesion is, its letter says.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from decimal import Decimal

from spinereview.domain.measurement import PointMpx
from spinereview.report.key_images import Figure, Region, ShownPlane
from spinereview.report.markup import Markup, element, together
from spinereview.review.overlay import Caliper, LineKind
from spinereview.review.spine_overlay import HeightsMark

PAGE_MM = Decimal(57)
"""Width of a figure on the page, by which strokes and letters are scaled."""
_LONG, _SHORT, _HALO = Decimal("0.40"), Decimal("0.30"), Decimal("0.45")
_DOT, _LETTER, _EDGE = Decimal("0.7"), Decimal("2.7"), Decimal("1.4")
_DARK, _LIGHT = "#000", "#fff"
_FACE = {"font_family": "Inter", "font_weight": "600"}
_BARS_MM = (1, 2, 5, 10, 20, 50, 100)
_Point = tuple[Decimal, Decimal]
_Box = tuple[Decimal, Decimal, Decimal, Decimal]


def drawing(figure: Figure, name: str) -> Markup:
    """Picture of a figure with what is drawn over it; ``name`` is what a screen reader says."""
    plane, region = figure.plane, figure.region
    assert plane is not None  # noqa: S101  # a figure without a plane has no picture
    pen = _Pen(plane, region)
    corner = {"x": _text(region.left), "y": _text(region.top)}
    parts = [element("rect", **corner, width=_text(region.side), height=_text(region.side), fill=_DARK)]
    parts.append(_image(plane, region))
    shown = [caliper for caliper in figure.calipers if _overlap(pen.box(_ends(caliper)), pen.whole)]
    parts += [stroke for caliper in shown for stroke in pen.caliper(caliper)]
    taken = [pen.box(_ends(caliper)) for caliper in shown]
    parts += [pen.label(caliper.label, _ends(caliper), taken) for caliper in shown]
    for mark in figure.heights:
        parts += pen.heights(mark.points)
    parts += pen.levels(figure.heights)
    parts += pen.frame(plane.letters)
    return element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", role="img", aria_label=name, class_="picture",
        viewBox=" ".join(_text(value) for value in (region.left, region.top, region.side, region.side)),
    )  # fmt: skip


def _ends(caliper: Caliper) -> tuple[PointMpx, ...]:
    return tuple(end for line in caliper.lines for end in (line.start, line.end))


def _image(plane: ShownPlane, region: Region) -> Markup:
    """Samples that the region touches, each as large as it is."""
    (rows, columns), (down, right) = plane.size, plane.spacing
    first_column, first_row = max(0, int(region.left // right)), max(0, int(region.top // down))
    last_column = min(columns, int((region.left + region.side) // right) + 1)
    last_row = min(rows, int((region.top + region.side) // down) + 1)
    width, height = last_column - first_column, last_row - first_row
    png = b64encode(plane.png(first_column, first_row, width, height)).decode()
    return element(
        "image", x=_text(first_column * right), y=_text(first_row * down), width=_text(width * right),
        height=_text(height * down), preserveAspectRatio="none", href=f"data:image/png;base64,{png}",
    )  # fmt: skip


class _Pen:
    """Strokes and letters of one figure, as thick on the page whatever the region's size."""

    def __init__(self, plane: ShownPlane, region: Region) -> None:
        self._plane, self._region = plane, region
        self._unit = region.side / PAGE_MM

    @property
    def whole(self) -> _Box:
        """Rectangle of the region."""
        region = self._region
        return region.left, region.top, region.left + region.side, region.top + region.side

    def at(self, point: PointMpx) -> _Point:
        """Place of a stored point: exact."""
        down, right = self._plane.spacing
        return point[0] * right / 1000, point[1] * down / 1000

    def caliper(self, caliper: Caliper) -> Iterator[Markup]:
        for line in caliper.lines:
            width = _LONG if line.kind is LineKind.LONG else _SHORT
            dashed = caliper.dashed or line.kind is LineKind.PROPOSED
            yield from self._line(self.at(line.start), self.at(line.end), width, dashed=dashed)

    def heights(self, points: Sequence[PointMpx]) -> Iterator[Markup]:
        """Both endplates, front to back, and the six points."""
        places = [self.at(point) for point in points]
        for first, second in ((0, 1), (1, 2), (3, 4), (4, 5)):
            yield from self._line(places[first], places[second], _SHORT, dashed=False)
        for x, y in places:
            yield element(
                "circle",
                cx=_text(x),
                cy=_text(y),
                r=self._size(_DOT),
                fill=_LIGHT,
                stroke=_DARK,
                stroke_width=self._size(_HALO / 2),
            )

    def label(self, text: str, points: Sequence[PointMpx], taken: list[_Box]) -> Markup:
        """Name beside a mark, over no other mark or name while there is room, with a leader to it."""
        left, top, right, bottom = body = self.box(points)
        wide, high, gap = self._unit * _LETTER * Decimal("0.68") * len(text), self._unit * _LETTER, 2 * self._unit
        corners = (
            (right + gap, top - high - gap),
            (right + gap, bottom + gap),
            (left - gap - wide, top - high - gap),
            (left - gap - wide, bottom + gap),
            (right + gap, (top + bottom - high) / 2),
            (left - gap - wide, (top + bottom - high) / 2),
        )
        boxes = [self._inside((x, y, x + wide, y + high)) for x, y in corners]
        chosen = min(boxes, key=lambda box: sum(_overlap(box, other) for other in taken))
        taken.append(chosen)
        near = (
            min(max(chosen[0], (body[0] + body[2]) / 2), chosen[2]),
            min(max(chosen[1], (body[1] + body[3]) / 2), chosen[3]),
        )
        leader = self._line(((left + right) / 2, (top + bottom) / 2), near, _SHORT / 2, dashed=True) if points else ()
        written = self._letters(text, chosen[0], chosen[3] - self._unit * _LETTER * Decimal("0.15"), "start")
        return together(*leader, written)

    def levels(self, marks: Sequence[HeightsMark]) -> Iterator[Markup]:
        """Names of vertebrae in a line behind the spine, each as high as its body."""
        if not marks:
            return
        x = max(self.box(mark.points)[2] for mark in marks) + 2 * self._unit
        for mark in marks:
            _, top, _, bottom = self.box(mark.points)
            yield self._letters(
                mark.level.value, x, (top + bottom) / 2 + self._unit * _LETTER * Decimal("0.35"), "start"
            )

    def frame(self, letters: tuple[str, str]) -> Iterator[Markup]:
        """Letters of the right and the lower edge, and the ruler."""
        region, margin = self._region, self._unit * _EDGE
        right, bottom = region.left + region.side - margin, region.top + region.side - margin
        middle = region.side / 2
        if letters[0]:
            yield self._letters(letters[0], right, region.top + middle, "end")
        if letters[1]:
            yield self._letters(letters[1], region.left + middle, bottom, "middle")
        if self._plane.calibrated:
            length = max(bar for bar in _BARS_MM if bar <= region.side / 3)
            start, end = (right - length, bottom), (right, bottom)
            tick = self._unit * Decimal("0.7")
            for x, y in (start, end):
                yield from self._line((x, y - tick), (x, y), _SHORT, dashed=False)
            yield from self._line(start, end, _SHORT, dashed=False)
            yield self._letters(f"{length} mm", right - Decimal(length) / 2, bottom - self._unit, "middle")

    def box(self, points: Sequence[PointMpx]) -> _Box:
        """Rectangle of some points, a little wider."""
        places, room = [self.at(point) for point in points], self._unit / 2
        xs, ys = [x for x, _ in places], [y for _, y in places]
        return min(xs) - room, min(ys) - room, max(xs) + room, max(ys) + room

    def _inside(self, box: _Box) -> _Box:
        region, margin = self._region, self._unit
        wide, high = box[2] - box[0], box[3] - box[1]
        x = min(max(box[0], region.left + margin), region.left + region.side - margin - wide)
        y = min(max(box[1], region.top + margin), region.top + region.side - margin - high)
        return x, y, x + wide, y + high

    def _line(self, start: _Point, end: _Point, width: Decimal, *, dashed: bool) -> Iterator[Markup]:
        places = {"x1": _text(start[0]), "y1": _text(start[1]), "x2": _text(end[0]), "y2": _text(end[1])}
        dash = f"{self._size(Decimal('0.9'))} {self._size(Decimal('0.9'))}" if dashed else ""
        for colour, breadth in ((_DARK, width + _HALO), (_LIGHT, width)):
            yield element("line", **places, stroke=colour, stroke_width=self._size(breadth), stroke_dasharray=dash)

    def _letters(self, text: str, x: Decimal, y: Decimal, anchor: str) -> Markup:
        size, places = self._size(_LETTER), {"x": _text(x), "y": _text(y), "text_anchor": anchor}
        halo = element(
            "text",
            text,
            **places,
            **_FACE,
            font_size=size,
            fill=_DARK,
            stroke=_DARK,
            stroke_width=self._size(_HALO * 2),
            stroke_linejoin="round",
        )
        return together(halo, element("text", text, **places, **_FACE, font_size=size, fill=_LIGHT))

    def _size(self, on_page_mm: Decimal) -> str:
        return _text(on_page_mm * self._unit)


def _overlap(a: _Box, b: _Box) -> Decimal:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else Decimal(0)


def _text(value: Decimal) -> str:
    """Number as SVG takes it: no exponent, at most a thousandth."""
    return f"{round(value, 3):f}"
