"""All keys by menu, in columns that fit the smallest screen."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from math import ceil

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.actions import ACTIONS, Menu

_ROWS_PER_COLUMN = 20
"""At 24 px a row the dialog is about 560 px high."""


class KeysDialog(QDialog):
    """Names and keys of all actions that have one."""

    def __init__(self, name_of: Callable[[str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(sentence("UI_KEYS"))
        columns = QHBoxLayout()
        columns.setSpacing(32)
        for lines in _columns(_lines(name_of)):
            columns.addLayout(_column(lines, self), 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 16)
        whole.setSpacing(16)
        whole.addLayout(columns)
        whole.addWidget(buttons)


_Line = tuple[str, str]
"""Name and key; of a heading the key is empty."""


def _lines(name_of: Callable[[str], str]) -> list[list[_Line]]:
    """Lines of each menu, its heading first."""
    ordered = sorted((row for row in ACTIONS if row.key), key=lambda row: list(Menu).index(row.menu))
    return [
        [(sentence(f"UI_MENU_{menu}"), ""), *((name_of(row.id).removesuffix(" ..."), row.key) for row in rows)]
        for menu, rows in groupby(ordered, key=lambda row: row.menu)
    ]


def _columns(menus: list[list[_Line]]) -> list[list[_Line]]:
    """Lines of each column. No heading stands at the foot of one."""
    total = sum(len(lines) + 1 for lines in menus)
    room = ceil(total / ceil(total / _ROWS_PER_COLUMN)) + 1
    columns: list[list[_Line]] = [[]]
    for lines in menus:
        for place, line in enumerate(lines):
            full = len(columns[-1]) + (2 if place == 0 else 0) >= room
            if full:
                columns.append([])
            elif place == 0 and columns[-1]:
                columns[-1].append(("", ""))
            columns[-1].append(line)
    return columns


def _column(lines: list[_Line], parent: QWidget) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    for row, (name, key) in enumerate(lines):
        label = QLabel(name, parent)
        if not key:
            label.setProperty("role", "heading")
        grid.addWidget(label, row, 0)
        shown = QLabel(key, parent)
        shown.setProperty("tone", "accent")
        grid.addWidget(shown, row, 1, Qt.AlignmentFlag.AlignRight)
    grid.setColumnStretch(0, 1)
    grid.setRowStretch(len(lines), 1)
    return grid
