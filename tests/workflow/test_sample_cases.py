"""What each recipe expects follows from its own truth, through the acts of a reader and the criteria, without a pixel."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count

import pytest

from spinereview.criteria.evidence import fracture as fracture_evidence
from spinereview.criteria.evidence import recist as recist_evidence
from spinereview.criteria.evidence import sins as sins_evidence
from spinereview.criteria.fracture.assess import assess as assess_fracture
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.recist.assess import assess as assess_recist
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.sins import assess as assess_sins
from spinereview.criteria.sins_settings import Settings as SinsSettings
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id, ImageRef, Plane, Stack, StackKind
from spinereview.domain.lesion import LesionRole, LesionState
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Blinding, Design, Protocol
from spinereview.domain.read import Purpose, Read
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.imaging.phantom_lesion import LesionTruth
from spinereview.review.command import Command, Context, Role
from spinereview.review.commands.findings import Measure, SetNewStatus, SetState
from spinereview.review.commands.fragments import SplitInto
from spinereview.review.commands.lesions import AddLesion, SetTissue
from spinereview.review.commands.spine import LabelLevel, MeasureHeights, Score
from spinereview.review.commands.visits import LockVisit
from spinereview.workflow.recipes import Recipe, SampleFinding, SampleLesion, SampleLevel, SampleSeries
from spinereview.workflow.samples import recipes

RECIPES = recipes()
SHA = "0" * 64
RECIST, FRACTURE = RecistSettings(), FractureSettings()
each_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)


def stack_of(label: str, series: SampleSeries) -> Stack:
    """What the gate makes of a series; a test of the written files checks that it does."""
    name = Id(f"{label} {series.name}")
    volume = series.kind is StackKind.VOLUME
    calibrated = series.calibration != "NONE"
    return Stack(
        id=name,
        series_uid=f"2.25.{name}",
        modality=series.modality,
        kind=series.kind,
        plane=Plane.UNKNOWN if series.projection else Plane(series.grid.plane.value),
        frame_of_reference_uid=None if series.projection else f"2.25.{label}",
        pixel_spacing_mm=series.grid.pixel_spacing_mm if calibrated else None,
        calibration=series.calibration,
        slice_thickness_mm=series.grid.slab_mm,
        slice_interval_mm=series.grid.interval_mm if volume else None,
        images=tuple((f"2.25.{name}.{index}", 1) for index in range(series.grid.slices)),
    )


def case_of(recipe: Recipe) -> Case:
    points = []
    for ordinal, point in enumerate(recipe.timepoints):
        stacks = {
            stack.id: stack for series in recipe.series_at(point.label) for stack in [stack_of(point.label, series)]
        }
        points.append(Timepoint(id=Id(point.label), label=point.label, ordinal=ordinal, stacks=Table(stacks)))
    return Case(
        id=Id("c"), subject_code=recipe.subject_code, protocol_sha256=SHA, timepoints=Table({p.id: p for p in points})
    )


class Reader:
    """Reads a recipe as a person would: every visit in order, everything that is owed, then the lock."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.case = recipe, case_of(recipe)
        self.marks, lesions = count(1), count(1)
        open_read = Blinding(sequential=True, show_days=True, live_response=True, show_prior_marks=True)
        self.context = Context(
            case=self.case,
            protocol=Protocol(id="g", version="1", title="G", sha256=SHA, blinding=open_read, design=Design(readers=1)),
            role=Role.READER,
            actor="R1",
            mint=lambda prefix: Id(f"{prefix}{next(lesions):02}"),
        )
        self.read = Read(id=Id("r"), case=self.case.id, reader_code="R1", purpose=Purpose.EFFICACY, protocol_sha256=SHA)
        self.ids: dict[str, Id] = {}

    def do(self, command: Command[Read]) -> None:
        self.read = command.apply(self.read, self.context)

    def all(self) -> Read:
        for point in self.recipe.timepoints:
            for lesion in self.recipe.lesions:
                if point.label in lesion.at:
                    self.lesion(lesion, point.label, lesion.at[point.label])
            for level in self.recipe.levels.get(point.label, ()):
                self.level(level, point.label)
            self.do(LockVisit(timepoint=Id(point.label)))
        return self.read

    def drawn(self, known: LesionTruth, label: str) -> Measurement:
        stack = self.case.timepoints[label].stacks[f"{label} {self.recipe.series[0].name}"]
        uid, frame = stack.images[known.slice_index]
        return Measurement(
            id=Id(f"m{next(self.marks)}"),
            kind=MeasurementKind.BIDIRECTIONAL,
            geometry=OnImage(image=ImageRef(stack=stack.id, sop_uid=uid, frame=frame), points_mpx=known.ends_mpx),
        )

    def lesion(self, lesion: SampleLesion, label: str, finding: SampleFinding) -> None:
        parts = [self.drawn(known, label) for known in self.recipe.lesion_truth(lesion, label)]
        at = Id(label)
        if label == lesion.first_seen:
            self.ids[lesion.name] = self.add(lesion, at, parts)
        name = self.ids[lesion.name]
        if lesion.role is not LesionRole.TARGET:
            self.do(
                SetState(lesion=name, timepoint=at, state=finding.state, reason="", justification=finding.justification)
            )
        elif label != lesion.first_seen:
            self.target(name, at, finding.state, parts)
        if finding.new_status is not None:
            self.do(SetNewStatus(lesion=name, timepoint=at, status=finding.new_status, cause=finding.cause))

    def add(self, lesion: SampleLesion, at: Id, parts: list[Measurement]) -> Id:
        target = lesion.role is LesionRole.TARGET
        self.do(
            AddLesion(
                timepoint=at,
                role=lesion.role,
                nodal=lesion.nodal,
                site=Site(organ=lesion.organ, location=lesion.location, levels=lesion.levels),
                tissue=lesion.tissue,
                group=False,
                measurement=parts[0] if target else None,
                stack_sha256="",
            )
        )
        name = Id(list(self.read.lesions)[-1])
        self.do(
            SetTissue(
                lesion=name,
                tissue=lesion.tissue,
                soft_tissue=lesion.soft_tissue,
                predominantly_lytic=None,
                cystic=False,
            )
        )
        return name

    def target(self, name: Id, at: Id, state: LesionState, parts: list[Measurement]) -> None:
        if state is LesionState.MEASURED:
            (part,) = parts
            self.do(Measure(lesion=name, timepoint=at, part="a", measurement=part, stack_sha256=""))
        elif state is LesionState.SPLIT:
            self.do(SplitInto(lesion=name, timepoint=at, parts=tuple(parts), stack_sha256=""))
        else:
            self.do(SetState(lesion=name, timepoint=at, state=state, reason="", justification=""))

    def level(self, asked: SampleLevel, label: str) -> None:
        for name in asked.heights_on:
            self.heights(asked, label, name)
        answers = [("SINS", item, value) for item, value in asked.answers.items()]
        answers += [("VCF", "GRADE", str(asked.grade))] if asked.grade is not None else []
        for form, item, value in answers:
            answer = Answer(value=value, basis=AnswerBasis.JUDGED)
            self.do(Score(timepoint=Id(label), level=asked.level, form=form, item=item, answer=answer))

    def heights(self, asked: SampleLevel, label: str, name: str) -> None:
        known = self.recipe.level_truth(asked.level, label, name)
        stack = self.case.timepoints[label].stacks[f"{label} {name}"]
        if known.points_mpx is not None:
            uid, frame = stack.images[known.slice_index]
            image = ImageRef(stack=stack.id, sop_uid=uid, frame=frame)
            points: OnImage | InSpace = OnImage(image=image, points_mpx=known.points_mpx)
            label_at: OnImage | InSpace = OnImage(image=image, points_mpx=(known.label_mpx,))
        else:
            where = {"stacks": (stack.id,), "frame_of_reference_uid": str(stack.frame_of_reference_uid)}
            points, label_at = (
                InSpace(points_um=known.points_um, **where),
                InSpace(points_um=(known.label_um,), **where),
            )
        common = {"timepoint": Id(label), "stack": stack.id, "level": asked.level, "stack_sha256": ""}
        for command, kind, geometry in (
            (LabelLevel, MeasurementKind.LEVEL, label_at),
            (MeasureHeights, MeasurementKind.HEIGHTS, points),
        ):
            mark = Measurement(id=Id(f"m{next(self.marks)}"), kind=kind, geometry=geometry)
            extra = {"move": False} if command is LabelLevel else {}
            self.do(command(measurement=mark, **common, **extra))


