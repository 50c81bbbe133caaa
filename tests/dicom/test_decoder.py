"""The process that decodes: it may crash, hang, lie and be killed, and only the file that did it is lost."""

from __future__ import annotations

import ast
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import breaking_decoder
import numpy as np
import pytest

from spinereview.dicom import decoder as shared_decoder
from spinereview.dicom.decode_channel import Limits
from spinereview.dicom.decoder import Decoder
from spinereview.dicom.header import FileHeader, FrameHeader, PixelLayout
from spinereview.dicom.pixel_reader import PixelReader
from spinereview.dicom.series_plan import SeriesPlan
from spinereview.dicom.write import Encoding, encode_frame, write_series
from spinereview.errors import DicomError
from spinereview.text import explain

FRAME = np.arange(7 * 9, dtype=np.uint16).reshape(7, 9) * 60
SOURCES = Path(__file__).parents[2] / "spinereview"
Headers = list[tuple[FileHeader, FrameHeader]]


def layout(syntax: str = "5") -> PixelLayout:
    return PixelLayout(
        rows=7,
        columns=9,
        frames=1,
        samples=1,
        bits_allocated=16,
        bits_stored=16,
        high_bit=15,
        signed=False,
        photometric="MONOCHROME2",
        planar=0,
        transfer_syntax_uid=f"1.2.840.10008.1.2.{syntax}",
        big_endian=False,
        offset=0,
        length=None,
    )


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(DicomError) as caught:
        work()
    return caught.value.code


