"""The anatomical and prognostic forms of each visit, all together or one by itself."""

from __future__ import annotations

from spinereview.criteria.staging.tokuhashi import assess_tokuhashi
from spinereview.criteria.staging.tomita import assess_tomita, assess_tomita_score
from spinereview.criteria.staging.values import Input, Settings
from spinereview.criteria.staging.wbb import assess_wbb
from spinereview.domain.assessment import Assessment
from spinereview.domain.table import Table


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments of every form that was filled in."""
    parts = (wbb, tomita, tomita_score, tokuhashi)
    return Table({key: answer for part in parts for key, answer in part(given, settings).items()})


def wbb(given: Input, settings: Settings) -> Table[Assessment]:
    """Zones and layers alone."""
    return Table({key: answer for visit in given.visits for key, answer in assess_wbb(visit, settings).items()})


def tomita(given: Input, _settings: Settings) -> Table[Assessment]:
    """Tomita's surgical classification alone."""
    return Table({key: answer for visit in given.visits for key, answer in assess_tomita(visit).items()})


def tomita_score(given: Input, _settings: Settings) -> Table[Assessment]:
    """Tomita's prognostic score alone."""
    return Table({key: answer for visit in given.visits for key, answer in assess_tomita_score(visit).items()})


def tokuhashi(given: Input, _settings: Settings) -> Table[Assessment]:
    """Tokuhashi's score alone."""
    return Table({key: answer for visit in given.visits for key, answer in assess_tokuhashi(visit).items()})
