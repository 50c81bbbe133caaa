"""What is shown of the read that is open, and what is selected in it.

No widget reaches the document another way. Selection and timepoint are view state; the read is behind the session's door.
Assessments are made anew only when the read has changed, and kept by its identity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import Level
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.lesion import Lesion, LesionRole
from spinereview.domain.measurement import MeasurementKind, PointMpx
from spinereview.domain.read import Lock, Read
from spinereview.domain.table import Table
from spinereview.report.words import item_name
from spinereview.review.audit import EventKind
from spinereview.review.command import Role
from spinereview.review.commands.fragments import fragments, letter
from spinereview.review.history import tell
from spinereview.review.labels import label
from spinereview.review.nearness import Locate
from spinereview.review.obligations import Owed, obligations
from spinereview.review.overlay import Caliper, Draft, drafted, primitives
from spinereview.review.replay import HistoryEntry
from spinereview.review.session import Session, WriteFailure
from spinereview.review.timeline import Timeline, timeline
from spinereview.review.timepoints import baseline
from spinereview.review.visibility import Visible, visible, visible_history
from spinereview.text import sentence
from spinereview.ui.history_lines import HistoryLines
from spinereview.ui.known_rows import KnownRows
from spinereview.ui.lesion_rules import Problem, problems_of
from spinereview.ui.panels.forms import FormsView
from spinereview.ui.panels.history import HistoryLine
from spinereview.ui.panels.lesion_table import LesionTable
from spinereview.ui.panels.response import ResponseView
from spinereview.ui.panels.spine import SpineView
from spinereview.ui.panels.strip import StripView
from spinereview.ui.panels.timeline import TimelineView
from spinereview.ui.present import event_time, history_line
from spinereview.ui.present_forms import forms_view
from spinereview.ui.present_lesions import lesion_table
from spinereview.ui.present_response import response_view
from spinereview.ui.present_spine import levels_to_score, spine_view
from spinereview.ui.present_strip import StripWords
from spinereview.ui.present_timeline import timeline_view
from spinereview.workflow.assessments import assess_read
from spinereview.workflow.assessments import shown as shown_assessments

HISTORY_LINES = 400
"""How many of the youngest events the panel lists; the file has all."""


class ShownRead(QObject):
    """One open read with its case, as far as it may be seen."""

    changed = Signal()
    """The read, the selection or the timepoint changed: panels and calipers are to be shown anew."""
    refused = Signal(object)
    """An error to be said; nothing has changed."""
    warned = Signal(str)
    """A sentence about an act that was done: the reader may want to look again."""
    taken_back = Signal(object)
    """A :class:`WriteFailure`: what was shown is not on the disk."""

    def __init__(self, session: Session[Read], role: Role, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.role = role
        self.settings = Settings.parse(session.protocol.criteria.get("recist", Table()))
        self.selected: Id | None = None
        self.part = ""
        """The fragment of the selected lesion that is pointed at; empty: the lesion as a whole."""
        self.splitting = False
        """Each next caliper is a further fragment of the selected lesion."""
        self.expanded: frozenset[Id] = frozenset()
        """Lesions whose fragments have rows of their own."""
        self.locate: Locate | None = None
        """Positions of points in the patient, where the images have one."""
        self.timepoint: Id | None = next((timepoint.id for timepoint in session.case.in_order), None)
        self.level: Level | None = None
        """The vertebra that the spine panel is about; None: the first that is to be scored."""
        self.armed = False
        """The next caliper is a new lesion, whatever is selected."""
        self.closed_stacks: Table[str] = Table()
        self.stack_hashes: Table[str] = Table()
        self._case: Case | None = None
        self._visible: Visible | None = None
        self._history: Sequence[HistoryLine] = ()
        self._history_stands: object = None
        self._assessed: tuple[Read, Table[Assessment]] | None = None
        self._progress: tuple[Read | None, dict[Id, str]] = (None, {})
        self._owed: tuple[Read | None, dict[Id, tuple[Owed, ...]]] = (None, {})
        self._rows = KnownRows()
        self._strip = StripWords()
        self._problems: tuple[Read, Id | None, Mapping[str, tuple[Problem, ...]]] | None = None
        self._timeline: tuple[Table[Assessment], Timeline] | None = None
        self._ends: list[Callable[[], None]] = [
            session.watch(lambda read: read, lambda _read: self._read_changed()),
            session.watch_errors(self.taken_back.emit),
        ]

    # What is shown

    @property
    def case(self) -> Case:
        """The case with the timepoints that are there, its images as the read calibrates them."""
        return self.visible.case

    @property
    def visible(self) -> Visible:
        """What this person may see of the read."""
        if self._case is not self.session.case:
            # What is said of a series changes what follows from it, though nobody has touched the read.
            self._case = self.session.case
            self._visible = self._assessed = self._problems = self._timeline = None
            self._progress, self._owed = (None, {}), (None, {})
        if self._visible is None or self._visible.read is not self.session.head:
            self._visible = visible(self.session.head, self.role, self.session.protocol, self.session.case)
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
        """All that follows from the read, as far as it may be seen."""
        seen = self.visible
        if self._assessed is None or self._assessed[0] is not seen.read:
            answers = assess_read(seen.read, self.case, self.session.protocol)
            self._assessed = (seen.read, shown_assessments(answers, seen))
        return self._assessed[1]

    def progress_of(self, timepoint: Timepoint) -> str:
        """How far a timepoint is: locked, so much open, complete."""
        if self._progress[0] is not self.read:
            self._progress = (self.read, {})
        known = self._progress[1]
        if timepoint.id not in known:
            known[timepoint.id] = self._progress_words(timepoint)
        return known[timepoint.id]

    def _progress_words(self, timepoint: Timepoint) -> str:
        if self.read.lock_of(timepoint.id) is Lock.LOCKED:
            return sentence("UI_TIMEPOINT_LOCKED")
        count = sum(one.lesion is not None or one.mandatory for one in self.owed_at(timepoint.id))
        if count:
            return sentence("UI_TIMEPOINT_OPEN", {"count": str(count)})
        return sentence("UI_TIMEPOINT_DONE") if self.read.lesions else ""

    def table(self) -> LesionTable:
        """Lesions over timepoints."""
        return lesion_table(
            self.visible,
            self.case,
            self.settings,
            self.timepoint,
            self.assessments(),
            owing=self.owed_at,
            problems=self.problems(),
            expanded=self.expanded,
            known=self._rows,
        )

    def problems(self) -> Mapping[str, tuple[Problem, ...]]:
        """What the choice of each lesion breaks, and which marks lie at one place at the current timepoint."""
        known = self._problems
        if known is None or known[0] is not self.read or known[1] != self.timepoint:
            found = problems_of(self.read, self.case, self.owed_at, self.timepoint, self.locate)
            self._problems = known = (self.read, self.timepoint, found)
        return known[2]

    def response(self) -> ResponseView:
        """Response of the current timepoint."""
        return response_view(self.visible, self.timepoint, self.assessments(), self.settings)

    def spine(self) -> SpineView:
        """What is shown of the chosen vertebra at the current timepoint."""
        return spine_view(self.visible, self.case, self.timepoint, self.level, self.assessments())

    def forms(self) -> FormsView:
        """The forms of the current timepoint."""
        return forms_view(self.visible, self.timepoint, self.assessments())

    def strip(self) -> StripView:
        """The spine at the current timepoint."""
        chosen = self.level or next(iter(levels_to_score(self.visible, self.case, self.timepoint)), None)
        return self._strip.view(self.visible, self.timepoint, chosen, self.assessments())

    def timeline(self, dates: Mapping[Id, str]) -> TimelineView:
        """Sums, responses and events of all visits; a timeline that nothing has changed is not made again."""
        assessments = self.assessments()
        if self._timeline is None or self._timeline[0] is not assessments:
            self._timeline = assessments, timeline(self.visible, assessments, self.settings, dates)
        return timeline_view(self._timeline[1], self.timepoint, self.settings)

    def choose_level(self, level: Level) -> None:
        """Make a vertebra the one that the spine panel is about."""
        if level is not self.level:
            self.level = level
            self.changed.emit()

    def owed(self) -> tuple[Owed, ...]:
        """What is open at the current timepoint."""
        return () if self.timepoint is None else self.owed_at(self.timepoint)

    def owed_at(self, timepoint: Id) -> tuple[Owed, ...]:
        """What is open at a timepoint; asked of the read once, for the table, the list of series and the keys alike."""
        if self._owed[0] is not self.read:
            self._owed = (self.read, {})
        known = self._owed[1]
        if timepoint not in known:
            known[timepoint] = obligations(self.read, self.case, timepoint, self.settings, self.session.protocol)
        return known[timepoint]

    def history(self) -> Sequence[HistoryLine]:
        """The youngest events, the last first; the same object while nothing has changed."""
        entries = self.session.history()
        # A line changes with the names of the lesions, with what may be seen, and with the day.
        names = tuple(label(lesion) for lesion in self.read.lesions.values())
        locks = tuple(visit.lock for visit in self.read.visits.values())
        stands = (entries[-1].seq if entries else 0, len(entries), names, locks, datetime.now(UTC).astimezone().date())
        if stands != self._history_stands:
            # What undid one of the youngest events is younger still.
            shown = visible_history(self.visible, entries[-HISTORY_LINES:])
            self._history = HistoryLines(shown, self._line_of)
            self._history_stands = stands
        return self._history

    def _line_of(self, entry: HistoryEntry, about: HistoryEntry | None, undone: bool) -> HistoryLine:
        words = self._sentence_of(entry)
        if about is not None:
            words = sentence(f"UI_HISTORY_{entry.kind.name}", {"act": self._sentence_of(about)})
        when = event_time(entry.utc, entry.utc_offset_min, datetime.now(UTC))
        note = entry.kind is EventKind.NOTE
        return history_line(entry.seq, words, entry.actor, when, undone=undone, note=note)

    def _sentence_of(self, entry: HistoryEntry) -> str:
        told = tell(entry.name, entry.args, self.read, self.case)
        named = {"item": item_name(told.args.get("form", ""), told.args["item"])} if "item" in told.args else {}
        return sentence(told.code, {**told.args, **named})

    def calipers(self, image: ImageRef) -> tuple[Caliper, ...]:
        """Marks on an image."""
        return primitives(self.visible, self.case, image, self.selected, part=self.part)

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
            label="" if lesion is None else self._caliper_name(lesion, found[0], replaced),
            role=self._role_of_new(found[0]) if lesion is None else lesion.role,
            nodal=lesion is not None and lesion.nodal,
        )
        return drafted(draft, found[1])

    # What is selected

    def select(self, lesion: Id | None, part: str = "") -> None:
        """Select a lesion, or one of its fragments, or none."""
        if (lesion, part) != (self.selected, self.part) or self.armed:
            self.splitting = self.splitting and lesion == self.selected
            self.selected, self.part = lesion, part
            self.armed = False
            self.changed.emit()

    def toggle_expanded(self, lesion: Id) -> None:
        """Show the fragments of a lesion, or hide them."""
        self.expanded = self.expanded ^ {lesion}
        self.changed.emit()

    def show_timepoint(self, timepoint: Id) -> None:
        """Make a timepoint the current one."""
        if timepoint != self.timepoint:
            self.timepoint = timepoint
            self.armed = self.splitting = False
            self.part = ""
            self.changed.emit()

    def close_stacks(self, closed: Table[str]) -> None:
        """Take stacks as closed for new marks: code of why, by id."""
        self.closed_stacks = closed
        self.changed.emit()

    def arm(self) -> None:
        """The next caliper is a new lesion."""
        self.armed, self.splitting = True, False
        self.selected, self.part = None, ""
        self.changed.emit()

    def _read_changed(self) -> None:
        lesion = None if self.selected is None else self.session.head.lesions.get(self.selected)
        if lesion is None:
            self.selected, self.part, self.splitting = None, "", False
        elif self.timepoint is None or self.part not in _parts(lesion, self.timepoint):
            self.part = ""
        self.armed = False
        self.changed.emit()

    def _lesion_to_measure(self, timepoint: Timepoint) -> Lesion | None:
        """The selected lesion where a caliper is its measurement at a timepoint; None: the caliper is a new lesion."""
        lesion = self.lesion
        if self.armed or lesion is None:
            return None
        finding = lesion.findings.get(timepoint.id)
        fragment = self.splitting and timepoint.id == self.timepoint
        return lesion if fragment or finding is None or not finding.parts else None

    def _caliper_name(self, lesion: Lesion, timepoint: Timepoint, replaced: Caliper | None) -> str:
        """Name of a lesion beside a caliper that is being drawn or moved; of a fragment with its letter."""
        if replaced is not None and replaced.lesion is not None:
            return replaced.label
        fragment = self.splitting and timepoint.id == self.timepoint
        return f"{label(lesion)} {letter(len(_parts(lesion, timepoint.id)))}" if fragment else label(lesion)

    def _role_of_new(self, timepoint: Timepoint) -> LesionRole:
        first = baseline(self.case)
        return LesionRole.TARGET if first is None or timepoint.ordinal <= first.ordinal else LesionRole.NEW

    def stop_watching(self) -> None:
        """Hear no more of the read."""
        for end in self._ends:
            end()

    def close(self) -> None:
        """End watching; commit what is under way and let go of the file."""
        self.stop_watching()
        self.session.close()


def _parts(lesion: Lesion, timepoint: Id) -> tuple[str, ...]:
    """Letters of what was measured of a lesion at a timepoint."""
    finding = lesion.findings.get(timepoint)
    return () if finding is None else fragments(finding.parts)


def failure_text(failure: WriteFailure, read: Read, case: Case) -> str:
    """Sentence of a failed write: why, and which acts were taken back."""
    told = (tell(entry.name, entry.args, read, case) for entry in failure.taken_back or failure.restored)
    acts = "; ".join(sentence(one.code, one.args) for one in told)
    code = "UI_RESTORED" if failure.restored else "UI_TAKEN_BACK"
    why = sentence(failure.error.code, failure.error.arguments)
    return sentence(code, {"why": why, "acts": acts or "-"})
