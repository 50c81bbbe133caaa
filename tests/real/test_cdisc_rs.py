"""CDISC's response table, recomputed from its tumour tables: eight subjects, an investigator and two radiologists each."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from spinereview.criteria import parsers
from spinereview.resources import protocols
from spinereview.storage.protocols import read_protocol
from spinereview.workflow.cohort import assess_cohort
from spinereview.workflow.protocol_files import read

HEADING = ("subject", "reader", "visit", "visit_order", "date", "lesion", "role", "nodal", "state", "mm")
DIFFERS = ("01-701-1133", "RADIOLOGIST 2", "WEEK 9")


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}_onco_recist.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_cohort_table(folder: Path, path: Path) -> Path:
    """TU and TR as one long table: of a node the perpendicular, of others the longest diameter; 0 is absent."""
    lesions = {
        (row["USUBJID"], row["TUEVALID"] or row["TUEVAL"], row["TULNKID"]): row["TULOC"] for row in rows(folder, "tu")
    }
    seen = set()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING)
        for row in rows(folder, "tr"):
            key = (row["USUBJID"], row["TREVALID"] or row["TREVAL"], row["TRLNKID"])
            node = lesions[key] == "LYMPH NODE"
            visit = (*key, row["VISIT"])
            if row["TRTESTCD"] not in {"TUMSTATE", "LPERP" if node else "LDIAM"} or visit in seen:
                continue
            seen.add(visit)
            role, mm = row["TRGRPID"].replace("-", "_"), row["TRSTRESC"]
            state = mm if role == "NON_TARGET" else "ABSENT" if mm == "0" else "MEASURED"
            length = mm if state == "MEASURED" else ""
            visit_cells = (row["VISIT"], row["VISITNUM"], row["TRDTC"])
            writer.writerow([*key[:2], *visit_cells, key[2], role, str(node).lower(), state, length])
    return path


def responses(cohort) -> dict[tuple[str, str, str], str]:
    return {
        (answers.subject, answers.reader, visit): answers.assessments[f"{visit}/overall"].because[0].args["arithmetic"]
        for answers in cohort.answers
        for visit in answers.visits[1:]
    }


@pytest.fixture
def published(shared_cdisc) -> dict[tuple[str, str, str], str]:
    return {
        (row["USUBJID"], row["RSEVALID"] or row["RSEVAL"], row["VISIT"]): row["RSSTRESC"]
        .replace("-", "_")
        .replace("/", "_")
        for row in rows(shared_cdisc, "rs")
    }


def test_cdisc_rs_is_recomputed_from_tu_and_tr_where_nothing_is_rounded(shared_cdisc, published, tmp_path):
    text = next(path for path in protocols() if path.stem == "generic").read_text(encoding="utf-8")
    exact = text.replace("[criterion.recist]", '[criterion.recist]\nvalue_rounding_mm = "none"')
    protocol = read_protocol(exact.encode(), "exact.toml", parsers())
    cohort = assess_cohort(as_cohort_table(shared_cdisc, tmp_path / "cohort.csv"), protocol)
    found = responses(cohort)
    assert cohort.faults == ()
    assert len(found) == len(published) == 66
    assert found == published


def test_cdisc_rs_differs_in_one_row_where_values_are_rounded_to_a_tenth(shared_cdisc, published, tmp_path):
    cohort = assess_cohort(as_cohort_table(shared_cdisc, tmp_path / "cohort.csv"), read("generic"))
    found = responses(cohort)
    assert {key: (found[key], published[key]) for key in published if found[key] != published[key]} == {
        DIFFERS: ("PD", "PR")
    }
