"""What the reader draws of the lesions: new calipers, moved ones, removed ones."""

from __future__ import annotations

from spinereview.criteria.evidence.recist import TOO_SMALL_FRAGMENT
from spinereview.domain.anatomy import UNSTATED_ORGAN, Site
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id, ImageRef, Permission, Stack
from spinereview.domain.lesion import Lesion, LesionState
from spinereview.domain.measurement import Entered, Measurement, MeasurementKind, OnImage, PointMpx
from spinereview.domain.read import Lock, Read
from spinereview.errors import Refused, SpineReviewError
from spinereview.review.command import Command
from spinereview.review.commands import guards
from spinereview.review.commands.findings import Measure, RemoveMeasurement
from spinereview.review.commands.fragments import RemoveFragment, SplitInto, fragments, letter
from spinereview.review.commands.lesions import AddLesion, RemoveLesion
from spinereview.review.labels import label
from spinereview.review.overlay import Caliper
from spinereview.review.timepoints import baseline
from spinereview.text import sentence
from spinereview.ui.lesion_rules import near_problems, technique_words
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

    def measure(self, kind: MeasurementKind, image: ImageRef, points: tuple[PointMpx, ...], window: str = "") -> None:
        """Keep a new caliper: of the selected lesion where it has none at this timepoint, else of a new lesion.

        While a lesion is splitting each caliper is a further fragment of it.
        """
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
        if lesion is None:
            self._add(timepoint, measurement, window)
        elif self.splitting:
            self._add_fragment(lesion, timepoint, measurement)
        elif self.do(self._measured(lesion, timepoint, "a", measurement, window)):
            self._say_doubts(lesion.id, timepoint.id)

    def start_split(self) -> None:
        """The selected lesion has come apart at the current timepoint: what is drawn of it counts as its first fragment."""
        lesion, timepoint = self._selected_or_said(), self.current
        if lesion is None or timepoint is None:
            return
        try:
            guards.writable(self.session.head, self.case, timepoint.id)
            guards.recorded_by(lesion, self.case, timepoint)
            guards.state_fits(lesion, timepoint, LesionState.SPLIT)
        except SpineReviewError as error:
            self.refused.emit(error)
            return
        self.splitting = True
        self.expanded = self.expanded | {lesion.id}
        self.changed.emit()

    def end_split(self) -> bool:
        """No further fragments; whether there was a split under way."""
        was, self.splitting = self.splitting, False
        if was:
            self.changed.emit()
        return was

    def add_too_small_fragment(self) -> None:
        """A fragment is seen and too small to measure: it counts as 5 mm (our reading of RECIST 1.1, 4.3.2)."""
        lesion, timepoint = self.lesion, self.current
        if lesion is None or timepoint is None:
            return
        finding = lesion.findings.get(timepoint.id)
        if finding is None or not finding.parts:
            self.refused.emit(Refused("UI_DRAW_FIRST_FRAGMENT", lesion=label(lesion)))
            return
        entered = Entered(value=self.settings.tstm_mm, unit="mm", source=TOO_SMALL_FRAGMENT)
        measurement = Measurement(id=new_id(), kind=MeasurementKind.DIAMETER, geometry=entered)
        self._add_fragment(lesion, timepoint, measurement)

    def hint(self) -> str:
        """What the next caliper is, as a sentence; empty where that needs no word."""
        lesion, timepoint = self.lesion, self.current
        if not self.splitting or lesion is None or timepoint is None:
            return ""
        finding = lesion.findings.get(timepoint.id)
        drawn = () if finding is None else fragments(finding.parts)
        words = {"lesion": label(lesion), "timepoint": timepoint.label, "part": letter(len(drawn))}
        return sentence("UI_SPLIT_HINT_FURTHER" if drawn else "UI_SPLIT_HINT_FIRST", words)

    def _add(self, timepoint: Timepoint, measurement: Measurement, window: str) -> None:
        known = set(self.session.head.lesions)
        stack = measurement.geometry.image.stack if isinstance(measurement.geometry, OnImage) else Id("")
        added = self.do(
            AddLesion(
                timepoint=timepoint.id,
                role=self._role_of_new(timepoint),
                nodal=False,
                site=Site(organ=UNSTATED_ORGAN, location=""),
                tissue=None,
                group=False,
                measurement=measurement,
                stack_sha256=self._hash_to_record(stack),
                window=window,
            )
        )
        if added:
            lesion = Id(next(iter(set(self.session.head.lesions) - known)))
            self.select(lesion)
            self._say_doubts(lesion, timepoint.id)

    def _add_fragment(self, lesion: Lesion, timepoint: Timepoint, measurement: Measurement) -> None:
        finding = lesion.findings.get(timepoint.id)
        drawn = () if finding is None else fragments(finding.parts)
        part = letter(len(drawn))
        command: Command[Read] = self._measured(lesion, timepoint, part, measurement, "")
        if finding is not None and len(drawn) == 1 and finding.state is not LesionState.SPLIT:
            parts = (finding.parts[drawn[0]], measurement)
            sha256 = self._measured(lesion, timepoint, part, measurement, "").stack_sha256
            command = SplitInto(lesion=lesion.id, timepoint=timepoint.id, parts=parts, stack_sha256=sha256)
        if self.do(command):
            self.select(lesion.id, part)
            self._say_doubts(lesion.id, timepoint.id)

    def _measured(
        self, lesion: Lesion, timepoint: Timepoint, part: str, measurement: Measurement, window: str
    ) -> Measure:
        geometry = measurement.geometry
        sha256 = self._hash_to_record(geometry.image.stack) if isinstance(geometry, OnImage) else ""
        return Measure(
            lesion=lesion.id,
            timepoint=timepoint.id,
            part=part,
            measurement=measurement,
            stack_sha256=sha256,
            window=window,
        )

    def _say_doubts(self, lesion: Id, timepoint: Id) -> None:
        """Say at once what the reader may want to look at again: another lesion at the same place, another technique."""
        found = self.read.lesions.get(lesion)
        if found is None:
            return
        for problem in near_problems(self.read, self.case, timepoint, found, self.locate):
            self.warned.emit(problem.words)
        for words in technique_words(self.read, self.case, found, timepoint, self.settings):
            self.warned.emit(words)

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
                moved_to = Measure(
                    lesion=lesion.id,
                    timepoint=Id(timepoint),
                    part=caliper.part,
                    measurement=measurement,
                    stack_sha256=sha256,
                )
                if self.do(moved_to):
                    self._say_doubts(lesion.id, Id(timepoint))
                return

    def delete(self) -> None:
        """Remove the selected fragment, or what was measured at this timepoint; the lesion where it has nothing else."""
        lesion = self._selected_or_said()
        if lesion is None or self.timepoint is None:
            return
        finding = lesion.findings.get(self.timepoint)
        if self.part and finding is not None and finding.state is LesionState.SPLIT:
            self.do(RemoveFragment(lesion=lesion.id, timepoint=self.timepoint, part=self.part))
            return
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
        guards.no_localizer(stack)
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
