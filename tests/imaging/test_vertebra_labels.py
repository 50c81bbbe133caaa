"""Which label is which vertebra, where it lies, and what lies at a point."""

from __future__ import annotations

import numpy as np
import pytest

from spinereview.domain.anatomy import Level
from spinereview.imaging.labels import LabelLayer
from spinereview.imaging.slicing import Grid
from spinereview.imaging.vertebra_labels import in_order, level_at, level_named, vertebrae


def layer(*boxes, levels=None, along=((0.0, 0.0, 2.0), (0.0, 0.5, 0.0), (0.75, 0.0, 0.0))):
    """Boxes of samples: label, then slices of images, rows, columns."""
    labels = np.zeros((20, 12, 14), np.uint16)
    for label, *where in boxes:
        labels[tuple(where)] = label
    grid = Grid(shape=labels.shape, origin_mm=(10.0, -20.0, 30.0), along_mm=along, calibrated=True, volume=True)
    levels = {20: Level.L1, 19: Level.T12, 21: Level.L2} if levels is None else levels
    return LabelLayer(grid=grid, labels=labels, names={}, levels=levels)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        *(
            (name, "L1")
            for name in ("L1", "l1", "vertebrae_L1", "Vertebra L1", "vert-L1", "L1 vertebra", "L1 vertebral body")
        ),
        *((name, "T12") for name in ("T12", "vertebrae_T12")),
        *((name, "S1") for name in ("S1", "vertebrae_S1")),
        *((name, None) for name in ("disc_L1_L2", "rib_left_1", "sacrum", "L1-L2", "L9", "T0", "C1 nerve", "", "20")),
        ("L1 vertebral arch", None),
        ("Lesion L1", None),
    ],
)
def test_a_name_counts_as_a_level_where_it_says_nothing_else(name, level) -> None:
    found = level_named(name)
    assert (None if found is None else found.value) == level


def test_a_vertebra_lies_at_the_middle_of_its_samples_from_the_head_down() -> None:
    upper = (19, slice(12, 15), slice(2, 5), slice(4, 9))
    lower = (20, slice(5, 8), slice(2, 5), slice(4, 9))
    found = vertebrae([layer(lower, upper)])
    assert [one.level for one in found] == [Level.T12, Level.L1]
    assert found[0].centre_um == (10_000 + 6 * 750, -20_000 + 3 * 500, 30_000 + 13 * 2_000)
    assert in_order(found)


def test_of_parts_of_one_name_the_largest_is_the_vertebra_and_other_labels_are_none() -> None:
    crumb, body, liver = (20, 1, 1, 1), (20, slice(5, 8), 2, 2), (5, slice(10, 14), 5, 5)
    (one,) = vertebrae([layer(crumb, liver), layer(body)])
    assert (one.level, one.centre_um[2]) == (Level.L1, 42_000)
    assert vertebrae([layer(body, levels={})]) == ()


def test_names_that_do_not_follow_each_other_from_head_to_foot_are_noticed() -> None:
    assert not in_order(vertebrae([layer((20, 12, 2, 2), (19, 5, 2, 2))]))


def test_a_point_is_named_by_the_segment_that_holds_it() -> None:
    one = layer((20, slice(5, 8), slice(2, 5), slice(4, 9)))
    inside, beside = (10_000 + 8 * 750, -19_000, 40_000), (10_000 + 9 * 750, -19_000, 40_000)
    assert level_at([one], inside) is Level.L1
    assert level_at([one], beside) is None
    assert level_at([one], (0, 0, 0)) is None
    assert level_at([one, layer((21, slice(5, 8), slice(2, 5), slice(4, 9)))], inside) is None
