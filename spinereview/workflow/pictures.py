"""What a viewport asks of a stack: where its samples lie in the patient, its windows, its thumbnail, its samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from spinereview.dicom.checks import BETWEEN_SLICES
from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.dicom.load import allocate as allocate_volume
from spinereview.dicom.load import load_into, load_one, middle_outward
from spinereview.dicom.memory import memory_budget_bytes
from spinereview.dicom.suv import pet_scale
from spinereview.domain.imaging import Stack, StackKind
from spinereview.errors import DicomError
from spinereview.imaging.pet import PetScale
from spinereview.imaging.slicing import FloatVector, Grid
from spinereview.imaging.thumbnail import Greys, small_picture
from spinereview.imaging.volume import Volume
from spinereview.imaging.window import Window
from spinereview.tasks import CancelToken, Progress

Images = Sequence[tuple[FileHeader, FrameHeader]]

THUMBNAIL_SIDE = 96
CT_WINDOW = Window(centre=40, width=400)


def grid_of(images: Images, stack: Stack) -> Grid:
    """Where the samples of a stack lie.

    Rows and columns follow Image Orientation (Patient) and Pixel Spacing; images of a volume follow their own positions
    (PS3.3 C.7.6.2.1.1). Slice Thickness is never used.
    """
    file, frame = images[0]
    layout = file.pixels
    rows, columns = (layout.rows, layout.columns) if layout is not None else (1, 1)
    # Without a calibration the samples' own aspect is unknown; they are shown square.
    row_mm, column_mm = (float(value) for value in stack.pixel_spacing_mm or (Decimal(1), Decimal(1)))
    right, down = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    if frame.orientation is not None:
        right, down = (_floats(vector) for vector in frame.orientation)
    volume = stack.kind is StackKind.VOLUME
    tilted = not volume and stack.pixel_spacing_mm is not None and _only_tilted(stack)
    through = _step(images) if volume or tilted else (0.0, 0.0, 1.0)
    along = (through, _scaled(down, row_mm), _scaled(right, column_mm))
    placed = frame.position is not None and frame.orientation is not None
    return Grid(
        shape=(len(images), rows, columns),
        origin_mm=_floats(frame.position) if placed and frame.position is not None else None,
        along_mm=along,
        calibrated=stack.pixel_spacing_mm is not None,
        volume=volume,
        shift=(_steps_along(through, along[1]), _steps_along(through, along[2])) if tilted else (0.0, 0.0),
    )


def _only_tilted(stack: Stack) -> bool:
    """Whether nothing but the tilt of the gantry keeps images from being a volume."""
    return {code for code in stack.faults if code in BETWEEN_SLICES} == {"TILT"}


def _steps_along(step: FloatVector, sample: FloatVector) -> float:
    """How many samples a step goes along the direction of a row or column."""
    return sum(a * b for a, b in zip(step, sample, strict=True)) / sum(b * b for b in sample)


def stated_window(images: Images) -> Window | None:
    """Window that the middle image states (0028,1050 and 0028,1051, first pair); the soft-tissue window for other CT."""
    file, _ = images[len(images) // 2]
    attributes = dict(file.attributes)
    centre, width = (_number(attributes.get(name, "")) for name in ("WindowCenter", "WindowWidth"))
    if centre is not None and width is not None and width >= 1:
        return Window(centre=float(centre), width=float(width))
    return CT_WINDOW if file.modality == "CT" else None


def scale_of_values(images: Images) -> PetScale | None:
    """What the values of a PET are, and their SUV where it follows; None for other images."""
    return pet_scale(images)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """A stack that is being read: the empty volume and what fills it.

    ``whole`` is False where the stack exceeds the memory: then images are read one by one with :func:`one_image`.
    """

    volume: Volume | None
    whole: bool
    error: DicomError | None = None


def begin(images: Images, *, budget_bytes: int | None = None) -> Loading:
    """Ask for the memory of a whole stack; without it 2D reading still works.

    Parameters
    ----------
    budget_bytes
        Most memory that it may take; None: a share of what is free now.
    """
    try:
        return Loading(volume=allocate_volume(images, budget_bytes=budget_bytes), whole=True)
    except DicomError as error:
        if error.code != "MEMORY_BUDGET":
            raise
        return Loading(volume=None, whole=False, error=error)


def fill(
    images: Images,
    volume: Volume,
    *,
    first: int,
    cancel: CancelToken,
    progress: Progress,
    on_ready: Callable[[int], None],
    threads: int | None = None,
) -> None:
    """Read a stack into its volume, the image that is looked at first, then its neighbours to both sides.

    Parameters
    ----------
    threads
        How many read and decode at once; None: as many as it is worth.
    """
    order = sorted(middle_outward(len(images)), key=lambda place: abs(place - first))
    load_into(images, volume, cancel=cancel, progress=progress, on_ready=on_ready, order=order, threads=threads)


def one_image(images: Images, index: int) -> Volume:
    """One image as a volume of one."""
    return load_one(images, index)


def budget_bytes() -> int:
    """Memory that volumes may take together."""
    return memory_budget_bytes()


def thumbnail(images: Images) -> Greys | None:
    """Grey or coloured picture of the middle image, at most :data:`THUMBNAIL_SIDE` pixels a side; None where it has none."""
    try:
        volume = load_one(images, len(images) // 2)
    except DicomError:
        return None
    return small_picture(volume, stated_window(images), THUMBNAIL_SIDE)


def _step(images: Images) -> FloatVector:
    """Mean displacement from one image to the next; the gate has found all of them equal."""
    first, last = images[0][1].position, images[-1][1].position
    if first is None or last is None or len(images) < 2:
        return (0.0, 0.0, 1.0)
    count = len(images) - 1
    x, y, z = (float(b - a) / count for a, b in zip(first, last, strict=True))
    return (x, y, z)


def _floats(vector: tuple[Decimal, Decimal, Decimal]) -> FloatVector:
    return (float(vector[0]), float(vector[1]), float(vector[2]))


def _scaled(vector: FloatVector, factor: float) -> FloatVector:
    return (vector[0] * factor, vector[1] * factor, vector[2] * factor)


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.split("\\", 1)[0].strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
