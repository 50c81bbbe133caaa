"""What reading a sample case gave, beside what its recipe says that it must give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case
from spinereview.domain.imaging import Calibration, Id
from spinereview.domain.table import Table
from spinereview.workflow.recipes import Recipe, SampleLevel

TENTH_MM = Decimal("0.1")
Stacks = Mapping[tuple[str, str], Id]
"""Id of each stack, by the label of its timepoint and the name of its series."""


def stacks_of(recipe: Recipe, case: Case, title_of: Callable[[Id], str]) -> Stacks:
    """Stacks of a case that was made from a recipe.

    Parameters
    ----------
    title_of
        Series Description of a stack, as it is listed.
    """
    return {
        (timepoint.label, series.name): next(
            Id(stack) for stack in timepoint.stacks if title_of(Id(stack)) == series.description
        )
        for timepoint in case.in_order
        for series in recipe.series_at(timepoint.label)
    }


def differences(recipe: Recipe, case: Case, answers: Table[Assessment], stacks: Stacks) -> list[str]:
    """What reading a case gave otherwise than its recipe says, in words; a height may be a tenth of a millimetre off.

    Lengths that enter a sum, outcomes, scores and events must be equal.
    """
    at = {timepoint.label: timepoint.id for timepoint in case.in_order}
    compared = [*_responses(recipe, at, answers), *_spine(recipe, at, answers), *_heights(recipe, at, answers, stacks)]
    return [f"{what}: {given}, not {wanted}" for what, given, wanted in compared if given != wanted]


_Compared = Iterator[tuple[str, object, object]]


def _responses(recipe: Recipe, at: Mapping[str, Id], answers: Table[Assessment]) -> _Compared:
    for label, expected in recipe.expected.items():
        yield f"{label} sum", answers[f"{at[label]}/target"].values["sum_mm"], expected.sum_mm
        for part in ("target", "non_target", "new", "overall"):
            wanted = getattr(expected, part)
            if wanted:
                yield f"{label} {part}", answers[f"{at[label]}/{part}"].outcome, wanted


def _levels(recipe: Recipe) -> Iterator[tuple[str, SampleLevel]]:
    for label, listed in recipe.levels.items():
        yield from ((label, asked) for asked in listed)


def _spine(recipe: Recipe, at: Mapping[str, Id], answers: Table[Assessment]) -> _Compared:
    for label, asked in _levels(recipe):
        if asked.category:
            score = answers[f"{at[label]}/sins/{asked.level}"]
            yield f"{label} SINS {asked.level}", score.values["total"], asked.sins
            yield f"{label} SINS {asked.level} category", score.outcome, asked.category
        if asked.heights_on:
            yield f"{label} fracture {asked.level}", answers[f"{at[label]}/fracture/{asked.level}"].outcome, asked.flag


def _heights(recipe: Recipe, at: Mapping[str, Id], answers: Table[Assessment], stacks: Stacks) -> _Compared:
    for label, asked in _levels(recipe):
        for series in asked.heights_on:
            given = answers[f"{at[label]}/fracture/{asked.level}/{stacks[label, series]}"].values
            true = recipe.level_truth(asked.level, label, series).heights_mm
            calibrated = recipe.series_named(series).calibration != Calibration.NONE
            for key, wanted in zip(("ha_mm", "hm_mm", "hp_mm"), true, strict=True):
                drawn = given[key]
                near = calibrated and drawn is not None and abs(drawn - wanted) <= TENTH_MM
                what = f"{label} {key} of {asked.level} on {series}"
                yield what, wanted if near else drawn, wanted if calibrated else None
