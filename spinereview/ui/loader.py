"""Brings samples to the viewports: the image that is looked at first, the rest behind it; one by one where memory ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from spinereview.domain.imaging import Id
from spinereview.errors import Cancelled, SpineReviewError
from spinereview.imaging.volume import Volume
from spinereview.tasks import CancelToken, Progress
from spinereview.text import sentence
from spinereview.ui.fetching import Fetcher
from spinereview.ui.stacks import ShownStack, VolumeShelf
from spinereview.ui.tasks import Jobs
from spinereview.workflow.pictures import Images, Loading, begin, budget_bytes, fill, one_image


class StackLoader(QObject):
    """Loads stacks in the background; a stack is asked for once, however many viewports show it."""

    arrived = Signal(object, object)
    """(stack id, volume): the first image is there, more follow into the same volume."""
    grew = Signal(object)
    """Stack id: further images have arrived."""
    single = Signal(object, int, object)
    """(stack id, index, volume of one): an image of a stack that exceeds the memory."""
    failed = Signal(object, object)
    """(stack id, error): why nothing of it can be shown, or that it is shown image by image."""
    settled = Signal()
    """Nothing that was asked for is still being read: there is time for what may be asked for next."""

    def __init__(self, jobs: Jobs, images_of: Callable[[Id], Images], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._images_of = images_of
        self._shelf = VolumeShelf(budget_bytes())
        self._running: dict[Id, CancelToken] = {}
        self._one_by_one: set[Id] = set()
        self.ahead = Fetcher(jobs, self._shelf, images_of, self._settle)

    def volume(self, stack: Id) -> Volume | None:
        """Volume of a stack, as far as it is there."""
        return self._shelf.get(stack)

    def is_one_by_one(self, stack: Id) -> bool:
        """Whether a stack exceeds the memory, so that its images are read when they are looked at."""
        return stack in self._one_by_one

    def request(self, shown: ShownStack, first: int) -> None:
        """Bring a stack, the image ``first`` before the others."""
        stack = shown.stack.id
        if stack in self._one_by_one:
            self.request_one(stack, first)
            return
        volume = self._shelf.get(stack)
        if volume is not None:
            self.arrived.emit(stack, volume)
            if stack in self._running or volume.complete or len(volume.failed) + int(volume.ready.sum()) == len(volume):
                return
        elif stack in self._running:
            return
        if self.ahead.make_way(stack, partial(self.request, shown, first)):
            return
        images = self._images_of(stack)
        self._running[stack] = self._jobs.start(
            partial(self._load, stack, images, volume, first),
            partial(self._done, stack),
            partial(self._stopped, stack),
            title=sentence("UI_LOADING_STACK", {"name": shown.title}),
        )

    def request_one(self, stack: Id, index: int) -> None:
        """Bring one image of a stack that exceeds the memory."""
        images = self._images_of(stack)
        self._jobs.start(
            lambda _cancel, _progress: one_image(images, index),
            lambda volume: self.single.emit(stack, index, volume),
            partial(self._stopped, stack),
        )

    def fetch_ahead(self, wanted: Sequence[Id]) -> None:
        """Read what may be asked for next, the likeliest first, while nothing else is being read and memory is plenty."""
        if not self._running and not self._one_by_one:
            self.ahead.fetch(wanted)

    def forget(self) -> None:
        """Stop everything; another case is opened."""
        self.ahead.close()
        for token in self._running.values():
            token.cancel()
        self._running.clear()
        self._one_by_one.clear()
        self._shelf.clear()

    def _load(
        self, stack: Id, images: Images, volume: Volume | None, first: int, cancel: CancelToken, progress: Progress
    ) -> Loading:
        loading = Loading(volume=volume, whole=True) if volume is not None else begin(images)
        if loading.volume is not None:
            there = loading.volume
            announced = False

            def ready(_index: int) -> None:
                nonlocal announced
                if not announced:
                    announced = True
                    self._jobs.dispatch(lambda: self._arrived(stack, there))

            def grown(done: int, total: int) -> None:
                progress(done, total)

            fill(images, there, first=first, cancel=cancel, progress=grown, on_ready=ready)
        return loading

    def _arrived(self, stack: Id, volume: Volume) -> None:
        if stack in self._running:
            self._shelf.put(stack, volume)
            self.arrived.emit(stack, volume)

    def _done(self, stack: Id, loading: Loading) -> None:
        self._running.pop(stack, None)
        if loading.volume is not None:
            self._shelf.put(stack, loading.volume)
            self.arrived.emit(stack, loading.volume)
            self.grew.emit(stack)
            self._settle()
            return
        self._one_by_one.add(stack)
        if loading.error is not None:
            self.failed.emit(stack, loading.error)
        self.request_one(stack, len(self._images_of(stack)) // 2)

    def _stopped(self, stack: Id, error: SpineReviewError) -> None:
        self._running.pop(stack, None)
        if not isinstance(error, Cancelled):
            self.failed.emit(stack, error)
        self._settle()

    def _settle(self) -> None:
        if not self._running and not self.ahead.closed:
            self.settled.emit()
