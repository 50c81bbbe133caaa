"""The protocols of the four trials say what the registry and the manual say; a fifth trial is a file and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from spinereview.criteria import parsers
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor, Protocol
from spinereview.domain.table import Table
from spinereview.resources import protocols
from spinereview.review.forms_asked import READ_FORMS, asked, eligibility_items
from spinereview.storage.protocols import load_protocol
from spinereview.workflow.protocol_files import differences, read
from tests.criteria.test_trials import LISTS

TRIALS = {path.stem: load_protocol(path, parsers()) for path in protocols() if path.stem != "generic"}


def at(visit: str) -> Timepoint:
    """A timepoint that is this visit."""
    return Timepoint(id=Id("A"), label="A", ordinal=0, visit=visit)


def a_case(timepoint: Timepoint) -> Case:
    """A case of one timepoint."""
    return Case(id=Id("C"), subject_code="S", protocol_sha256="0" * 64, timepoints=Table({timepoint.id: timepoint}))


each_trial = pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)


def test_the_program_carries_four_trials_and_the_generic_protocol() -> None:
    assert {path.stem for path in protocols()} == {"generic", *(name.lower() for name in LISTS)}


@each_trial
def test_eligibility_is_the_list_of_the_manual(trial: Protocol) -> None:
    written = [(rule.variable, rule.op, rule.value, rule.group) for rule in trial.eligibility.values()]
    wanted = [
        (name, op, Decimal(value) if type(value) is int else value, group) for name, op, value, group in LISTS[trial.id]
    ]
    assert sorted(map(str, written)) == sorted(map(str, wanted))
    assert all(rule.on_missing == "NEEDS_INPUT" for rule in trial.eligibility.values())


@each_trial
def test_every_trial_is_read_blinded_by_two_and_in_order(trial: Protocol) -> None:
    blinding, design = trial.blinding, trial.design
    assert blinding.sequential
    assert blinding.ask_arm_guess
    assert (blinding.show_days, blinding.live_response, blinding.show_prior_marks) == (False, False, False)
    assert not blinding.clinical_shown
    assert (design.readers, design.adjudication, design.repeat_share) == (2, "pick_one", Decimal("0.10"))
    assert "ADJ_RESP_DATE" not in design.triggers
    assert len(design.triggers) == 9
    assert trial.criteria["recist"]["new_unscanned"] == "equivocal"
    assert set(trial.purposes) == {"ELIGIBILITY", "EFFICACY", "REPEAT", "TRAINING"}
    assert set(trial.purposes["ELIGIBILITY"]["visits"]) == {"BL"}


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("nct06093854", set()),
        ("nct06120426", {"modalities_complete"}),
        ("nct06756087", {"posterior_elements_involved", "posterior_wall_destroyed"}),
        ("nct06987370", {"pathological_fracture_target"}),
    ],
)
def test_the_screening_visit_alone_demands_what_only_a_reader_can_judge(name: str, items: set[str]) -> None:
    trial = TRIALS[name]
    visits = {visit: eligibility_items(trial, a_case(at(visit)), at(visit)) for visit in trial.visits}
    demanded = {visit: set(listed) for visit, (listed, mandatory) in visits.items() if mandatory}
    assert demanded == ({"BL": items} if items else {})
    assert all(not listed for visit, (listed, _) in visits.items() if visit != "BL")
    assert ("ELIGIBILITY" in trial.purposes["ELIGIBILITY"]["forms"]) is bool(items)


@each_trial
def test_a_visit_asks_what_its_images_can_answer(trial: Protocol) -> None:
    """Compression on MR (or CT) where it is followed; treated sites after an operation; heights where fractures count."""
    images = {name: visit for name, visit in trial.visits.items() if visit.modalities}
    axial = {name for name, visit in images.items() if visit.modalities & {"MR", "MR_OR_CT"}}
    lists = {form: {name for name, visit in trial.visits.items() if form in visit.forms} for form in READ_FORMS}
    assert lists["ESCC"] == (axial if "escc" in trial.criteria else set())
    assert lists["SPINO"] == (axial - {"BL"} if "spino" in trial.criteria else set())
    assert lists["SINS"] == ({"BL"} if "sins" in trial.criteria else set())
    assert lists["VCF"] == set(images) - ({"POST"} if trial.id == "NCT06120426" else set())
    offered = {form for form in READ_FORMS for visit in images if asked(trial, at(visit), form)[0]}
    assert offered >= {form for form, listed in lists.items() if listed}


@pytest.mark.parametrize(
    ("name", "definition", "baseline", "fracture"),
    [
        ("nct06093854", "LC_SPINO", "first_post_procedure_scan", "first_post_procedure_scan"),
        ("nct06120426", "LC_PROTOCOL_06120426", "first_post_procedure_scan", "day1_xray"),
        ("nct06756087", "LC_SPINO", "first_post_procedure_scan", "first_post_cement_scan"),
        ("nct06987370", "LC_RECIST_NADIR", "pre_RT", "last_before_RT"),
    ],
)
def test_local_control_and_fractures_are_counted_from_what_the_trial_names(
    name: str, definition: str, baseline: str, fracture: str
) -> None:
    trial = TRIALS[name]
    assert trial.criteria["local_control"]["lc_definition"] == definition
    assert (trial.baselines["lc_baseline"], trial.baselines["vcf_baseline"]) == (baseline, fracture)


def test_trial_2_counts_local_progression_and_shows_recist_beside_it() -> None:
    trial = TRIALS["nct06120426"]
    assert trial.endpoints["survival"]["role"] == "primary"
    assert trial.endpoints["progression_free"]["pfs_scope"] == "local"
    assert trial.endpoints["progression_free_recist"]["pfs_scope"] == "overall"
    assert trial.endpoints["fracture"]["windows"] == ("91 14", "183 14", "365 30")
    assert trial.baselines["lc_baseline_also"] == ("pre_procedure",)


def test_trial_4_takes_the_target_response_at_landmarks_from_the_end_of_radiotherapy() -> None:
    trial = TRIALS["nct06987370"]
    primary = trial.endpoints["response"]
    assert (primary["measure"], primary["anchor"], primary["orr_response"]) == ("ORR", "RT_END", "target")
    assert primary["landmarks"] == ("84", "168", "252", "336")
    assert (primary["sides"], primary["interval_pct"], primary["alpha"]) == (1, Decimal(90), Decimal("0.05"))
    assert trial.criteria["best_response"]["min_sd_days"] == 77
    imaging = [visit for visit in trial.visits.values() if visit.modalities and visit.anchor is Anchor.RT_END]
    assert [(visit.day, visit.minus, visit.plus) for visit in imaging] == [(day, 7, 7) for day in (84, 168, 252, 336)]


def test_a_fifth_trial_is_a_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "fifth.toml"
    file.write_text(
        '[trial]\nid = "FIFTH"\nversion = "1"\ntitle = "A fifth trial"\n\n[blinding]\nlive_response = true\n'
        "show_days = true\n\n[criterion.recist]\npd_threshold = 0.25\n\n[criterion.best_response]\nconfirm = true\n"
        '\n[criterion.endpoints]\n\n[[endpoint]]\nid = "response"\nmeasure = "ORR"\nlandmarks = [90]\n',
        encoding="utf-8",
    )
    table = tmp_path / "cohort.csv"
    rows = ["subject,visit,visit_order,date,lesion,role,nodal,site,state,mm"]
    for order, (visit, day, size) in enumerate((("BL", "2026-01-05", "50.0"), ("FU1", "2026-04-06", "61.0"))):
        rows.append(f"S1,{visit},{order},{day},T1,TARGET,no,LIVER,MEASURED,{size}")
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")

    def overall(protocol: str) -> str:
        words = [sys.executable, "-m", "spinereview", "assess", str(table), "--protocol", protocol, "--json"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return json.dumps(json.loads(done.stdout))

    assert '"PD"' in overall("generic")  # 61.0 against 50.0 is +22.0 %
    assert '"PD"' not in overall(str(file))
    changed = {(one.section, one.key) for one in differences(read("generic"), read(str(file)))}
    assert ("[criterion.recist]", "pd_threshold") in changed
