"""The stacks of a case, as the list of series and the viewports need them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace

from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Calibration, Id, Plane, Stack, StackKind
from spinereview.domain.known_length import REPLACED_FAULTS, obstacle
from spinereview.domain.measurable import in_hounsfield
from spinereview.domain.sequence import PARTNERS, reading_rank
from spinereview.text import sentence
from spinereview.ui.actions import ACTIONS
from spinereview.ui.corner import lossy_text, role_text, spacing_text, stack_title, voxel_text
from spinereview.ui.panels.series import SeriesHead, SeriesRow
from spinereview.ui.shown_read import ShownRead
from spinereview.ui.stacks import ShownStack
from spinereview.workflow.pictures import Images, grid_of, scale_of_values, stated_window
from spinereview.workflow.source import CaseSource, StackDescription

_RESCALE_INVALID = "RESCALE_INVALID"
_CALIBRATE_KEY = next(row.key for row in ACTIONS if row.id == "tool_calibrate")


class StackList:
    """The stacks of the case that is open.

    Parameters
    ----------
    dates
        Date of each timepoint, shown only where days may be seen.
    """

    def __init__(self, reading: ShownRead, source: CaseSource, dates: Mapping[Id, str]) -> None:
        self._reading = reading
        self._source = source
        self._dates = dates
        self._descriptions = {one.stack.id: one for one in source.descriptions}
        self._shown: dict[Id, ShownStack] = {}

    @property
    def present(self) -> tuple[Id, ...]:
        """Stacks whose images were found."""
        return tuple(stack for stack, one in self._descriptions.items() if one.present)

    def main_stack(self, timepoint: Id) -> Id | None:
        """The stack that is read first.

        At the first timepoint: one on which lesions are measured before scouts and maps, a volume before single images, of
        an MR sagittal images, then the one with most images. Later: one of the same role and plane, so that like hangs
        beside like.
        """
        listed = self._listed(timepoint)
        if not listed:
            return None
        first = next((found for point in self._reading.case.in_order if (found := self._listed(point.id))), listed)
        model = max(first, key=_read_first)
        alike = [one for one in listed if (one.role, one.stack.plane) == (model.role, model.stack.plane)]
        return max(alike or listed, key=_read_first).stack.id

    def partner(self, stack: Id, seen: Container[Id]) -> Id | None:
        """Another weighting of the same spine MR, to hang below a stack: in its plane first; None where there is none."""
        own = self._descriptions.get(stack)
        if own is None or own.role not in PARTNERS:
            return None
        others = [
            one
            for one in self._listed(own.timepoint)
            if one.role in PARTNERS
            and one.stack.id not in seen
            and (one.role, one.stack.plane) != (own.role, own.stack.plane)
        ]
        order = sorted(others, key=lambda one: (one.stack.plane is not own.stack.plane, PARTNERS.index(one.role)))
        return order[0].stack.id if order else None

    def below(self, stack: Id) -> Id | None:
        """The next stack with images in the list, of the same timepoint; None behind the last."""
        own = self._descriptions.get(stack)
        listed = [] if own is None else [one.stack.id for one in self._listed(own.timepoint)]
        place = listed.index(stack) + 1 if stack in listed else len(listed)
        return listed[place] if place < len(listed) else None

    def description_of(self, stack: Id) -> StackDescription | None:
        """Row of the list of series."""
        return self._descriptions.get(stack)

    def _listed(self, timepoint: Id) -> list[StackDescription]:
        return [one for one in self._descriptions.values() if one.timepoint == timepoint and one.present]

    def shown(self, stack: Id) -> ShownStack | None:
        """A stack as a viewport needs it; None where its images were not found."""
        kept, description = self._shown.get(stack), self._descriptions.get(stack)
        if description is None:
            return None
        description = self._as_read(description)
        if kept is None or kept.stack != description.stack:
            images = self._source.images(stack)
            if not images:
                return None
            timepoint = self._reading.case.timepoints[description.timepoint]
            kept = self._shown[stack] = self._described(description, timepoint, images)
        return kept

    def _as_read(self, description: StackDescription) -> StackDescription:
        """A stack as the read calibrates it."""
        found = self._reading.case.find_stack(description.stack.id)
        same = found is None or found[1] == description.stack
        return description if same or found is None else replace(description, stack=found[1])

    def _described(self, description: StackDescription, timepoint: Timepoint, images: Images) -> ShownStack:
        stack = description.stack
        pet = scale_of_values(images)
        # Without an SUV the reader has to know why, before he compares uptake by eye.
        without = (sentence(pet.because, {"unit": pet.unit or "?"}),) if pet is not None and pet.because else ()
        return ShownStack(
            timepoint=timepoint,
            stack=stack,
            grid=grid_of(images, stack),
            title=stack_title(description),
            detail=voxel_text(description),
            window=stated_window(images),
            hounsfield=in_hounsfield(stack, description.role),
            valued=_RESCALE_INVALID not in stack.faults,
            notices=(*self._notices(stack), *without),
            pet=pet,
            lossy=lossy_text(description),
        )

    def entries(self) -> tuple[SeriesHead | SeriesRow, ...]:
        """Lines of the list: timepoints with their stacks."""
        entries: list[SeriesHead | SeriesRow] = []
        for timepoint in self._reading.case.in_order:
            date = self._dates.get(timepoint.id, "") if self._reading.visible.shows_days else ""
            entries.append(SeriesHead(f"{timepoint.label}  {date}".strip(), self._reading.progress_of(timepoint)))
            here = (self._as_read(one) for one in self._descriptions.values() if one.timepoint == timepoint.id)
            entries.extend(
                SeriesRow(
                    stack=one.stack.id,
                    title=stack_title(one),
                    detail=spacing_text(one),
                    mark=self._mark_of(one),
                    notes=self._notes(one),
                    brief=spacing_text(one, brief=True),
                )
                for one in here
            )
        return tuple(entries)

    def _notes(self, description: StackDescription) -> tuple[str, ...]:
        """What is told of a stack under the mouse: what it was made for, and what the gate found."""
        return (role_text(description), *self._notices(description.stack))

    def _notices(self, stack: Stack) -> tuple[str, ...]:
        """What the geometry gate found, as sentences; without what a calibration by hand has settled."""
        by_hand = stack.calibration is Calibration.MANUAL
        faults = self._source.faults(stack.id)
        settled = REPLACED_FAULTS if by_hand else frozenset[str]()
        told = [sentence(fault.code, fault.words) for fault in faults if fault.code not in settled]
        if stack.calibration is Calibration.NONE and not obstacle(stack):
            told.append(sentence("UI_CALIBRATE_IT", {"tool": sentence("UI_TOOL_CALIBRATE"), "key": _CALIBRATE_KEY}))
        return tuple(told)

    def _mark_of(self, description: StackDescription) -> str:
        """Word for what keeps a stack from being measured, the worst first."""
        if not description.present:
            return sentence("UI_MARK_MISSING")
        if description.stack.id in self._reading.closed_stacks:
            return sentence("UI_MARK_CLOSED")
        if not description.stack.may_measure:
            return sentence("UI_MARK_NO_MM")
        return ""

    def title_of(self, stack: Id) -> str:
        """What the list of series calls a stack."""
        description = self._descriptions.get(stack)
        return str(stack) if description is None else stack_title(description)


def _read_first(description: StackDescription) -> tuple[int, bool, bool, int]:
    stack = description.stack
    sagittal = stack.modality == "MR" and stack.plane is Plane.SAGITTAL
    return -reading_rank(description.role), stack.kind is StackKind.VOLUME, sagittal, description.image_count
