"""Settings of fractures and angles: what holds where a protocol says nothing, and both sides of what it may say."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

import pytest

from spinereview.criteria.fracture.settings import Settings
from spinereview.errors import InvalidValue


def test_what_a_protocol_does_not_say():
    assert asdict(Settings()) == {
        "genant_edges": "upper_inclusive",
        "vcf_new_pct": 20,
        "vcf_prog_pct": 20,
        "vcf_watch_pct": 10,
        "angle_flag_deg": 5,
        "angle_prog_deg": 10,
    }


@pytest.mark.parametrize(
    "raw",
    [
        *({key: pct, "vcf_watch_pct": 10} for key in ("vcf_new_pct", "vcf_prog_pct") for pct in (10, 15, 20)),
        {"vcf_watch_pct": 20},
        {"vcf_watch_pct": 1, "angle_flag_deg": 1, "angle_prog_deg": 1},
        {"vcf_watch_pct": Decimal("0.1"), "angle_flag_deg": Decimal("0.1")},
        {"angle_flag_deg": 10},
        {"genant_edges": "lower_inclusive"},
    ],
)
def test_what_can_be_is_taken(raw):
    assert {key: getattr(Settings.parse(raw), key) for key in raw} == raw


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        *(({key: pct}, "SETTING") for key in ("vcf_new_pct", "vcf_prog_pct") for pct in (9, 11, 14, 16, 19, 21)),
        *(({key: value}, "SETTING") for key in ("vcf_watch_pct", "angle_flag_deg") for value in (0, -1)),
        ({"angle_prog_deg": 0, "angle_flag_deg": 0}, "SETTING"),
        ({"angle_prog_deg": 0}, "SETTING"),
        ({"genant_edges": "x"}, "SETTING"),
        ({"other": 1}, "SETTING"),
        ({"vcf_watch_pct": Decimal("20.1")}, "VCF_WATCH_ABOVE"),
        ({"vcf_watch_pct": 16, "vcf_new_pct": 15}, "VCF_WATCH_ABOVE"),
        ({"vcf_watch_pct": 16, "vcf_prog_pct": 15}, "VCF_WATCH_ABOVE"),
        ({"angle_flag_deg": Decimal("10.1")}, "ANGLE_FLAG_ABOVE"),
    ],
)
def test_what_cannot_be_is_refused(raw, code):
    with pytest.raises(InvalidValue, match=code):
        Settings.parse(raw)
