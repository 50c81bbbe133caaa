"""Sample cases: what their recipes say is what measuring their files gives."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from spinereview.cli import main
from spinereview.criteria.evidence.recist import evidence
from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.settings import Settings
from spinereview.dicom.load import load_one
from spinereview.dicom.scan import scan
from spinereview.domain.anatomy import Site
from spinereview.domain.exact import reported_mm, squared_mm_on_image
from spinereview.domain.imaging import Id, ImageRef, StackKind
from spinereview.domain.lesion import LesionRole, Tissue
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.errors import Cancelled, CaseError, ResourceError
from spinereview.review.commands.findings import Measure
from spinereview.review.commands.lesions import AddLesion
from spinereview.tasks import CancelToken
from spinereview.text import catalogue
from spinereview.workflow import samples
from spinereview.workflow.case import OpenedCase, Opening, open_case
from spinereview.workflow.reads import Workstation
from spinereview.workflow.recipe_file import read_recipe
from spinereview.workflow.samples import SampleCase, make_samples, recipes

RECIPES = recipes()
TINY = """
schema = 2
id = "tiny"
title = "Tiny"
subject_code = "TINY"
first_run = true
[[series]]
name = "CT"
modality = "CT"
description = "Tiny"
rows = 24
columns = 32
slices = 4
pixel_spacing_mm = [15, 12.5]
interval_mm = 5
middle_mm = [0, 0, -10]
noise = 5
[[series]]
name = "T2"
modality = "MR"
weighting = "T2"
description = "Tiny"
plane = "SAGITTAL"
rows = 30
columns = 24
slices = 2
pixel_spacing_mm = [8, 8]
interval_mm = 9
thickness_mm = 4
middle_mm = [4.5, 0, 0]
noise = 10
[[timepoint]]
label = "BL"
study_date = "20250101"
seed = 1
offset_mm = [0, 1.5, -20]
[[lesion]]
name = "mass"
role = "TARGET"
organ = "BONE"
location = "VERTEBRA L3"
x_mm = 30
y_mm = 20
at.BL = { slice = 2, long_mm = 100, short_mm = 80, height_mm = 50, angle_deg = 0 }
[expected.BL]
sum_mm = 100
"""
MADE = [f"BL/CT/IM000{number}.dcm" for number in range(1, 5)] + [f"BL/T2/IM000{number}.dcm" for number in range(1, 3)]


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> SampleCase:
    """The sample case of the guided read, made once for all tests."""
    (made,) = make_samples(tmp_path_factory.mktemp("samples"), "first-run")
    return made


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one small recipe in the place of the program's own."""
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "tiny.toml").write_text(TINY)
    monkeypatch.setattr(samples, "sample_recipes", lambda: folder)
    return folder


def test_the_written_files_measure_what_the_recipe_says(first_run: SampleCase) -> None:
    """Through the scan and the stack: the slice named, spacing of the files, ends in thousandths of a pixel."""
    recipe = first_run.recipe
    found = scan(first_run.folder, cancel=CancelToken())
    assert found.not_dicom == ()
    (patient,) = found.patients
    assert patient.patient_id == recipe.subject_code
    assert [study.date for study in patient.studies] == [point.study_date for point in recipe.timepoints]
    for point, study in zip(recipe.timepoints, patient.studies, strict=True):
        (series,) = study.series
        (result,) = series.stacks
        assert result.stack.kind is StackKind.VOLUME
        assert result.faults == ()
        assert result.stack.pixel_spacing_mm is not None
        total = Decimal(0)
        for lesion, known in zip(recipe.lesions, recipe.truth(point.label), strict=True):
            long_mm, short_mm = (
                reported_mm(squared_mm_on_image(a, b, result.stack.pixel_spacing_mm))
                for a, b in (known.ends_mpx[:2], known.ends_mpx[2:])
            )
            assert abs(long_mm - known.long_mm) <= Decimal("0.1")
            assert abs(short_mm - known.short_mm) <= Decimal("0.1")
            total += short_mm if lesion.nodal else long_mm
            position = result.images[known.slice_index][1].position
            assert position is not None
            column, row = known.ends_mpx[0]
            spacing = result.stack.pixel_spacing_mm
            in_space = (
                position[0] + (Decimal(column) / 1000 - Decimal("0.5")) * spacing[1],
                position[1] + (Decimal(row) / 1000 - Decimal("0.5")) * spacing[0],
                position[2],
            )
            for exact, um in zip(in_space, known.ends_um[0], strict=True):
                assert abs(exact - Decimal(um) / 1000) <= Decimal("0.0015")
        assert total == recipe.sum_mm[point.label]


