from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.dicom.calibration import ImageClass, StatedSpacing, calibrate
from spinereview.domain.imaging import Calibration

HALF = (Decimal("0.5"), Decimal("0.6"))
FINE = (Decimal("0.143"), Decimal("0.143"))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        pytest.param((), "SPACING_MISSING", id="absent"),
        pytest.param((Decimal("0.5"),), "SPACING_NOT_A_NUMBER", id="one value"),
        pytest.param((Decimal("0.5"),) * 3, "SPACING_NOT_A_NUMBER", id="three values"),
        pytest.param((None, Decimal("0.5")), "SPACING_NOT_A_NUMBER", id="NaN"),
        pytest.param((Decimal("0.5"), Decimal(0)), "SPACING_ZERO", id="zero"),
        pytest.param((Decimal("-0.5"), Decimal("0.5")), "SPACING_NEGATIVE", id="negative"),
        pytest.param((Decimal("-0.5"), Decimal(0)), "SPACING_NEGATIVE", id="negative and zero"),
    ],
)
@pytest.mark.parametrize("image_class", [ImageClass.CROSS_SECTION, ImageClass.PROJECTION])
def test_a_spacing_that_is_none_gives_no_millimetres_and_a_reason(
    image_class: ImageClass, values: tuple[Decimal | None, ...], code: str
) -> None:
    found = calibrate(image_class, StatedSpacing(pixel=values))
    assert (found.spacing_mm, found.calibration, found.faults) == (None, Calibration.NONE, (code,))


def test_the_spacing_of_a_cross_section_is_the_patients() -> None:
    found = calibrate(ImageClass.CROSS_SECTION, StatedSpacing(pixel=HALF))
    assert (found.spacing_mm, found.calibration, found.faults) == (HALF, Calibration.PATIENT, ())


def test_a_cross_section_never_takes_the_imager_pixel_spacing_for_the_pixel_spacing() -> None:
    """ImagerPixelSpacing taken for PixelSpacing: the two are kept apart."""
    found = calibrate(ImageClass.CROSS_SECTION, StatedSpacing(imager=FINE))
    assert (found.spacing_mm, found.faults) == (None, ("SPACING_MISSING",))


@pytest.mark.parametrize(
    ("stated", "spacing", "calibration", "faults"),
    [
        pytest.param(
            StatedSpacing(pixel=HALF, calibration_type="FIDUCIAL"), HALF, Calibration.FIDUCIAL, (), id="fiducial"
        ),
        pytest.param(
            StatedSpacing(pixel=HALF, imager=FINE, calibration_type="GEOMETRY"),
            HALF,
            Calibration.GEOMETRY,
            (),
            id="geometry",
        ),
        pytest.param(
            StatedSpacing(pixel=HALF, imager=FINE), HALF, Calibration.UNSTATED, ("CALIBRATION_UNSTATED",), id="differs"
        ),
        pytest.param(
            StatedSpacing(pixel=HALF), HALF, Calibration.UNSTATED, ("CALIBRATION_UNSTATED",), id="pixel spacing alone"
        ),
        pytest.param(
            StatedSpacing(pixel=FINE, imager=FINE),
            FINE,
            Calibration.DETECTOR,
            ("CALIBRATION_DETECTOR",),
            id="equal to the imager's",
        ),
        pytest.param(
            StatedSpacing(imager=FINE), FINE, Calibration.DETECTOR, ("CALIBRATION_DETECTOR",), id="imager alone"
        ),
        pytest.param(
            StatedSpacing(imager=FINE, magnification=Decimal("1.1")),
            (Decimal("0.130000000"), Decimal("0.130000000")),
            Calibration.MAGNIFICATION,
            (),
            id="imager and magnification",
        ),
        pytest.param(
            StatedSpacing(imager=FINE, magnification=Decimal(1)),
            FINE,
            Calibration.MAGNIFICATION,
            (),
            id="magnification of one",
        ),
        pytest.param(
            StatedSpacing(imager=FINE, magnification=Decimal("0.99")),
            FINE,
            Calibration.DETECTOR,
            ("CALIBRATION_DETECTOR", "MAGNIFICATION_INVALID"),
            id="magnification below one",
        ),
        pytest.param(
            StatedSpacing(imager=(Decimal(0), Decimal(0)), magnification=Decimal(2)),
            None,
            Calibration.NONE,
            ("SPACING_ZERO",),
            id="imager zero",
        ),
        pytest.param(
            StatedSpacing(pixel=(Decimal(0), Decimal(0)), imager=FINE),
            None,
            Calibration.NONE,
            ("SPACING_ZERO",),
            id="a zero is not replaced by the imager's",
        ),
    ],
)
def test_lesson_7_a_projection_says_where_its_millimetres_come_from(
    stated: StatedSpacing,
    spacing: tuple[Decimal, Decimal] | None,
    calibration: Calibration,
    faults: tuple[str, ...],
) -> None:
    found = calibrate(ImageClass.PROJECTION, stated)
    assert (found.spacing_mm, found.calibration, found.faults) == (spacing, calibration, faults)


@pytest.mark.parametrize(
    ("image_class", "fault"),
    [
        (ImageClass.CAPTURE, "CALIBRATION_CAPTURE"),
        (ImageClass.ULTRASOUND, "CALIBRATION_ULTRASOUND"),
        (ImageClass.OTHER, "CALIBRATION_NONE"),
    ],
)
def test_captures_ultrasound_and_unknown_images_have_no_millimetres(image_class: ImageClass, fault: str) -> None:
    """Pixel counts labelled mm: no calibration, no mm."""
    found = calibrate(image_class, StatedSpacing(pixel=HALF, imager=FINE, calibration_type="FIDUCIAL"))
    assert (found.spacing_mm, found.calibration, found.faults) == (None, Calibration.NONE, (fault,))