def alive(process: int) -> bool:
    """Whether it is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def breaking() -> Iterator[Decoder]:
    decoder = Decoder(Limits(seconds=1, channels=4), server="breaking_decoder")
    yield decoder
    decoder.close()


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder(Limits(channels=2))
    yield decoder
    decoder.close()


def test_frames_and_deflated_bytes_come_back_from_another_process(decoder: Decoder) -> None:
    assert decoder.process is None
    for encoding, syntax in ((Encoding.RLE, "5"), (Encoding.JPEG_LS, "4.80"), (Encoding.JPEG_2000, "4.90")):
        np.testing.assert_array_equal(decoder.frame(encode_frame(FRAME, encoding), layout(syntax)), FRAME)
    assert decoder.process not in {None, os.getpid()}
    long = np.random.default_rng(0).bytes(5000) * 1000
    assert decoder.inflated(deflated(long), limit=len(long)) == (long, False)
    assert decoder.inflated(deflated(long), limit=len(long) - 1) == (long[:-1], True)
    assert decoder.inflated(deflated(b""), limit=9) == (b"", False)


def test_the_beginnings_of_several_streams_come_back_at_once(decoder: Decoder) -> None:
    short, long = b"short", bytes(range(256)) * 8000
    stream = zlib.compressobj(wbits=-15)
    damaged = stream.compress(long[:5000]) + stream.flush(zlib.Z_FULL_FLUSH) + b"\x07"
    streams = [deflated(short), damaged, deflated(long), b"\xff\xff", deflated(b"")]
    assert decoder.heads(streams, limit=len(long), kept=300) == [
        (short, False),
        None,
        (long[:300], True),
        None,
        (b"", False),
    ]
    # What lies behind the limit is not looked at.
    assert decoder.heads([damaged], limit=1000, kept=300) == [(long[:300], True)]
    assert decoder.heads([deflated(long)], limit=len(long), kept=len(long)) == [(long, False)]
    assert decoder.heads([], limit=9, kept=9) == []


@pytest.mark.parametrize(
    "breaks", [breaking_decoder.CRASH, breaking_decoder.HANG, breaking_decoder.LIE, breaking_decoder.MEMORY]
)
def test_what_breaks_the_decoder_among_several_leaves_each_to_be_asked_alone(breaking: Decoder, breaks: bytes) -> None:
    streams = [deflated(b"one"), deflated(b"two") + breaks, deflated(b"three")]
    begun = time.monotonic()
    assert breaking.heads(streams, limit=9, kept=9) == [None, None, None]
    assert time.monotonic() - begun < 5
    assert breaking.inflated(streams[0], limit=9) == (b"one", False)
    assert breaking.heads([streams[0], streams[2]], limit=9, kept=9) == [(b"one", False), (b"three", False)]


def test_only_the_worker_may_decode() -> None:
    """Whatever comes from outside and is compressed passes through the process: nothing else calls a decoder."""
    callers = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()
            if names & {"decode", "inflate", "inflate_part", "zlib", "imagecodecs"} and "dicom" in path.parts:
                callers.add(path.name)
    # elements.py decodes texts, write.py encodes phantoms, archive.py unpacks what zipfile checks, proof.py asks versions.
    assert callers - {"elements.py", "archive.py", "proof.py"} == {"decode.py", "decode_worker.py", "write.py"}


def test_a_crash_costs_the_data_that_caused_it(breaking: Decoder) -> None:
    breaking.warm_up()
    first = breaking.process
    assert code_of(lambda: breaking.inflated(breaking_decoder.CRASH, limit=99)) == "PIXELS_DECODER_DIED"
    np.testing.assert_array_equal(breaking.frame(encode_frame(FRAME, Encoding.RLE), layout()), FRAME)
    assert first is not None
    assert breaking.process not in {None, first}
    assert not alive(first)


def test_what_was_under_way_beside_a_crash_is_done_all_the_same(breaking: Decoder) -> None:
    slow = deflated(b"x" * 100) + breaking_decoder.SLEEP
    breaking.warm_up()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(breaking.inflated, slow, limit=1000) for _ in range(3)]
        crashed = threads.submit(breaking.inflated, breaking_decoder.CRASH, limit=99)
        assert code_of(crashed.result) == "PIXELS_DECODER_DIED"
        assert [future.result() for future in asked] == [(b"x" * 100, False)] * 3


def test_a_hang_is_ended_in_time(breaking: Decoder) -> None:
    breaking.inflated(deflated(b""), limit=9)
    begun = time.monotonic()
    assert code_of(lambda: breaking.inflated(breaking_decoder.HANG, limit=99)) == "PIXELS_DECODER_SLOW"
    assert 0.9 < time.monotonic() - begun < 5
    assert breaking.process is None
    assert breaking.inflated(deflated(b"on"), limit=9) == (b"on", False)


def test_a_stopped_process_is_given_up(decoder: Decoder) -> None:
    quick = Decoder(Limits(seconds=0.5, channels=1))
    try:
        quick.inflated(deflated(b""), limit=9)
        assert quick.process is not None
        os.kill(quick.process, signal.SIGSTOP)
        assert code_of(lambda: quick.inflated(deflated(b"x"), limit=9)) == "PIXELS_DECODER_SLOW"
        assert quick.inflated(deflated(b"x"), limit=9) == (b"x", False)
    finally:
        quick.close()


def test_a_process_killed_while_idle_is_replaced_unnoticed(decoder: Decoder) -> None:
    decoder.inflated(deflated(b""), limit=9)
    for _ in range(3):
        assert decoder.process is not None
        os.kill(decoder.process, signal.SIGKILL)
        assert decoder.inflated(deflated(b"x"), limit=9) == (b"x", False)
        decoder.warm_up()


def test_an_answer_that_cannot_be_is_not_believed(breaking: Decoder) -> None:
    assert code_of(lambda: breaking.frame(breaking_decoder.LIE, layout("8.1"))) == "PIXELS_DECODER_DIED"


def test_memory_that_is_not_there_is_refused_and_the_process_lives(breaking: Decoder) -> None:
    breaking.inflated(deflated(b""), limit=9)
    before = breaking.process
    assert code_of(lambda: breaking.inflated(breaking_decoder.MEMORY, limit=99)) == "PIXELS_DECODE"
    assert breaking.process == before


@pytest.mark.skipif(sys.platform != "linux", reason="no other system keeps this limit")
def test_the_process_has_a_limit_of_memory_and_leaves_no_core(decoder: Decoder) -> None:
    decoder.inflated(deflated(b""), limit=9)
    limits = Path(f"/proc/{decoder.process}/limits").read_text(encoding="ascii").splitlines()
    told = {line[:25].strip(): line[25:].split()[0] for line in limits}
    assert int(told["Max address space"]) < 2 * Limits().memory_bytes
    assert told["Max core file size"] == "0"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no descriptors to count")
def test_large_memory_is_given_back_and_nothing_is_left_behind(decoder: Decoder) -> None:
    """Shared memory has no name: nothing lies anywhere, whoever dies."""
    before = set(Path("/dev/shm").iterdir()) if Path("/dev/shm").is_dir() else set()  # noqa: S108 - looked at only
    large = bytes(1 << 27)
    assert decoder.inflated(deflated(large), limit=len(large)) == (large, False)
    mapped = Path(f"/proc/{decoder.process}/maps").read_text(encoding="ascii")
    assert decoder.inflated(deflated(b"x"), limit=9) == (b"x", False)
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted only
    for _ in range(4):
        decoder.inflated(deflated(b"x" * 2_000_000), limit=4_000_000)
        decoder.close()
    assert len(os.listdir("/proc/self/fd")) <= descriptors  # noqa: PTH208 - counted only
    after = set(Path("/dev/shm").iterdir()) if Path("/dev/shm").is_dir() else set()  # noqa: S108 - looked at only
    assert after <= before
    assert sum("memfd:spinereview" in line for line in mapped.splitlines()) <= 2


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_process_ends_with_the_program_that_started_it() -> None:
    program = """
