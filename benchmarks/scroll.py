"""Scrolling: how long the viewport takes to show the next plane, with calipers, labels and text on it.

Peers are VTK's two ways to show a slice, the faster of which counts, and pyqtgraph (:mod:`benchmarks.scroll_peers`). Before
the clock starts all have to show equal pixels: at one pixel of the screen a sample the greys of the window function itself,
and at the zoom of the measurement the same picture, up to how each of them interpolates.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QRect, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.harness import Bench, Goal, NotRun, Result
from benchmarks.phantoms import samples
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id, Plane, Stack, StackKind
from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import MeasurementKind, PointMpx
from spinereview.imaging.slicing import Grid, Orientation, PlaneSet
from spinereview.imaging.view import View, fitted
from spinereview.imaging.volume import Volume, no_padding
from spinereview.imaging.window import Window, grey
from spinereview.review.badges import Badge
from spinereview.review.overlay import Caliper, Line, LineKind
from spinereview.review.spine_overlay import LevelPlate
from spinereview.ui.app import application
from spinereview.ui.corner import corner_text
from spinereview.ui.stacks import ShownStack
from spinereview.ui.viewport import Viewport

_NAMES = {Orientation.NATIVE: "axial", Orientation.SAGITTAL: "sagittal"}
P7_VTK = {
    kind: Goal(id="P7", what=f"frame of VTK's faster path / of the viewport, {name}", limit=5, at_most=False)
    for kind, name in _NAMES.items()
}
P7_PYQTGRAPH = {
    kind: Goal(id="P7", what=f"frame of the viewport / of pyqtgraph, {name}", limit=1) for kind, name in _NAMES.items()
}
P7_P99 = {kind: Goal(id="P7", what=f"frame of the viewport, {name}, p99 ms", limit=16) for kind, name in _NAMES.items()}
GOALS = tuple(goal for goals in (P7_VTK, P7_PYQTGRAPH, P7_P99) for goal in goals.values())

SHAPE = (400, 512, 512)
PANE_PX = 900
SPACING_MM = 0.7
WINDOW = Window(centre=40, width=400)
FRAMES = 40
"""Planes that a round scrolls over."""
LINES: tuple[tuple[PointMpx, PointMpx], ...] = (
    ((120_000, 140_000), (210_000, 170_000)),
    ((150_000, 190_000), (170_000, 120_000)),
    ((280_000, 120_000), (330_000, 150_000)),
    ((295_000, 155_000), (310_000, 115_000)),
    ((200_000, 250_000), (260_000, 290_000)),
    ((215_000, 292_000), (245_000, 250_000)),
)
"""A longest and a shortest diameter of three lesions."""
LABELS = ("T01  65.2 x 50.9 mm", "T02  40.8 x 31.1 mm", "NT01  50.5 x 37.2 mm")
NOTE = "native axial · calibrated"
LEVELS: tuple[tuple[Level, PointMpx], ...] = tuple(
    (level, (400_000, 90_000 + 60_000 * place))
    for place, level in enumerate((Level.T10, Level.T11, Level.T12, Level.L1, Level.L2))
)
_CLOSE_MEAN, _CLOSE_P99 = 3.0, 24.0
"""Greys by which pictures of one plane may differ where each method interpolates in its own way."""

Picture = NDArray[np.uint8]


class Pane(Protocol):
    """One way to show planes."""

    def marks(self, *, on: bool) -> None:
        """Draw calipers, labels and text over the planes, or not."""

    def look(self, view: View) -> None:
        """Show another part of the plane."""

    def show(self, index: int) -> None:
        """Paint a plane; returns when it is painted."""

    def picture(self) -> Picture:
        """What was painted last, (900, 900) greys."""

    def paints(self) -> bool:
        """Whether showing a plane really paints: a window that is not exposed takes no time at all for it."""

    def close(self) -> None:
        """Let go of the window."""


@dataclass(slots=True)
class Ours:
    """The viewport of the program."""

    stack: ShownStack
    volume: Volume
    kind: Orientation
    viewport: Viewport = field(init=False)
    _marked: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.viewport = Viewport("bench")
        self.viewport.describe = corner_text
        self.viewport.resize(PANE_PX, PANE_PX)
        self.viewport.plane_changed.connect(self._mark)
        self.viewport.show()
        exposed(self.viewport)
        self.viewport.show_stack(self.stack, self.volume, self.kind)

    def _mark(self) -> None:
        self.viewport.set_calipers(_calipers() if self._marked else ())
        self.viewport.set_spine(_plates() if self._marked else (), ())

    def marks(self, *, on: bool) -> None:
        self._marked = self.viewport.corner_text = on
        self._mark()
        self.viewport.repaint()

    def look(self, view: View) -> None:
        self.viewport.set_view(view)

    def show(self, index: int) -> None:
        self.viewport.scroll_to(index)
        self.viewport.repaint()

    def picture(self) -> Picture:
        return greys_of(self.viewport.grab().toImage())

    def paints(self) -> bool:
        return painted_by(self.viewport, lambda: self.show(0))

    def close(self) -> None:
        self.viewport.close()
        self.viewport.deleteLater()


def run(bench: Bench) -> Iterator[Result]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # The offscreen platform says of every window that it takes no size hints.
    qInstallMessageHandler(_said)
    application()
    volume = _volume()
    for kind in _NAMES:
        yield from _orientation(bench, volume, kind)


def _said(kind: QtMsgType, _context: object, text: str) -> None:
    if "propagateSizeHints" not in text:
        print(kind.name, text)


def _orientation(bench: Bench, volume: Volume, kind: Orientation) -> Iterator[Result]:
    from benchmarks.scroll_peers import PEERS

    stack = _stack()
    planes = stack.planes(kind)
    panes: dict[str, Pane] = {"viewport": Ours(stack, volume, kind)}
    missing: dict[str, str] = {}
    for name, make in PEERS.items():
        try:
            panes[name] = make(volume, planes)
        except NotRun as error:
            missing[name] = str(error)
    for name, pane in panes.items():
        _check(name, pane, panes["viewport"], volume, planes)
    frames: dict[str, list[float]] = {name: [] for name in panes}
    bench.timed({name: _scrolling(pane, planes.count, frames[name]) for name, pane in panes.items()}, _alike)
    for pane in panes.values():
        pane.close()
    medians = {name: statistics.median(taken) for name, taken in frames.items()}
    vtk = min((name for name in medians if name.startswith("VTK")), key=lambda name: medians[name], default="")
    if vtk:
        value = medians[vtk] / medians["viewport"]
        yield Result(goal=P7_VTK[kind], value=value, seconds=frames, notes={"faster": vtk})
    else:
        yield Result(goal=P7_VTK[kind], why="; ".join(sorted({why for name, why in missing.items() if "VTK" in name})))
    if "pyqtgraph" in medians:
        yield Result(goal=P7_PYQTGRAPH[kind], value=medians["viewport"] / medians["pyqtgraph"], seconds=frames)
    else:
        yield Result(goal=P7_PYQTGRAPH[kind], why=missing["pyqtgraph"])
    p99 = statistics.quantiles(frames["viewport"], n=100)[98]
    yield Result(goal=P7_P99[kind], value=p99 * 1000, seconds={"frame": frames["viewport"]})


def _scrolling(pane: Pane, count: int, frames: list[float]) -> Callable[[], Pane]:
    def scroll() -> Pane:
        first = (count - FRAMES) // 2
        for index in range(first, first + FRAMES):
            begun = time.perf_counter()
            pane.show(index)
            frames.append(time.perf_counter() - begun)
        return pane

    return scroll


def _alike(one: Pane, other: Pane) -> bool:
    """Whether both show the plane at which they stopped, and marks on it."""
    pictures = []
    for pane in (one, other):
        marked = pane.picture()
        pane.marks(on=False)
        plain = pane.picture()
        pane.marks(on=True)
        if np.count_nonzero(marked != plain) < 1000:
            return False
        pictures.append(plain)
    return _close(*pictures)


def _close(one: Picture, other: Picture) -> bool:
    away = np.abs(one.astype(np.int16) - other)
    return bool(away.mean() <= _CLOSE_MEAN and np.percentile(away, 99) <= _CLOSE_P99)


def _check(name: str, pane: Pane, ours: Pane, volume: Volume, planes: PlaneSet) -> None:
    """Equal greys where a sample is a pixel of the screen, then an equal picture at the zoom of the measurement."""
    rows, columns = planes.size
    whole = fitted(planes.size, planes.spacing, PANE_PX, PANE_PX)
    single = View(
        width=PANE_PX, height=PANE_PX, spacing=planes.spacing, centre=whole.centre, scale=1 / planes.spacing[1]
    )
    for index in (planes.count // 2, planes.count // 3):
        pane.marks(on=False)
        pane.look(single)
        pane.show(index)
        top, left = (PANE_PX - rows) // 2, (PANE_PX - columns) // 2
        found = pane.picture()[top : top + rows, left : left + columns].astype(np.int16)
        truth = grey(planes.cut(volume.samples, index), WINDOW)
        # A cut instead of a rounded grey is one grey away.
        if np.abs(found - truth).max() > 1 or truth.std() < 10:
            raise AssertionError(f"{name} shows other greys than the window function gives")
        for one in (pane, ours):
            one.marks(on=False)
            one.look(whole)
            one.show(index)
        if not _close(pane.picture(), ours.picture()):
            raise AssertionError(f"{name} shows another picture than the viewport")
        pane.marks(on=True)
        ours.marks(on=True)
    if not pane.paints():
        raise AssertionError(f"{name} paints nothing")


def exposed(widget: QWidget) -> None:
    """Wait until a window is on its (offscreen) screen."""
    deadline = time.monotonic() + 10
    while not (handle := widget.windowHandle()) or not handle.isExposed():
        QApplication.processEvents()
        if time.monotonic() > deadline:
            raise AssertionError("the window does not appear")


def painted_by(widget: QWidget, act: Callable[[], None]) -> bool:
    """Whether an act paints a widget before it returns, all of it."""
    seen: list[QRect] = []

    class Watch(QObject):
        def eventFilter(self, _object: QObject, event: QEvent) -> bool:
            if isinstance(event, QPaintEvent):
                seen.append(event.rect())
            return False

    watch = Watch()
    widget.installEventFilter(watch)
    try:
        act()
    finally:
        widget.removeEventFilter(watch)
    return any(rect.contains(QRect(200, 200, 500, 500)) for rect in seen)


def greys_of(image: QImage) -> Picture:
    """Greys of a picture of Qt."""
    flat = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine())
    return rows[:, : flat.width()].copy()


def _volume() -> Volume:
    count = SHAPE[0]
    return Volume(
        samples=samples(SHAPE),
        slope=np.ones(count),
        intercept=np.zeros(count),
        padding=no_padding(count),
        ready=np.ones(count, dtype=np.bool_),
    )


def _stack() -> ShownStack:
    stack = Stack(
        id=Id("k1"),
        series_uid="2.25.1",
        modality="CT",
        kind=StackKind.VOLUME,
        plane=Plane.AXIAL,
        slice_interval_mm=Decimal("0.7"),
        images=tuple((f"2.25.{number}", 1) for number in range(2, 2 + SHAPE[0])),
    )
    step = SPACING_MM
    grid = Grid(
        shape=SHAPE,
        origin_mm=(0.0, 0.0, 0.0),
        along_mm=((0.0, 0.0, step), (0.0, step, 0.0), (step, 0.0, 0.0)),
        calibrated=True,
        volume=True,
    )
    timepoint = Timepoint(id=Id("BL"), label="BL", ordinal=0)
    return ShownStack(
        timepoint=timepoint, stack=stack, grid=grid, title="Phantom", detail="", window=WINDOW, hounsfield=True
    )


@cache
def _calipers() -> tuple[Caliper, ...]:
    made = []
    for place, text in enumerate(LABELS):
        pair = LINES[2 * place : 2 * place + 2]
        kinds = (LineKind.LONG, LineKind.SHORT)
        lines = tuple(Line(start=a, end=b, kind=kind) for (a, b), kind in zip(pair, kinds, strict=True))
        made.append(
            Caliper(
                lesion=Id(f"L{place:02d}"),
                part="a",
                kind=MeasurementKind.BIDIRECTIONAL,
                label=text[:3],
                role=LesionRole.NON_TARGET if text.startswith("N") else LesionRole.TARGET,
                lines=lines,
                handles=tuple(point for line in pair for point in line),
                stored=4,
                selected=place == 0,
                dashed=False,
                text=text,
                badges=(Badge(code="BADGE_NATIVE"),),
            )
        )
    return tuple(made)


@cache
def _plates() -> tuple[LevelPlate, ...]:
    return tuple(
        LevelPlate(level=level, stack=Id("k1"), point=point, distance_um=0, selected=level is Level.L1)
        for level, point in LEVELS
    )


def corner_words(index: int, count: int) -> Mapping[tuple[int, int], str]:
    """Text of the corners and the letters of the edges, by its place on the screen, for peers that draw it themselves."""
    middle, far = PANE_PX // 2, PANE_PX - 30
    return {
        (10, 20): "BL  Phantom",
        (10, 34): "W 400  L 40",
        (790, 20): f"slice {index + 1} / {count}",
        (790, 34): "0.7 mm",
        (820, 880): "zoom 1.8",
        (10, middle): "R",
        (far, middle): "L",
        (middle, 20): "A",
        (middle, 880): "P",
        (far - 20, middle + 200): "100 mm",
    }
