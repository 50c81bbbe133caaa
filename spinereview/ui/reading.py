"""Every act of the window on the read that is open: each goes through the session's door, or is refused with a sentence."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from spinereview.domain.anatomy import UNSTATED_ORGAN, Level, Site
from spinereview.domain.imaging import Id, ImageRef, Permission, Stack
from spinereview.domain.lesion import Lesion, LesionRole, LesionState, NewStatus, Tissue
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind, OnImage, PointMpx
from spinereview.domain.read import Lock, Read, Visit
from spinereview.domain.scores import Hardware, LevelFinding, NonFractureCause
from spinereview.domain.table import Table
from spinereview.errors import Refused, SpineReviewError
from spinereview.review.command import Command
from spinereview.review.commands.decisions import Decide
from spinereview.review.commands.findings import Measure, MergeInto, RemoveMeasurement, SetNewStatus, SetState
from spinereview.review.commands.lesions import AddLesion, RemoveLesion, SetNodal, SetRole, SetSite, SetTissue
from spinereview.review.commands.spine import (
    LabelLevel,
    MeasureHeights,
    RemoveHeights,
    RemoveLevelLabel,
    Score,
    SetLevelFacts,
    SetNumbering,
)
from spinereview.review.commands.visits import LockVisit, UnlockVisit
from spinereview.review.labels import label
from spinereview.review.overlay import Caliper
from spinereview.review.timepoints import baseline
from spinereview.text import sentence
from spinereview.ui.present_spine import answer_of, facts_of
from spinereview.ui.shown_read import ShownRead

NODES = "LYMPH NODE"


class Reading(ShownRead):
    """One open read and the acts on it."""

    def do(self, command: Command[Read], reason: str = "") -> bool:
        """Apply an act; whether it was done. Where it is refused, that is said and nothing has changed."""
        try:
            self.session.do(command, reason)
        except SpineReviewError as error:
            self.refused.emit(error)
            return False
        return True

    def undo(self) -> None:
        """Take the last act back."""
        self._step(self.session.undo)

    def redo(self) -> None:
        """Do the last undone act again."""
        self._step(self.session.redo)

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
        measurement = Measurement(id=_new_id(), kind=kind, geometry=OnImage(image=image, points_mpx=points))
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

    def set_state(self, state: LesionState, *, reason: str = "", justification: str = "") -> bool:
        """Say what became of the selected lesion at the current timepoint."""
        if self.selected is None or self.timepoint is None:
            self.refused.emit(Refused("UI_SELECT_LESION"))
            return False
        return self.do(
            SetState(
                lesion=self.selected,
                timepoint=self.timepoint,
                state=state,
                reason=reason,
                justification=justification,
            )
        )

    def merge_into(self, named: str) -> bool:
        """The selected lesion has merged at the current timepoint into the one of a name, ``"T02"``."""
        if self.selected is None or self.timepoint is None:
            self.refused.emit(Refused("UI_SELECT_LESION"))
            return False
        wanted = named.strip().upper()
        carrier = next((one for one in self.read.lesions.values() if label(one) == wanted), None)
        if carrier is None:
            self.refused.emit(Refused("UI_NO_SUCH_LESION", name=named))
            return False
        return self.do(MergeInto(lesion=self.selected, timepoint=self.timepoint, carrier=carrier.id))

    def toggle_target(self) -> None:
        """Target to non-target, or back."""
        lesion = self._selected_or_said()
        if lesion is not None:
            role = LesionRole.NON_TARGET if lesion.role is LesionRole.TARGET else LesionRole.TARGET
            self.do(SetRole(lesion=lesion.id, role=role))

    def toggle_node(self) -> None:
        """Lymph node, or not."""
        lesion = self._selected_or_said()
        if lesion is not None:
            self.do(SetNodal(lesion=lesion.id, nodal=not lesion.nodal))

    def set_site(self, site: Site) -> None:
        """Say where the selected lesion lies: among the lymph nodes it is a node, whose short axis counts, else none."""
        if self.lesion is not None:
            before = self.lesion.site.organ
            stated = self.do(SetSite(lesion=self.lesion.id, site=site))
            if stated and site.organ != before and NODES in (site.organ, before):
                self.do(SetNodal(lesion=self.lesion.id, nodal=site.organ == NODES))

    def set_tissue(self, tissue: Tissue | None, soft_tissue: bool) -> None:
        """Say what the selected lesion is made of, and whether a bone lesion has a soft-tissue component."""
        lesion = self.lesion
        if lesion is not None:
            self.do(
                SetTissue(
                    lesion=lesion.id,
                    tissue=tissue,
                    soft_tissue=soft_tissue,
                    predominantly_lytic=lesion.predominantly_lytic,
                    cystic=lesion.cystic,
                )
            )

    def set_new_status(self, status: NewStatus, cause: str) -> None:
        """Say how sure it is that the selected lesion is new."""
        if self.lesion is not None and self.timepoint is not None:
            self.do(SetNewStatus(lesion=self.lesion.id, timepoint=self.timepoint, status=status, cause=cause))

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

    def label_level(self, stack: Id, level: Level, geometry: OnImage | InSpace, *, move: bool = False) -> bool:
        """Say which vertebra lies at a point of a stack, or that it lies elsewhere."""
        found = self.case.find_stack(stack)
        if found is None or self._is_closed(stack):
            return False
        known = self.read.level_labels.get(stack, Table[Measurement]()).get(level)
        measurement = Measurement(
            id=known.id if known is not None else _new_id(), kind=MeasurementKind.LEVEL, geometry=geometry
        )
        return self.do(
            LabelLevel(
                timepoint=found[0].id,
                stack=stack,
                level=level,
                measurement=measurement,
                move=move,
                stack_sha256=self._hash_to_record(stack),
            )
        )

    def measure_heights(self, stack: Id, level: Level, geometry: OnImage | InSpace) -> bool:
        """Keep the six points of a vertebral body, or other points of the same."""
        found = self.case.find_stack(stack)
        if found is None or self._is_closed(stack):
            return False
        finding = self.read.visits.get(found[0].id, Visit()).levels.get(level)
        known = None if finding is None else finding.heights.get(stack)
        measurement = Measurement(
            id=known.id if known is not None else _new_id(), kind=MeasurementKind.HEIGHTS, geometry=geometry
        )
        return self.do(
            MeasureHeights(
                timepoint=found[0].id,
                level=level,
                stack=stack,
                measurement=measurement,
                stack_sha256=self._hash_to_record(stack),
            )
        )

    def remove_label(self, stack: Id, level: Level) -> bool:
        """Take the label of a vertebra on a stack away."""
        found = self.case.find_stack(stack)
        return found is not None and self.do(RemoveLevelLabel(timepoint=found[0].id, stack=stack, level=level))

    def set_numbering(self, numbering: str) -> bool:
        """Say that the subject has a T13 or an L6, or neither."""
        return self.do(SetNumbering(numbering=numbering))

    def remove_heights(self, stack: Id, level: Level) -> bool:
        """Take the heights of a vertebra on a stack away."""
        found = self.case.find_stack(stack)
        return found is not None and self.do(RemoveHeights(timepoint=found[0].id, level=level, stack=stack))

    def score(self, form: str, item: str, value: str) -> None:
        """Answer an item of the chosen vertebra at the current timepoint; an empty value takes the answer back."""
        view = self.spine()
        if self.timepoint is None or not view.level:
            self.refused.emit(Refused("UI_SELECT_LEVEL"))
            return
        suggested = next((one.suggested for one in view.items if (one.form, one.item) == (form, item)), "")
        answer = answer_of(value, suggested)
        self.do(Score(timepoint=self.timepoint, level=Level(view.level), form=form, item=item, answer=answer))

    def set_fact(self, key: str, holds: bool) -> None:
        """Say that something holds, or not, of the chosen vertebra at the current timepoint."""
        view = self.spine()
        if self.timepoint is None or not view.level:
            return
        finding = self.read.visits.get(self.timepoint, Visit()).levels.get(view.level, LevelFinding())
        facts = {**facts_of(finding), key: holds}
        self.do(
            SetLevelFacts(
                timepoint=self.timepoint,
                level=Level(view.level),
                hardware=(finding.hardware or frozenset({Hardware.HARDWARE})) if facts["hardware"] else frozenset(),
                endplates_hidden=facts["endplates_hidden"],
                resected=facts["resected"],
                fracture_line=facts["fracture_line"] or None,
                intact=False if facts["not_intact"] else None,
                non_fracture_cause=(
                    (finding.non_fracture_cause or NonFractureCause.OTHER)
                    if facts["no_fracture"]
                    else NonFractureCause.NONE
                ),
            )
        )

    def decide(self, key: str, value: str, reason: str = "") -> bool:
        """Answer a question that the current timepoint's response asks."""
        return self.timepoint is not None and self.do(Decide(timepoint=self.timepoint, key=key, value=value), reason)

    def lock(self) -> bool:
        """Lock the current timepoint."""
        return self.timepoint is not None and self.do(LockVisit(timepoint=self.timepoint))

    def unlock(self, reason: str) -> bool:
        """Open the current timepoint for an amendment."""
        return self.timepoint is not None and self.do(UnlockVisit(timepoint=self.timepoint), reason)

    def _step(self, step: Callable[[], Read]) -> None:
        try:
            step()
        except SpineReviewError as error:
            self.refused.emit(error)

    def _selected_or_said(self) -> Lesion | None:
        if self.lesion is None:
            self.refused.emit(Refused("UI_SELECT_LESION"))
        return self.lesion

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

    def _is_closed(self, stack: Id) -> bool:
        """Whether the images are not the ones that were measured: their marks stay as they were made; that is said."""
        because = self.closed_stacks.get(stack)
        if because is not None:
            self.refused.emit(Refused("UI_STACK_CLOSED", because=sentence(because)))
        return because is not None

    def _holds(self, timepoint: str, geometry: OnImage) -> bool:
        found = self.case.timepoints.get(timepoint)
        return found is not None and geometry.image.stack in found.stacks

    def _hash_to_record(self, stack: Id) -> str:
        return self.stack_hashes.get(stack, "")


def _new_id() -> Id:
    return Id(f"m-{secrets.token_hex(6)}")
