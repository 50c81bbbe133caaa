"""A line of the history as a code with arguments: what was done, to which lesion, when, how many millimetres.

Only the arguments that are written out here are told, so that a line never says more than the read does. Acts that this
version of the program does not know are told by their name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spinereview.domain.case import Case, TreatedSite
from spinereview.domain.codec import Json, decode
from spinereview.domain.imaging import Id
from spinereview.domain.measurement import Measurement, OnImage
from spinereview.domain.read import Read
from spinereview.errors import InvalidValue
from spinereview.review.labels import label
from spinereview.review.level_text import levels_text
from spinereview.review.overlay import value_text

CODES: dict[str, str] = {
    "add_lesion": "ACT_ADD_LESION",
    "remove_lesion": "ACT_REMOVE_LESION",
    "measure": "ACT_MEASURE",
    "remove_measurement": "ACT_REMOVE_MEASUREMENT",
    "set_state": "ACT_SET_STATE",
    "merge_into": "ACT_MERGE_INTO",
    "split_into": "ACT_SPLIT_INTO",
    "remove_fragment": "ACT_REMOVE_FRAGMENT",
    "judge_technique": "ACT_JUDGE_TECHNIQUE",
    "set_plane_visible": "ACT_SET_PLANE_VISIBLE",
    "set_margin_hidden": "ACT_SET_MARGIN_HIDDEN",
    "set_pet": "ACT_SET_PET",
    "set_new_status": "ACT_SET_NEW_STATUS",
    "set_others_present": "ACT_SET_OTHERS_PRESENT",
    "set_role": "ACT_SET_ROLE",
    "set_nodal": "ACT_SET_NODAL",
    "set_site": "ACT_SET_SITE",
    "set_tissue": "ACT_SET_TISSUE",
    "set_scope": "ACT_SET_SCOPE",
    "set_group": "ACT_SET_GROUP",
    "set_prior_therapy": "ACT_SET_PRIOR_THERAPY",
    "set_override_reason": "ACT_SET_OVERRIDE_REASON",
    "set_comment": "ACT_SET_COMMENT",
    "set_visit_comment": "ACT_SET_VISIT_COMMENT",
    "lock_visit": "ACT_LOCK_VISIT",
    "unlock_visit": "ACT_UNLOCK_VISIT",
    "label_level": "ACT_LABEL_LEVEL",
    "remove_level_label": "ACT_REMOVE_LEVEL_LABEL",
    "measure_heights": "ACT_MEASURE_HEIGHTS",
    "remove_heights": "ACT_REMOVE_HEIGHTS",
    "score": "ACT_SCORE",
    "answer_form": "ACT_ANSWER_FORM",
    "state_coverage": "ACT_STATE_COVERAGE",
    "judge_quality": "ACT_JUDGE_QUALITY",
    "set_level_facts": "ACT_SET_LEVEL_FACTS",
    "set_numbering": "ACT_SET_NUMBERING",
    "add_treated_site": "ACT_ADD_TREATED_SITE",
    "change_treated_site": "ACT_CHANGE_TREATED_SITE",
    "remove_treated_site": "ACT_REMOVE_TREATED_SITE",
    "set_lesion_site": "ACT_SET_LESION_SITE",
    "calibrate": "ACT_CALIBRATE",
    "remove_calibration": "ACT_REMOVE_CALIBRATION",
    "align_pet": "ACT_ALIGN_PET",
    "remove_alignment": "ACT_REMOVE_ALIGNMENT",
    "decide": "ACT_DECIDE",
    "set_link_offset": "ACT_SET_LINK_OFFSET",
    "undo": "ACT_UNDO",
    "redo": "ACT_REDO",
}
"""By name in the trail. A test compares it with the commands there are."""

NOTES: dict[str, str] = {
    "created": "NOTE_CREATED",
    "opened": "NOTE_OPENED",
    "clock_set_back": "NOTE_CLOCK_SET_BACK",
    "clock_set_forward": "NOTE_CLOCK_SET_FORWARD",
    "write_failed": "NOTE_WRITE_FAILED",
    "case_made": "NOTE_CASE_MADE",
    "case_found": "NOTE_CASE_FOUND",
    "case_changed": "NOTE_CASE_CHANGED",
    "stack_hashed": "NOTE_STACK_HASHED",
    "stack_closed": "NOTE_STACK_CLOSED",
    "stack_described": "NOTE_STACK_DESCRIBED",
}
"""Facts that change nothing, by name in the trail."""

_WORDS = (
    *("state", "role", "status", "reason", "justification", "comment", "cause", "seconds"),
    *("level", "item", "key", "value", "numbering", "part", "form", "region"),
    *("length_mm", "marked"),
)
"""Arguments that are told as they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Code and arguments of a line, for the catalogue."""

    code: str
    args: Mapping[str, str]


def tell(name: str, args: Mapping[str, Json], read: Read, case: Case) -> Told:
    """Line of an entry of the history.

    Parameters
    ----------
    name, args
        Of the entry, as the trail has them.
    read
        As far as it may be seen: gives lesions their names. One that is gone is named by its number.
    """
    code = CODES.get(name) or NOTES.get(name)
    if code is None:
        return Told(code="ACT_OTHER", args={"name": name})
    told = {key: str(args[key]) for key in _WORDS if args.get(key)}
    if isinstance(stack := args.get("stack"), str):
        found = case.find_stack(Id(stack))
        told["stack"] = stack if found is None else found[1].series_uid or stack
    for key in ("lesion", "carrier", "site"):
        if isinstance(lesion := args.get(key), str) and lesion:
            told[key] = label(read.lesions[lesion]) if lesion in read.lesions else lesion
    if isinstance(timepoint := args.get("timepoint"), str):
        known = case.timepoints.get(timepoint)
        told["timepoint"] = timepoint if known is None else known.label
    told.update(_of_site(args.get("treated")))
    if "of" in args:
        told["of"] = str(args["of"])
    if told.get("site"):
        code = f"{code}_SITE"
    measured = _millimetres(args.get("measurement"), case)
    return Told(code=f"{code}_MM" if measured else code, args={**told, "mm": measured} if measured else told)


def _of_site(tree: Json) -> dict[str, str]:
    """Id and levels of a treated site in the arguments; nothing of what cannot be read today."""
    if isinstance(tree, str):
        return {"treated": tree}
    try:
        treated = None if tree is None else decode(TreatedSite, tree)
    except InvalidValue:
        return {}
    place = "" if treated is None else levels_text(treated.site.levels) or treated.site.location
    return {} if treated is None else {"treated": treated.id, "place": place}


def _millimetres(tree: Json, case: Case) -> str:
    """Millimetres of a measurement in the arguments; nothing where there is none, or none that can be read today."""
    if tree is None:
        return ""
    try:
        measurement = decode(Measurement, tree)
    except InvalidValue:
        return ""
    found = None
    if isinstance(measurement.geometry, OnImage):
        found = case.find_stack(Id(measurement.geometry.image.stack))
    return value_text(measurement, None if found is None else found[1])
