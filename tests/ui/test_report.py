"""The report from the window; and that its drawer puts the ends of a caliper where the window does."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from spinereview.domain.anatomy import Level
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import MeasurementKind
from spinereview.imaging.plane_picture import png_bytes
from spinereview.imaging.view import View
from spinereview.report.drawing import drawing
from spinereview.report.key_images import Figure, Region
from spinereview.review.overlay import Caliper, Line, LineKind
from spinereview.review.spine_overlay import HeightsMark
from spinereview.ui.overlay import draw_calipers, to_point

SIDE_PX = 600


@dataclass(frozen=True)
class BlackPlane:
    """A plane without tissue: whatever is bright on it was drawn."""

    size: tuple[int, int] = (200, 160)
    spacing: tuple[Decimal, Decimal] = (Decimal("0.9"), Decimal("0.7"))
    calibrated: bool = True
    number: tuple[int, int] = (1, 1)
    letters: tuple[str, str] = ("", "")
    window: str = ""
    orientation: str = "NATIVE"

    def place(self, _point):
        return None

    def png(self, left, top, columns, rows):
        return png_bytes(np.zeros(self.size, dtype=np.uint8)[top : top + rows, left : left + columns])


def caliper(*points, kind=MeasurementKind.BIDIRECTIONAL) -> Caliper:
    lines = (
        Line(start=points[0], end=points[1], kind=LineKind.LONG),
        Line(start=points[2], end=points[3], kind=LineKind.SHORT),
    )
    return Caliper(
        lesion=Id("L01"), part="a", kind=kind, label="T01", role=LesionRole.TARGET, lines=lines, handles=points,
        stored=4, selected=False, dashed=False, text="T01  1.0 mm", badges=(),
    )  # fmt: skip


REGION = Region(left=Decimal("12.5"), top=Decimal(40), side=Decimal(90))
CALIPERS = [
    pytest.param(caliper((40_000, 70_000), (110_000, 95_000), (70_000, 110_000), (83_000, 62_000)), id="slanting"),
    pytest.param(caliper((30_500, 90_500), (120_500, 90_500), (75_500, 80_500), (75_500, 99_500)), id="along rows"),
    pytest.param(caliper((61_237, 60_001), (61_999, 120_777), (50_123, 90_456), (72_877, 91_001)), id="any thousandth"),
]


@pytest.fixture
def view() -> View:
    """The window's view of the same region at the same size."""
    down, right = (float(value) for value in BlackPlane().spacing)
    middle = (float(REGION.left + REGION.side / 2) / right, float(REGION.top + REGION.side / 2) / down)
    return View(width=SIDE_PX, height=SIDE_PX, spacing=(down, right), centre=middle, scale=SIDE_PX / float(REGION.side))


def figure(timepoint: Timepoint | None = None, **drawn) -> Figure:
    return Figure(
        timepoint=timepoint or Timepoint(id=Id("BL"), label="BL", ordinal=0),
        stack=None,
        plane=BlackPlane(),
        region=REGION,
        **drawn,
    )


