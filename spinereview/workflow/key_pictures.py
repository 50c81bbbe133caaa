"""Planes of a case's images for its report: read one by one, and only where the files are those that were measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from spinereview.dicom.digest import stack_sha256
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id, ImageRef, Stack
from spinereview.domain.measurement import PointUm
from spinereview.errors import CaseError, DicomError
from spinereview.imaging.plane_picture import png_bytes, windowed
from spinereview.imaging.slicing import (
    Grid,
    Orientation,
    PlaneSet,
    direction_letters,
    orientations,
    place_on_plane,
    plane_set,
)
from spinereview.imaging.thumbnail import Greys
from spinereview.imaging.volume import Volume
from spinereview.imaging.window import Window
from spinereview.report.key_images import PlaneWanted, ShownPlane
from spinereview.review.spine_overlay import Place
from spinereview.tasks import CancelToken
from spinereview.workflow.pictures import Images, begin, fill, grid_of, one_image, stated_window
from spinereview.workflow.source import CaseSource

_DIGITS = 6
"""Decimals of a reformat's spacing: for drawing, nothing is measured from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """A plane whose samples were read, in greys or colours of its window.

    Parameters
    ----------
    planes, index
        Where it lies in the grid of its stack.
    """

    planes: PlaneSet
    index: int
    spacing: tuple[Decimal, Decimal]
    window: str
    shades: Greys = field(repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.planes.size

    @property
    def calibrated(self) -> bool:
        """Whether lengths on the plane are millimetres."""
        return self.planes.grid.calibrated

    @property
    def orientation(self) -> str:
        """``NATIVE`` for an acquired image, else the anatomical plane of the reformat."""
        return self.planes.orientation.value

    @property
    def number(self) -> tuple[int, int]:
        """Which plane of how many."""
        return self.index + 1, self.planes.count

    @property
    def letters(self) -> tuple[str, str]:
        """Where the right and the lower edge lie in the patient; empty where that is not known."""
        if self.planes.grid.origin_mm is None:
            return "", ""
        right, down = self.planes.directions()
        return direction_letters(right), direction_letters(down)

    @property
    def place(self) -> Place:
        """Where points of the patient lie on it."""
        return partial(place_on_plane, self.planes, self.index)

    def png(self, left: int, top: int, columns: int, rows: int) -> bytes:
        """PNG of a part of it."""
        return png_bytes(self.shades[top : top + rows, left : left + columns])


class KeyPictures:
    """Reads the planes that a report asks for.

    Parameters
    ----------
    recorded
        Hash of each stack as the trail has it; a stack without one cannot be compared, and is shown.
    done
        Called after each plane.
    """

    def __init__(
        self,
        source: CaseSource,
        case: Case,
        recorded: Mapping[str, str],
        *,
        cancel: CancelToken,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._source, self._case, self._recorded = source, case, recorded
        self._cancel, self._done = cancel, done
        self._images: dict[Id, Images | CaseError] = {}
        self._volume: tuple[Id, Volume] | None = None

    def plane_of(self, wanted: PlaneWanted) -> ShownPlane:
        """Plane of a stack.

        Raises
        ------
        CaseError
            ``REPORT_IMAGES_MISSING``, ``REPORT_IMAGES_ALTERED``, ``REPORT_IMAGE_UNKNOWN``, ``REPORT_PLANE_NONE``,
            ``REPORT_TOO_LARGE``.
        DicomError
            The image cannot be read.
        Cancelled
            The user asked for it.
        """
        self._cancel.check()
        found = self._case.find_stack(wanted.stack)
        if found is None:
            raise CaseError("REPORT_IMAGE_UNKNOWN")
        stack = found[1]
        images = self._checked(stack)
        try:
            if wanted.image is not None:
                return self._acquired(stack, images, wanted.image)
            return self._through(stack, images, wanted.through_um)
        finally:
            self._done()

    def _checked(self, stack: Stack) -> Images:
        """Images of a stack that are those of the trail; each stack is hashed once."""
        if stack.id not in self._images:
            self._images[stack.id] = self._compared(stack)
        found = self._images[stack.id]
        if isinstance(found, CaseError):
            raise found
        return found

    def _compared(self, stack: Stack) -> Images | CaseError:
        images = self._source.images(stack.id)
        if not images:
            return CaseError("REPORT_IMAGES_MISSING")
        recorded = self._recorded.get(stack.id)
        if recorded is not None and stack_sha256(tuple(images), cancel=self._cancel) != recorded:
            return CaseError("REPORT_IMAGES_ALTERED")
        return images

    def _acquired(self, stack: Stack, images: Images, image: ImageRef) -> Plane:
        # By its name, not by its place in the case: what was found is what is read.
        named = [(file.sop_uid, frame.number) for file, frame in images]
        if (image.sop_uid, image.frame) not in named:
            raise CaseError("REPORT_IMAGE_UNKNOWN")
        index = named.index((image.sop_uid, image.frame))
        grid = grid_of(images, stack)
        volume = one_image(images, index)
        volume.stored(0)
        planes = plane_set(grid, Orientation.NATIVE)
        alone = plane_set(replace(grid, shape=(1, *grid.shape[1:])), Orientation.NATIVE)
        shades, window = windowed(volume, alone, 0, stated_window(images))
        spacing = stack.pixel_spacing_mm or (Decimal(1), Decimal(1))
        return Plane(planes=planes, index=index, spacing=spacing, window=_window_text(window), shades=shades)

    def _through(self, stack: Stack, images: Images, points_um: tuple[PointUm, ...]) -> Plane:
        grid = grid_of(images, stack)
        found = _nearest(grid, points_um)
        if found is None:
            raise CaseError("REPORT_PLANE_NONE")
        planes, index = found
        shades, window = windowed(self._whole(stack, images), planes, index, stated_window(images))
        down, right = (round(Decimal(length), _DIGITS) for length in planes.spacing)
        return Plane(planes=planes, index=index, spacing=(down, right), window=_window_text(window), shades=shades)

    def _whole(self, stack: Stack, images: Images) -> Volume:
        """Volume of a stack; the last one is kept."""
        if self._volume is None or self._volume[0] != stack.id:
            self._volume = None
            loading = begin(images)
            if loading.volume is None:
                raise CaseError("REPORT_TOO_LARGE")
            fill(
                images,
                loading.volume,
                first=0,
                cancel=self._cancel,
                progress=lambda _done, _total: None,
                on_ready=lambda _index: None,
            )
            self._volume = (stack.id, loading.volume)
        volume = self._volume[1]
        if volume.failed:
            # A reformat with a gap would show a vertebra that is not there.
            raise DicomError(next(iter(volume.failed.values())).code, **next(iter(volume.failed.values())).arguments)
        return volume


def _nearest(grid: Grid, points_um: tuple[PointUm, ...]) -> tuple[PlaneSet, int] | None:
    """Plane that lies nearest to some points, of all orientations that the images allow."""
    best: tuple[int, PlaneSet, int] | None = None
    for orientation in orientations(grid):
        planes = plane_set(grid, orientation)
        places = [planes.to_plane((x / 1000, y / 1000, z / 1000)) for x, y, z in points_um]
        known = [place for place in places if place is not None]
        if not known or len(known) < len(places):
            continue
        index = round(sum(place[0] for place in known) / len(known))
        if not 0 <= index < planes.count:
            continue
        found = [place_on_plane(planes, index, point) for point in points_um]
        far = max(distance for one in found if one is not None for distance in (one[1],))
        if best is None or far < best[0]:
            best = (far, planes, index)
    return None if best is None else best[1:]


def _window_text(window: Window | None) -> str:
    return "" if window is None else f"{window.width:.0f} / {window.centre:.0f}"
