"""Starts the window."""

from __future__ import annotations

import gc
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from spinereview.tasks import share_one_heap
from spinereview.ui.main_window import MainWindow
from spinereview.ui.painted import once_painted
from spinereview.ui.theme import apply_theme
from spinereview.workflow.decoding import warm_up
from spinereview.workflow.reads import RECORD_SUFFIX, Workstation
from spinereview.workflow.settings import SettingsFolder

SAMPLE_READER = "GUEST"
"""Reader code of the sample case where nobody has given one."""
LATE = (
    "vtkmodules",
    "SimpleITK",
    "scipy",
    "matplotlib",
    "weasyprint",
    "pydicom.sr",
    "spinereview.imaging.phantom_lesion",
    "spinereview.ui.clinical_window",
    "spinereview.ui.drive",
    "spinereview.workflow.samples",
)
"""Libraries and modules that only a later act needs: loaded at the start, they would make everybody wait for them."""


def application() -> QApplication:
    """The one application object, themed."""
    share_one_heap()
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("spinereview")
    app.setDesktopFileName("spinereview")
    apply_theme(app)
    # Threads that read files and headers give way to the window within a millisecond, not within the usual five.
    sys.setswitchinterval(0.001)
    # What has been loaded by now stays: the collector would stop the window to look through it again and again.
    gc.freeze()
    return app


def run(
    path: Path | None,
    *,
    reader: str = "",
    subject: str = "",
    protocol: str = "",
    visits: Mapping[str, str] | None = None,
    workstation: Workstation | None = None,
    until_shown: bool = False,
) -> int:
    """Show the window until it is closed; the exit code of the program.

    Parameters
    ----------
    visits
        Which visit of the protocol timepoints are, by their labels, where that is asked; empty: unscheduled.
    until_shown
        Close it as soon as it is painted and answers, and say so, with the names of :data:`LATE` that were loaded.
    """
    app = application()
    if path is not None and path.suffix == RECORD_SUFFIX:
        from spinereview.ui.clinical_window import ClinicalWindow  # noqa: PLC0415  # one of LATE

        record = ClinicalWindow(path, workstation or Workstation(), reader)
        if until_shown:
            once_painted(record, lambda: _shown(record))
        record.show()
        return app.exec()
    window = MainWindow(workstation or Workstation(), reader)
    if until_shown:
        once_painted(window, lambda: _shown(window, LATE))
    else:
        # Not before: whoever opens the program waits for the window, and for compressed images only later.
        once_painted(window, warm_up)
    if protocol:
        window.opening.choose_protocol(protocol)
    window.visits.give(visits or {})
    window.show()
    if path is not None:
        window.open_path(path, subject)
    return app.exec()


def _shown(window: QWidget, late: Sequence[str] = ()) -> None:
    print("shown", *(name for name in late if name in sys.modules), flush=True)
    window.close()


def run_first(*, reader: str = "", picture: Path | None = None) -> int:
    """Open the sample case; with a picture the program reads it by itself, as a hand would, and says what it does."""
    from spinereview.ui.drive import Hand, first_read  # noqa: PLC0415  # one of LATE
    from spinereview.workflow.samples import known_case, make_samples, samples_folder  # noqa: PLC0415  # one of LATE

    sample = make_samples(samples_folder(), which="first-run")[0]
    if picture is None:
        known = known_case(sample, Workstation().documents)
        return run(known or sample.folder, reader=reader or SAMPLE_READER, subject=sample.recipe.subject_code)
    application()
    with tempfile.TemporaryDirectory(prefix="spinereview-") as kept:
        station = Workstation(settings=SettingsFolder(folder=Path(kept, "settings")), documents=Path(kept, "cases"))
        window = MainWindow(station, reader or SAMPLE_READER)
        once_painted(window, warm_up)
        window.show()
        window.activateWindow()
        window.open_path(sample.folder, sample.recipe.subject_code)
        hand = Hand(window)
        try:
            for line in first_read(hand, sample, picture):
                print(line, flush=True)
        finally:
            window.close()
            hand.breathe(50)
    return 0