import os, sys
from spinereview.dicom.decoder import shared
shared().inflated(bytes([3, 0]), limit=9)
print(shared().process, flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stdin=subprocess.PIPE) as started:
        assert started.stdout is not None
        worker = int(started.stdout.readline())
        assert alive(worker)
        os.kill(started.pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while alive(worker) and time.monotonic() < until:
        os.sched_yield()
    assert not alive(worker)


def test_a_script_without_a_guard_does_not_start_itself_again(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from spinereview.dicom.decoder import shared\nprint(shared().inflated(bytes([3, 0]), limit=9))\n",
        encoding="utf-8",
    )
    (tmp_path / "numpy.py").write_text("raise SystemExit('taken from the folder of images')\n", encoding="utf-8")
    ran = subprocess.run([sys.executable, "-P", str(script)], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("(b'', False)\n", "")


def test_a_program_that_cannot_be_started_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(DicomError) as caught:
        Decoder().warm_up()
    assert caught.value.code == "PIXELS_DECODER_MISSING"
    assert "cannot be started (No such file or directory)" in explain(caught.value)


def test_a_file_that_stops_the_decoder_costs_the_rest_of_its_series_and_no_other(
    breaking: Decoder, tmp_path: Path, plan: Callable[..., SeriesPlan], images_of: Callable[..., Headers]
) -> None:
    samples = np.zeros((4, 16, 16), dtype=np.int16)
    bad = images_of(*write_series(tmp_path / "bad", samples, plan(), encoding=Encoding.RLE))
    good = images_of(*write_series(tmp_path / "good", samples + 7, plan(), encoding=Encoding.RLE))
    raw = bad[1][0].path.read_bytes()
    at = raw.index(struct.pack("<IIII", 2, 64, 64 + raw[72], 0)[:8]) + 64
    bad[1][0].path.write_bytes(raw[:at] + breaking_decoder.CRASH + raw[at + 5 :])
    reader, out = PixelReader(inflate_limit=1 << 20, decoder=breaking), np.zeros((16, 16), dtype=np.int16)
    reader.read_into(bad[0][0], 1, out)
    said = []
    for header, _frame in bad[1:]:
        with pytest.raises(DicomError) as caught:
            reader.read_into(header, 1, out)
        said.append(explain(caught.value))
    assert set(said) == {said[0]}
    assert said[0].startswith(f"{bad[1][0].path} made the decoder stop")
    process = breaking.process
    other = PixelReader(inflate_limit=1 << 20, decoder=breaking)
    for header, _frame in good:
        other.read_into(header, 1, out)
        assert (out == 7).all()
    assert process in {None, breaking.process}


def test_memory_that_there_is_not_is_not_even_asked_for(decoder: Decoder) -> None:
    wide = replace(layout("8.1"), rows=65535, columns=65535)
    assert code_of(lambda: decoder.frame(deflated(b"x"), wide)) == "PIXELS_NO_MEMORY"
    assert code_of(lambda: decoder.inflated(_Long(deflated(b"x")), limit=1 << 62)) == "PIXELS_NO_MEMORY"
    assert decoder.inflated(deflated(b"x"), limit=9) == (b"x", False)


class _Long(bytes):
    """Bytes that claim to be more than any memory."""

    def __len__(self) -> int:
        return 1 << 50


def test_a_start_ahead_of_need_is_asked_for_once() -> None:
    shared_decoder.warm_up()
    first = shared_decoder.shared().process
    shared_decoder.warm_up()
    assert first == shared_decoder.shared().process


def test_many_threads_share_one_process(decoder: Decoder) -> None:
    data = encode_frame(FRAME, Encoding.JPEG_LS)
    seen: set[int | None] = set()

    def ask(_: int) -> bool:
        decoded = decoder.frame(data, layout("4.80"))
        seen.add(decoder.process)
        return bool((decoded == FRAME).all())

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(100)))
    assert len(seen) == 1
    assert threading.active_count() < 20
