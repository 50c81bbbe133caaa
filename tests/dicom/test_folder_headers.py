"""Deflated files of a folder are inflated together, and each has the outcome that it would have alone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import breaking_decoder
import numpy as np
import pytest

from spinereview.dicom import decoder, folder_headers, series_headers
from spinereview.dicom.decode_channel import Limits
from spinereview.dicom.decoder import Decoder
from spinereview.dicom.folder_headers import Outcome, read_headers
from spinereview.dicom.header import FileHeader
from spinereview.dicom.parse import read_header
from spinereview.dicom.series_headers import HeaderReader
from spinereview.dicom.series_plan import SeriesPlan
from spinereview.dicom.write import Encoding, write_series
from spinereview.errors import Cancelled, DicomError
from spinereview.tasks import CancelToken

Plan = Callable[..., SeriesPlan]


@pytest.fixture
def files(tmp_path: Path, plan: Plan) -> list[Path]:
    """Forty deflated files between plain ones."""
    samples = np.zeros((40, 8, 8), dtype=np.int16)
    deflated = write_series(tmp_path / "deflated", samples, plan(), encoding=Encoding.DEFLATED)
    plain = write_series(tmp_path / "plain", samples, plan(), encoding=Encoding.EXPLICIT_LITTLE)
    return [path for pair in zip(deflated, plain, strict=True) for path in pair]


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Decoder]:
    """The decoder of the program, which breaks down as the data say."""
    made = Decoder(Limits(seconds=1, batch_seconds=0.5, channels=3), server="breaking_decoder")
    monkeypatch.setattr(decoder, "_shared", made)
    yield made
    made.close()


def _outcomes(files: list[Path]) -> list[FileHeader | str | None]:
    return [_code(outcome) for outcome in read_headers(files, cancel=CancelToken())]


def _code(outcome: Outcome) -> FileHeader | str | None:
    return outcome.code if isinstance(outcome, DicomError) else outcome


@pytest.mark.parametrize("together", [1, 7, 64])
def test_outcomes_keep_the_order_of_the_files(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(folder_headers, "_FILES_AT_ONCE", together)
    assert _outcomes(files) == [read_header(path) for path in files]


def test_deflated_files_are_asked_for_together_and_of_no_more_bytes_than_allowed(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []

    class Counting(Decoder):
        def heads(self, streams: list[bytes], *, limit: int, kept: int) -> list[tuple[bytes, bool] | None]:  # type: ignore[override]  # narrower: the one caller gives a list
            sent.append(sum(map(len, streams)))
            return super().heads(streams, limit=limit, kept=kept)

    counting = Counting()
    monkeypatch.setattr(decoder, "_shared", counting)
    try:
        monkeypatch.setattr(folder_headers, "_BYTES_AT_ONCE", 2000)
        _outcomes(files)
    finally:
        counting.close()
    longest = max(path.stat().st_size for path in files)
    assert 1 < len(sent) < 40
    assert max(sent) < 2000 + longest


def test_a_long_deflated_file_does_not_wait_for_others(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    alone = [read_header(path) for path in files]
    monkeypatch.setattr(series_headers, "LONGEST_WAITING", 10)
    reader = HeaderReader()
    assert [reader.begin(path) for path in files] == alone
    assert _outcomes(files) == alone


def test_damaged_files_cost_nobody_else_anything(files: list[Path]) -> None:
    for number in (4, 20, 21, 70):
        content = files[number].read_bytes()
        files[number].write_bytes(content[: len(content) // 2] + b"\xff" * 60)
    alone: list[FileHeader | str | None] = []
    for path in files:
        try:
            alone.append(read_header(path))
        except DicomError as error:
            alone.append(error.code)
    assert "HEADER_MALFORMED" in alone
    assert _outcomes(files) == alone


@pytest.mark.parametrize("breaks", [breaking_decoder.CRASH, breaking_decoder.HANG])
def test_a_file_that_stops_the_decoder_is_the_only_one_lost(
    files: list[Path], breaking: Decoder, breaks: bytes
) -> None:
    before = _outcomes(files)
    process = breaking.process
    files[10].write_bytes(files[10].read_bytes() + breaks)
    after = _outcomes(files)
    assert after.pop(10) == "HEADER_STOPPED_DECODER"
    del before[10]
    assert after == before
    assert breaking.process not in {None, process}


def test_a_decoder_killed_meanwhile_costs_nothing(files: list[Path], breaking: Decoder) -> None:
    before = _outcomes(files)
    assert breaking.process is not None
    os.kill(breaking.process, signal.SIGKILL)
    assert _outcomes(files) == before


def test_a_scan_that_is_cancelled_leaves_no_thread(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_headers, "_FILES_AT_ONCE", 2)
    token = CancelToken()

    def told(done: int, _all: int) -> None:
        if done == 30:
            token.cancel()

    with pytest.raises(Cancelled):
        read_headers(files, cancel=token, progress=told)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("headers")]
