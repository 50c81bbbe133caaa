"""What the reader says of where a PET of another frame of reference lies."""

from __future__ import annotations

from spinereview.domain.imaging import Id
from spinereview.domain.measurement import PointUm
from spinereview.review.commands.alignment import AlignPet, RemoveAlignment
from spinereview.ui.reading_calibration import CalibrationReading


class AlignmentReading(CalibrationReading):
    """Acts of aligning by hand."""

    def align_pet(self, pet: Id, onto: Id, move_um: PointUm) -> bool:
        """Confirm that a PET lies on the images of another frame once it is moved."""
        found = self.case.find_stack(onto)
        if found is None or self._is_closed(pet) or self._is_closed(onto):
            return False
        return self.do(
            AlignPet(
                timepoint=found[0].id,
                stack=pet,
                onto=onto,
                move_um=move_um,
                stack_sha256=self._hash_to_record(pet),
            )
        )

    def remove_alignment(self, pet: Id, onto: Id) -> bool:
        """Take an alignment by hand away."""
        found = self.case.find_stack(onto)
        return found is not None and self.do(RemoveAlignment(timepoint=found[0].id, stack=pet, onto=onto))