@pytest.fixture(scope="module")
def reads() -> dict[str, Reader]:
    made = {recipe.id: Reader(recipe) for recipe in RECIPES}
    for reader in made.values():
        reader.all()
    return made


@each_recipe
def test_reading_a_case_at_its_truth_gives_the_expected_response(reads: dict[str, Reader], recipe: Recipe) -> None:
    reader = reads[recipe.id]
    answers = assess_recist(recist_evidence.evidence(reader.read, reader.case, RECIST), RECIST)
    for label, expected in recipe.expected.items():
        assert answers[f"{label}/target"].values["sum_mm"] == expected.sum_mm
        if label == recipe.timepoints[0].label:
            continue
        found = {part: answers[f"{label}/{part}"].outcome for part in ("target", "non_target", "new", "overall")}
        assert found == {
            "target": expected.target,
            "non_target": expected.non_target,
            "new": expected.new,
            "overall": expected.overall,
        }, label


def levels(recipe: Recipe) -> Iterator[tuple[str, SampleLevel]]:
    for label, listed in recipe.levels.items():
        yield from ((label, level) for level in listed)


@each_recipe
def test_reading_a_case_at_its_truth_gives_the_expected_scores(reads: dict[str, Reader], recipe: Recipe) -> None:
    reader = reads[recipe.id]
    settings = SinsSettings()
    answers = assess_sins(sins_evidence.evidence(reader.read, reader.case, FRACTURE), settings)
    scored = {f"{label}/sins/{asked.level}" for label, asked in levels(recipe) if asked.category}
    assert scored == {key for key in answers if key.count("/") == 2}
    for label, asked in levels(recipe):
        if not asked.category:
            continue
        found = answers[f"{label}/sins/{asked.level}"]
        assert (found.outcome, found.values["total"]) == (asked.category, asked.sins), (label, asked.level)
        assert not [warning.code for warning in found.warnings if warning.code.startswith("SINS_DIFFERS")]


