"""How much memory may be taken now."""

from __future__ import annotations

import os
from pathlib import Path

MEMORY_SHARE_PERCENT = 60
"""Share of the memory free now that one volume, or the decoding of one file, may take."""
UNKNOWN_MEMORY_BYTES = 2 * 2**30
"""Taken for the free memory where the system does not tell."""


def memory_budget_bytes() -> int:
    """How much memory may be taken now: a share of what is free."""
    return _available_bytes() * MEMORY_SHARE_PERCENT // 100


def _available_bytes() -> int:
    """Memory that can be taken without swapping: MemAvailable of Linux, else the physical memory that the system names."""
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        for line in meminfo.read_text(encoding="ascii").splitlines():
            name, _colon, rest = line.partition(":")
            if name == "MemAvailable":
                return int(rest.split()[0]) * 1024
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return UNKNOWN_MEMORY_BYTES
