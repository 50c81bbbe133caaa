"""Starts the process that decodes, as a program of its own.

Not by :mod:`multiprocessing`: that runs the main module again in the new process, so that a script which loads images
without a guard would start itself over and over.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from multiprocessing.connection import Connection

SERVER = "spinereview.dicom.decode_worker"
WORD = "--decode"
"""First argument of the frozen program where it is to decode, and nothing else."""


def start(server: str, lines: Sequence[Connection], memory_bytes: int) -> subprocess.Popen[bytes]:
    """Run ``main(memory_bytes, lines)`` of a module in a new process, which inherits the lines and nothing else.

    Raises
    ------
    OSError
        It cannot be started.
    """
    handles = [line.fileno() for line in lines]
    if getattr(sys, "frozen", False):
        command = [sys.executable, WORD, server, str(memory_bytes), *map(str, handles)]
    else:
        # -P: a folder of images may hold files that are named like modules.
        code = f"import sys; sys.path[:] = {sys.path!r}; from {server} import main; main({memory_bytes}, {handles})"
        command = [sys.executable, "-P", "-c", code]
    if sys.platform == "win32":
        for handle in handles:
            os.set_handle_inheritable(handle, True)  # noqa: FBT003 - the function takes no name
        inherits = subprocess.STARTUPINFO(lpAttributeList={"handle_list": handles})
        return subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.DEVNULL, startupinfo=inherits, creationflags=subprocess.CREATE_NO_WINDOW
        )
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=handles)  # noqa: S603 - our own program


def opened(line: int) -> Connection:
    """Line that was inherited."""
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection  # noqa: PLC0415 - no other system has it

        return PipeConnection(line)
    return Connection(line)


def run_if_asked(arguments: Sequence[str]) -> bool:
    """Decode until the other side is gone, where these are the arguments of :func:`start` to the frozen program."""
    if list(arguments[:1]) != [WORD]:
        return False
    server, memory_bytes, *lines = arguments[1:]
    import_module(server).main(int(memory_bytes), [int(line) for line in lines])
    return True
