"""Images of the sample cases: from a recipe to the pixels of each series of a visit, and to its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.imaging.phantom_contrast import Weighting
from spinereview.imaging.phantom_grid import Image, PhantomGrid
from spinereview.imaging.phantom_lesion import PhantomLesion
from spinereview.imaging.phantom_scanner import Exposure, add_lesions, lateral_film, recorded, without_lesions
from spinereview.tasks import CancelToken, Progress
from spinereview.workflow.recipes import Order, Recipe, SampleSeries, SampleTimepoint

GENERATOR = 2
"""Counts up when the same recipe gives other files."""
_WINDOWS = {"CT": (Decimal(40), Decimal(400)), "MR": (Decimal(350), Decimal(800))}
_FILM_WINDOW = (Decimal(2048), Decimal(4096))
_ATTRIBUTES: dict[Weighting, dict[str, Any]] = {
    Weighting.CT: {"ContrastBolusAgent": "PHANTOM", "ConvolutionKernel": "STANDARD"},
    Weighting.T1: {"RepetitionTime": "600", "EchoTime": "12"},
    Weighting.T2: {"RepetitionTime": "3600", "EchoTime": "105"},
    Weighting.STIR: {
        "ScanningSequence": ["IR", "SE"],
        "RepetitionTime": "4200",
        "EchoTime": "42",
        "InversionTime": "160",
    },
}
_FILM = {"PatientOrientation": ["P", "F"], "ViewPosition": "LL"}


def study_seed(recipe: Recipe, label: str) -> str:
    """What the UIDs of a visit's study are derived from."""
    return f"{recipe.id} {recipe.sha256} {GENERATOR} {label}"


@dataclass(slots=True)
class Painter:
    """Makes the images of one case; anatomy that the next visit shares is kept until then."""

    recipe: Recipe
    cancel: CancelToken
    _kept: dict[tuple[PhantomGrid, tuple[Weighting, ...]], Image] = field(default_factory=dict)

    def steps(self, point: SampleTimepoint) -> int:
        """How many steps a visit has: each image is painted, and written."""
        return 2 * sum(series.grid.slices for series in self.recipe.series_at(point.label))

    def write(self, folder: Path, point: SampleTimepoint, progress: Progress) -> None:
        """Write every series of a visit below a folder.

        Raises
        ------
        Cancelled
            The user asked for it.
        """
        total, done = self.steps(point), 0

        def painted(steps: int, _total: int) -> None:
            progress(done + steps, total)

        for listed in self._together(point):
            images = self._images(point, listed, painted)
            for place, series in enumerate(listed):
                self.cancel.check()
                # Films of one grid show the same: one image serves them all.
                image = images if series.projection else images[place]
                self._write(folder / series.name, point, series, image)
                done += 2 * series.grid.slices
                progress(done, total)

    def _together(self, point: SampleTimepoint) -> Iterator[tuple[SampleSeries, ...]]:
        """Series that share a grid, so that where things lie is worked out once."""
        left = list(self.recipe.series_at(point.label))
        while left:
            first = left[0]
            same = [one for one in left if one.grid == first.grid and one.projection == first.projection]
            yield tuple(same)
            left = [one for one in left if one not in same]

    def _images(self, point: SampleTimepoint, listed: tuple[SampleSeries, ...], progress: Progress) -> Image:
        """Images without noise: shape (series, slices, rows, columns), of films (1, rows, columns)."""
        grid, lesions = listed[0].grid, self._lesions(point)
        if listed[0].projection:
            return lateral_film(grid, point.spine, lesions, cancel=self.cancel)
        weightings = tuple(series.weighting for series in listed)
        key = (grid, weightings)
        images = self._kept.pop(key, None)
        if images is None:
            images = without_lesions(grid, point.spine, weightings, cancel=self.cancel, progress=progress)
        if self._needed_later(point, listed):
            self._kept[key] = images.copy()
        add_lesions(images, grid, lesions, weightings)
        return images

    def _needed_later(self, point: SampleTimepoint, listed: tuple[SampleSeries, ...]) -> bool:
        """Whether the next visit shows the same anatomy on the same images."""
        labels = [one.label for one in self.recipe.timepoints]
        place = labels.index(point.label) + 1
        if place == len(labels):
            return False
        following = self.recipe.timepoints[place]
        names = {series.name for series in listed}
        return following.collapsed == point.collapsed and names <= set(following.series)

    def _lesions(self, point: SampleTimepoint) -> tuple[PhantomLesion, ...]:
        """Lesions in the order of painting: those within bone first."""
        found = [lesion.at[point.label] for lesion in self.recipe.lesions if point.label in lesion.at]
        bone = [part for finding in found for part in finding.bone]
        return (*bone, *(part for finding in found for part in finding.parts))

    def _write(self, folder: Path, point: SampleTimepoint, series: SampleSeries, image: Image) -> None:
        number = 1 + self.recipe.series.index(series)
        exposure = Exposure(
            weighting=series.weighting,
            noise=float(series.noise),
            seed=point.seed * 64 + number,
            projection=series.projection,
        )
        samples = recorded(image, series.grid, exposure)
        grid = self.recipe.grid(point.label, series.name)
        falling = series.order is Order.FALLING
        x, y, z = grid.step_mm
        plan = SeriesPlan(
            modality=series.modality,
            seed=study_seed(self.recipe, point.label),
            geometry=SeriesGeometry(
                origin_mm=grid.position_mm(grid.slices - 1 if falling else 0),
                row_direction=grid.row_direction,
                column_direction=grid.column_direction,
                pixel_spacing_mm=grid.pixel_spacing_mm,
                step_mm=(-x, -y, -z) if falling else (x, y, z),
                slice_thickness_mm=grid.slab_mm,
            ),
            patient_id=self.recipe.subject_code,
            patient_name="Sample^Case",
            study_date=point.study_date,
            study_description="Sample case (phantom)",
            series_description=series.description,
            series_number=number,
            window=_FILM_WINDOW if series.projection else _WINDOWS[series.modality],
            calibration=series.calibration,
            attributes=_FILM if series.projection else _ATTRIBUTES[series.weighting],
        )
        write_series(folder, samples[::-1] if falling else samples, plan, multi_frame=series.enhanced)
