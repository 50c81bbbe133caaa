"""What a person says of a stack: what it was made for, its plane, contrast agent, posture. It wins over what images suggest.

The words are kept with the case, each noted in the read with what stood there before, and no later scan changes them. A
locked timepoint keeps its words: they decide on warnings that stood there when it was locked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spinereview.domain.imaging import Id, Plane, Posture, Stack
from spinereview.domain.sequence import Contrast, Role, contrast_of, roles_of
from spinereview.errors import Refused
from spinereview.workflow import reads
from spinereview.workflow.case import OpenedCase
from spinereview.workflow.case_changes import changed
from spinereview.workflow.case_file import CaseFile

AS_SUGGESTED = "AS_SUGGESTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackWords:
    """What is said of a stack.

    Parameters
    ----------
    role
        None: nobody says; what the images suggest is shown.
    posture
        None: not told.
    """

    role: Role | None
    plane: Plane
    contrast: Contrast
    posture: Posture | None


def words_of(stack: Stack) -> StackWords:
    """What the case has of a stack."""
    known = stack.role in {role.value for role in Role}
    return StackWords(
        role=Role(stack.role) if known else None,
        plane=stack.plane,
        contrast=contrast_of(stack.contrast),
        posture=stack.posture,
    )


def describe(opened: OpenedCase, stack: Id, words: StackWords) -> OpenedCase:
    """Take over what a person says of a stack.

    Raises
    ------
    Refused
        ``CASE_STACK_UNKNOWN``, ``CASE_ROLE_OF_OTHER_MODALITY``, ``CASE_DESCRIBE_LOCKED``, ``SESSION_READ_ONLY``; nothing
        has changed.
    CaseError
        ``CASE_FILE_NOT_WRITTEN``; nothing has changed.
    """
    found = opened.case.find_stack(stack)
    if found is None:
        raise Refused("CASE_STACK_UNKNOWN", stack=stack)
    timepoint, before = found
    if words.role is not None and words.role not in roles_of(before.modality):
        raise Refused("CASE_ROLE_OF_OTHER_MODALITY", role=words.role, modality=before.modality)
    file = described(opened.file, stack, words)
    if file == opened.file:
        return opened
    if timepoint.id in reads.locked_timepoints(opened.session.head):
        raise Refused("CASE_DESCRIBE_LOCKED", timepoint=timepoint.label)
    notes = [
        ("stack_described", {"stack": stack, "item": item, "value": now, "was": was})
        for item, was, now in _differences(words_of(before), words)
    ]
    return changed(opened, file, notes)


def described(file: CaseFile, stack: Id, words: StackWords) -> CaseFile:
    """Case file with the words of one stack; writes nothing."""
    found = file.case.find_stack(stack)
    if found is None:
        raise Refused("CASE_STACK_UNKNOWN", stack=stack)
    timepoint, before = found
    same_contrast = contrast_of(before.contrast) is words.contrast
    stated = "" if words.contrast is Contrast.NOT_TOLD else words.contrast.value
    same_role = words_of(before).role is words.role
    after = replace(
        before,
        role=before.role if same_role else "" if words.role is None else words.role.value,
        plane=words.plane,
        # The name of an agent that the images state stays where nobody says otherwise.
        contrast=before.contrast if same_contrast else stated,
        posture=words.posture,
    )
    changed_point = replace(timepoint, stacks=timepoint.stacks.with_(stack, after))
    return replace(file, case=replace(file.case, timepoints=file.case.timepoints.with_(timepoint.id, changed_point)))


def _differences(before: StackWords, after: StackWords) -> Iterator[tuple[str, str, str]]:
    """Name of each word that differs, with what stood there and what stands there now."""
    pairs: tuple[tuple[str, object, object, str], ...] = (
        ("role", before.role, after.role, AS_SUGGESTED),
        ("plane", before.plane, after.plane, ""),
        ("contrast", before.contrast, after.contrast, ""),
        ("posture", before.posture, after.posture, Posture.UNKNOWN),
    )
    for item, was, now, nothing in pairs:
        if was != now:
            yield item, str(was or nothing), str(now or nothing)
