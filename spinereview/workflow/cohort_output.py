"""What is said of a cohort: as lines, as JSON and as tables. Days are dates again, as in the table that was read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from spinereview import __version__
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.codec import encode
from spinereview.domain.schedule import VisitDays
from spinereview.report.tables import number, words
from spinereview.text import sentence
from spinereview.workflow.answers import write_table
from spinereview.workflow.cohort import Cohort, SubjectAnswers
from spinereview.workflow.cohort_rates import ToldRate, told_rate
from spinereview.workflow.table_file import iso

SCHEMA = 1
_SUMS = (
    *("sum_mm", "evaluable_sum_mm", "baseline_sum_mm", "nadir_mm"),
    *("change_baseline_pct", "change_nadir_pct", "change_nadir_mm"),
)
_RATE = ("responders", "subjects", "undetermined")
_PARTS = ("target", "non_target", "new", "overall")


def as_json_text(cohort: Cohort) -> str:
    """Tree for JSON; numbers are text, days are dates."""
    tree = {
        "schema": SCHEMA,
        "program": __version__,
        "protocol": f"{cohort.protocol.title} {cohort.protocol.version}",
        "protocol_sha256": cohort.protocol.sha256,
        "subjects": [_tree(answers) for answers in cohort.answers],
        "rates": {
            reader: {key: encode(answer, Assessment) for key, answer in rates.items()}
            for reader, rates in cohort.rates.items()
        },
        "intervals": {
            reader: {key: told_rate(answer).as_values() for key, answer in rates.items()}
            for reader, rates in cohort.rates.items()
        },
        "faults": [
            {"file": fault.file, "line": fault.line, "column": fault.column, "code": fault.code, "words": fault.words}
            for fault in cohort.faults
        ],
    }
    return json.dumps(tree, indent=1, ensure_ascii=False) + "\n"


def as_text(cohort: Cohort) -> str:
    """A line for each subject and reader, below it one for each visit."""
    lines = [f"{cohort.protocol.title} {cohort.protocol.version}, spinereview {__version__}. Research use only."]
    for answers in cohort.answers:
        lines += ["", " ".join(filter(None, [answers.subject, answers.reader]))]
        if answers.refused is not None:
            lines.append("  " + sentence("SUBJECT_REFUSED", {"line": str(answers.refused.line)}))
        for visit in answers.visits:
            own = answers.assessments
            lines.append(f"  {visit}: {own[f'{visit}/overall'].outcome}, {_why(own[f'{visit}/target'])}")
        for key, answer in _of_subject(answers):
            lines.append(f"  {key}: {', '.join([answer.outcome, *_days_told(answer), _why(answer)])}")
    for reader, rates in cohort.rates.items():
        lines += ["", " ".join(filter(None, ["*", reader]))]
        lines += [f"  {key}: {answer.outcome}, {_why(answer)}{_interval(answer)}" for key, answer in rates.items()]
    return "\n".join(lines) + "\n"


def as_csv(cohort: Cohort, folder: Path) -> tuple[Path, ...]:
    """Leave four tables in a folder: responses by visit, results by subject, rates, and the rows that are wrong.

    Raises
    ------
    CaseError
        ``TABLE_NOT_WRITTEN``.
    """
    subject_values = sorted(
        {name for answers in cohort.answers for _, one in _of_subject(answers) for name in one.values}
    )
    responses = [row for answers in cohort.answers for row in _visit_rows(answers)]
    results = [row for answers in cohort.answers for row in _subject_rows(answers, subject_values)]
    faults = [(fault.file, str(fault.line), fault.column, fault.code, fault.words) for fault in cohort.faults]
    return (
        write_table(
            folder,
            "responses.csv",
            (
                "subject",
                "reader",
                "visit",
                "date",
                *_PARTS,
                "arithmetic",
                "local_control",
                *_SUMS,
                "flags",
                "missing",
                "sentence",
            ),
            responses,
        ),
        write_table(
            folder,
            "subjects.csv",
            (
                "subject",
                "reader",
                "question",
                "outcome",
                *map(_heading, subject_values),
                "flags",
                "missing",
                "sentence",
            ),
            results,
        ),
        write_table(
            folder,
            "rates.csv",
            ("reader", "rate", "outcome", *_RATE, *ToldRate().as_values(), "members"),
            _rate_rows(cohort),
        ),
        write_table(folder, "wrong_rows.csv", ("file", "line", "column", "code", "sentence"), faults),
    )


def _days_told(answer: Assessment) -> list[str]:
    day, days = answer.values.get("day"), answer.values.get("days")
    told = [] if days is None else [sentence("DAYS", {"count": str(days)})]
    return told if day is None else [*told, iso(int(day))]


def _interval(answer: Assessment) -> str:
    told = told_rate(answer)
    if not told.method:
        return ""
    return " " + sentence("RATE_INTERVAL", {"rate": told.rate_pct, "low": told.low_pct, "high": told.high_pct})


def _rate_rows(cohort: Cohort) -> list[tuple[str, ...]]:
    return [
        (
            *(reader, key, answer.outcome),
            *(number(name, answer.values.get(name)) for name in _RATE),
            *told_rate(answer).as_values().values(),
            "; ".join(words(member) for reason in answer.because for member in reason.because),
        )
        for reader, rates in cohort.rates.items()
        for key, answer in rates.items()
    ]


def _visit_rows(answers: SubjectAnswers) -> Iterator[tuple[str, ...]]:
    for visit in answers.visits:
        parts = {of: answers.assessments.get(f"{visit}/{of}") for of in _PARTS}
        target, overall = answers.assessments[f"{visit}/target"], answers.assessments[f"{visit}/overall"]
        listed = [one for one in parts.values() if one is not None]
        yield (
            *(answers.subject, answers.reader, visit, _date(answers.prepared.days.get(visit))),
            *("" if one is None else one.outcome for one in parts.values()),
            _arithmetic(overall),
            _local(answers, visit),
            *(number(name, target.values.get(name)) for name in _SUMS),
            _codes([reason for one in listed for reason in one.warnings]),
            _codes([reason for one in listed for reason in one.missing]),
            " ".join(filter(None, [_why(target), _why(overall)])),
        )


def _subject_rows(answers: SubjectAnswers, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if answers.refused is not None:
        told = sentence("SUBJECT_REFUSED", {"line": str(answers.refused.line)})
        blank = [""] * (len(names) + 1)
        yield (answers.subject, answers.reader, "", "", *blank, answers.refused.code, told)
    for key, answer in _of_subject(answers):
        yield (
            *(answers.subject, answers.reader, key, answer.outcome),
            *(_shown(name, answer.values.get(name)) for name in names),
            *(_codes(answer.warnings), _codes(answer.missing), _why(answer)),
        )


def _of_subject(answers: SubjectAnswers) -> list[tuple[str, Assessment]]:
    """Assessments that are about no single visit."""
    return [(key, one) for key, one in answers.assessments.items() if one.scope[0] not in answers.visits]


def _tree(answers: SubjectAnswers) -> dict[str, object]:
    return {
        "subject": answers.subject,
        "reader": answers.reader,
        "refused": None if answers.refused is None else answers.refused.words,
        "visits": [
            {"visit": visit, "date": _date(answers.prepared.days.get(visit)) or None} for visit in answers.visits
        ],
        "assessments": {key: _assessment(answer) for key, answer in answers.assessments.items()},
    }


def _assessment(answer: Assessment) -> object:
    tree = cast("dict[str, Any]", encode(answer, Assessment))
    values: Mapping[str, Decimal | None] = answer.values
    tree["values"] = {
        _heading(name): _shown(name, value) or None if _is_day(name) else tree["values"][name]
        for name, value in values.items()
    }
    return tree


def _arithmetic(overall: Assessment) -> str:
    """Response of the visit by itself, before what a complete response changes."""
    return next((reason.args["arithmetic"] for reason in overall.because if "arithmetic" in reason.args), "")


def _local(answers: SubjectAnswers, visit: str) -> str:
    """Result of each definition of local control at a visit."""
    found = [one for one in answers.assessments.values() if one.scope[:2] == (visit, "local_control")]
    return "; ".join(f"{'/'.join(one.scope[2:])} {one.outcome}" for one in found)


def _is_day(name: str) -> bool:
    return name == "day" or name.endswith("_day")


def _heading(name: str) -> str:
    return name.removesuffix("day") + "date" if _is_day(name) else name


def _shown(name: str, value: Decimal | None) -> str:
    if value is None or not _is_day(name):
        return number(name, value)
    return iso(int(value))


def _date(days: VisitDays | None) -> str:
    return "" if days is None or days.day is None else iso(days.day)


def _why(answer: Assessment) -> str:
    return " ".join(words(reason) for reason in (*answer.because, *answer.missing))


def _codes(reasons: Sequence[Reason]) -> str:
    return " ".join(dict.fromkeys(reason.code for reason in reasons))
