"""The treated sites of a read that nobody has open: told, named, changed, taken away, each act through the read's door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.as_read import case_as_read
from spinereview.domain.case import Case, TreatedSite
from spinereview.domain.imaging import Id
from spinereview.domain.read import Read
from spinereview.errors import CaseError, Refused
from spinereview.report.site_words import words_of_site
from spinereview.review.commands.sites import AddTreatedSite, ChangeTreatedSite, RemoveTreatedSite, SetLesionSite
from spinereview.review.labels import label
from spinereview.review.level_text import levels_of
from spinereview.review.session import Session
from spinereview.text import sentence
from spinereview.workflow import reads
from spinereview.workflow.answers import looking_at
from spinereview.workflow.case_file import NAME, read_case_file, write_case_file
from spinereview.workflow.reads import Workstation

BONE = "BONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWords:
    """What a person says of a treated site, as words; None: as it is, or nothing where it is a new one.

    Parameters
    ----------
    place
        Where it lies, of what is no vertebra: ``"left femur"``.
    treatment
        What is done there: ``"SBRT"``.
    """

    levels: str | None = None
    place: str | None = None
    treatment: str | None = None
    resected: str | None = None
    instrumented: str | None = None
    adjacent: str | None = None

    def applied_to(self, site: TreatedSite) -> TreatedSite:
        """The site with what was said.

        Raises
        ------
        Refused
            ``LEVELS_UNKNOWN``.
        """
        where = site.site
        if self.levels is not None:
            where = replace(where, levels=levels_of(self.levels))
        if self.place is not None:
            where = replace(where, location=self.place.strip())
        return replace(
            site,
            site=where,
            intent=site.intent if self.treatment is None else self.treatment.strip(),
            resected=_levels(self.resected, site.resected),
            instrumented=_levels(self.instrumented, site.instrumented),
            adjacent=_levels(self.adjacent, site.adjacent),
        )


def new_site() -> TreatedSite:
    """A site of bone of which nothing has been said."""
    return TreatedSite(id=Id(""), site=Site(organ=BONE, location=""))


def sites_told(path: Path) -> str:
    """Lines of the treated sites of a read, with the lesions in them; the file is not changed.

    Raises
    ------
    CaseError, TrailError
        As :func:`~spinereview.workflow.answers.looking_at`.
    """
    with looking_at(path) as looked:
        return _lines(looked.session.head, looked.session.case)


def name_site(
    path: Path, words: SiteWords, site: str = "", reader: str = "", station: Workstation | None = None
) -> str:
    """Name a treated site, or say otherwise what one is; lines of what then stands there.

    Parameters
    ----------
    site
        Id of the one that is changed; empty: a new one.

    Raises
    ------
    Refused
        As the commands; nothing has changed.
    CaseError, TrailError
        As :func:`~spinereview.workflow.reads.old_read`.
    """
    with _writing(path, reader, station) as session:
        if not site:
            session.do(AddTreatedSite(treated=words.applied_to(new_site())))
        else:
            before = session.head.treated_sites.get(site)
            if before is None:
                there = case_as_read(session.case, session.head).treated_sites
                raise Refused("SITE_UNKNOWN", site=site, allowed=", ".join(there) or "–")
            session.do(ChangeTreatedSite(treated=words.applied_to(before)))
        return _lines(session.head, session.case)


def remove_site(path: Path, site: str, reader: str = "", station: Workstation | None = None) -> str:
    """Take a treated site away."""
    with _writing(path, reader, station) as session:
        session.do(RemoveTreatedSite(treated=Id(site)))
        return _lines(session.head, session.case)


def put_into_case(path: Path, folder: Path) -> str:
    """Put the sites that a read names into the case of a folder, in the place of those that were there; lines of them.

    Everybody who reads that case has them then, and its clinical record can name them. The read is not changed.

    Raises
    ------
    CaseError
        ``SITES_NOT_NAMED`` where the read names none; ``SITES_OTHER_CASE``; ``CASE_FILE_...``.
    TrailError
        The read is in use, or cannot be read.
    """
    with looking_at(path) as looked:
        read, case = looked.session.head, looked.session.case
    if not read.treated_sites:
        raise CaseError("SITES_NOT_NAMED", file=path)
    file, _ = read_case_file(folder / NAME)
    if file.case.id != case.id:
        raise CaseError("SITES_OTHER_CASE", file=folder / NAME, subject=case.subject_code)
    changed = replace(file, case=replace(file.case, treated_sites=read.treated_sites))
    if changed != file:
        write_case_file(folder / NAME, changed)
    return _lines(read, changed.case)


def put_lesion(path: Path, lesion: str, site: str, reader: str = "", station: Workstation | None = None) -> str:
    """Say in which treated site a lesion lies, named as it is shown, ``"T01"``; an empty site: in none."""
    with _writing(path, reader, station) as session:
        found = next((one.id for one in session.head.lesions.values() if lesion in (label(one), one.id)), None)
        if found is None:
            raise Refused("LESION_UNKNOWN", lesion=lesion)
        session.do(SetLesionSite(lesion=found, treated=Id(site) if site else None))
        return _lines(session.head, session.case)


def _lines(read: Read, case: Case) -> str:
    sites = case_as_read(case, read).treated_sites
    if not sites:
        return sentence("SITES_NONE") + "\n"
    lines = [sentence("SITES_BY_CASE" if case.treated_sites else "SITES_BY_READ")]
    for site in sites.values():
        inside = ", ".join(label(one) for one in read.lesions.values() if one.treated_site == site.id)
        lines.append(f"  {words_of_site(site)}" + (f" ({inside})" if inside else ""))
    if case.treated_sites and read.treated_sites and case.treated_sites != read.treated_sites:
        lines.append(sentence("SITES_NOT_IN_CASE"))
        lines.extend(f"  {words_of_site(site)}" for site in read.treated_sites.values())
    return "\n".join(lines) + "\n"


def _levels(text: str | None, before: frozenset[Level]) -> frozenset[Level]:
    return before if text is None else frozenset(levels_of(text))


@contextmanager
def _writing(path: Path, reader: str, station: Workstation | None) -> Iterator[Session[Read]]:
    """Open a read for its reader without its images, and close it."""
    path = path.absolute()
    file, _ = read_case_file(path.parent / NAME)
    protocol = reads.protocol_of(path.parent, file.case)
    session = reads.old_read(path, file.case, protocol, reader, station or Workstation())
    try:
        yield session
    finally:
        session.close()
