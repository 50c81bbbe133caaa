"""Where one plane cuts another, in the patient: the line that a viewport draws for the plane of its neighbour.

Both planes must be of one frame of reference; that is for the caller to know. Display only: nothing is measured from it.
"""

from __future__ import annotations

from spinereview.imaging.slicing import PlaneSet

Segment = tuple[tuple[float, float], tuple[float, float]]
"""Two points of the plane that is drawn on, (column, row) in samples."""


def crossing(cut: PlaneSet, index: int, on: PlaneSet, on_index: int) -> Segment | None:
    """Line along which a plane cuts another one.

    Parameters
    ----------
    cut, index
        The plane that is to be shown as a line, as far as its images reach.
    on, on_index
        The plane that is drawn on.

    Returns
    -------
    Segment or None
        None where they are parallel, do not meet, or one of them has no position in the patient.
    """
    rows, columns = cut.size
    outline = ((0.0, 0.0), (float(columns), 0.0), (float(columns), float(rows)), (0.0, float(rows)))
    corners = []
    for column, row in outline:
        position = cut.to_patient(index, column, row)
        found = None if position is None else on.to_plane(position)
        if found is None:
            return None
        corners.append((found[0] - on_index, found[1], found[2]))
    ends: list[tuple[float, float]] = []
    for first, second in zip(corners, (*corners[1:], corners[0]), strict=True):
        before, after = first[0], second[0]
        if (before <= 0) != (after <= 0):
            share = before / (before - after)
            ends.append((first[1] + share * (second[1] - first[1]), first[2] + share * (second[2] - first[2])))
    return (ends[0], ends[1]) if len(ends) == 2 else None
