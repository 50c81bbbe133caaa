"""Small pictures of the series beside their names: made in the background, and given up with the page that shows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from spinereview.domain.imaging import Id
from spinereview.errors import SpineReviewError
from spinereview.tasks import CancelToken, Progress
from spinereview.ui.painting import picture
from spinereview.ui.panels.series import SeriesPanel
from spinereview.ui.tasks import Jobs
from spinereview.workflow.pictures import Images, thumbnail


class Thumbnails:
    """Fills the list of series with pictures."""

    def __init__(self, panel: SeriesPanel, jobs: Jobs, failed: Callable[[SpineReviewError], None]) -> None:
        self._panel, self._jobs, self._failed = panel, jobs, failed
        self._token: CancelToken | None = None

    def start(self, stacks: tuple[Id, ...], images_of: Callable[[Id], Images]) -> None:
        """Make a picture of each stack, one after the other."""

        def work(cancel: CancelToken, _progress: Progress) -> None:
            for stack in stacks:
                cancel.check()
                shades = thumbnail(images_of(stack))
                if shades is not None:
                    self._jobs.dispatch(partial(self._show, cancel, stack, shades))

        self._token = self._jobs.start(work, lambda _none: None, self._failed)

    def close(self) -> None:
        """Show no more: the list goes, and what is under way comes too late."""
        if self._token is not None:
            self._token.cancel()

    def _show(self, cancel: CancelToken, stack: Id, shades: NDArray[np.uint8]) -> None:
        if not cancel.cancelled:
            self._panel.set_thumbnail(stack, picture(shades))
