"""What is said of every folder of the shared images, against a table that a person can review.

``verdicts.toml`` has for each folder what the notes beside the images say, and the verdict that they support.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from spinereview.tasks import CancelToken
from spinereview.workflow.delivery import Delivery, StackFound, look_at

TABLE: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "verdicts.toml").read_text(encoding="utf-8"))[
    "folder"
]


def line(found: StackFound) -> str:
    """A stack in one line."""
    stack, suggestion = found.stack, found.suggestion
    spacing = "-" if stack.pixel_spacing_mm is None else f"{stack.pixel_spacing_mm[0]:.4f}"
    interval = "-" if stack.slice_interval_mm is None else f"{stack.slice_interval_mm:.2f}"
    what = (
        stack.modality or "--",
        stack.kind,
        stack.plane,
        str(len(stack.images)),
        spacing,
        interval,
        stack.calibration,
    )
    parts = (
        " ".join(what),
        " ".join(stack.faults) or "-",
        " ".join(f"{name} {value}" for name, value in found.result.distinguished_by) or "-",
        f"{suggestion.role} {suggestion.source}",
        " ".join(found.measurable) or "-",
    )
    return " | ".join(parts)


def told(delivery: Delivery) -> tuple[list[str], list[str]]:
    """Stacks in a line each, and what was left out with how often."""
    left = Counter(one.code for one in delivery.left_out if one.file.name != "SOURCE.md")
    return [line(found) for found in delivery.stacks], [f"{code} {count}" for code, count in sorted(left.items())]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
def test_a_folder_gets_the_verdict_that_its_notes_support(shared_images: Path, row: dict[str, Any]) -> None:
    stacks, left_out = told(look_at(shared_images / row["name"], None, cancel=CancelToken()))
    assert (stacks, left_out) == (row["stacks"], row["left_out"])


def test_every_folder_with_files_stands_in_the_table(shared_images: Path) -> None:
    named = [shared_images / row["name"] for row in TABLE]
    folders = [Path(root) for root, _, names in os.walk(shared_images) if set(names) - {"SOURCE.md"}]
    missing = [folder for folder in folders if not any(folder.is_relative_to(known) for known in named)]
    assert [folder.relative_to(shared_images).as_posix() for folder in missing] == ["edge_pydicom/dicomdirtests"]
