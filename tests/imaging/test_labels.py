"""Outlines of labels: along the edges of samples, on every plane; and which labels belong to which images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spinereview.imaging.labels import LabelLayer, border, label_samples, merged, mismatch, outlines_on
from spinereview.imaging.slicing import Grid, Orientation, plane_set

ONE = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
TURNED = ((0.0, -0.1, 1.0), (0.0, 1.0, 0.1), (1.0, 0.0, 0.0))


def grid(along=ONE, origin=(0.0, 0.0, 0.0), shape=(10, 12, 14)):
    return Grid(shape=shape, origin_mm=origin, along_mm=along, calibrated=True, volume=True)


def scaled(*factors):
    return tuple(tuple(value * factor for value in vector) for vector, factor in zip(ONE, factors, strict=True))


def edges(mask):
    return {tuple(int(value) for value in line) for line in border(np.array(mask, dtype=bool))}


def test_a_border_runs_along_the_edges_of_samples_and_straight_parts_are_one_line() -> None:
    assert edges([[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]) == {(1, 1, 3, 1), (1, 2, 3, 2), (1, 1, 1, 2), (3, 1, 3, 2)}


def test_a_border_closes_at_the_edge_of_the_image_and_goes_around_a_hole() -> None:
    assert edges([[1]]) == {(0, 0, 1, 0), (0, 1, 1, 1), (0, 0, 0, 1), (1, 0, 1, 1)}
    ring = edges([[1, 1, 1], [1, 0, 1], [1, 1, 1]])
    assert {(1, 1, 2, 1), (1, 2, 2, 2), (1, 1, 1, 2), (2, 1, 2, 2)} < ring
    assert len(ring) == 8


def test_nothing_has_no_border() -> None:
    assert edges([[0, 0], [0, 0]]) == set()


@pytest.mark.parametrize("orientation", list(Orientation))
def test_a_box_is_outlined_where_it_lies_in_every_plane(orientation) -> None:
    labels = np.zeros((10, 12, 14), np.uint16)
    labels[2:5, 3:9, 4:6] = 7
    layer = LabelLayer(grid=grid(), labels=labels, names={7: "L3"})
    planes = plane_set(grid(), orientation)
    inside = {Orientation.NATIVE: 3, Orientation.AXIAL: 3, Orientation.SAGITTAL: 4, Orientation.CORONAL: 5}[orientation]
    place = planes.count - 1 - inside if planes.reverse[0] else inside
    (outline,) = outlines_on(layer, planes, place, frozenset())
    assert outline.name == "L3"
    mask = planes.cut(labels, place) == 7
    assert np.array_equal(outline.lines, border(mask))
    assert len(outline.lines) == 4
    assert outlines_on(layer, planes, place, frozenset({7})) == ()


def test_a_label_without_a_name_is_told_by_its_number() -> None:
    layer = LabelLayer(grid=grid(), labels=np.full((10, 12, 14), 9, np.uint16), names={})
    assert [one.name for one in outlines_on(layer, plane_set(grid(), Orientation.NATIVE), 0, frozenset())] == ["9"]
    assert layer.present == (9,)


def test_labels_of_the_same_images_stored_in_another_order_lie_on_their_grid() -> None:
    turned = grid(((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)), (0.0, 0.0, 9.0), (14, 10, 12))
    assert mismatch(turned, grid()) == "OUTLINE_SAME_GRID"


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (grid(), "OUTLINE_SAME_GRID"),
        (grid(origin=(0.01, 0.0, 0.0)), "OUTLINE_SAME_GRID"),
        (grid(origin=(2.0, 3.0, 1.0), shape=(5, 5, 5)), "OUTLINE_RESAMPLED"),
        (grid(scaled(2, 2, 2), (0.5, 0.5, 0.5), (5, 6, 7)), "OUTLINE_RESAMPLED"),
        (grid(scaled(0.5, 1, 1), (0.0, 0.0, -0.25), (20, 12, 14)), "OUTLINE_RESAMPLED"),
        (grid(origin=(2.4, 3.0, 1.0), shape=(5, 5, 5)), "OUTLINE_ELSEWHERE"),
        (grid(origin=(1.0, 0.0, 0.0)), "OUTLINE_ELSEWHERE"),
        (grid(scaled(1.5, 1.5, 1.5), (2.0, 2.0, 2.0), (4, 4, 4)), "OUTLINE_ELSEWHERE"),
        (grid(origin=(500.0, 0.0, 0.0)), "OUTLINE_ELSEWHERE"),
        (grid(TURNED), "OUTLINE_OTHER_ORIENTATION"),
        (replace(grid(), origin_mm=None), "OUTLINE_NO_POSITION"),
    ],
)
def test_labels_that_name_no_frame_belong_to_images_of_their_grid_its_part_or_its_box(labels, found) -> None:
    """A mask of another patient overlaps images by chance: an overlap alone shows nothing."""
    assert mismatch(labels, grid()) == found


@pytest.mark.parametrize(
    ("samples", "rescaled", "kept"),
    [
        (np.array([0, 7], "i2"), False, True),
        (np.array([0.0, 7.0], "f4"), False, True),
        (np.array([0.0, 7.5], "f4"), False, False),
        (np.array([0, -1], "i2"), False, False),
        (np.array([0, 70000], "i4"), False, False),
        (np.array([0, 7], "i2"), True, False),
    ],
)
def test_labels_are_whole_numbers_from_zero_on(samples, rescaled, kept) -> None:
    found = label_samples(samples, rescaled=rescaled)
    assert (found is not None) is kept


def layer_of(label, first, place):
    labels = np.zeros((3, 12, 14), np.uint16)
    labels[place] = label
    return LabelLayer(grid=grid(origin=(0.0, 0.0, float(first)), shape=(3, 12, 14)), labels=labels, names={label: "x"})


def test_layers_become_one_label_map_unless_two_labels_share_a_sample() -> None:
    whole = merged([layer_of(1, 4, (0, 2, 3)), layer_of(2, 1, (2, 5, 6))])
    assert (whole.grid.shape, whole.grid.origin_mm) == ((6, 12, 14), (0.0, 0.0, 1.0))
    assert np.argwhere(whole.labels == 1).tolist() == [[3, 2, 3]]
    assert np.argwhere(whole.labels == 2).tolist() == [[2, 5, 6]]
    assert merged([layer_of(1, 4, (0, 2, 3)), layer_of(2, 3, (1, 2, 3))]) is None