class Elements(HTMLParser):
    """Elements of a drawing with their attributes, in their order."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(svg)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def pixels(attributes: dict[str, str], *names: str) -> tuple[float, ...]:
    """Places of a drawing as pixels of a picture of it, x and y in turn."""
    corner = (float(REGION.left), float(REGION.top))
    return tuple(
        (float(attributes[name]) - corner[number % 2]) * SIDE_PX / float(REGION.side)
        for number, name in enumerate(names)
    )


def lines_of(svg: str) -> list[tuple[float, ...]]:
    """Ends of the white strokes of a drawing, in pixels of a picture of it."""
    lines = [attributes for tag, attributes in Elements(svg).found if tag == "line" and attributes["stroke"] == "#fff"]
    return [pixels(line, "x1", "y1", "x2", "y2") for line in lines]


@pytest.mark.parametrize("drawn", CALIPERS)
def test_both_drawers_put_the_ends_at_the_same_place(view, drawn) -> None:
    lines = lines_of(drawing(figure(calipers=(drawn,)), "T01"))
    for line, found in zip(drawn.lines, lines, strict=False):
        start, end = to_point(line.start, view), to_point(line.end, view)
        assert found == pytest.approx((start.x(), start.y(), end.x(), end.y()), abs=0.01)


def painted(paint) -> QImage:
    image = QImage(SIDE_PX, SIDE_PX, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint(painter)
    painter.end()
    return image


def bright(image: QImage, x: float, y: float) -> bool:
    around = [(round(x) + dx, round(y) + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return max(QColor(image.pixel(*place)).lightness() for place in around) > 90


@pytest.mark.parametrize("drawn", CALIPERS)
def test_both_pictures_are_bright_up_to_the_ends_and_dark_beyond(app, view, drawn) -> None:
    bare = replace(drawn, label="")
    svg = QSvgRenderer(QByteArray(drawing(figure(calipers=(bare,)), "T01").encode()))
    assert svg.isValid()
    pane = QRectF(0, 0, SIDE_PX, SIDE_PX)
    report = painted(svg.render)
    screen = painted(lambda painter: draw_calipers(painter, [drawn], view, pane, labels=False))
    for line in drawn.lines:
        start, end = to_point(line.start, view), to_point(line.end, view)
        along = (end - start) / ((end - start).manhattanLength())
        for tip, outward in ((start, -along), (end, along)):
            inside, outside = tip - outward * 6, tip + outward * 6
            for image in (screen, report):
                assert bright(image, inside.x(), inside.y())
                assert not bright(image, outside.x(), outside.y())


def test_heights_are_drawn_at_their_points(view) -> None:
    points = (
        (40_000, 60_000),
        (60_000, 61_000),
        (80_000, 62_000),
        (41_000, 90_000),
        (60_500, 91_000),
        (81_000, 90_500),
    )
    mark = HeightsMark(level=Level.T8, stack=Id("k"), points=points, text="T8", selected=False)
    svg = drawing(figure(heights=(mark,)), "T8")
    dots = [pixels(attributes, "cx", "cy") for tag, attributes in Elements(svg).found if tag == "circle"]
    wanted = [to_point(point, view) for point in points]
    assert len(dots) == 6
    for found, place in zip(dots, wanted, strict=True):
        assert found == pytest.approx((place.x(), place.y()), abs=0.01)


def test_a_mark_outside_the_region_is_not_drawn() -> None:
    far = caliper((1_000, 1_000), (9_000, 1_000), (5_000, 500), (5_000, 4_000))
    near = CALIPERS[0].values[0]
    assert drawing(figure(calipers=(near, far)), "x").count(">T01<") == drawing(figure(calipers=(near,)), "x").count(
        ">T01<"
    )


# From the window


DIALOG_SAYS = pytest.mark.allow_qt_message("does not support raise()", "does not support grabbing the keyboard")
"""Said by the offscreen platform of a dialog that waits."""


def choose(folder: Path) -> None:
    """Type a folder into the dialog that is open, and take it; again, while there is none yet."""
    box = QApplication.activeModalWidget()
    if not isinstance(box, QFileDialog):
        QTimer.singleShot(20, lambda: choose(folder))
        return
    line = box.findChild(QLineEdit)
    # Set at once: the list of completions would open over the dialog while letters come.
    line.setText(str(folder))
    QTest.keyClick(line, Qt.Key.Key_Return)


@DIALOG_SAYS
def test_the_report_of_the_open_read_is_written_beside_the_window(desk, tmp_path) -> None:
    desk.baseline_target()
    desk.saved()
    head = desk.bench.reading.session.head_hash
    out = tmp_path / "out"
    out.mkdir()
    QTimer.singleShot(0, lambda: choose(out))
    desk.window.actions_by_id["report"].trigger()
    folder = out / "S-1-R1-report"
    desk.wait(lambda: str(folder) in desk.said(), "report", 30)
    names = {path.name for path in folder.iterdir()}
    assert {"report.html", "report.pdf", "read.json", "lesions.csv", "responses.csv"} <= names
    assert head in desk.said()
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "T01 30.0 mm" in html
    tree = json.loads((folder / "read.json").read_text(encoding="utf-8"))
    assert tree["trail"]["sha256"].startswith(head)
    desk.dismiss()


@DIALOG_SAYS
def test_a_dialog_that_is_given_up_writes_nothing(desk, tmp_path) -> None:
    def give_up() -> None:
        box = QApplication.activeModalWidget()
        if box is None:
            QTimer.singleShot(20, give_up)
        else:
            QTest.keyClick(box, Qt.Key.Key_Escape)

    QTimer.singleShot(0, give_up)
    desk.window.actions_by_id["report"].trigger()
    assert desk.said() == ""
    assert not list(tmp_path.glob("**/report.html"))


@DIALOG_SAYS
def test_a_folder_that_cannot_be_written_is_said(desk, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "S-1-R1-report").write_text("in the way", encoding="utf-8")
    QTimer.singleShot(0, lambda: choose(tmp_path / "out"))
    desk.window.actions_by_id["report"].trigger()
    desk.wait(lambda: "could not be written" in desk.said(), "refusal", 60)
    desk.dismiss()


@DIALOG_SAYS
def test_the_report_waits_for_an_act_that_is_on_its_way_to_the_disk(desk, tmp_path) -> None:
    desk.saved()
    gate = desk.window._gate  # what the disk answers is told through it
    gate.hold()
    desk.baseline_target()
    (tmp_path / "out").mkdir()
    QTimer.singleShot(0, lambda: choose(tmp_path / "out"))
    desk.window.actions_by_id["report"].trigger()
    desk.breathe(50)
    assert not desk.bench.reading.session.saved
    assert not any((tmp_path / "out").iterdir())
    gate.release()
    folder = tmp_path / "out" / "S-1-R1-report"
    desk.wait(lambda: str(folder) in desk.said(), "report", 60)
    assert desk.bench.reading.session.head_hash in desk.said()
    assert "T01" in (folder / "lesions.csv").read_text(encoding="utf-8")


@DIALOG_SAYS
def test_the_report_is_refused_where_the_disk_takes_too_long(desk, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("spinereview.ui.report_work.PATIENCE_MS", 20)
    desk.saved()
    gate = desk.window._gate
    gate.hold()
    desk.baseline_target()
    QTimer.singleShot(0, lambda: choose(tmp_path))
    desk.window.actions_by_id["report"].trigger()
    desk.wait(lambda: "still on its way to the disk" in desk.said(), "refusal")
    gate.release()
    desk.saved()
    assert not (tmp_path / "S-1-R1-report").exists()
