"""What the reader says of the millimetres of a projection."""

from __future__ import annotations

from decimal import Decimal

from spinereview.domain.imaging import ImageRef
from spinereview.domain.measurement import PointMpx
from spinereview.errors import Refused
from spinereview.review.commands.calibration import Calibrate, RemoveCalibration
from spinereview.ui.reading_marks import MarkReading


class CalibrationReading(MarkReading):
    """Acts of calibrating by hand."""

    def calibrate(self, image: ImageRef, points: tuple[PointMpx, PointMpx], length_mm: Decimal, marked: str) -> bool:
        """Say how far two points of a projection lie apart."""
        found = self.case.find_stack(image.stack)
        if found is None or self._is_closed(image.stack):
            return False
        return self.do(
            Calibrate(
                timepoint=found[0].id,
                image=image,
                points_mpx=points,
                length_mm=length_mm,
                marked=marked,
                stack_sha256=self._hash_to_record(image.stack),
            )
        )

    def remove_calibration(self, image: ImageRef) -> bool:
        """Take the calibration by hand of an image away."""
        found = self.case.find_stack(image.stack)
        if found is None or image.stack not in self.read.calibrations:
            self.refused.emit(Refused("NOT_CALIBRATED_BY_HAND"))
            return False
        return self.do(RemoveCalibration(timepoint=found[0].id, stack=image.stack))
