"""The desk of `tests/support`, which these tests and the programs that they start have in common."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "support"))
