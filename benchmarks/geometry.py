"""The gate: how many kinds of bad geometry are refused, split or corrected with their reason. No peer; a count, no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from benchmarks.harness import Bench, Goal, Result
from benchmarks.phantoms import plan, samples
from spinereview.dicom.calibration import checked
from spinereview.dicom.geometry import StackResult, gate
from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.dicom.parse import read_header
from spinereview.dicom.write import write_series
from spinereview.domain.imaging import Calibration, Permission, StackKind

GOAL = Goal(id="A3", what="bad geometries without a reason, of 11", limit=0)
GOALS = (GOAL,)


@dataclass(frozen=True, slots=True)
class Bad:
    """A way in which a series is wrong, and what must hold of its stacks."""

    name: str
    change: Callable[[int, FrameHeader], FrameHeader]
    handled: Callable[[tuple[StackResult, ...]], bool]


def run(bench: Bench) -> Iterator[Result]:
    folder = bench.once("gate", lambda path: write_series(path, samples((12, 32, 32)), plan("gate")))
    headers = [header for header in (read_header(path) for path in sorted(folder.iterdir())) if header is not None]
    good = gate(headers)
    if len(good) != 1 or good[0].stack.kind is not StackKind.VOLUME or good[0].faults:
        raise AssertionError("the good series is not one volume without a fault")
    missed = [bad.name for bad in BAD if not bad.handled(gate(_changed(headers, bad)))]
    yield Result(goal=GOAL, value=len(missed), notes={"kinds": [bad.name for bad in BAD], "missed": missed})


def _changed(headers: list[FileHeader], bad: Bad) -> list[FileHeader]:
    return [
        replace(header, frames=tuple(bad.change(place, frame) for frame in header.frames))
        for place, header in enumerate(headers)
    ]


def _moved(frame: FrameHeader, x: str = "0", y: str = "0", z: str = "0") -> FrameHeader:
    assert frame.position is not None
    position = tuple(value + Decimal(step) for value, step in zip(frame.position, (x, y, z), strict=True))
    return replace(frame, position=(position[0], position[1], position[2]))


def _no_volume(stacks: tuple[StackResult, ...]) -> bool:
    """Nothing is measured between slices, and a fault says why."""
    return all(Permission.BETWEEN_SLICES not in one.stack.may_measure and one.faults for one in stacks)


def _no_mm(stacks: tuple[StackResult, ...]) -> bool:
    return all(not one.stack.may_measure and one.faults for one in stacks)


def _split(stacks: tuple[StackResult, ...]) -> bool:
    return len(stacks) == 2 and all(one.uniform and one.faults for one in stacks)


def _spacing(row: Decimal | None) -> Callable[[int, FrameHeader], FrameHeader]:
    """What the parser makes of a Pixel Spacing that is none; NaN and words are None already where numbers are read."""
    spacing, code = checked((row, Decimal("0.7")))
    if spacing is not None or not code:
        raise AssertionError(f"a pixel spacing of {row} passed")

    def change(_place: int, frame: FrameHeader) -> FrameHeader:
        return replace(frame, pixel_spacing_mm=None, calibration=Calibration.NONE, faults=(*frame.faults, code))

    return change


def _second_half(place: int) -> bool:
    return place >= 6


BAD = (
    Bad("zero spacing", _spacing(Decimal(0)), _no_mm),
    Bad("negative spacing", _spacing(Decimal("-0.7")), _no_mm),
    Bad("spacing that is no number", _spacing(None), _no_mm),
    Bad("gap", lambda place, frame: _moved(frame, z="3" if _second_half(place) else "0"), _no_volume),
    Bad("uneven distances", lambda place, frame: _moved(frame, z=str(Decimal(place * place) / 10)), _no_volume),
    Bad("tilt", lambda place, frame: _moved(frame, y=str(Decimal(place) / 5)), _no_volume),
    Bad("one position", lambda place, frame: _moved(frame, z=str(-place)), _no_volume),
    Bad("missing positions", lambda _place, frame: replace(frame, position=None), _no_volume),
    Bad(
        "mixed frames of reference",
        lambda place, frame: replace(frame, frame_of_reference_uid="1.2.3") if _second_half(place) else frame,
        _split,
    ),
    Bad(
        "two echoes at each position",
        lambda place, frame: replace(
            _moved(frame, z="-6" if _second_half(place) else "0"),
            split=(("EchoTime", "80" if _second_half(place) else "10"),),
        ),
        _split,
    ),
    Bad(
        "two orientations",
        lambda place, frame: replace(
            frame,
            orientation=((Decimal(1), Decimal(0), Decimal(0)), (Decimal(0), Decimal(0), Decimal(-1)))
            if _second_half(place)
            else frame.orientation,
        ),
        lambda stacks: len(stacks) > 1 and all(one.faults for one in stacks),
    ),
)
"""Zero, NaN, negative spacing, gap, tilt, mixed frames, one position, two echoes, and what else was met."""
