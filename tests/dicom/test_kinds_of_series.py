"""CT and MR as scanners send them, classic and enhanced: each kind is parted with its reason and keeps its values.

Image k of a kind at position n has the stored value 100 k + n + 1 everywhere, so that a sample says where it belongs.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from spinereview.dicom.load import load
from spinereview.dicom.scan import scan
from spinereview.dicom.series_plan import SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.domain.imaging import StackKind
from spinereview.tasks import CancelToken

Plan = Callable[..., SeriesPlan]
POSITIONS = 4


def item(**values: object) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, [value] if isinstance(value, Dataset) else value)
    return made


def stored(kinds: int) -> np.ndarray:
    values = [100 * kind + place + 1 for kind in range(kinds) for place in range(POSITIONS)]
    return np.array(values, dtype=np.uint16)[:, None, None] * np.ones((1, 6, 5), dtype=np.uint16)


def classic(folder: Path, plan: SeriesPlan, told: list[dict[str, object]]) -> Path:
    """One file an image: every kind at every position."""
    paths = write_series(folder, stored(len(told)), plan)
    for number, path in enumerate(paths):
        dataset = dcmread(path)
        kind, place = divmod(number, POSITIONS)
        dataset.ImagePositionPatient = ["0", "0", str(3 * place)]
        for keyword, value in told[kind].items():
            setattr(dataset, keyword, value)
        dataset.save_as(path)
    return folder


def enhanced(
    folder: Path, plan: SeriesPlan, told: list[dict[str, dict[str, object]]], *, shared: str = "shared"
) -> Path:
    """One file of many frames, the last one first; ``shared``: groups of all frames, of each frame, or of both."""
    (path,) = write_series(folder, stored(len(told)), plan, multi_frame=True)
    dataset = dcmread(path)
    common = dataset.SharedFunctionalGroupsSequence[0]
    for number, frame in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        kind, place = divmod(number, POSITIONS)
        frame.PlanePositionSequence[0].ImagePositionPatient = ["0", "0", str(3 * place)]
        for sequence, values in told[kind].items():
            if sequence in frame:
                for keyword, value in values.items():
                    setattr(frame[sequence][0], keyword, value)
            else:
                setattr(frame, sequence, [item(**values)])
        if shared != "shared":
            for element in common:
                if element.keyword not in frame:
                    frame.add(deepcopy(element))
    if shared == "each":
        del dataset.SharedFunctionalGroupsSequence
    if shared == "both":
        # What all share contradicts what each says: each frame's own group wins (PS3.3 C.7.6.16.1.1).
        measures = item(PixelSpacing=["9", "9"], SliceThickness="9")
        common.PixelMeasuresSequence = [measures]
    dataset.save_as(path)
    return folder


def stacks(folder: Path):
    return scan(folder, cancel=CancelToken()).stacks


def values(result) -> list[float]:
    volume = load(result.images)
    for place in range(len(volume)):
        assert np.ptp(volume.stored(place)) == 0
    return [volume.value_at(place, 2, 2) for place in range(len(volume))]


CLASSIC = {
    "b-values": ("SPLIT_B_VALUE", [{"DiffusionBValue": 0.0}, {"DiffusionBValue": 800.0}]),
    "echoes": ("SPLIT_ECHO", [{"EchoTime": "5.19"}, {"EchoTime": "7.65"}, {"EchoTime": "10.1"}]),
    "echo numbers": ("SPLIT_ECHO", [{"EchoNumbers": "1"}, {"EchoNumbers": "2"}]),
    "Dixon": (
        "SPLIT_IMAGE_TYPE",
        [{"ImageType": ["DERIVED", "PRIMARY", "DIXON", kind]} for kind in ("WATER", "FAT", "IN_PHASE", "OUT_PHASE")],
    ),
    "magnitude and phase": (
        "SPLIT_IMAGE_TYPE",
        [{"ImageType": ["ORIGINAL", "PRIMARY", kind, "ND"]} for kind in ("M", "P")],
    ),
    "inversion": ("SPLIT_INVERSION", [{"InversionTime": "150"}, {"InversionTime": "2500"}]),
    "dynamic": ("SPLIT_TIME", [{"TemporalPositionIdentifier": number} for number in (1, 2, 3)]),
    "dynamic by acquisition": ("SPLIT_TIME", [{"AcquisitionNumber": number} for number in (1, 2)]),
    "cardiac": ("SPLIT_TIME", [{"TriggerTime": "10"}, {"TriggerTime": "500"}]),
    "contrast": ("SPLIT_CONTRAST", [{}, {"ContrastBolusAgent": "Gadobutrol"}]),
}
ENHANCED = {
    "b-values": ("SPLIT_B_VALUE", "MRDiffusionSequence", [{"DiffusionBValue": 0.0}, {"DiffusionBValue": 800.0}]),
    "directions": (
        "SPLIT_DIRECTION",
        "MRDiffusionSequence",
        [
            {
                "DiffusionBValue": 800.0,
                "DiffusionGradientDirectionSequence": item(DiffusionGradientOrientation=list(direction)),
            }
            for direction in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
        ],
    ),
    "echoes": ("SPLIT_ECHO", "MREchoSequence", [{"EffectiveEchoTime": 5.19}, {"EffectiveEchoTime": 7.65}]),
    "Dixon": (
        "SPLIT_IMAGE_TYPE",
        "MRImageFrameTypeSequence",
        [{"FrameType": ["DERIVED", "PRIMARY", "DIXON", kind]} for kind in ("WATER", "FAT")],
    ),
    "magnitude and phase": (
        "SPLIT_IMAGE_TYPE",
        "MRImageFrameTypeSequence",
        [
            {"FrameType": ["ORIGINAL", "PRIMARY", "A", "B"], "ComplexImageComponent": kind}
            for kind in ("MAGNITUDE", "PHASE")
        ],
    ),
    "inversion": ("SPLIT_INVERSION", "MRModifierSequence", [{"InversionTimes": [150.0]}, {"InversionTimes": [2500.0]}]),
    "dynamic": ("SPLIT_TIME", "FrameContentSequence", [{"TemporalPositionIndex": number} for number in (1, 2, 3)]),
    "dynamic by offset": (
        "SPLIT_TIME",
        "TemporalPositionSequence",
        [{"TemporalPositionTimeOffset": 0.0}, {"TemporalPositionTimeOffset": 12.5}],
    ),
    "dynamic by date": (
        "SPLIT_TIME",
        "FrameContentSequence",
        [{"FrameAcquisitionDateTime": f"2026010112000{second}"} for second in (1, 7)],
    ),
    "cardiac": (
        "SPLIT_TIME",
        "CardiacSynchronizationSequence",
        [{"NominalCardiacTriggerDelayTime": 10.0}, {"NominalCardiacTriggerDelayTime": 500.0}],
    ),
}


def parted(results, code: str, kinds: int) -> None:
    assert len(results) == kinds
    for result in results:
        assert result.stack.kind is StackKind.VOLUME
        assert (len(result.stack.images), result.stack.slice_interval_mm) == (POSITIONS, 3)
        assert code in result.stack.faults
        assert result.distinguished_by
    found = sorted(values(result) for result in results)
    assert found == [[100 * kind + place + 1 for place in range(POSITIONS)] for kind in range(kinds)]


@pytest.mark.parametrize("name", list(CLASSIC))
def test_a_classic_series_is_parted_by_what_repeats_its_positions(tmp_path: Path, plan: Plan, name: str) -> None:
    """Two echoes, b-values, mixed planes: a wrong volume and no error. Each is split, with the reason."""
    code, told = CLASSIC[name]
    parted(stacks(classic(tmp_path, plan(modality="MR"), told)), code, len(told))


@pytest.mark.parametrize("shared", ["shared", "each", "both"])
@pytest.mark.parametrize("name", list(ENHANCED))
def test_an_enhanced_file_is_parted_the_same_with_and_without_shared_groups(
    tmp_path: Path, plan: Plan, name: str, shared: str
) -> None:
    """Multi-frame z-spacing wrong: geometry and kind come from the per-frame groups."""
    code, sequence, kinds = ENHANCED[name]
    told = [{sequence: kind} for kind in kinds]
    parted(stacks(enhanced(tmp_path, plan(modality="MR"), told, shared=shared)), code, len(told))


def test_two_kernels_of_an_enhanced_ct_are_two_stacks(tmp_path: Path, plan: Plan) -> None:
    told = [{"CTReconstructionSequence": {"ConvolutionKernel": kernel}} for kernel in ("BONE", "STANDARD")]
    parted(stacks(enhanced(tmp_path, plan(modality="CT"), told)), "SPLIT_KERNEL", 2)


@pytest.mark.parametrize("shared", ["shared", "each", "both"])
@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_an_enhanced_file_has_the_geometry_and_values_of_the_same_classic_series(
    tmp_path: Path, plan: Plan, modality: str, shared: str
) -> None:
    """Multi-frame z-spacing wrong: enhanced CT and MR geometry from the per-frame groups."""
    slopes = tuple(Decimal(value) for value in ("1", "2.5", "0.5", "4"))
    given = plan(modality=modality, slopes=slopes, intercepts=(Decimal(-1024),))
    (one,) = stacks(classic(tmp_path / "classic", given, [{}]))
    (many,) = stacks(enhanced(tmp_path / "enhanced", given, [{}], shared=shared))
    for name in (
        "kind",
        "plane",
        "pixel_spacing_mm",
        "calibration",
        "slice_interval_mm",
        "slice_thickness_mm",
        "faults",
    ):
        assert getattr(many.stack, name) == getattr(one.stack, name), name
    assert [frame.position for _, frame in many.images] == [frame.position for _, frame in one.images]
    assert values(many) == values(one) == [1 - 1024, 5 - 1024, 1.5 - 1024, 16 - 1024]


def test_frames_of_another_spacing_are_another_stack(tmp_path: Path, plan: Plan) -> None:
    """The spacing of the file, of all frames and of each frame contradict each other: each frame's own is taken."""
    measures = [
        {"PixelMeasuresSequence": {"PixelSpacing": [size, size], "SliceThickness": "3"}} for size in ("0.5", "0.8")
    ]
    (path,) = enhanced(tmp_path, plan(modality="MR"), measures, shared="both").iterdir()
    dataset = dcmread(path)
    dataset.PixelSpacing = ["7", "7"]
    dataset.save_as(path)
    results = stacks(tmp_path)
    assert [result.stack.pixel_spacing_mm for result in results] == [(Decimal(size),) * 2 for size in ("0.5", "0.8")]
    assert all("SPLIT_SPACING" in result.stack.faults for result in results)
