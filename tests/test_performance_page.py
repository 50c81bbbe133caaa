"""The page of figures says what a report says, for every goal that there is, and draws what it draws."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.__main__ import every_goal
from benchmarks.harness import Result, machine
from benchmarks.page import PAGE, PLOT, between, growth_plot, rounded_up, write_page

ROOT = Path(__file__).parents[1]
GROWTH = [
    {
        "images": images,
        "scan_s": images / 10_000,
        "first_s": 0.1 + images / 10_000,
        "load_s": images / 2_000,
        "peak_bytes": images * 530_000,
        "volume_bytes": images * 524_288,
        "budget_bytes": 10**10,
        "whole": images < 3_500,
        "said": "",
    }
    for images in (50, 400, 3_500)
]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    copy = tmp_path / PAGE.name
    copy.write_text((ROOT / PAGE).read_text(encoding="utf-8"), encoding="utf-8")
    return copy


def report(folder: Path, results: list[dict[str, object]]) -> Path:
    path = folder / "bench.json"
    content = {"day": "2026-01-31", "machine": machine(), "rounds": 9, "results": results}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def measured() -> list[dict[str, object]]:
    """Every goal: reached, but for P1, which is missed, and P12, which was not run."""
    made = []
    for goal in every_goal():
        value = goal.limit * 2 + 1 if goal.at_most == (goal.id == "P1") else goal.limit / 2
        of = {"value": None, "why": "a peer is missing"} if goal.id == "P12" else {"value": value}
        made.append(Result(goal=goal, **of).as_json())  # type: ignore[arg-type]  # a dict of mixed values
    return made


def test_every_goal_stands_in_the_table_with_its_value_and_whether_it_is_reached(page: Path, tmp_path: Path) -> None:
    results = measured()
    assert write_page(report(tmp_path, results), every_goal(), page, tmp_path / "p.svg") == ["figures"]
    lines = page.read_text(encoding="utf-8").splitlines()
    for one in results:
        line = next(line for line in lines if line.startswith(f"| {one['id']} | {one['what']} |"))
        if one["value"] is None:
            assert line.endswith("not run: a peer is missing |")
        else:
            assert f"| {one['value']:,.2f} |" in line
            assert line.endswith("| **missed** |" if one["id"] == "P1" else "| reached |")
    assert any("2026-01-31" in line and "9 rounds" in line for line in lines)


def test_a_run_of_some_topics_leaves_the_table_as_it_is(page: Path, tmp_path: Path) -> None:
    before = page.read_text(encoding="utf-8")
    assert write_page(report(tmp_path, measured()[:-1]), every_goal(), page, tmp_path / "p.svg") == []
    assert page.read_text(encoding="utf-8") == before


def test_growth_becomes_a_table_and_a_plot(page: Path, tmp_path: Path) -> None:
    plot = tmp_path / PLOT.name
    written = write_page(report(tmp_path, [{**measured()[0], "growth": GROWTH}]), every_goal(), page, plot)
    assert written == ["growth"]
    text = page.read_text(encoding="utf-8")
    assert "| 3,500 | 1,835 | 0.350 | 0.450 | 2.200 | 1,855 | single images |" in text
    assert "| 50 | 26 | 0.005 | 0.105 | 0.130 | 26 | one volume |" in text
    assert plot.read_text(encoding="utf-8") == growth_plot(GROWTH)


def test_the_plot_is_well_formed_and_straight_where_growth_is_linear() -> None:
    drawn = ET.fromstring(growth_plot(GROWTH))  # noqa: S314  # made a line above
    lines = [one.attrib["points"] for one in drawn.iter() if one.tag.endswith("polyline")]
    assert len(lines) == 5
    volume = [tuple(map(float, point.split(","))) for point in lines[-1].split()]
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(volume)]
    assert slopes[0] == pytest.approx(slopes[1], rel=0.02)


def test_a_page_without_the_markers_is_left_alone() -> None:
    with pytest.raises(ValueError, match="no part figures"):
        between("nothing here", "figures", "new")


@pytest.mark.parametrize(("value", "top"), [(0.3, 0.5), (1.0, 1.0), (1.2, 2.0), (7, 10.0), (1_840, 2_000.0)])
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert rounded_up(value) == pytest.approx(top)
