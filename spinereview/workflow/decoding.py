"""The process that decodes compressed images: its start in the frozen program, and its start ahead of need."""

from __future__ import annotations

from collections.abc import Sequence

from spinereview.dicom import decoder, decoder_start


def run_if_asked(arguments: Sequence[str]) -> bool:
    """Be the process that decodes, where the frozen program was started as that; returns when nobody needs it any more."""
    return decoder_start.run_if_asked(arguments)


def warm_up() -> None:
    """Start the process before somebody waits for it."""
    decoder.warm_up()
