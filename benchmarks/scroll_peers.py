"""Other ways to scroll through planes, with the same marks drawn on them: VTK in software, and pyqtgraph.

VTK renders off screen without multisampling and its frame ends when the render is complete; that a program would still
have to copy the picture to its window is left out. pyqtgraph paints a widget, as the viewport does, with the same smooth
scaling.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.harness import NotRun, peer
from benchmarks.scroll import (
    LABELS,
    LEVELS,
    LINES,
    NOTE,
    PANE_PX,
    WINDOW,
    Pane,
    Picture,
    corner_words,
    exposed,
    greys_of,
    painted_by,
)
from spinereview.imaging.slicing import Orientation, PlaneSet
from spinereview.imaging.view import View
from spinereview.imaging.volume import Volume

_LOW, _HIGH = WINDOW.centre - WINDOW.width / 2, WINDOW.centre + WINDOW.width / 2 - 1
"""Real values that are black and white (PS3.3 C.11.2.1.2.1)."""
_HALO_AND_LINE = (((0.0, 0.0, 0.0), 4.0), ((1.0, 0.85, 0.3), 2.0))
_PROBE = """
from vtkmodules.vtkRenderingCore import vtkRenderWindow, vtkRenderer
import vtkmodules.vtkRenderingOpenGL2
window = vtkRenderWindow()
window.SetOffScreenRendering(1)
window.AddRenderer(vtkRenderer())
window.Render()
"""


class Vtk:
    """A slice mapper of VTK in a render window of its own."""

    def __init__(self, mapper: str, volume: Volume, planes: PlaneSet) -> None:
        rendering = peer("vtkmodules.vtkRenderingCore")
        images = peer("vtkmodules.vtkRenderingImage")
        # Without its drawing with OpenGL, VTK renders nothing and says nothing.
        peer("vtkmodules.vtkRenderingOpenGL2")
        _renders()
        self._planes = planes
        self._data = _image_data(volume, planes)
        self._mapper = getattr(rendering, mapper)() if hasattr(rendering, mapper) else getattr(images, mapper)()
        self._mapper.SetInputData(self._data)
        self._mapper.BorderOn()
        self._slice = rendering.vtkImageSlice()
        self._slice.SetMapper(self._mapper)
        shown = self._slice.GetProperty()
        shown.SetColorWindow(_HIGH - _LOW)
        shown.SetColorLevel((_HIGH + _LOW) / 2)
        shown.SetInterpolationTypeToLinear()
        self._renderer = rendering.vtkRenderer()
        self._renderer.AddViewProp(self._slice)
        self._window = rendering.vtkRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.SetSize(PANE_PX, PANE_PX)
        self._window.AddRenderer(self._renderer)
        self._axis = {Orientation.NATIVE: 2, Orientation.SAGITTAL: 0}[planes.orientation]
        self._reslices = mapper == "vtkImageResliceMapper"
        if not self._reslices:
            self._mapper.SetOrientation(self._axis)
        self._marks: list[Any] = []
        self._corners: list[Any] = []
        self._view: View | None = None

    def marks(self, *, on: bool) -> None:
        for mark in (*self._marks, *self._corners):
            self._renderer.RemoveViewProp(mark)
        self._marks, self._corners = [], []
        if on and self._view is not None:
            self._marks = [*_vtk_lines(self._view), *_vtk_labels(self._view)]
            self._corners = [_vtk_text(text, at, 12) for at, text in corner_words(0, 1).items()]
            for mark in (*self._marks, *self._corners):
                self._renderer.AddViewProp(mark)
        self._render()

    def look(self, view: View) -> None:
        self._view = view
        camera = self._renderer.GetActiveCamera()
        camera.ParallelProjectionOn()
        camera.SetParallelScale(PANE_PX / view.scale / 2)

    def show(self, index: int) -> None:
        """Right and down of the screen are those of the planes."""
        place = self._planes.array_index(index)
        spacing, size = self._data.GetSpacing(), self._data.GetDimensions()
        middle = [(count - 1) * step / 2 for count, step in zip(size, spacing, strict=True)]
        middle[self._axis] = place * spacing[self._axis]
        toward, up = {2: ((0, 0, 1), (0, -1, 0)), 0: ((-1, 0, 0), (0, 0, 1))}[self._axis]
        camera = self._renderer.GetActiveCamera()
        camera.SetFocalPoint(*middle)
        camera.SetPosition(*(at - 1000 * step for at, step in zip(middle, toward, strict=True)))
        camera.SetViewUp(*up)
        self._renderer.ResetCameraClippingRange()
        if self._reslices:
            self._mapper.SliceAtFocalPointOn()
            self._mapper.SliceFacesCameraOn()
        else:
            self._mapper.SetSliceNumber(place)
        if self._corners:
            for corner, text in zip(self._corners, corner_words(index, self._planes.count).values(), strict=True):
                corner.SetInput(text)
        self._render()

    def _render(self) -> None:
        self._window.Render()
        self._window.WaitForCompletion()

    def picture(self) -> Picture:
        numpy_support = peer("vtkmodules.util.numpy_support")
        grabbed = peer("vtkmodules.vtkRenderingCore").vtkWindowToImageFilter()
        grabbed.SetInput(self._window)
        grabbed.ReadFrontBufferOff()
        grabbed.Update()
        scalars = grabbed.GetOutput().GetPointData().GetScalars()
        flat = numpy_support.vtk_to_numpy(scalars)
        colours = flat.reshape(PANE_PX, PANE_PX, -1)[::-1, :, :3].astype(np.uint16)
        # Marks are coloured; the greys of an image are the same in all three.
        shades: Picture = (colours.sum(axis=2) // 3).astype(np.uint8)
        return shades

    def paints(self) -> bool:
        # Its picture is read from what it rendered.
        return bool(self.picture().any())

    def close(self) -> None:
        self._window.Finalize()


def _renders() -> None:
    """Raise ``NotRun`` where VTK finds nothing to render with: it ends the process instead of saying so."""
    done = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, check=False, timeout=120)
    if done.returncode:
        raise NotRun("VTK cannot render here (no OpenGL in software)")


def _image_data(volume: Volume, planes: PlaneSet) -> Any:
    numpy_support = peer("vtkmodules.util.numpy_support")
    data = peer("vtkmodules.vtkCommonDataModel").vtkImageData()
    data.SetDimensions(*reversed(volume.samples.shape))
    data.SetSpacing(*(max(map(abs, along)) for along in reversed(planes.grid.along_mm)))
    data.GetPointData().SetScalars(numpy_support.numpy_to_vtk(volume.samples.reshape(-1)))
    return data


def _vtk_lines(view: View) -> list[Any]:
    core, model = peer("vtkmodules.vtkCommonCore"), peer("vtkmodules.vtkCommonDataModel")
    rendering = peer("vtkmodules.vtkRenderingCore")
    points, cells = core.vtkPoints(), model.vtkCellArray()
    for start, end in LINES:
        cells.InsertNextCell(2)
        for column, row in (start, end):
            x, y = view.to_screen(column / 1000, row / 1000)
            cells.InsertCellPoint(points.InsertNextPoint(x, PANE_PX - y, 0))
    shape = model.vtkPolyData()
    shape.SetPoints(points)
    shape.SetLines(cells)
    actors = []
    for colour, width in _HALO_AND_LINE:
        mapper = rendering.vtkPolyDataMapper2D()
        mapper.SetInputData(shape)
        actor = rendering.vtkActor2D()
        actor.SetMapper(mapper)
        actor.GetProperty().SetColor(*colour)
        actor.GetProperty().SetLineWidth(width)
        actors.append(actor)
    return actors


def _vtk_labels(view: View) -> list[Any]:
    found = []
    for place, text in enumerate(LABELS):
        x, y = view.to_screen(LINES[2 * place][1][0] / 1000, LINES[2 * place][1][1] / 1000)
        found.append(_vtk_text(f"{text}\n{NOTE}", (int(x) + 20, int(y)), 13))
    for level, (column, row) in LEVELS:
        x, y = view.to_screen(column / 1000, row / 1000)
        found.append(_vtk_text(level.value, (int(x), int(y)), 13))
    return found


def _vtk_text(text: str, at: tuple[int, int], size: int) -> Any:
    peer("vtkmodules.vtkRenderingFreeType")
    actor = peer("vtkmodules.vtkRenderingCore").vtkTextActor()
    actor.SetInput(text)
    actor.SetDisplayPosition(at[0], PANE_PX - at[1])
    kind = actor.GetTextProperty()
    kind.SetFontSize(size)
    kind.SetColor(1.0, 0.85, 0.3)
    kind.ShadowOn()
    return actor


class PyQtGraph:
    """An ``ImageItem`` in a ``ViewBox``."""

    def __init__(self, volume: Volume, planes: PlaneSet) -> None:
        os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
        self._pg = peer("pyqtgraph")
        from PySide6.QtGui import QPainter

        self._volume, self._planes = volume, planes
        self._widget = self._pg.GraphicsView(background="k")
        self._widget.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._widget.resize(PANE_PX, PANE_PX)
        self._box = self._pg.ViewBox(border=None, lockAspect=planes.spacing[1] / planes.spacing[0], invertY=True)
        self._widget.setCentralItem(self._box)
        self._item = self._pg.ImageItem(axisOrder="row-major")
        self._box.addItem(self._item)
        self._marks: list[Any] = []
        self._corners: list[Any] = []
        self._widget.show()
        exposed(self._widget)

    def marks(self, *, on: bool) -> None:
        for mark in (*self._marks, *self._corners):
            self._box.removeItem(mark)
        self._marks, self._corners = [], []
        if on:
            for colour, width in (((0, 0, 0), 3.6), ((255, 217, 77), 1.6)):
                pen = self._pg.mkPen(colour, width=width)
                for line in LINES:
                    across, down = ([point[axis] / 1000 for point in line] for axis in (0, 1))
                    self._marks.append(self._pg.PlotCurveItem(across, down, pen=pen, antialias=True))
            for place, text in enumerate(LABELS):
                self._marks.append(self._text(f"{text}\n{NOTE}", LINES[2 * place][1]))
            self._marks += [self._text(level.value, point) for level, point in LEVELS]
            view = self._shown
            for at, text in corner_words(0, 1).items():
                column, row = view.to_plane(*at)
                self._corners.append(self._text(text, (round(column * 1000), round(row * 1000))))
            for mark in (*self._marks, *self._corners):
                self._box.addItem(mark, ignoreBounds=True)
        self._widget.viewport().repaint()

    def _text(self, text: str, point: tuple[int, int]) -> Any:
        item = self._pg.TextItem(text, color=(255, 217, 77), fill=(16, 19, 22, 217))
        item.setPos(point[0] / 1000, point[1] / 1000)
        return item

    def look(self, view: View) -> None:
        self._shown = view
        left, top = view.to_plane(0, 0)
        right, bottom = view.to_plane(PANE_PX, PANE_PX)
        self._box.setRange(xRange=(left, right), yRange=(top, bottom), padding=0)

    def show(self, index: int) -> None:
        plane = self._planes.cut(self._volume.samples, index)
        self._item.setImage(plane, autoLevels=False, levels=(_LOW, _HIGH))
        for corner, text in zip(self._corners, corner_words(index, self._planes.count).values(), strict=False):
            corner.setText(text)
        self._widget.viewport().repaint()

    def picture(self) -> Picture:
        return greys_of(self._widget.grab().toImage())

    def paints(self) -> bool:
        return painted_by(self._widget.viewport(), lambda: self.show(0))

    def close(self) -> None:
        self._widget.close()
        self._widget.deleteLater()


PEERS: dict[str, Callable[[Volume, PlaneSet], Pane]] = {
    "VTK reslice": partial(Vtk, "vtkImageResliceMapper"),
    "VTK slice": partial(Vtk, "vtkImageSliceMapper"),
    "pyqtgraph": PyQtGraph,
}
