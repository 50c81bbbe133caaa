"""Which images of an unblinded case make which timepoint: proposed, then joined, split, renamed, named, added to.

One timepoint a Study Date is proposed, in order, as ``BL``, ``FU1`` ...; until the first mark they may be joined, split and
renamed, and their ids follow their order. From the first mark on images are only added, so an id that a read has used keeps
its meaning for ever. Every function gives the next case file and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.checks import require_text
from spinereview.domain.imaging import Id, Stack
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.workflow.case_file import CaseFile, StudyRecord

_UNDATED = "99991231"
"""Sorts a study without a date after all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStudy:
    """A study as a scan found it; ``date`` as in :class:`StudyRecord`."""

    uid: str
    date: str
    stacks: tuple[Stack, ...]

    @property
    def record(self) -> StudyRecord:
        """What the case file keeps of it."""
        return StudyRecord(uid=self.uid, date=self.date, stacks=tuple(stack.id for stack in self.stacks))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Studies that make one timepoint; ``label`` is empty until somebody chose one, ``visit`` as the timepoint has it."""

    label: str = ""
    visit: str | None = None
    studies: tuple[StudyRecord, ...]
    stacks: Table[Stack]

    @property
    def place(self) -> tuple[str, str]:
        dates = [study.date.replace("-", "") for study in self.studies if study.date]
        return min(dates, default=_UNDATED), self.studies[0].uid


def propose(case: Case, patient_sha256: str, sources: Sequence[str], found: Iterable[FoundStudy]) -> CaseFile:
    """Case file with one timepoint a Study Date, in order; a study without a date is a timepoint of its own, at the end."""
    empty = CaseFile(case=replace(case, timepoints=Table()), patient_sha256=patient_sha256, sources=tuple(sources))
    return _arranged(empty, _grouped((), found))


def join(file: CaseFile, first: Id, second: Id) -> CaseFile:
    """Make one timepoint of two neighbours; before the first mark only.

    Raises
    ------
    Refused
        ``CASE_TIMEPOINT_UNKNOWN``, ``CASE_JOIN_NOT_NEIGHBOURS``.
    """
    groups = _groups(file)
    one, two = sorted((_position(file, first), _position(file, second)))
    if two - one != 1:
        raise Refused("CASE_JOIN_NOT_NEIGHBOURS", first=_label(file, first), second=_label(file, second))
    joined = _Group(
        label=groups[one].label,
        visit=groups[one].visit,
        studies=groups[one].studies + groups[two].studies,
        stacks=Table({**groups[one].stacks, **groups[two].stacks}),
    )
    return _arranged(file, [*groups[:one], joined, *groups[two + 1 :]])


def split(file: CaseFile, timepoint: Id, study_uid: str) -> CaseFile:
    """Make a study of a timepoint a timepoint of its own; before the first mark only.

    Raises
    ------
    Refused
        ``CASE_TIMEPOINT_UNKNOWN``, ``CASE_SPLIT_ONE_STUDY``.
    """
    groups = _groups(file)
    place = _position(file, timepoint)
    group = groups[place]
    taken = tuple(study for study in group.studies if study.uid == study_uid)
    left = tuple(study for study in group.studies if study.uid != study_uid)
    if not taken or not left:
        raise Refused("CASE_SPLIT_ONE_STUDY", timepoint=_label(file, timepoint))
    parts = [
        _Group(label=label, visit=visit, studies=studies, stacks=_only(group.stacks, studies))
        for label, visit, studies in ((group.label, group.visit, left), ("", None, taken))
    ]
    return _arranged(file, [*groups[:place], *parts, *groups[place + 1 :]])


def rename(file: CaseFile, timepoint: Id, label: str) -> CaseFile:
    """Give a timepoint another label; its id stays. Before the first mark only.

    Raises
    ------
    Refused
        ``CASE_TIMEPOINT_UNKNOWN``, ``CASE_LABEL_TAKEN``.
    InvalidValue
        ``VALUE_EMPTY``.
    """
    _position(file, timepoint)
    label = label.strip()
    require_text("timepoint label", label)
    if any(other.label == label and other.id != timepoint for other in file.case.timepoints.values()):
        raise Refused("CASE_LABEL_TAKEN", label=label)
    renamed = replace(file.case.timepoints[timepoint], label=label)
    return replace(file, case=replace(file.case, timepoints=file.case.timepoints.with_(timepoint, renamed)))


def name_visits(
    file: CaseFile, visits: Mapping[Id, str], order: Sequence[str], *, locked: Iterable[Id] = ()
) -> CaseFile:
    """Say which visit of the protocol each timepoint is; empty: none of them.

    Parameters
    ----------
    order
        Names of the protocol's visits as they come due: a later timepoint is a later visit.
    locked
        Timepoints whose visit a reader has locked: what was said of them stays.

    Raises
    ------
    Refused
        ``CASE_TIMEPOINT_UNKNOWN``, ``CASE_VISIT_UNKNOWN``, ``CASE_VISIT_ORDER``, ``CASE_VISIT_LOCKED``.
    """
    named = dict(file.case.timepoints)
    for timepoint, visit in visits.items():
        _position(file, timepoint)
        label = _label(file, timepoint)
        if visit and visit not in order:
            raise Refused("CASE_VISIT_UNKNOWN", timepoint=label, visit=visit, allowed=", ".join(order))
        if timepoint in set(locked) and named[timepoint].visit not in {None, visit}:
            raise Refused("CASE_VISIT_LOCKED", timepoint=label)
        named[timepoint] = replace(named[timepoint], visit=visit)
    case = replace(file.case, timepoints=Table(named))
    before: Timepoint | None = None
    for later in (one for one in case.in_order if one.visit in order):
        if before is not None and order.index(str(before.visit)) >= order.index(str(later.visit)):
            args = {"first": before.label, "visit": before.visit, "second": later.label, "other": later.visit}
            raise Refused("CASE_VISIT_ORDER", **args)
        before = later
    return replace(file, case=case)


def add(
    file: CaseFile, found: Iterable[FoundStudy], *, sources: Sequence[str] = (), marked: bool, locked: Iterable[Id] = ()
) -> CaseFile:
    """Add images: to the timepoint of the same study or date, else as a further timepoint.

    Parameters
    ----------
    found
        Studies with their stacks; stacks that the case has already are passed over.
    marked
        A read of the case has an act: ids and labels of the timepoints that are there stay.
    locked
        Timepoints whose visit a reader has locked.

    Raises
    ------
    Refused
        ``CASE_TIMEPOINT_LOCKED`` where images would enter a locked timepoint or come before one,
        ``CASE_BEFORE_BASELINE`` where they would become the baseline of a case that has marks.
    """
    file = replace(file, sources=(*file.sources, *(text for text in sources if text not in file.sources)))
    known = {stack for timepoint in file.case.timepoints.values() for stack in timepoint.stacks}
    fresh = [replace(study, stacks=tuple(stack for stack in study.stacks if stack.id not in known)) for study in found]
    groups = _grouped(_groups(file), [study for study in fresh if study.stacks])
    if not marked:
        return _arranged(file, groups)
    return _added(file, sorted(groups, key=lambda group: group.place), frozenset(locked))


def _position(file: CaseFile, timepoint: Id) -> int:
    for place, known in enumerate(file.case.in_order):
        if known.id == timepoint:
            return place
    raise Refused("CASE_TIMEPOINT_UNKNOWN", timepoint=timepoint)


def _label(file: CaseFile, timepoint: Id) -> str:
    return file.case.timepoints[timepoint].label


def _groups(file: CaseFile) -> list[_Group]:
    return [
        _Group(
            label="" if timepoint.label == timepoint.id else timepoint.label,
            visit=timepoint.visit,
            studies=file.studies[timepoint.id],
            stacks=timepoint.stacks,
        )
        for timepoint in file.case.in_order
    ]


def _only(stacks: Mapping[str, Stack], studies: Iterable[StudyRecord]) -> Table[Stack]:
    return Table({stack: stacks[stack] for study in studies for stack in study.stacks})


def _grouped(groups: Iterable[_Group], found: Iterable[FoundStudy]) -> list[_Group]:
    """Put each study to the group that has it, else to the first of its date, else into a group of its own."""
    result = list(groups)
    for study in found:
        uids = [[record.uid for record in group.studies] for group in result]
        dates = [[record.date for record in group.studies] for group in result]
        same = [place for place, listed in enumerate(uids) if study.uid in listed]
        dated = [place for place, listed in enumerate(dates) if study.date and study.date in listed]
        if not same and not dated:
            stacks = Table({stack.id: stack for stack in study.stacks})
            result.append(_Group(studies=(study.record,), stacks=stacks))
            continue
        place = (same or dated)[0]
        result[place] = _with_study(result[place], study)
    return result


def _with_study(group: _Group, study: FoundStudy) -> _Group:
    records = {record.uid: record for record in group.studies}
    before = records.get(study.uid)
    record = study.record
    if before is not None:
        record = replace(before, stacks=before.stacks + record.stacks)
    records[study.uid] = record
    ordered = sorted(records.values(), key=lambda item: (item.date.replace("-", "") or _UNDATED, item.uid))
    return replace(
        group,
        studies=tuple(ordered),
        stacks=Table({**group.stacks, **{stack.id: stack for stack in study.stacks}}),
    )


def _minted(place: int) -> Id:
    return Id("BL" if place == 0 else f"FU{place}")


def _arranged(file: CaseFile, groups: Iterable[_Group]) -> CaseFile:
    """Case file with these timepoints, ids by order: for a case without a mark."""
    ordered = sorted(groups, key=lambda group: group.place)
    chosen = {group.label for group in ordered}
    timepoints: dict[str, Timepoint] = {}
    studies: dict[str, tuple[StudyRecord, ...]] = {}
    for place, group in enumerate(ordered):
        key = _minted(place)
        label = group.label or (f"{key}'" if key in chosen else key)
        timepoints[key] = Timepoint(id=key, label=label, ordinal=place, visit=group.visit, stacks=group.stacks)
        studies[key] = group.studies
    return replace(file, case=replace(file.case, timepoints=Table(timepoints)), studies=Table(studies))


def _added(file: CaseFile, ordered: Sequence[_Group], locked: frozenset[Id]) -> CaseFile:
    """Case file with the same timepoints and further ones between or after them."""
    owner = {study.uid: key for key, studies in file.studies.items() for study in studies}
    timepoints = dict(file.case.timepoints)
    studies = dict(file.studies)
    next_place = len(timepoints)
    keys: list[str] = []
    for group in ordered:
        mine = [owner[study.uid] for study in group.studies if study.uid in owner]
        if mine:
            keys.append(mine[0])
        else:
            keys.append(_minted(next_place))
            next_place += 1
    _check_added(file, ordered, keys, locked)
    for place, (key, group) in enumerate(zip(keys, ordered, strict=True)):
        before = timepoints.get(key) or Timepoint(
            id=Id(key), label=_free_label(key, timepoints.values()), ordinal=place
        )
        timepoints[key] = replace(before, ordinal=place, stacks=group.stacks)
        studies[key] = group.studies
    return replace(file, case=replace(file.case, timepoints=Table(timepoints)), studies=Table(studies))


def _check_added(file: CaseFile, ordered: Sequence[_Group], keys: Sequence[str], locked: frozenset[Id]) -> None:
    known = file.case.timepoints
    if known and keys[0] not in known:
        raise Refused("CASE_BEFORE_BASELINE", date=ordered[0].studies[0].date)
    for place, (key, group) in enumerate(zip(keys, ordered, strict=True)):
        changed = key not in known or len(group.stacks) != len(known[key].stacks)
        later = [other for other in keys[place:] if other in locked]
        if changed and later:
            raise Refused("CASE_TIMEPOINT_LOCKED", timepoint=known[later[0]].label)


def _free_label(key: str, others: Iterable[Timepoint]) -> str:
    taken = {other.label for other in others}
    return f"{key}'" if key in taken else key
