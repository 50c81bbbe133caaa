"""Every act of the window on the read that is open: each goes through the session's door, or is refused with a sentence."""

from __future__ import annotations

from dataclasses import replace

from spinereview.criteria.evidence.coverage import FORM as COVERAGE
from spinereview.criteria.evidence.eligibility import FORM as ELIGIBILITY
from spinereview.criteria.evidence.escc import FORM as ESCC
from spinereview.criteria.evidence.escc import REST
from spinereview.criteria.evidence.quality import FORM as QUALITY
from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Id
from spinereview.domain.measurement import Basis, InSpace, Measurement, MeasurementKind, OnImage, PointUm
from spinereview.domain.scores import Hardware, LevelFinding, NonFractureCause
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.commands.coverage import StateCoverage
from spinereview.review.commands.forms import AnswerForm
from spinereview.review.commands.quality import JudgeQuality
from spinereview.review.commands.spine import (
    LabelLevel,
    MeasureHeights,
    RemoveHeights,
    RemoveLevelLabel,
    Score,
    SetLevelFacts,
    SetNumbering,
)
from spinereview.ui.present_forms import YES
from spinereview.ui.present_quality import choice_of, chosen
from spinereview.ui.present_spine import answer_of, facts_of
from spinereview.ui.reading_alignment import AlignmentReading
from spinereview.ui.reading_door import new_id


class Reading(AlignmentReading):
    """One open read and the acts on it: here those on the spine and on forms."""

    def label_level(
        self,
        stack: Id,
        level: Level,
        geometry: OnImage | InSpace,
        *,
        move: bool = False,
        offered: PointUm | None = None,
    ) -> bool:
        """Say which vertebra lies at a point of a stack, or that it lies elsewhere.

        Parameters
        ----------
        offered
            Middle of the vertebra that a segmentation named so and whose name is taken; the label says that it was proposed.
        """
        found = self.case.find_stack(stack)
        if found is None or self._is_closed(stack):
            return False
        known = self.read.level_labels.get(stack, Table[Measurement]()).get(level)
        basis, proposal = Basis.DRAWN, None
        if known is not None and known.proposal is not None:
            basis, proposal = Basis.PROPOSED_EDITED, known.proposal
        elif offered is not None and isinstance(geometry, InSpace):
            basis, proposal = Basis.PROPOSED_CONFIRMED, replace(geometry, points_um=(offered,))
        measurement = Measurement(
            id=known.id if known is not None else new_id(),
            kind=MeasurementKind.LEVEL,
            geometry=geometry,
            basis=basis,
            proposal=proposal,
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
        finding = self.read.visit_at(found[0].id).levels.get(level)
        known = None if finding is None else finding.heights.get(stack)
        measurement = Measurement(
            id=known.id if known is not None else new_id(), kind=MeasurementKind.HEIGHTS, geometry=geometry
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
        if (form, item) == (ESCC, REST):
            self.answer(form, item, value)
            return
        if self.timepoint is None or not view.level:
            self.refused.emit(Refused("UI_SELECT_LEVEL"))
            return
        listed = (*view.items, *(() if view.compression is None else view.compression.items))
        suggested = next((one.suggested for one in listed if (one.form, one.item) == (form, item)), "")
        answer = answer_of(value, suggested)
        self.do(Score(timepoint=self.timepoint, level=Level(view.level), form=form, item=item, answer=answer))

    def answer(self, form: str, item: str, value: str) -> None:
        """Answer an item of a form of the current timepoint; an empty value takes the answer back.

        Parameters
        ----------
        form
            Of a treated site with the site behind a slash.
        """
        if self.timepoint is None:
            return
        listed = (one for shown in self.forms().forms for one in shown.items)
        suggested = next((one.suggested for one in listed if (one.form, one.item) == (form, item)), "")
        name, _, site = form.partition("/")
        given = answer_of(value, suggested)
        if given is not None and name == ELIGIBILITY:
            guess = None if given.suggested is None else given.suggested == YES
            given = replace(given, value=value == YES, suggested=guess)
        if name == COVERAGE:
            self.do(StateCoverage(timepoint=self.timepoint, region=item, answer=given))
            return
        if name == QUALITY:
            self.judge_quality(Id(item), value)
            return
        self.do(AnswerForm(timepoint=self.timepoint, form=name, site=site, item=item, answer=given))

    def judge_quality(self, stack: Id, value: str) -> bool:
        """Say how well a series can be read; an empty choice takes that back. Whether it stands now as it was said."""
        found = self.case.find_stack(stack)
        if found is None or choice_of(self.read, found[0], stack) == value:
            return True
        quality, cause = chosen(value)
        return self.do(JudgeQuality(timepoint=found[0].id, stack=stack, quality=quality, cause=cause))

    def set_fact(self, key: str, holds: bool) -> None:
        """Say that something holds, or not, of the chosen vertebra at the current timepoint."""
        view = self.spine()
        if self.timepoint is None or not view.level:
            return
        finding = self.read.visit_at(self.timepoint).levels.get(view.level, LevelFinding())
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
