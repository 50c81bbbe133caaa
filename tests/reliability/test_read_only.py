"""A trail that cannot be written is shown with the reason; what was interrupted there is named, not ignored."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from trail_desk import AUTHOR, Desk, Say

from spinereview.errors import Refused, TrailError
from spinereview.storage.eventtable import journal_of
from spinereview.storage.trailfile import open_or_read


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Desk]:
    """Desk with a read in a folder where nothing can be written any more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    desk = Desk(disk)
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    session.close()
    if os.name != "posix":
        pytest.skip("a folder that cannot be written is made with POSIX permissions")
    root = os.geteuid() == 0
    if not root:
        desk.path.chmod(0o400)
        disk.chmod(0o500)
    elif subprocess.run(["mount", "--bind", "-o", "ro", str(disk), str(disk)], check=False).returncode:
        pytest.skip("root writes everywhere, and mount is not allowed here")
    elif subprocess.run(["mount", "-o", "remount,ro,bind", str(disk)], check=False).returncode:
        subprocess.run(["umount", str(disk)], check=True)
        pytest.skip("root writes everywhere, and mount is not allowed here")
    yield desk
    if root:
        subprocess.run(["umount", str(disk)], check=True)
    else:
        disk.chmod(0o700)


def test_a_folder_that_cannot_be_written_is_read_with_the_reason(closed_folder: Desk) -> None:
    desk = closed_folder
    with pytest.raises(TrailError, match="TRAIL_READ_ONLY"):
        desk.open()
    trail = open_or_read(desk.path, author=AUTHOR, clock=desk.clock, witness=desk.witness)
    session = desk.session(trail)
    assert session.readonly_because.code == "TRAIL_READ_ONLY"
    assert session.head.visits["BL"].comment == "one"
    with pytest.raises(Refused, match="SESSION_READ_ONLY"):
        session.do(Say(timepoint="BL", text="two"))


def test_a_save_that_was_interrupted_is_named_where_it_cannot_be_put_right(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    session = desk.create()
    session.do(Say(timepoint="BL", text="one"))
    # The files as a crash within a commit leaves them: written by another program, whose journal is still there.
    session.close()
    code = (
        "import sqlite3, os, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA journal_mode=TRUNCATE'); c.execute('PRAGMA cache_size=1'); c.execute('BEGIN')\n"
        "c.executemany('INSERT INTO event VALUES (?, ?)', [(n, 'x' * 4000) for n in range(100, 200)])\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(desk.path)], check=True)
    assert journal_of(desk.path).stat().st_size > 0
    with pytest.raises(TrailError, match="TRAIL_HOT_JOURNAL"):
        desk.read()
    again = desk.open()
    assert again.head.visits["BL"].comment == "one"
    again.close()
