"""What the reader draws of the lesions: new calipers, moved ones, removed ones."""

from __future__ import annotations

from spinereview.domain.anatomy import UNSTATED_ORGAN, Site
from spinereview.domain.imaging import Id, ImageRef, Permission, Stack
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage, PointMpx
from spinereview.domain.read import Lock
from spinereview.errors import Refused, SpineReviewError
from spinereview.review.commands.findings import Measure, RemoveMeasurement
from spinereview.review.commands.lesions import AddLesion, RemoveLesion
from spinereview.review.labels import label
from spinereview.review.overlay import Caliper
from spinereview.review.timepoints import baseline
from spinereview.text import sentence
from spinereview.ui.reading_door import new_id
from spinereview.ui.reading_lesions import LesionReading


class MarkReading(LesionReading):
    """Acts with the caliper."""

    def may_draw(self, stack: Stack, *, native: bool) -> bool:
        """Whether a caliper may be drawn here; says why not."""
        try:
            self._require_drawable(stack, native=native)
        except SpineReviewError as error:
            self.refused.emit(error)
            return False
        return True

    def measure(self, kind: MeasurementKind, image: ImageRef, points: tuple[PointMpx, ...]) -> None:
        """Keep a new caliper: of the selected lesion where it has none at this timepoint, else of a new lesion."""
        found = self.case.find_stack(image.stack)
        if found is None:
            return
        timepoint, stack = found
        if stack.id in self.closed_stacks:
            # Its images may have been found altered while the caliper was being drawn.
            self.refused.emit(Refused("UI_STACK_CLOSED", because=sentence(self.closed_stacks[stack.id])))
            return
        measurement = Measurement(id=new_id(), kind=kind, geometry=OnImage(image=image, points_mpx=points))
        lesion = self._lesion_to_measure(timepoint)
        sha256 = self._hash_to_record(stack.id)
        if lesion is not None:
            self.do(
                Measure(
                    lesion=lesion.id, timepoint=timepoint.id, part="a", measurement=measurement, stack_sha256=sha256
                )
            )
            return
        known = set(self.session.head.lesions)
        added = self.do(
            AddLesion(
                timepoint=timepoint.id,
                role=self._role_of_new(timepoint),
                nodal=False,
                site=Site(organ=UNSTATED_ORGAN, location=""),
                tissue=None,
                group=False,
                measurement=measurement,
                stack_sha256=sha256,
            )
        )
        if added:
            self.select(Id(next(iter(set(self.session.head.lesions) - known))))

    def change(self, caliper: Caliper, points: tuple[PointMpx, ...]) -> None:
        """Keep other points of a caliper."""
        lesion = None if caliper.lesion is None else self.read.lesions.get(caliper.lesion)
        if lesion is None:
            return
        for timepoint, finding in lesion.findings.items():
            part = finding.parts.get(caliper.part)
            if part is None or not isinstance(part.geometry, OnImage):
                continue
            if part.geometry.points_mpx == caliper.handles[: caliper.stored] and self._holds(timepoint, part.geometry):
                if self._is_closed(part.geometry.image.stack):
                    return
                moved = OnImage(image=part.geometry.image, points_mpx=points)
                measurement = Measurement(
                    id=part.id, kind=part.kind, geometry=moved, basis=part.basis, author=part.author
                )
                sha256 = self._hash_to_record(moved.image.stack)
                self.do(
                    Measure(
                        lesion=lesion.id,
                        timepoint=Id(timepoint),
                        part=caliper.part,
                        measurement=measurement,
                        stack_sha256=sha256,
                    )
                )
                return

    def delete(self) -> None:
        """Remove the selected lesion's measurement at this timepoint; the lesion where it has nothing else."""
        lesion = self._selected_or_said()
        if lesion is None or self.timepoint is None:
            return
        finding = lesion.findings.get(self.timepoint)
        only_here = lesion.first_seen == self.timepoint and set(lesion.findings) <= {self.timepoint}
        if only_here:
            if self.do(RemoveLesion(lesion=lesion.id)):
                self.select(None)
        elif finding is not None and finding.parts:
            self.do(RemoveMeasurement(lesion=lesion.id, timepoint=self.timepoint))
        else:
            self.refused.emit(Refused("UI_NOTHING_TO_DELETE", lesion=label(lesion)))

    def _require_drawable(self, stack: Stack, *, native: bool) -> None:
        found = self.case.find_stack(stack.id)
        if found is None or not native:
            raise Refused("UI_MEASURE_NATIVE")
        if Permission.IN_PLANE not in stack.may_measure:
            raise Refused("NO_MILLIMETRES", stack=stack.series_uid or stack.id)
        if stack.id in self.closed_stacks:
            raise Refused("UI_STACK_CLOSED", because=sentence(self.closed_stacks[stack.id]))
        timepoint = found[0]
        if self.session.head.lock_of(timepoint.id) is Lock.LOCKED:
            raise Refused("VISIT_LOCKED", timepoint=timepoint.label)
        first = baseline(self.case)
        after = first is not None and timepoint.ordinal > first.ordinal
        if after and not self.armed and self._lesion_to_measure(timepoint) is None:
            raise Refused("UI_CHOOSE_LESION", timepoint=timepoint.label)

    def _holds(self, timepoint: str, geometry: OnImage) -> bool:
        found = self.case.timepoints.get(timepoint)
        return found is not None and geometry.image.stack in found.stacks
