"""Acts on the treated sites of a case that names none itself: which levels are treated, and which lesions lie there.

Index levels follow from them, and with them what is asked of a visit, local control by site and eligibility.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.criteria.evidence.spino import form_of
from spinereview.domain.anatomy import Level
from spinereview.domain.as_read import case_as_read
from spinereview.domain.case import TreatedSite
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole
from spinereview.domain.read import Lock, Read
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.labels import label
from spinereview.review.level_text import levels_text

PREFIX = "TS"
"""Of the ids that are made: S01 would be the name of a lesion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTreatedSite:
    """Name a treated site; ``treated.id`` is empty and made here."""

    NAME: ClassVar[str] = "add_treated_site"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    treated: TreatedSite

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        _may_name(document, context)
        made = replace(self.treated, id=context.mint(PREFIX))
        _fits(document, made)
        return replace(document, treated_sites=document.treated_sites.with_(made.id, made))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTreatedSite:
    """Say otherwise what a treated site is."""

    NAME: ClassVar[str] = "change_treated_site"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    treated: TreatedSite

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        _may_name(document, context)
        before = _named(document, self.treated.id)
        if before == self.treated:
            return document
        _fits(document, self.treated)
        _not_judged_in_a_locked_visit(document, context, self.treated.id)
        for lesion in document.lesions.values():
            if lesion.treated_site == self.treated.id:
                _lies_there(lesion.site.levels, self.treated, label(lesion))
        return replace(document, treated_sites=document.treated_sites.with_(self.treated.id, self.treated))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTreatedSite:
    """Take a treated site away that no lesion lies in and that nobody has judged."""

    NAME: ClassVar[str] = "remove_treated_site"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    treated: Id

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        _may_name(document, context)
        _named(document, self.treated)
        lesions = [label(one) for one in document.lesions.values() if one.treated_site == self.treated]
        if lesions:
            raise Refused("SITE_HAS_LESIONS", site=self.treated, lesions=", ".join(lesions))
        judged = [at for at, visit in document.visits.items() if form_of(self.treated) in visit.patient_scores]
        if judged:
            raise Refused("SITE_IS_JUDGED", site=self.treated, timepoints=_labels(context, judged))
        return replace(document, treated_sites=document.treated_sites.without(self.treated))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLesionSite:
    """Say which treated site a lesion lies in; None: in none. Its size then counts for local control."""

    NAME: ClassVar[str] = "set_lesion_site"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    treated: Id | None

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        lesion = guards.lesion_of(document, self.lesion)
        guards.writable(document, context.case, lesion.first_seen)
        if self.treated is not None:
            sites = case_as_read(context.case, document).treated_sites
            if self.treated not in sites:
                raise Refused("SITE_UNKNOWN", site=self.treated, allowed=", ".join(sites) or "–")
            if lesion.role is LesionRole.NEW:
                raise Refused("SITE_OF_NEW_LESION", lesion=label(lesion))
            _lies_there(lesion.site.levels, sites[self.treated], label(lesion))
            _one_lesion_stands_for_it(document, self.treated, self.lesion)
        return guards.with_lesion(document, replace(lesion, treated_site=self.treated))


def _may_name(document: Read, context: Context) -> None:
    """Sites of the case are not changed in a read; who named them goes on with his own, to be put into the case anew."""
    if context.case.treated_sites and not document.treated_sites:
        raise Refused("SITES_OF_CASE", sites=", ".join(context.case.treated_sites))
    guards.some_visit_open(document, context.case)


def _named(read: Read, site: Id) -> TreatedSite:
    if site not in read.treated_sites:
        raise Refused("SITE_UNKNOWN", site=site, allowed=", ".join(read.treated_sites) or "–")
    return read.treated_sites[site]


def _fits(read: Read, made: TreatedSite) -> None:
    """What a site must be: a place, whose levels no other site has, resected only within itself."""
    levels = frozenset(made.site.levels)
    if not levels and not made.site.location.strip():
        raise Refused("SITE_WITHOUT_PLACE")
    for level in (*made.site.levels, *made.resected, *made.instrumented, *made.adjacent):
        if level in (Level.T13, Level.L6) and read.numbering != level:
            raise Refused("LEVEL_NOT_NUMBERED", level=level)
    if made.resected - levels:
        raise Refused("SITE_RESECTED_OUTSIDE", levels=_listed(made.resected - levels))
    if made.adjacent & levels:
        raise Refused("SITE_ADJACENT_INSIDE", levels=_listed(made.adjacent & levels))
    for other in read.treated_sites.values():
        twice = levels & frozenset(other.site.levels)
        if other.id != made.id and twice:
            raise Refused("SITE_LEVEL_TWICE", levels=_listed(twice), site=other.id)


def _not_judged_in_a_locked_visit(read: Read, context: Context, site: Id) -> None:
    locked = [
        at for at, visit in read.visits.items() if visit.lock is Lock.LOCKED and form_of(site) in visit.patient_scores
    ]
    if locked:
        raise Refused("SITE_JUDGED_AND_LOCKED", site=site, timepoints=_labels(context, locked))


def _lies_there(levels: tuple[Level, ...], site: TreatedSite, lesion: str) -> None:
    if levels and site.site.levels and not set(levels) & set(site.site.levels):
        raise Refused("SITE_ELSEWHERE", lesion=lesion, site=site.id, levels=levels_text(site.site.levels))


def _one_lesion_stands_for_it(read: Read, site: Id, lesion: Id) -> None:
    """A site is measured by one lesion of that role; targets in it count by themselves."""
    if read.lesions[lesion].role is not LesionRole.TREATED_SITE:
        return
    for other in read.lesions.values():
        if other.id != lesion and other.role is LesionRole.TREATED_SITE and other.treated_site == site:
            raise Refused("SITE_TAKEN", site=site, lesion=label(other))


def _labels(context: Context, timepoints: list[str]) -> str:
    return ", ".join(context.case.timepoints[at].label for at in timepoints if at in context.case.timepoints)


def _listed(levels: frozenset[Level]) -> str:
    return levels_text(tuple(levels))
