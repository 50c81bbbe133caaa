"""Sample cases: recipes of phantoms, the DICOM files made of them, and what measuring them must give.

A recipe is a TOML file of ``sample_cases/``. Files are made once: a stamp beside the folder holds the hash of the recipe,
and equal recipes give equal files, UIDs too, so a case made from them is known again.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from spinereview.dicom.series_plan import derived_uid
from spinereview.errors import CaseError, SpineReviewError
from spinereview.resources import sample_recipes
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.workflow.case_file import NAME, read_case_file
from spinereview.workflow.files import replace_file
from spinereview.workflow.recipe_file import read_recipe
from spinereview.workflow.recipes import Recipe
from spinereview.workflow.sample_images import GENERATOR, Painter, study_seed

_FIRST_RUN = "first-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCase:
    """A recipe and the folder with its images."""

    recipe: Recipe
    folder: Path


def known_case(sample: SampleCase, documents: Path) -> Path | None:
    """Folder of the case that was made of these very images before; one of an older version's images is another case."""
    folder = documents / sample.recipe.subject_code
    try:
        file, _ = read_case_file(folder / NAME)
    except SpineReviewError:
        return None
    own = {derived_uid(study_seed(sample.recipe, point.label), "study") for point in sample.recipe.timepoints}
    return folder if file.study_uids == own else None


def samples_folder() -> Path:
    """Where the sample cases lie unless another folder is named."""
    return platformdirs.user_data_path("spinereview", appauthor=False) / "samples"


def recipes(which: str = "all") -> tuple[Recipe, ...]:
    """Recipes that the program carries: ``"all"``, ``"first-run"`` for the one of the guided read, or one by its id.

    Raises
    ------
    CaseError
        ``SAMPLES_UNKNOWN`` for another word.
    ResourceError
        ``RECIPE_INVALID``.
    """
    listed = [read_recipe(path) for path in sorted(sample_recipes().glob("*.toml"))]
    names = {recipe.id for recipe in listed}
    if which not in {"all", _FIRST_RUN, *names}:
        raise CaseError("SAMPLES_UNKNOWN", value=which, allowed=", ".join(sorted(names)))
    if which in names:
        return tuple(recipe for recipe in listed if recipe.id == which)
    return tuple(recipe for recipe in listed if recipe.first_run or which == "all")


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
    steps = [sum(map(Painter(recipe, CancelToken()).steps, recipe.timepoints)) for recipe in wanted]
    total, done = sum(steps), 0
    made = []
    for recipe, count in zip(wanted, steps, strict=True):
        target = folder / recipe.id

        def shown(step: int, _total: int, before: int = done) -> None:
            progress(before + step, total)

        if not _is_current(target, recipe):
            try:
                _make(target, recipe, cancel or CancelToken(), shown)
            except OSError as error:
                raise CaseError("SAMPLES_NOT_WRITTEN", file=target, error=error.strerror) from error
        done += count
        progress(done, total)
        made.append(SampleCase(recipe=recipe, folder=target))
    return tuple(made)


def _make(target: Path, recipe: Recipe, cancel: CancelToken, progress: Progress) -> None:
    """Make a case under another name and rename it when it is whole."""
    _require_ours(target)
    part = target.with_name(target.name + ".part")
    if part.exists():
        shutil.rmtree(part)
    painter, done = Painter(recipe, cancel), 0
    try:
        for timepoint in recipe.timepoints:

            def shown(step: int, _total: int, before: int = done) -> None:
                progress(before + step, 0)

            painter.write(part / timepoint.label, timepoint, shown)
            done += painter.steps(timepoint)
            cancel.check()
        if target.exists():
            shutil.rmtree(target)
        part.rename(target)
        replace_file(_stamp(target), _stamp_text(recipe).encode())
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _stamp(target: Path) -> Path:
    return target.with_name(target.name + ".stamp")


def _stamp_text(recipe: Recipe) -> str:
    return f"{GENERATOR} {recipe.sha256}\n"


def _is_current(target: Path, recipe: Recipe) -> bool:
    stamp = _stamp(target)
    if not stamp.is_file() or stamp.read_text(encoding="ascii", errors="replace") != _stamp_text(recipe):
        return False
    return all(
        len(list((target / point.label / series.name).glob("IM*.dcm")))
        == (1 if series.enhanced else series.grid.slices)
        for point in recipe.timepoints
        for series in recipe.series_at(point.label)
    )


def _require_ours(target: Path) -> None:
    """Refuse to replace a folder in which anything lies that is no sample image."""
    if not target.exists():
        return
    files = [path for path in target.rglob("*") if not path.is_dir()]
    ours = _stamp(target).is_file() and all(path.match("IM*.dcm") for path in files)
    if not target.is_dir() or (files and not ours):
        raise CaseError("SAMPLES_FOLDER_TAKEN", file=target)
