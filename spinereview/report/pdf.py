"""PDF of the report: tagged PDF/A-3a, the same bytes from the same HTML. The library and Pango are loaded on first use."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from functools import cache
from typing import Any

from spinereview.errors import ResourceError

VARIANT = "pdf/a-3a"


@cache
def _library() -> Any:
    """WeasyPrint; what it prints where a library is missing is kept off the screen.

    Raises
    ------
    ResourceError
        ``REPORT_PDF_LIBRARY`` where Pango or another shared library cannot be loaded.
    """
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        # Without HarfBuzz-Subset the library warns, and is only slow.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import weasyprint.text.ffi  # noqa: PLC0415  # half a second, and shared libraries that may be missing
        except (ImportError, OSError) as error:
            raise ResourceError("REPORT_PDF_LIBRARY", error=str(error).split(":")[0]) from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    return weasyprint


def library_version() -> str:
    """Version of the library that makes PDFs.

    Raises
    ------
    ResourceError
        ``REPORT_PDF_LIBRARY``.
    """
    return str(_library().__version__)


def subsets_fonts() -> bool:
    """Whether HarfBuzz-Subset is there: without it a PDF takes many times longer."""
    return _library().text.ffi.harfbuzz_subset is not None


def report_pdf(html: str) -> bytes:
    """PDF of a report.

    Raises
    ------
    ResourceError
        ``REPORT_PDF_LIBRARY``.
    """
    library = _library()
    document = library.HTML(string=html, url_fetcher=_nothing_else(library))
    with warnings.catch_warnings():
        # The library leaves the file of its colour profile to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        pdf: bytes = document.write_pdf(pdf_variant=VARIANT, pdf_tags=True, custom_metadata=False)
    return pdf


def _nothing_else(library: Any) -> object:
    """A fetcher of what is in the file itself; a report never asks the network or the disk."""
    return library.urls.URLFetcher(allowed_protocols={"data"})
