"""Settings of SINS: what holds where a protocol says nothing, percentages on both sides of what is allowed, their order."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from spinereview.criteria.sins_settings import Settings
from spinereview.errors import InvalidValue


def test_what_a_protocol_does_not_say():
    assert asdict(Settings()) == {
        "sins_collapse_50": "lower",
        "sins_collapse_min_pct": 20,
        "sins_collapse_ask_pct": 10,
        "sins_multilevel": "per_level",
    }


@pytest.mark.parametrize(
    ("ask", "least", "code"),
    [
        (0, 0, None),
        (0, 100, None),
        (100, 100, None),
        (20, 20, None),
        (-1, 20, "SETTING_NOT_ALLOWED"),
        (10, 101, "SETTING_NOT_ALLOWED"),
        (21, 20, "SINS_ASK_ABOVE"),
    ],
)
def test_percentages_and_their_order(ask, least, code):
    raw = {"sins_collapse_ask_pct": ask, "sins_collapse_min_pct": least}
    if code is None:
        assert {key: getattr(Settings.parse(raw), key) for key in raw} == raw
        return
    with pytest.raises(InvalidValue, match=code):
        Settings.parse(raw)
