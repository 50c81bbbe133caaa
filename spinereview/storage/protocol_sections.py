"""What the sections of a protocol file may hold, but for those of the criteria: a table to check against the manual."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from spinereview.domain.adjudication import Trigger
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.protocol import Anchor
from spinereview.domain.read import Purpose
from spinereview.domain.settings import Check, Choice, Flag, Number, Text, Tolerance, Whole, Words

PURPOSES = tuple(purpose.value for purpose in Purpose)
"""Names of ``[purpose.NAME]``."""

TRIGGERS = tuple(trigger.value for trigger in Trigger)
"""What can send a case to adjudication; all but ``ADJ_RESP_DATE`` do where a protocol lists none."""

USUAL_TRIGGERS = tuple(name for name in TRIGGERS if name != "ADJ_RESP_DATE")
"""Triggers of a protocol that has adjudication and lists none."""

WITH_TOLERANCE = frozenset({Trigger.ADJ_PD_DATE.value, Trigger.ADJ_LC.value})
"""Triggers that compare dates."""

_LC_BASELINES = ("first_post_procedure_scan", "pre_procedure", "pre_RT")


@dataclass(frozen=True, slots=True)
class Digest:
    """SHA-256 in hexadecimal digits."""

    allowed: str = "SHA-256, 64 hexadecimal digits in lower case"

    def convert(self, raw: object) -> str:
        """Take text."""
        return Text().convert(raw)

    def holds(self, value: object) -> bool:
        """Whether it is one."""
        return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Days:
    """A list of days after an anchor, in their order, kept as text: ``("84", "168")``."""

    allowed: str = "list of whole numbers of at least 1, in their order"

    def convert(self, raw: object) -> tuple[str, ...]:
        """Take whole numbers."""
        if not isinstance(raw, list):
            raise TypeError
        return tuple(str(Whole().convert(day)) for day in raw)

    def holds(self, value: object) -> bool:
        """Whether the days lie after the anchor, each after the one before it."""
        days = [0, *map(int, value)] if isinstance(value, tuple) else []
        return bool(days) and all(before < after for before, after in pairwise(days))


@dataclass(frozen=True, slots=True)
class Windows:
    """A list of pairs of day and tolerance, kept as text: ``("91 14",)``."""

    allowed: str = "list of pairs [day, tolerance], whole numbers, tolerance from 0 to the day"

    def convert(self, raw: object) -> tuple[str, ...]:
        """Take pairs of whole numbers."""
        if not isinstance(raw, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in raw):
            raise TypeError
        return tuple(" ".join(str(Whole().convert(number)) for number in pair) for pair in raw)

    def holds(self, value: object) -> bool:
        """Whether no tolerance is negative, or reaches to before the anchor."""
        pairs = [[int(number) for number in pair.split()] for pair in value] if isinstance(value, tuple) else None
        return pairs is not None and all(0 <= tolerance <= day for day, tolerance in pairs)


@dataclass(frozen=True, slots=True)
class RuleValue:
    """What a variable of a rule is compared with: a number becomes Decimal, a list a tuple of texts."""

    allowed: str = "text, true or false, number, or list of texts"

    def convert(self, raw: object) -> object:
        """Take any of these."""
        if isinstance(raw, (bool, str)):
            return raw
        return Words().convert(raw) if isinstance(raw, list) else Number().convert(raw)

    def holds(self, value: object) -> bool:
        """Whether it says something."""
        if isinstance(value, Decimal):
            return value.is_finite()
        return isinstance(value, bool) or (isinstance(value, (str, tuple)) and bool(value))


Section = dict[str, Check]

TRIAL: Section = {"id": Text(), "version": Text(), "title": Text(), "amends": Digest()}

VISIT: Section = {
    "name": Text(),
    "anchor": Choice(tuple(anchor.value for anchor in Anchor)),
    "day": Whole(),
    "minus": Whole(0),
    "plus": Whole(0),
    "modalities": Words(),
    "regions": Words(),
    "forms": Words(),
}

BASELINE: Section = {
    "recist": Choice(("last_before_treatment", "first_post_procedure_scan")),
    "baseline_window_days": Whole(0),
    "lc_baseline": Choice(_LC_BASELINES),
    "lc_baseline_also": Words(_LC_BASELINES),
    "vcf_baseline": Choice(
        ("recist_baseline", "first_post_procedure_scan", "day1_xray", "first_post_cement_scan", "last_before_RT")
    ),
}

BASELINE_DEFAULTS: dict[str, str | int | tuple[str, ...]] = {
    "recist": "last_before_treatment",
    "baseline_window_days": 28,
    "lc_baseline_also": (),
    "vcf_baseline": "recist_baseline",
}

BLINDING: Section = {
    "sequential": Flag(),
    "show_days": Flag(),
    "live_response": Flag(),
    "show_prior_marks": Flag(),
    "clinical_shown": Words(tuple(ITEMS), "items of the clinical record (spinereview clinical template)"),
    "order_hidden_for": Words(),
    "ask_arm_guess": Flag(),
}

DESIGN: Section = {
    "readers": Whole(1),
    "adjudication": Choice(("pick_one", "per_timepoint", "free_read", "none")),
    "adjudicator_roles": Words(("adjudicator", "investigator")),
    "pd_date_same_visit": Choice(("earlier", "later")),
    "repeat_share": Number(Decimal(0), Decimal(1)),
    "shuffle_cases": Flag(),
    "unlock_needs": Choice(("REASON", "SECOND_PERSON")),
    "idle_lock_minutes": Whole(1),
}

TRIGGER: Section = {"id": Choice(TRIGGERS), "tol_days": Tolerance()}

PURPOSE: Section = {"visits": Words(), "forms": Words(), "criteria": Words(), "blinded": Flag()}

ELIGIBILITY: Section = {
    "id": Text(),
    "variable": Text(),
    "op": Choice(("<", "<=", "==", ">=", ">", "IN", "NOT_IN")),
    "value": RuleValue(),
    "on_missing": Choice(("NEEDS_INPUT", "FAIL")),
    "group": Text(),
}

ENDPOINT: Section = {
    "id": Text(),
    "measure": Choice(
        (
            "ORR",
            "DCR",
            "DOR",
            "LCR",
            "PFS",
            "PFS_ALT",
            "OS",
            "VCF_INCIDENCE",
            "PAIN_RESPONSE",
            "SCORE_CHANGE",
        )
    ),
    "role": Choice(("primary", "secondary", "sensitivity")),
    "anchor": Choice(tuple(anchor.value for anchor in Anchor)),
    "orr_response": Choice(("overall", "target")),
    "pfs_scope": Choice(("overall", "local")),
    "landmarks": Days(),
    "landmark_tol_days": Whole(0),
    "windows": Windows(),
    "population": Choice(("ITT", "ITT_measurable")),
    "alpha": Number(Decimal(0), Decimal(1), above=True),
    "sides": Whole(1, 2),
    "interval_pct": Number(Decimal(0), Decimal(100), above=True),
    "ni_margin": Number(),
}

ENDPOINT_DEFAULTS: dict[str, str | int | Decimal | tuple[str, ...]] = {
    "role": "secondary",
    "anchor": "RANDOMISATION",
    "orr_response": "overall",
    "pfs_scope": "overall",
    "landmarks": (),
    "landmark_tol_days": 7,
    "windows": (),
    "population": "ITT",
    "alpha": Decimal("0.05"),
    "sides": 2,
    "interval_pct": Decimal(95),
}
"""What holds where an endpoint does not say it; of ``ni_margin`` nothing does."""
