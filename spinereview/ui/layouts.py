"""Layouts of the viewports: how many, and where each of them lies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Places of viewports in a grid, in the order of the viewports: row, column, rows and columns that it spans.

    ``columns`` timepoints stand side by side; 0 where the viewports show the planes of one stack instead.
    """

    cells: tuple[tuple[int, int, int, int], ...]
    columns: int

    @property
    def count(self) -> int:
        """How many viewports are shown."""
        return len(self.cells)


def _rows(rows: int, columns: int) -> Layout:
    cells = tuple((row, column, 1, 1) for row in range(rows) for column in range(columns))
    return Layout(cells=cells, columns=columns)


ONE, TWO, THREE = _rows(1, 1), _rows(1, 2), _rows(1, 3)
TWO_BY_TWO, TWO_BY_THREE = _rows(2, 2), _rows(2, 3)
PLANES = Layout(cells=((0, 0, 2, 1), (0, 1, 1, 1), (1, 1, 1, 1)), columns=0)
"""The axial planes of a stack, beside them its sagittal and its coronal ones."""
MOST = max(layout.count for layout in (ONE, TWO, THREE, TWO_BY_TWO, TWO_BY_THREE, PLANES))
