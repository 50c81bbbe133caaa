"""Pure mapping between a plane's samples and a viewport's pixels: fit, zoom, pan. No Qt.

Plane coordinates are (column, row) in samples, (0, 0) the outer corner of the first one (as SCOORD, PS3.3 C.10.5.1.2);
screen coordinates are (x, y) in pixels from the viewport's upper left corner. A sample may be oblong: ``spacing`` gives its
height and width in millimetres, or in pixels where there are no millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MIN_SCALE, MAX_SCALE = 0.02, 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Which part of a plane a viewport shows.

    Parameters
    ----------
    width, height
        Of the viewport, in screen pixels.
    spacing
        (down, right): size of a sample.
    centre
        Plane coordinates shown in the middle of the viewport.
    scale
        Screen pixels per unit of ``spacing``.
    """

    width: float
    height: float
    spacing: tuple[float, float]
    centre: tuple[float, float]
    scale: float

    def to_screen(self, column: float, row: float) -> tuple[float, float]:
        """Screen position of a plane coordinate."""
        return (
            self.width / 2 + (column - self.centre[0]) * self.spacing[1] * self.scale,
            self.height / 2 + (row - self.centre[1]) * self.spacing[0] * self.scale,
        )

    def to_plane(self, x: float, y: float) -> tuple[float, float]:
        """Plane coordinate (column, row) of a screen position."""
        return (
            self.centre[0] + (x - self.width / 2) / (self.spacing[1] * self.scale),
            self.centre[1] + (y - self.height / 2) / (self.spacing[0] * self.scale),
        )

    def zoomed(self, factor: float, x: float, y: float) -> View:
        """The view with another scale; what lies at a screen position stays there."""
        scale = min(MAX_SCALE, max(MIN_SCALE, self.scale * factor))
        column, row = self.to_plane(x, y)
        centre = (
            column - (x - self.width / 2) / (self.spacing[1] * scale),
            row - (y - self.height / 2) / (self.spacing[0] * scale),
        )
        return replace(self, scale=scale, centre=centre)

    def panned(self, dx: float, dy: float) -> View:
        """The view after its image was pulled by some screen pixels."""
        centre = (
            self.centre[0] - dx / (self.spacing[1] * self.scale),
            self.centre[1] - dy / (self.spacing[0] * self.scale),
        )
        return replace(self, centre=centre)

    def resized(self, width: float, height: float) -> View:
        """The view in a viewport of another size: same centre, same part of the image along the shorter side."""
        before, after = min(self.width, self.height), min(width, height)
        return replace(
            self, width=width, height=height, scale=self.scale * after / before if before > 0 else self.scale
        )

    def held(self, width: float, height: float, dx: float, dy: float) -> View:
        """The view in a viewport of another size, its corner moved by (dx, dy): no sample moves on the screen."""
        moved = replace(self, width=width, height=height)
        return moved.panned((self.width - width) / 2 - dx, (self.height - height) / 2 - dy)

    def centred_on(self, column: float, row: float) -> View:
        """The view with a plane coordinate in the middle."""
        return replace(self, centre=(column, row))


def fitted(size: tuple[int, int], spacing: tuple[float, float], width: float, height: float) -> View:
    """View that shows a whole plane of (rows, columns) samples, centred."""
    rows, columns = size
    scale = min(width / (columns * spacing[1]), height / (rows * spacing[0]))
    return View(
        width=width, height=height, spacing=spacing, centre=(columns / 2, rows / 2), scale=max(scale, MIN_SCALE)
    )


def to_mpx(column: float, row: float) -> tuple[int, int]:
    """Plane coordinate as it is stored: thousandths of a pixel, rounded half to even.

    >>> to_mpx(0.5, 12.3456)
    (500, 12346)
    """
    return round(column * 1000), round(row * 1000)


def scale_bar_mm(mm_per_pixel: float, longest_px: float) -> int | None:
    """Length of the scale bar: the longest of 1, 2, 5, 10, 20, 50, 100, 200 mm that fits; None where none does."""
    fitting = [length for length in (1, 2, 5, 10, 20, 50, 100, 200) if length / mm_per_pixel <= longest_px]
    return fitting[-1] if fitting else None
