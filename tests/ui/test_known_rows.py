"""What is kept of the table of lesions from one act to the next: the rows of lesions that nobody has touched, and no more.

That nothing on the screen is ever older than the read is asserted where every test with a window ends (``conftest.py``).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from spinereview.domain.anatomy import Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.table import Table
from spinereview.ui.known_rows import KnownRows, RowParts, others_of
from spinereview.ui.lesion_rules import Problem
from spinereview.ui.panels.lesion_table import LesionRow

CTRL = Qt.KeyboardModifier.ControlModifier


def two_targets(desk) -> None:
    for row, organ in ((20, "soft"), (76, "liver")):
        desk.activate(desk.pane)
        desk.keys(Qt.Key.Key_N)
        desk.measure_disc(desk.pane, 30, row=row)
        desk.choose(desk.bench.editor.organ, organ)
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)


def test_an_act_on_one_lesion_leaves_the_row_of_another_as_it_is(desk) -> None:
    two_targets(desk)
    desk.keys(Qt.Key.Key_X)
    before = desk.bench.lesions.table().rows
    desk.keys(Qt.Key.Key_S)
    after = desk.bench.lesions.table().rows
    assert after[0] is not before[0]
    assert after[1] is before[1]
    desk.keys(Qt.Key.Key_Z, modifiers=CTRL)
    assert desk.bench.lesions.table().rows[0] == before[0]


PARTS = RowParts(
    lesion=Lesion(
        id=Id("L01"),
        role=LesionRole.TARGET,
        site=Site(organ="LIVER", location="LIVER"),
        first_seen=Id("BL"),
        findings=Table({"BL": LesionFinding(state=LesionState.ABSENT)}),
    ),
    others=None,
    case=None,
    settings=None,
    owed=(),
    problems=(),
    expanded=False,
)


@pytest.mark.parametrize(
    "other",
    [
        {"lesion": replace(PARTS.lesion, comment="seen again")},
        {"others": Table({"L01": PARTS.lesion})},
        {"case": object()},
        {"settings": object()},
        {"owed": (Decimal(1),)},
        {"problems": (Problem(words="too small"),)},
        {"expanded": True},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_row_is_made_anew_with_any_other_part(other: dict[str, object]) -> None:
    known, rows = KnownRows(), [LesionRow(None, str(number), "", "", ()) for number in range(3)]
    assert known.row(PARTS, lambda: rows[0]) is rows[0]
    assert known.row(PARTS, lambda: rows[1]) is rows[0]
    assert known.row(replace(PARTS, **other), lambda: rows[1]) is rows[1]
    assert known.row(PARTS, lambda: rows[2]) is rows[2]


def test_where_one_lesion_carries_another_every_row_may_tell_of_any_lesion(desk) -> None:
    two_targets(desk)
    assert others_of(desk.read) is None
    first, second = desk.read.lesions.values()
    desk.activate(desk.follow_up)
    desk.measure_disc(desk.follow_up, 24, row=20)
    desk.bench.reading.select(second.id)
    assert desk.bench.reading.merge_into("T01")
    assert others_of(desk.read) is desk.read.lesions
    assert "T02" in desk.bench.lesions.cell(first.id, desk.bench.reading.timepoint).sub
