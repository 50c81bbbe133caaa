"""Sample cases: recipes of phantoms, the DICOM files made of them, and what measuring them must give.

A recipe is a TOML file of ``sample_cases/``. Files are made once: a stamp beside the folder holds the hash of the recipe,
and equal recipes give equal files, UIDs too, so a case made from them is known again.
"""

from __future__ import annotations

import hashlib
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import platformdirs

from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.domain.table import Table
from spinereview.errors import CaseError, InvalidValue, ResourceError
from spinereview.imaging.phantom import (
    Image,
    LesionTruth,
    PhantomGrid,
    PhantomLesion,
    add_lesion,
    anatomy,
    truth,
    with_noise,
)
from spinereview.imaging.phantom_spine import organs, wall
from spinereview.resources import sample_recipes
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.workflow.files import replace_file

SCHEMA = 1
_GENERATOR = 1
"""Counts up when the same recipe gives other files."""
_FIRST_RUN = "first-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTimepoint:
    """One visit of a sample case: its study, and where the subject lay."""

    label: str
    study_date: str
    seed: int
    grid: PhantomGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLesion:
    """One lesion of a sample case; ``at`` is keyed by the label of the timepoint, a label that is missing is absence."""

    name: str
    organ: str
    location: str
    nodal: bool
    at: Table[PhantomLesion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A sample case and what reading it must give.

    Parameters
    ----------
    sum_mm, target
        Expected sum of diameters and target response, by the label of the timepoint.
    """

    id: str
    title: str
    subject_code: str
    first_run: bool
    sha256: str
    noise_hu: Decimal
    timepoints: tuple[SampleTimepoint, ...]
    lesions: tuple[SampleLesion, ...]
    sum_mm: Table[Decimal]
    target: Table[str]

    def truth(self, label: str) -> tuple[LesionTruth, ...]:
        """Truth of the lesions that are there at a timepoint, in the order of the recipe."""
        grid = next(timepoint.grid for timepoint in self.timepoints if timepoint.label == label)
        return tuple(truth(grid, lesion.at[label]) for lesion in self.lesions if label in lesion.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCase:
    """A recipe and the folder with its images."""

    recipe: Recipe
    folder: Path


def samples_folder() -> Path:
    """Where the sample cases lie unless another folder is named."""
    return platformdirs.user_data_path("spinereview", appauthor=False) / "samples"


def recipes(which: str = "all") -> tuple[Recipe, ...]:
    """Recipes that the program carries: ``"all"``, or ``"first-run"`` for the one of the guided read.

    Raises
    ------
    CaseError
        ``SAMPLES_UNKNOWN`` for another word.
    ResourceError
        ``RECIPE_INVALID``.
    """
    if which not in {"all", _FIRST_RUN}:
        raise CaseError("SAMPLES_UNKNOWN", value=which)
    listed = [read_recipe(path) for path in sorted(sample_recipes().glob("*.toml"))]
    return tuple(recipe for recipe in listed if recipe.first_run or which == "all")


def read_recipe(path: Path) -> Recipe:
    """Recipe of a file.

    Raises
    ------
    ResourceError
        ``RECIPE_INVALID`` with what is missing or wrong.
    """
    data = path.read_bytes()
    try:
        tree = tomllib.loads(data.decode(), parse_float=Decimal)
        return _recipe(tree, hashlib.sha256(data).hexdigest())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, InvalidValue, KeyError, TypeError, ArithmeticError) as error:
        raise ResourceError("RECIPE_INVALID", file=path.name, error=error) from error


def make_samples(
    folder: Path, which: str = "all", *, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> tuple[SampleCase, ...]:
    """Make the images of the sample cases below a folder; those that are there already are left alone.

    Raises
    ------
    CaseError
        ``SAMPLES_FOLDER_TAKEN`` where the folder of a case holds something else, ``SAMPLES_NOT_WRITTEN``.
    Cancelled
        The user asked for it; no half-made case is left.
    """
    wanted = recipes(which)
    slices = [sum(timepoint.grid.slices for timepoint in recipe.timepoints) for recipe in wanted]
    total, done = 2 * sum(slices), 0
    made = []
    for recipe, count in zip(wanted, slices, strict=True):
        target = folder / recipe.id

        def shown(steps: int, _total: int, before: int = done) -> None:
            progress(before + steps, total)

        if not _is_current(target, recipe):
            try:
                _make(target, recipe, cancel or CancelToken(), shown)
            except OSError as error:
                raise CaseError("SAMPLES_NOT_WRITTEN", file=target, error=error.strerror) from error
        done += 2 * count
        progress(done, total)
        made.append(SampleCase(recipe=recipe, folder=target))
    return tuple(made)


def _make(target: Path, recipe: Recipe, cancel: CancelToken, progress: Progress) -> None:
    """Make a case under another name and rename it when it is whole."""
    _require_ours(target)
    part = target.with_name(target.name + ".part")
    if part.exists():
        shutil.rmtree(part)
    try:
        done = 0
        bare: Image | None = None
        for timepoint in recipe.timepoints:
            if bare is None:
                bare = anatomy(timepoint.grid, wall(), organs(), cancel=cancel, progress=progress)
                done += len(bare)
            _write_timepoint(part / timepoint.label, recipe, timepoint, bare)
            done += len(bare)
            progress(done, 0)
            cancel.check()
        if target.exists():
            shutil.rmtree(target)
        part.rename(target)
        replace_file(_stamp(target), _stamp_text(recipe).encode())
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _write_timepoint(folder: Path, recipe: Recipe, timepoint: SampleTimepoint, bare: Image) -> None:
    grid = timepoint.grid
    volume = bare.copy()
    for lesion in recipe.lesions:
        if timepoint.label in lesion.at:
            add_lesion(volume, grid, lesion.at[timepoint.label])
    zero, one = Decimal(0), Decimal(1)
    plan = SeriesPlan(
        modality="CT",
        seed=f"{recipe.id} {recipe.sha256} {_GENERATOR} {timepoint.label}",
        geometry=SeriesGeometry(
            origin_mm=grid.position_mm(0),
            row_direction=(one, zero, zero),
            column_direction=(zero, one, zero),
            pixel_spacing_mm=grid.pixel_spacing_mm,
            step_mm=(zero, zero, grid.interval_mm),
            slice_thickness_mm=grid.interval_mm,
        ),
        patient_id=recipe.subject_code,
        patient_name="Sample^Case",
        study_date=timepoint.study_date,
        study_description="Sample case (phantom)",
        series_description="Spine, portal venous",
        attributes={"PatientPosition": "HFS", "ContrastBolusAgent": "PHANTOM", "ConvolutionKernel": "STANDARD"},
    )
    write_series(folder, with_noise(volume, seed=timepoint.seed, sd_hu=float(recipe.noise_hu)), plan)


def _stamp(target: Path) -> Path:
    return target.with_name(target.name + ".stamp")


def _stamp_text(recipe: Recipe) -> str:
    return f"{_GENERATOR} {recipe.sha256}\n"


def _is_current(target: Path, recipe: Recipe) -> bool:
    stamp = _stamp(target)
    if not stamp.is_file() or stamp.read_text(encoding="ascii", errors="replace") != _stamp_text(recipe):
        return False
    return all(
        len(list((target / timepoint.label).glob("IM*.dcm"))) == timepoint.grid.slices
        for timepoint in recipe.timepoints
    )


def _require_ours(target: Path) -> None:
    """Refuse to replace a folder in which anything lies that is no sample image."""
    if not target.exists():
        return
    files = [path for path in target.rglob("*") if not path.is_dir()]
    ours = _stamp(target).is_file() and all(path.match("IM*.dcm") for path in files)
    if not target.is_dir() or (files and not ours):
        raise CaseError("SAMPLES_FOLDER_TAKEN", file=target)


def _recipe(tree: Mapping[str, Any], sha256: str) -> Recipe:
    if tree["schema"] != SCHEMA:
        raise KeyError("schema")
    image, expected = tree["image"], tree["expected"]
    grid = PhantomGrid(
        rows=image["rows"],
        columns=image["columns"],
        slices=image["slices"],
        pixel_spacing_mm=(Decimal(image["pixel_spacing_mm"][0]), Decimal(image["pixel_spacing_mm"][1])),
        interval_mm=Decimal(image["interval_mm"]),
    )
    return Recipe(
        id=tree["id"],
        title=tree["title"],
        subject_code=tree["subject_code"],
        first_run=tree["first_run"],
        sha256=sha256,
        noise_hu=Decimal(image["noise_hu"]),
        timepoints=tuple(_timepoint(entry, grid) for entry in tree["timepoint"]),
        lesions=tuple(_lesion(entry) for entry in tree["lesion"]),
        sum_mm=Table({label: Decimal(value) for label, value in expected["sum_mm"].items()}),
        target=Table(expected["target"]),
    )


def _timepoint(entry: Mapping[str, Any], grid: PhantomGrid) -> SampleTimepoint:
    x, y, z = (Decimal(value) for value in entry["offset_mm"])
    return SampleTimepoint(
        label=entry["label"],
        study_date=entry["study_date"],
        seed=entry["seed"],
        grid=replace(grid, offset_mm=(x, y, z)),
    )


def _lesion(entry: Mapping[str, Any]) -> SampleLesion:
    def at(size: Mapping[str, Any]) -> PhantomLesion:
        return PhantomLesion(
            name=entry["name"],
            x_mm=Decimal(entry["x_mm"]),
            y_mm=Decimal(entry["y_mm"]),
            slice_index=size["slice"],
            long_mm=Decimal(size["long_mm"]),
            short_mm=Decimal(size["short_mm"]),
            height_mm=Decimal(size["height_mm"]),
            angle_deg=Decimal(size["angle_deg"]),
            hu=entry["hu"],
            core_hu=entry.get("core_hu"),
        )

    return SampleLesion(
        name=entry["name"],
        organ=entry["organ"],
        location=entry["location"],
        nodal=entry["nodal"],
        at=Table({label: at(size) for label, size in entry["at"].items()}),
    )
