"""The read that is open, as the widgets need it: what is shown of it, what is selected, and every act on it.

No widget reaches the document another way. Selection and timepoint are view state; the read is behind the session's door.
Assessments are made anew only when the read has changed, and kept by its identity.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from spinereview.criteria.evidence.recist import evidence
from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import Site
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id, ImageRef, Permission, Stack
from spinereview.domain.lesion import Lesion, LesionRole, LesionState, NewStatus, Tissue
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage, PointMpx
from spinereview.domain.read import Lock, Read
from spinereview.domain.table import Table
from spinereview.errors import Refused, SpineReviewError
from spinereview.review.audit import EventKind
from spinereview.review.command import Command, Role
from spinereview.review.commands.findings import Measure, RemoveMeasurement, SetNewStatus, SetState
from spinereview.review.commands.lesions import AddLesion, RemoveLesion, SetNodal, SetRole, SetSite, SetTissue
from spinereview.review.commands.visits import LockVisit, UnlockVisit
from spinereview.review.history import tell
from spinereview.review.labels import label
from spinereview.review.obligations import Owed, obligations
from spinereview.review.overlay import Caliper, Draft, drafted, primitives
from spinereview.review.session import Session, WriteFailure
from spinereview.review.timepoints import baseline
from spinereview.review.visibility import Visible, visible, visible_history
from spinereview.text import sentence
from spinereview.ui.panels.history import HistoryLine
from spinereview.ui.panels.lesions import LesionTable
from spinereview.ui.panels.response import ResponseView
from spinereview.ui.present import UNSTATED, event_time, history_line, lesion_table, response_view

HISTORY_LINES = 400
"""How many of the youngest events the panel lists; the file has all."""


class Reading(QObject):
    """One open read with its case."""

    changed = Signal()
    """The read, the selection or the timepoint changed: panels and calipers are to be shown anew."""
    refused = Signal(object)
    """An error to be said; nothing has changed."""
    taken_back = Signal(object)
    """A :class:`WriteFailure`: what was shown is not on the disk."""

    def __init__(self, session: Session[Read], role: Role, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.role = role
        self.settings = Settings.parse(session.protocol.criteria.get("recist", Table()))
        self.selected: Id | None = None
        self.timepoint: Id | None = next((timepoint.id for timepoint in session.case.in_order), None)
        self.armed = False
        """The next caliper is a new lesion, whatever is selected."""
        self.closed_stacks: Table[str] = Table()
        self.stack_hashes: Table[str] = Table()
        self._visible: Visible | None = None
        self._assessed: tuple[Read, Table[Assessment]] | None = None
        self._ends: list[Callable[[], None]] = [
            session.watch(lambda read: read, lambda _read: self._read_changed()),
            session.watch_errors(self.taken_back.emit),
        ]

    # What is shown

    @property
    def case(self) -> Case:
        """The case with the timepoints that are there."""
        return self.session.case

    @property
    def visible(self) -> Visible:
        """What this person may see of the read."""
        if self._visible is None or self._visible.read is not self.session.head:
            self._visible = visible(self.session.head, self.role, self.session.protocol, self.case)
        return self._visible

    @property
    def read(self) -> Read:
        """The read as far as it may be seen."""
        return self.visible.read

    @property
    def lesion(self) -> Lesion | None:
        """The selected lesion."""
        return None if self.selected is None else self.read.lesions.get(self.selected)

    @property
    def current(self) -> Timepoint | None:
        """The timepoint that keys and panels act on."""
        return None if self.timepoint is None else self.case.timepoints.get(self.timepoint)

    @property
    def locked(self) -> bool:
        """Whether the current timepoint is locked."""
        return self.timepoint is not None and self.read.lock_of(self.timepoint) is Lock.LOCKED

    def assessments(self) -> Table[Assessment]:
        """Target responses by timepoint, those that may not be seen left out."""
        shown = self.visible
        if self._assessed is None or self._assessed[0] is not shown.read:
            answers = assess(evidence(shown.read, self.case, self.settings), self.settings)
            self._assessed = (shown.read, answers)
        answers = self._assessed[1]
        return Table({key: answer for key, answer in answers.items() if shown.shows_response(answer.scope[0])})

    def progress_of(self, timepoint: Timepoint) -> str:
        """How far a timepoint is: locked, so much open, complete."""
        if self.read.lock_of(timepoint.id) is Lock.LOCKED:
            return sentence("UI_TIMEPOINT_LOCKED")
        count = len(obligations(self.read, self.case, timepoint.id))
        if count:
            return sentence("UI_TIMEPOINT_OPEN", {"count": str(count)})
        return sentence("UI_TIMEPOINT_DONE") if self.read.lesions else ""

    def table(self) -> LesionTable:
        """Lesions over timepoints."""
        return lesion_table(self.visible, self.case, self.settings, self.timepoint, self.assessments())

    def response(self) -> ResponseView:
        """Response of the current timepoint."""
        return response_view(self.visible, self.case, self.timepoint, self.assessments())

    def owed(self) -> tuple[Owed, ...]:
        """What is open at the current timepoint."""
        return () if self.timepoint is None else obligations(self.read, self.case, self.timepoint)

    def history(self) -> tuple[HistoryLine, ...]:
        """The youngest events, the last first."""
        entries = self.session.history()
        undone = _undone(entries)
        now = datetime.now(UTC)
        lines = []
        for entry in reversed(visible_history(self.visible, entries)[-HISTORY_LINES:]):
            told = tell(entry.name, entry.args, self.read, self.case)
            lines.append(
                history_line(
                    entry.seq,
                    sentence(told.code, told.args),
                    entry.actor,
                    event_time(entry.utc, entry.utc_offset_min, now),
                    undone=entry.seq in undone,
                    note=entry.kind is EventKind.NOTE,
                )
            )
        return tuple(lines)

    def calipers(self, image: ImageRef) -> tuple[Caliper, ...]:
        """Marks on an image."""
        return primitives(self.visible, self.case, image, self.selected)

    def draft(
        self, image: ImageRef, kind: MeasurementKind, points: tuple[PointMpx, ...], replaced: Caliper | None
    ) -> Caliper | None:
        """Caliper of a gesture that has not ended."""
        found = self.case.find_stack(image.stack)
        if found is None:
            return None
        lesion = (
            self.read.lesions.get(replaced.lesion)
            if replaced and replaced.lesion
            else self._lesion_to_measure(found[0])
        )
        draft = Draft(
            kind=kind,
            image=image,
            points_mpx=points,
            lesion=None if lesion is None else lesion.id,
            label="" if lesion is None else label(lesion),
            role=self._role_of_new(found[0]) if lesion is None else lesion.role,
            nodal=lesion is not None and lesion.nodal,
        )
        return drafted(draft, found[1])

    # What is selected

    def select(self, lesion: Id | None) -> None:
        """Select a lesion, or none."""
        if lesion != self.selected or self.armed:
            self.selected = lesion
            self.armed = False
            self.changed.emit()

    def show_timepoint(self, timepoint: Id) -> None:
        """Make a timepoint the current one."""
        if timepoint != self.timepoint:
            self.timepoint = timepoint
            self.armed = False
            self.changed.emit()

    def close_stacks(self, closed: Table[str]) -> None:
        """Take stacks as closed for new marks: code of why, by id."""
        self.closed_stacks = closed
        self.changed.emit()

    def arm(self) -> None:
        """The next caliper is a new lesion."""
        self.armed = True
        self.selected = None
        self.changed.emit()

    # Acts

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
                site=Site(organ=UNSTATED, location=""),
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
        if caliper.lesion is None:
            return
        for timepoint, finding in self.read.lesions[Id(caliper.lesion)].findings.items():
            part = finding.parts.get(caliper.part)
            if part is None or not isinstance(part.geometry, OnImage):
                continue
            if part.geometry.points_mpx == caliper.handles[: caliper.stored] and self._holds(timepoint, part.geometry):
                moved = OnImage(image=part.geometry.image, points_mpx=points)
                measurement = Measurement(
                    id=part.id, kind=part.kind, geometry=moved, basis=part.basis, author=part.author
                )
                sha256 = self._hash_to_record(moved.image.stack)
                self.do(
                    Measure(
                        lesion=Id(caliper.lesion),
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
        """Say where the selected lesion lies."""
        if self.lesion is not None:
            self.do(SetSite(lesion=self.lesion.id, site=site))

    def set_tissue(self, tissue: Tissue | None) -> None:
        """Say what the selected lesion is made of; any kind but purely blastic bone may have a soft-tissue part."""
        lesion = self.lesion
        if lesion is not None:
            self.do(
                SetTissue(
                    lesion=lesion.id,
                    tissue=tissue,
                    soft_tissue=lesion.soft_tissue,
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

    def lock(self) -> bool:
        """Lock the current timepoint."""
        return self.timepoint is not None and self.do(LockVisit(timepoint=self.timepoint))

    def unlock(self, reason: str) -> bool:
        """Open the current timepoint for an amendment."""
        return self.timepoint is not None and self.do(UnlockVisit(timepoint=self.timepoint), reason)

    def close(self) -> None:
        """End watching; commit what is under way and let go of the file."""
        for end in self._ends:
            end()
        self.session.close()

    def _step(self, step: Callable[[], Read]) -> None:
        try:
            step()
        except SpineReviewError as error:
            self.refused.emit(error)

    def _read_changed(self) -> None:
        if self.selected is not None and self.selected not in self.session.head.lesions:
            self.selected = None
        self.armed = False
        self.changed.emit()

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

    def _lesion_to_measure(self, timepoint: Timepoint) -> Lesion | None:
        """The selected lesion where a caliper is its measurement at a timepoint; None: the caliper is a new lesion."""
        lesion = self.lesion
        if self.armed or lesion is None:
            return None
        finding = lesion.findings.get(timepoint.id)
        return lesion if finding is None or not finding.parts else None

    def _role_of_new(self, timepoint: Timepoint) -> LesionRole:
        first = baseline(self.case)
        return LesionRole.TARGET if first is None or timepoint.ordinal <= first.ordinal else LesionRole.NEW

    def _holds(self, timepoint: str, geometry: OnImage) -> bool:
        found = self.case.timepoints.get(timepoint)
        return found is not None and geometry.image.stack in found.stacks

    def _hash_to_record(self, stack: Id) -> str:
        return self.stack_hashes.get(stack, "")


def failure_text(failure: WriteFailure, read: Read, case: Case) -> str:
    """Sentence of a failed write: why, and which acts were taken back."""
    told = (tell(entry.name, entry.args, read, case) for entry in failure.taken_back or failure.restored)
    acts = "; ".join(sentence(one.code, one.args) for one in told)
    code = "UI_RESTORED" if failure.restored else "UI_TAKEN_BACK"
    why = sentence(failure.error.code, failure.error.arguments)
    return sentence(code, {"why": why, "acts": acts or "-"})


def _new_id() -> Id:
    return Id(f"m-{secrets.token_hex(6)}")


def _undone(entries: tuple[object, ...]) -> frozenset[int]:
    """Numbers of acts that are undone at the end."""
    undone: set[int] = set()
    for entry in entries:
        kind, of = getattr(entry, "kind", None), getattr(entry, "of", None)
        if of is not None and kind is EventKind.UNDO:
            undone.add(of)
        elif of is not None and kind is EventKind.REDO:
            undone.discard(of)
    return frozenset(undone)
