"""Checks a delivery beside the window and shows what it holds; the same verdict as ``spinereview scan``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from spinereview.domain.imaging import Id
from spinereview.errors import SpineReviewError
from spinereview.tasks import CancelToken, Progress
from spinereview.text import sentence
from spinereview.ui.delivery_lines import lines_of, summary_of
from spinereview.ui.painting import picture
from spinereview.ui.panels.delivery import DeliveryPage
from spinereview.workflow.delivery import Delivery, delivery_of, look_at
from spinereview.workflow.pictures import thumbnail
from spinereview.workflow.protocol_files import GENERIC, find_protocol, read

if TYPE_CHECKING:
    from spinereview.ui.main_window import MainWindow


class DeliveryDesk(QObject):
    """The page of a delivery, made when it is first asked for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._page: DeliveryPage | None = None
        self._delivery: Delivery | None = None
        self._pictures: CancelToken | None = None

    @property
    def page(self) -> DeliveryPage:
        """The page."""
        if self._page is None:
            page = DeliveryPage(self._window)
            page.opened.connect(self._open)
            page.another.connect(self.choose)
            page.another_file.connect(self.choose_file)
            page.closed.connect(self.close)
            page.protocol_chosen.connect(self._compare)
            self._window.pages.addWidget(page)
            self._page = page
        return self._page

    def choose(self) -> None:
        """Ask for a folder, and check it."""
        chosen = QFileDialog.getExistingDirectory(self._window, sentence("UI_DELIVERY_CHOOSE"))
        if chosen:
            self.check(Path(chosen))

    def choose_file(self) -> None:
        """Ask for a ZIP archive, a DICOMDIR or one image, and check it."""
        title, kinds = sentence("UI_DELIVERY_CHOOSE_FILE"), sentence("UI_DELIVERY_FILTER")
        chosen, _ = QFileDialog.getOpenFileName(self._window, title, "", kinds)
        if chosen:
            self.check(Path(chosen))

    def check_what_is_opened(self) -> None:
        """Check what the page of opening asks about, against the protocol that is chosen there."""
        opening = self._window.opening
        if opening.path is not None:
            self.check(opening.path, str(opening.protocols.currentData() or GENERIC))

    def check(self, path: Path, protocol: str = GENERIC) -> None:
        """Scan a path, and show what it holds."""
        self._window.messages.clear()
        if self._pictures is not None:
            self._pictures.cancel()

        def work(cancel: CancelToken, progress: Progress) -> Delivery:
            return look_at(path, read(protocol), cancel=cancel, progress=progress)

        self._window.jobs.start(work, partial(self._found, protocol), self._window.say, title=sentence("UI_SCANNING"))

    def close(self) -> None:
        """Go back to the case, or to the first page."""
        if self._pictures is not None:
            self._pictures.cancel()
        self._window.pages.setCurrentWidget(self._window.bench or self._window.start)

    def _found(self, protocol: str, delivery: Delivery) -> None:
        page = self.page
        page.forget_pictures()
        place = page.protocols.findData(protocol)
        if place < 0 and delivery.protocol is not None:
            page.protocols.addItem(delivery.protocol.title, protocol)
            place = page.protocols.count() - 1
        page.protocols.setCurrentIndex(place)
        self._show(delivery)
        self._window.pages.setCurrentWidget(page)
        page.open_button.setFocus()
        self._start_pictures(delivery)

    def _show(self, delivery: Delivery) -> None:
        self._delivery = delivery
        path, opens = str(delivery.found.path), bool(delivery.stacks)
        self.page.show_lines(path, summary_of(delivery), lines_of(delivery), opens=opens)

    def _compare(self, name: str) -> None:
        if self._delivery is None:
            return
        try:
            protocol = read(str(find_protocol(name)))
        except SpineReviewError as error:
            self._window.refuse(error)
            return
        self._show(delivery_of(self._delivery.found, protocol))

    def _open(self) -> None:
        if self._delivery is not None:
            name = self.page.protocols.currentData()
            self.close()
            self._window.open_path(self._delivery.found.path)
            self._window.opening.choose_protocol(name)

    def _start_pictures(self, delivery: Delivery) -> None:
        def work(cancel: CancelToken, _progress: Progress) -> None:
            for found in delivery.stacks:
                cancel.check()
                shades = thumbnail(found.images)
                if shades is not None:
                    self._window.jobs.dispatch(partial(self._arrived, delivery, found.stack.id, shades))

        self._pictures = self._window.jobs.start(work, lambda _none: None, lambda _error: None)

    def _arrived(self, delivery: Delivery, stack: Id, shades: NDArray[np.uint8]) -> None:
        if self._delivery is not None and self._delivery.found is delivery.found:
            self.page.set_thumbnail(stack, picture(shades))
