"""Stacks: an id of the set of images, and what may be measured."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Calibration, Id, ImageRef, Permission, Plane, Stack, StackKind, stack_id
from spinereview.domain.measurable import measurable
from spinereview.domain.sequence import Role
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

UIDS = st.integers(0, 99).map("1.2.{}".format)
IMAGES = st.lists(st.tuples(UIDS, st.integers(1, 9)), min_size=1, max_size=6)


@given(IMAGES, st.randoms())
def test_the_id_does_not_depend_on_order_or_repetition(images, random) -> None:
    shuffled = [*images, images[0]]
    random.shuffle(shuffled)
    assert stack_id(shuffled) == stack_id(images)


@given(IMAGES, st.integers(10, 12))
def test_another_set_of_images_has_another_id(images, frame: int) -> None:
    assert stack_id([*images, (images[0][0], frame)]) != stack_id(images)


def test_the_id_never_changes() -> None:
    assert stack_id([("1.2", 1), ("1.3", 1)]) == "kc5922eec383be2c3"


VOLUME = Stack(
    id=Id("k1"),
    series_uid="1.2",
    modality="CT",
    kind=StackKind.VOLUME,
    plane=Plane.AXIAL,
    pixel_spacing_mm=(Decimal("0.5"), Decimal("0.5")),
    calibration=Calibration.PATIENT,
    slice_interval_mm=Decimal("2.5"),
    images=(("1.3", 1),),
)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": ""}, "VALUE_EMPTY"),
        ({"images": ()}, "STACK_EMPTY"),
        ({"calibration": Calibration.NONE}, "STACK_CALIBRATION"),
        ({"pixel_spacing_mm": None}, "STACK_CALIBRATION"),
        ({"pixel_spacing_mm": (Decimal(0), Decimal(1))}, "VALUE_NOT_POSITIVE"),
        ({"pixel_spacing_mm": (Decimal(1), Decimal(-1))}, "VALUE_NOT_POSITIVE"),
        ({"pixel_spacing_mm": (Decimal("NaN"), Decimal(1))}, "VALUE_NOT_POSITIVE"),
        ({"slice_interval_mm": Decimal(0)}, "VALUE_NOT_POSITIVE"),
        ({"slice_interval_mm": None}, "STACK_VOLUME_INTERVAL"),
    ],
)
def test_a_stack_that_contradicts_itself_does_not_exist(changes, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        replace(VOLUME, **changes)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("stack", "allowed"),
    [
        (VOLUME, set(Permission)),
        (replace(VOLUME, kind=StackKind.SLICES), {Permission.IN_PLANE}),
        (replace(VOLUME, kind=StackKind.PROJECTION, slice_interval_mm=None), {Permission.IN_PLANE}),
        (replace(VOLUME, pixel_spacing_mm=None, calibration=Calibration.NONE), set()),
    ],
)
def test_what_may_be_measured_follows_from_the_geometry(stack: Stack, allowed: set[Permission]) -> None:
    assert stack.may_measure == allowed


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"frame": 0}, "FRAME_NUMBER"),
        ({"frame": True}, "FRAME_NUMBER"),
        ({"sop_uid": ""}, "VALUE_EMPTY"),
        ({"stack": ""}, "VALUE_EMPTY"),
    ],
)
def test_a_reference_names_an_image_and_a_frame_from_one(fields, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        ImageRef(**{"stack": Id("k1"), "sop_uid": "1.2", **fields})
    assert caught.value.code == code


def test_a_case_knows_its_images_and_their_order() -> None:
    late = Timepoint(id=Id("a"), label="FU1", ordinal=2, stacks=Table({"k1": VOLUME}))
    early = Timepoint(id=Id("b"), label="BL", ordinal=1)
    case = Case(id=Id("c"), subject_code="S", protocol_sha256="0", timepoints=Table({"a": late, "b": early}))
    assert case.in_order == (early, late)
    assert case.knows(ImageRef(stack=Id("k1"), sop_uid="1.3"))
    assert not case.knows(ImageRef(stack=Id("k1"), sop_uid="1.3", frame=2))
    assert case.find_stack(Id("k2")) is None
    with pytest.raises(InvalidValue, match="ORDINALS_REPEATED"):
        replace(case, timepoints=Table({"a": late, "b": replace(early, ordinal=2)}))
    with pytest.raises(InvalidValue, match="KEY_NOT_ID"):
        replace(late, stacks=Table({"other": VOLUME}))


@pytest.mark.parametrize(
    ("changes", "role", "quantities"),
    [
        ({}, Role.CT_BONE, "LENGTHS LENGTHS_BETWEEN_SLICES HEIGHTS ANGLES HOUNSFIELD"),
        ({}, Role.CALCULATED, "LENGTHS LENGTHS_BETWEEN_SLICES HEIGHTS ANGLES"),
        ({"faults": (Id("RESCALE_INVALID"),)}, Role.CT, "LENGTHS LENGTHS_BETWEEN_SLICES HEIGHTS ANGLES"),
        ({"kind": StackKind.SLICES}, Role.CT, "LENGTHS ANGLES HOUNSFIELD"),
        ({"kind": StackKind.SLICES, "plane": Plane.SAGITTAL}, Role.CT, "LENGTHS HEIGHTS ANGLES HOUNSFIELD"),
        ({"kind": StackKind.PROJECTION}, Role.XRAY_LATERAL, "LENGTHS HEIGHTS ANGLES"),
        ({"kind": StackKind.PROJECTION, "faults": ("LOCALIZER",)}, Role.LOCALIZER, "HEIGHTS ANGLES"),
        ({"modality": "MR"}, Role.T2, "LENGTHS LENGTHS_BETWEEN_SLICES HEIGHTS ANGLES"),
        (
            {"kind": StackKind.SLICES, "pixel_spacing_mm": None, "calibration": Calibration.NONE},
            Role.CT,
            "HOUNSFIELD",
        ),
        (
            {
                "kind": StackKind.SLICES,
                "pixel_spacing_mm": None,
                "calibration": Calibration.NONE,
                "faults": (Id("UID_CLASH"),),
            },
            Role.CT,
            "",
        ),
    ],
)
def test_what_may_be_measured_has_names(changes, role: Role, quantities: str) -> None:
    assert " ".join(measurable(replace(VOLUME, **changes), role)) == quantities
