"""Memory that two processes share and that nothing has to clean up: it has no name that could stay behind.

On POSIX systems it is a file without a name (``memfd`` on Linux, elsewhere a temporary file that is unlinked as soon as it
is made), handed over as a descriptor; on Windows a mapping that the system frees with its last holder. Whichever side
dies, and however, the memory is gone when both are.
"""

from __future__ import annotations

import mmap
import os
import secrets
import sys
import tempfile
from multiprocessing import reduction
from multiprocessing.connection import Connection

BLOCK_BYTES = 2**16


class Segment:
    """A piece of shared memory; its maker writes into it and sends it, the other side receives it.

    Parameters
    ----------
    memory
        The mapping.
    descriptor
        Of the file behind it, until it was sent; -1 where there is none.
    name
        Of the mapping on Windows; empty elsewhere.
    """

    __slots__ = ("_descriptor", "memory", "name")

    def __init__(self, memory: mmap.mmap, *, descriptor: int = -1, name: str = "") -> None:
        self.memory = memory
        self.name = name
        self._descriptor = descriptor

    def __len__(self) -> int:
        return len(self.memory)

    @classmethod
    def make(cls, size: int) -> Segment:
        """Memory of at least so many bytes, taken from the system now: later a write could end the process.

        Raises
        ------
        OSError
            The system does not have so much.
        """
        size = -(-max(1, size) // BLOCK_BYTES) * BLOCK_BYTES
        if sys.platform == "win32":
            name = f"spinereview-{secrets.token_hex(16)}"
            return cls(mmap.mmap(-1, size, tagname=name), name=name)
        descriptor = _nameless()
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, size)
            else:
                os.ftruncate(descriptor, size)
            return cls(mmap.mmap(descriptor, size), descriptor=descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    def send(self, channel: Connection, process: int) -> None:
        """Hand it over; it can be done once."""
        if sys.platform != "win32":
            reduction.send_handle(channel, self._descriptor, process)
        self._let_go()

    @classmethod
    def receive(cls, channel: Connection, size: int, name: str) -> Segment:
        """Memory that the other side sent."""
        if sys.platform == "win32":
            return cls(mmap.mmap(-1, size, tagname=name), name=name)
        descriptor = reduction.recv_handle(channel)
        try:
            return cls(mmap.mmap(descriptor, size))
        finally:
            os.close(descriptor)

    def _let_go(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self._let_go()


def _nameless() -> int:
    """Descriptor of an empty file that no folder lists."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("spinereview", os.MFD_CLOEXEC)
    descriptor, path = tempfile.mkstemp(prefix="spinereview-")
    os.unlink(path)  # noqa: PTH108 - the name of a file that is gone in the next line needs no Path
    return descriptor