def test_the_node_in_the_files_ends_where_its_truth_says(first_run: SampleCase) -> None:
    """The node lies in fat: along its axes the mean of the two pixels around each end is half-way, to half a pixel."""
    recipe = first_run.recipe
    found = scan(first_run.folder, cancel=CancelToken())
    for point, study in zip(recipe.timepoints, found.patients[0].studies, strict=True):
        images = study.series[0].stacks[0].images
        known = recipe.truth(point.label)[2]
        volume = load_one(images, known.slice_index)
        (ax, ay), (bx, by) = known.ends_mpx[2:]
        for (x, y), (ox, oy) in (((ax, ay), (bx, by)), ((bx, by), (ax, ay))):
            length = float((x - ox) ** 2 + (y - oy) ** 2) ** 0.5 / 1000
            step = ((x - ox) / length, (y - oy) / length)
            inside, outside = (
                volume.value_at(0, int((y + share * step[1]) // 1000), int((x + share * step[0]) // 1000))
                for share in (-1.5, 1.5)
            )
            assert inside > 50
            assert outside < -40


def test_a_read_of_the_sample_gives_the_expected_response(
    first_run: SampleCase, workstation: Workstation, kept: Callable[[Opening], OpenedCase]
) -> None:
    """The whole path: images, case, marks at the truth, evidence, RECIST 1.1."""
    recipe = first_run.recipe
    opened = kept(open_case(first_run.folder, workstation, reader="R1", subject=recipe.subject_code))
    assert [(point.label, opened.file.date_of(point.id).replace("-", "")) for point in opened.case.in_order] == [
        (point.label, point.study_date) for point in recipe.timepoints
    ]
    for point in opened.case.in_order:
        (stack,) = point.stacks.values()
        for number, (lesion, known) in enumerate(zip(recipe.lesions, recipe.truth(point.label), strict=True), 1):
            uid, frame = stack.images[known.slice_index]
            drawn = Measurement(
                id=Id(f"m-{point.id}-{number}"),
                kind=MeasurementKind.BIDIRECTIONAL,
                geometry=OnImage(image=ImageRef(stack=stack.id, sop_uid=uid, frame=frame), points_mpx=known.ends_mpx),
            )
            if point.ordinal == 0:
                act: AddLesion | Measure = AddLesion(
                    timepoint=point.id,
                    role=LesionRole.TARGET,
                    nodal=lesion.nodal,
                    site=Site(organ=lesion.organ, location=lesion.location),
                    tissue=None if lesion.nodal else Tissue.SOFT,
                    group=False,
                    measurement=drawn,
                    stack_sha256="",
                )
            else:
                act = Measure(
                    lesion=Id(f"L{number:02d}"), timepoint=point.id, part="a", measurement=drawn, stack_sha256=""
                )
            opened.session.do(act)
    settings = Settings.parse(opened.protocol.criteria["recist"])
    answers = assess(evidence(opened.session.head, opened.case, settings), settings)
    for label, expected in recipe.sum_mm.items():
        assert answers[f"{label}/target"].values["sum_mm"] == expected
    assert {label: answers[f"{label}/target"].outcome for label in recipe.target} == dict(recipe.target)


def test_the_command_makes_the_samples_and_names_their_folders(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["samples", str(tmp_path / "made")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'made' / 'tiny'}: Tiny\n"
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "tiny").write_text("mine")
    assert main(["samples", str(tmp_path / "taken")]) == 1
    assert "holds something else" in capsys.readouterr().err


def test_samples_that_are_there_are_left_alone(first_run: SampleCase) -> None:
    before = {path: path.stat().st_mtime_ns for path in first_run.folder.rglob("*")}
    shown: list[tuple[int, int]] = []
    again = make_samples(first_run.folder.parent, "first-run", progress=lambda done, total: shown.append((done, total)))
    assert again == (first_run,)
    assert {path: path.stat().st_mtime_ns for path in first_run.folder.rglob("*")} == before
    assert shown[-1][0] == shown[-1][1]


def test_equal_recipes_give_equal_files(tiny: Path, tmp_path: Path) -> None:
    (one,) = make_samples(tmp_path / "one")
    (two,) = make_samples(tmp_path / "two")
    names = sorted(path.relative_to(one.folder) for path in one.folder.rglob("*.dcm"))
    assert [name.as_posix() for name in names] == MADE
    assert all((one.folder / name).read_bytes() == (two.folder / name).read_bytes() for name in names)


def test_a_changed_recipe_and_a_lost_file_are_made_anew(tiny: Path, tmp_path: Path) -> None:
    (made,) = make_samples(tmp_path / "made")
    file = made.folder / "BL" / "CT" / "IM0001.dcm"
    before = file.read_bytes()
    file.unlink()
    make_samples(tmp_path / "made")
    assert file.read_bytes() == before
    (tiny / "tiny.toml").write_text(TINY.replace("seed = 1", "seed = 2"))
    make_samples(tmp_path / "made")
    assert file.read_bytes() != before
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["tiny", "tiny.stamp"]


def test_a_folder_with_something_else_in_it_is_never_replaced(tiny: Path, tmp_path: Path) -> None:
    mine = tmp_path / "made" / "tiny" / "thesis.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(CaseError, match="SAMPLES_FOLDER_TAKEN"):
        make_samples(tmp_path / "made")
    assert mine.read_text() == "mine"
    mine.unlink()
    make_samples(tmp_path / "made")
    mine.write_text("mine")
    (tiny / "tiny.toml").write_text(TINY.replace("seed = 1", "seed = 2"))
    with pytest.raises(CaseError, match="SAMPLES_FOLDER_TAKEN"):
        make_samples(tmp_path / "made")
    assert mine.read_text() == "mine"


def test_cancelling_leaves_no_half_made_case(tiny: Path, tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        make_samples(tmp_path / "made", cancel=token)
    assert list((tmp_path / "made").glob("*")) == []
    make_samples(tmp_path / "made")


@pytest.mark.parametrize("at", [1, 6, 9, 11])
def test_cancelling_on_the_way_leaves_nothing_either(tiny: Path, tmp_path: Path, at: int) -> None:
    """While the CT is painted, when it is written, while the MR is painted, before its last file."""
    token = CancelToken()
    told: list[int] = []

    def until(done: int, total: int) -> None:
        told.append(done)
        assert done <= total == 12
        if done >= at:
            token.cancel()

    with pytest.raises(Cancelled):
        make_samples(tmp_path / "made", cancel=token, progress=until)
    assert told == sorted(told)
    assert list((tmp_path / "made").glob("*")) == []


def test_a_place_that_cannot_be_written_is_said(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "made").write_text("in the way")
    with pytest.raises(CaseError, match="SAMPLES_NOT_WRITTEN"):
        make_samples(tmp_path / "made")


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(TINY.replace("schema = 2", "schema = 1"), id="schema"),
        pytest.param(TINY.replace("rows = 24\n", ""), id="a key is missing"),
        pytest.param(TINY.replace("rows = 24", "rows = 1"), id="too small"),
        pytest.param(TINY.replace("short_mm = 80", "short_mm = 180"), id="axes"),
        pytest.param(TINY.replace("x_mm = 30", 'x_mm = "here"'), id="no number"),
        pytest.param(TINY.replace("at.BL", "at.FU9"), id="an unknown timepoint"),
        pytest.param(TINY.replace("offset_mm", 'series = ["PET"]\noffset_mm'), id="an unknown series"),
        pytest.param(TINY.replace("[expected.BL]", "[expected.FU9]"), id="nothing expected"),
        pytest.param(TINY.replace("offset_mm", "collapsed = { T4 = [1, 1, 1] }\noffset_mm"), id="no such vertebra"),
        pytest.param(TINY.replace('"TARGET"', '"GOAL"'), id="no such role"),
        pytest.param(TINY + "[", id="no TOML"),
    ],
)
def test_a_wrong_recipe_is_refused(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(broken)
    with pytest.raises(ResourceError, match=r"RECIPE_INVALID\(file=broken.toml"):
        read_recipe(path)


def test_the_first_run_is_one_case_and_all_are_more() -> None:
    assert [recipe.id for recipe in recipes("first-run")] == ["response"]
    assert {recipe.id for recipe in RECIPES} == {
        *("complete", "fracture", "new-lesion", "nodes", "progression", "response")
    }
    with pytest.raises(CaseError, match="SAMPLES_UNKNOWN"):
        recipes("some")


def test_every_code_of_the_samples_has_a_sentence() -> None:
    codes = {"PHANTOM_AXES", "PHANTOM_HEIGHTS", "PHANTOM_SIZE", "RECIPE_INVALID", "RECIPE_NAMES", "SAMPLES_UNKNOWN"}
    assert codes | {"SAMPLES_FOLDER_TAKEN", "SAMPLES_NOT_WRITTEN"} <= set(catalogue())