@each_recipe
def test_reading_a_case_at_its_truth_gives_the_expected_fractures(reads: dict[str, Reader], recipe: Recipe) -> None:
    """On every series that heights are measured on, whichever way they are calibrated."""
    reader = reads[recipe.id]
    answers = assess_fracture(fracture_evidence.evidence(reader.read, reader.case), FRACTURE)
    for label, asked in levels(recipe):
        if not asked.heights_on:
            continue
        assert answers[f"{label}/fracture/{asked.level}"].outcome == asked.flag
        for name in asked.heights_on:
            found = answers[f"{label}/fracture/{asked.level}/{label} {name}"]
            heights = recipe.level_truth(asked.level, label, name).heights_mm
            calibrated = recipe.series_named(name).calibration != "NONE"
            keys = ("ha_mm", "hm_mm", "hp_mm")
            assert tuple(found.values[key] for key in keys) == (heights if calibrated else (None, None, None))
            assert found.values["suggested_grade"] == asked.grade
            shapes = [reason.code for reason in found.because if reason.code.startswith("DEFORMITY_")]
            assert shapes == ([f"DEFORMITY_{asked.deformity}"] if asked.deformity else [])


@each_recipe
def test_every_part_and_every_level_that_is_measured_lies_on_its_images(recipe: Recipe) -> None:
    for point in recipe.timepoints:
        grid = recipe.grid(point.label)
        for lesion in recipe.lesions:
            finding = lesion.at.get(point.label)
            known = recipe.lesion_truth(lesion, point.label)
            assert len(known) == (len(finding.parts) if finding is not None else 0)
            for one, part in zip(known, finding.parts if finding is not None else (), strict=True):
                assert all(grid.holds(one.slice_index, end) for end in one.ends_mpx)
                measured = lesion.role is LesionRole.TARGET
                assert not measured or (one.long_mm, one.short_mm) == (part.long_mm, part.short_mm)
        for asked in recipe.levels.get(point.label, ()):
            for name in asked.heights_on:
                on, level = recipe.grid(point.label, name), recipe.level_truth(asked.level, point.label, name)
                assert on.holds(level.slice_index, level.label_mpx)
                assert all(on.holds(level.slice_index, place) for place in level.points_mpx or ())


def test_the_cases_show_what_they_are_there_for() -> None:
    known = {recipe.id: recipe for recipe in RECIPES}
    assert {recipe.expected[recipe.timepoints[-1].label].overall for recipe in RECIPES} == {"CR", "PR", "SD", "PD"}
    edge = known["progression"].expected
    assert (edge["FU2"].sum_mm, edge["FU1"].sum_mm) == (Decimal(30), Decimal(25))
    assert known["complete"].expected["FU2"].sum_mm > 0
    unstable = {level.sins for _, level in levels(known["fracture"]) if level.category == "UNSTABLE"}
    assert min(unstable) >= 13
    assert {level.grade for _, level in levels(known["fracture"])} >= {1, 2, 3}
    states = {finding.state for recipe in RECIPES for lesion in recipe.lesions for finding in lesion.at.values()}
    assert states >= {LesionState.SPLIT, LesionState.ABSENT, LesionState.NODE_NORMAL, LesionState.TOO_SMALL}


def test_the_kyphosis_of_the_broken_spine_grows_from_visit_to_visit() -> None:
    """Bisegmental, from the superior endplate of T11 to the inferior one of L1."""
    broken = next(recipe for recipe in RECIPES if recipe.id == "fracture")
    angles = [broken.angle_deg(Level.T11, Level.L1, point.label) for point in broken.timepoints]
    assert angles[1] - angles[0] > 5
    assert angles[2] - angles[1] > 5
