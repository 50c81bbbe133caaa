"""Reads a recipe from its TOML file: tables of series, timepoints, lesions, levels and what is expected."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Calibration, StackKind
from spinereview.domain.lesion import LesionRole, LesionState, NewStatus
from spinereview.domain.lesion import Tissue as Kind
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue, ResourceError
from spinereview.imaging.phantom_contrast import Tissue, Weighting
from spinereview.imaging.phantom_grid import GridPlane, PhantomGrid, Vector
from spinereview.imaging.phantom_lesion import PhantomLesion, in_body, on_axial
from spinereview.imaging.phantom_spine import Heights
from spinereview.workflow.recipes import (
    Expected,
    Order,
    Recipe,
    SampleFinding,
    SampleLesion,
    SampleLevel,
    SampleSeries,
    SampleTimepoint,
)

SCHEMA = 2
_Tree = Mapping[str, Any]
_WRONG = (UnicodeDecodeError, tomllib.TOMLDecodeError, InvalidValue, KeyError, TypeError, ValueError, ArithmeticError)


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
    except (*_WRONG, StopIteration) as error:
        raise ResourceError("RECIPE_INVALID", file=path.name, error=error) from error


def _recipe(tree: _Tree, sha256: str) -> Recipe:
    if tree["schema"] != SCHEMA:
        raise KeyError("schema")
    series = tuple(_series(entry) for entry in tree["series"])
    timepoints = tuple(_timepoint(entry, series) for entry in tree["timepoint"])
    return Recipe(
        id=tree["id"],
        title=tree["title"],
        subject_code=tree["subject_code"],
        first_run=tree["first_run"],
        sha256=sha256,
        series=series,
        timepoints=timepoints,
        lesions=tuple(_Lesions(timepoints, series[0].grid).lesion(entry) for entry in tree["lesion"]),
        levels=_levels(tree.get("level", []), timepoints),
        expected=Table({label: _expected(entry) for label, entry in tree["expected"].items()}),
    )


def _series(entry: _Tree) -> SampleSeries:
    modality, kind = entry["modality"], StackKind(entry.get("kind", StackKind.VOLUME))
    row_mm, column_mm = (Decimal(value) for value in entry["pixel_spacing_mm"])
    grid = PhantomGrid(
        rows=entry["rows"],
        columns=entry["columns"],
        slices=entry.get("slices", 1),
        pixel_spacing_mm=(row_mm, column_mm),
        interval_mm=Decimal(entry.get("interval_mm", 1)),
        thickness_mm=Decimal(entry["thickness_mm"]) if "thickness_mm" in entry else None,
        plane=GridPlane(entry.get("plane", GridPlane.AXIAL)),
        middle_mm=_vector(entry["middle_mm"]),
        tilt_mm=Decimal(entry.get("tilt_mm", 0)),
    )
    return SampleSeries(
        name=entry["name"],
        modality=modality,
        weighting=Weighting(entry.get("weighting", Weighting.CT)),
        grid=grid,
        noise=Decimal(entry["noise"]),
        description=entry["description"],
        order=Order(entry.get("order", Order.RISING)),
        enhanced=entry.get("enhanced", False),
        calibration=Calibration(entry.get("calibration", Calibration.PATIENT)),
        kind=kind,
        faults=tuple(entry.get("faults", ())),
    )


def _timepoint(entry: _Tree, series: tuple[SampleSeries, ...]) -> SampleTimepoint:
    return SampleTimepoint(
        label=entry["label"],
        study_date=entry["study_date"],
        seed=entry["seed"],
        offset_mm=_vector(entry["offset_mm"]),
        series=tuple(entry.get("series", [one.name for one in series])),
        collapsed=Table({Level(key).value: _heights(value) for key, value in entry.get("collapsed", {}).items()}),
    )


class _Lesions:
    """Reads lesions: those on an axial image by its number, those in a bone by the frame of their vertebra."""

    def __init__(self, timepoints: tuple[SampleTimepoint, ...], grid: PhantomGrid) -> None:
        self._spines = {point.label: point.spine for point in timepoints}
        self._labels = [point.label for point in timepoints]
        self._grid = grid

    def lesion(self, entry: _Tree) -> SampleLesion:
        role, levels = LesionRole(entry["role"]), tuple(Level(key) for key in entry.get("levels", ()))
        seen = set(entry.get("at", {})) | set(entry.get("bone", {})) | set(entry.get("state", {}))
        if not seen <= set(self._labels):
            raise KeyError(entry["name"])
        first = min(map(self._labels.index, seen))
        return SampleLesion(
            name=entry["name"],
            role=role,
            organ=entry["organ"],
            location=entry["location"],
            nodal=entry.get("nodal", False),
            levels=levels,
            tissue=Kind(entry["tissue"]) if "tissue" in entry else None,
            soft_tissue=entry.get("soft_tissue"),
            at=Table({label: self._finding(entry, label, role, levels) for label in self._labels[first:]}),
        )

    def _finding(self, entry: _Tree, label: str, role: LesionRole, levels: tuple[Level, ...]) -> SampleFinding:
        sizes, new = entry.get("at", {}).get(label, []), entry.get("new", {}).get(label)
        listed = [sizes] if isinstance(sizes, Mapping) else sizes
        parts = tuple(self._part(entry, size, label, levels) for size in listed)
        bone = tuple(self._in_bone(entry, size, label, levels) for size in entry.get("bone", {}).get(label, []))
        state = entry.get("state", {}).get(label)
        return SampleFinding(
            state=LesionState(state) if state is not None else _usual(role, len(parts), len(bone)),
            parts=parts,
            bone=bone,
            new_status=None if new is None else NewStatus(new),
            cause=entry.get("cause", "") if new == NewStatus.EQUIVOCAL else "",
            justification=entry.get("justification", {}).get(label, ""),
        )

    def _part(self, entry: _Tree, size: _Tree, label: str, levels: tuple[Level, ...]) -> PhantomLesion:
        if "slice" not in size:
            return self._in_bone(entry, size, label, levels)
        x, y = (Decimal(size.get(key, entry.get(key))) for key in ("x_mm", "y_mm"))
        return PhantomLesion(
            name=entry["name"],
            centre_mm=(float(x), float(y), float(self._grid.middle_of(size["slice"])[2])),
            long_mm=Decimal(size["long_mm"]),
            short_mm=Decimal(size["short_mm"]),
            height_mm=Decimal(size["height_mm"]),
            axes=on_axial(Decimal(size["angle_deg"])),
            tissue=Tissue(entry.get("paint", Tissue.TUMOUR)),
            core=Tissue.NECROSIS if entry.get("necrotic", False) else None,
        )

    def _in_bone(self, entry: _Tree, size: _Tree, label: str, levels: tuple[Level, ...]) -> PhantomLesion:
        place = tuple(float(value) for value in size["place_mm"])
        across = tuple(Decimal(value) for value in size["size_mm"])
        level = Level(size.get("level", levels[0] if levels else ""))
        painted = Tissue.BLASTIC if entry.get("tissue") == Kind.BLASTIC else Tissue.LYTIC
        return in_body(
            self._spines[label].at(level),
            entry["name"],
            (place[0], place[1], place[2]),
            (across[0], across[1], across[2]),
            painted,
            Tissue.BLASTIC if entry.get("tissue") == Kind.MIXED else None,
        )


def _usual(role: LesionRole, parts: int, bone: int) -> LesionState:
    """State of a lesion of which the recipe says no other."""
    if not parts and not bone:
        return LesionState.ABSENT
    if role in {LesionRole.TARGET, LesionRole.TREATED_SITE}:
        return LesionState.SPLIT if parts > 1 else LesionState.MEASURED
    return LesionState.PRESENT


def _levels(entries: list[_Tree], timepoints: tuple[SampleTimepoint, ...]) -> Table[tuple[SampleLevel, ...]]:
    found: dict[str, list[SampleLevel]] = {point.label: [] for point in timepoints}
    for entry in entries:
        for label, said in entry["at"].items():
            found[label].append(_level(Level(entry["level"]), said))
    return Table({label: tuple(levels) for label, levels in found.items() if levels})


def _level(level: Level, said: _Tree) -> SampleLevel:
    return SampleLevel(
        level=level,
        answers=Table(dict(said.get("answers", {}))),
        heights_on=tuple(said.get("heights_on", ())),
        grade=Decimal(said["grade"]) if "grade" in said else None,
        sins=said.get("sins"),
        category=said.get("category", ""),
        flag=said.get("flag", ""),
        deformity=said.get("deformity", ""),
    )


def _expected(entry: _Tree) -> Expected:
    return Expected(
        sum_mm=Decimal(entry["sum_mm"]),
        target=entry.get("target", ""),
        non_target=entry.get("non_target", ""),
        new=entry.get("new", ""),
        overall=entry.get("overall", ""),
    )


def _vector(values: list[Any]) -> Vector:
    x, y, z = (Decimal(value) for value in values)
    return x, y, z


def _heights(values: list[Any]) -> Heights:
    front, middle, back = (Decimal(value) for value in values)
    return front, middle, back
