"""Protocol files: what they give, and errors that name file, line and what is allowed."""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal

import pytest

from spinereview.criteria import parsers
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.codec import decode, encode
from spinereview.domain.protocol import Anchor, Blinding, Protocol
from spinereview.domain.table import Table
from spinereview.errors import ProtocolError
from spinereview.resources import protocols, resource
from spinereview.storage.protocols import load_protocol, read_protocol
from spinereview.text import explain

HEAD = '[trial]\nid = "T"\nversion = "1"\ntitle = "A trial"\n'

BLINDED = """# A blinded trial, with every section that a file can have.
[trial]
id = "NCT0"
version = "2"
title = "Blinded, two readers"
amends = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

[[visit]]
name = "BL"
anchor = "SURGERY"
day = -14
minus = 14
plus = 13
modalities = ["MR", "CT"]

[[visit]]
name = "FU1"
anchor = "SURGERY"
day = 91
minus = 21
plus = 21
regions = ["SPINE"]
forms = ["SINS"]

[baseline]
recist = "first_post_procedure_scan"
baseline_window_days = 42
lc_baseline = "first_post_procedure_scan"
lc_baseline_also = ["pre_procedure"]

[blinding]
live_response = false
clinical_shown = ["NRS_WORST"]

[design]
readers = 2
repeat_share = 0.10

[[trigger]]
id = "ADJ_BOR"
[[trigger]]
id = "ADJ_PD_DATE"
tol_days = 0

[purpose.ELIGIBILITY]
visits = ["BL"]
criteria = ["recist"]

[purpose.LOCAL]

[criterion.recist]
new_unscanned = "equivocal"
pr_threshold = 0.3
value_rounding_mm = "none"

[[eligibility]]
id = "sins"
variable = "sins_total_max"
op = ">="
value = 13
[[eligibility]]
id = "primary"
variable = "primary_spinal_tumour"
op = "=="
value = false
on_missing = "FAIL"
group = "either"
[[eligibility]]
id = "levels"
variable = "index_levels"
op = "IN"
value = ["T5", "T6"]

[[endpoint]]
id = "orr"
measure = "ORR"
role = "primary"
anchor = "RT_END"
landmarks = [84, 168]
windows = [[91, 14], [183, 14]]
alpha = 0.05
"""


def read(text):
    return read_protocol(text.encode(), "trial.toml", parsers())


def refusal(text):
    with pytest.raises(ProtocolError) as caught:
        read(text)
    error = caught.value
    told = explain(error)
    assert not re.search(r"\{\w+\}", told), told
    assert told.startswith("trial.toml, line ")
    return error.code, int(error.arguments["line"]), error.arguments


class TestGeneric:
    def test_is_unblinded_with_one_reader(self):
        generic = load_protocol(resource("protocols", "generic.toml"), parsers())
        assert generic.blinding == Blinding(
            sequential=False, show_days=True, live_response=True, show_prior_marks=True, ask_arm_guess=False
        )
        assert (generic.design.readers, generic.design.adjudication, generic.design.triggers) == (1, "none", Table())

    def test_has_the_defaults_of_recist(self):
        generic = load_protocol(resource("protocols", "generic.toml"), parsers())
        assert Settings.parse(generic.criteria["recist"]) == Settings()

    @pytest.mark.parametrize("file", protocols(), ids=lambda file: file.name)
    def test_every_protocol_that_the_program_carries_is_valid(self, file):
        assert load_protocol(file, parsers()).sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


class TestBlinded:
    def test_hides_the_response_until_the_lock(self):
        assert read(BLINDED).blinding == Blinding(clinical_shown=frozenset({"NRS_WORST"}))
        assert not read(BLINDED).blinding.live_response

    def test_has_its_visits(self):
        visits = read(BLINDED).visits
        assert set(visits) == {"BL", "FU1"}
        assert (visits["BL"].anchor, visits["BL"].day, visits["BL"].minus, visits["BL"].plus) == (
            Anchor.SURGERY,
            -14,
            14,
            13,
        )
        assert visits["BL"].modalities == {"MR", "CT"}
        assert (visits["FU1"].regions, visits["FU1"].forms) == ({"SPINE"}, {"SINS"})

    def test_has_its_baselines_with_defaults(self):
        assert read(BLINDED).baselines == Table(
            {
                "recist": "first_post_procedure_scan",
                "baseline_window_days": 42,
                "lc_baseline": "first_post_procedure_scan",
                "lc_baseline_also": ("pre_procedure",),
                "vcf_baseline": "recist_baseline",
            }
        )

    def test_has_its_design(self):
        design = read(BLINDED).design
        assert (design.readers, design.repeat_share) == (2, Decimal("0.10"))
        assert design.triggers == Table({"ADJ_BOR": Table(), "ADJ_PD_DATE": Table({"tol_days": "0"})})

    def test_has_the_default_triggers_where_none_is_listed(self):
        triggers = read(HEAD).design.triggers
        assert "ADJ_RESP_DATE" not in triggers
        assert len(triggers) == 9
        assert triggers["ADJ_LC"] == Table({"tol_days": "visit"})

    def test_has_its_purposes(self):
        purposes = read(BLINDED).purposes
        assert purposes["ELIGIBILITY"] == Table(
            {"visits": ("BL",), "forms": (), "criteria": ("recist",), "blinded": True}
        )
        assert purposes["LOCAL"]["blinded"] is False

    def test_keeps_settings_of_criteria_raw_and_never_float(self):
        raw = read(BLINDED).criteria["recist"]
        assert raw == Table({"new_unscanned": "equivocal", "pr_threshold": Decimal("0.3"), "value_rounding_mm": "none"})
        assert type(raw["pr_threshold"]) is Decimal
        assert Settings.parse(raw).value_rounding_mm == Decimal("0.001")

    def test_has_its_rules(self):
        rules = read(BLINDED).eligibility
        assert (rules["sins"].value, rules["sins"].on_missing, rules["sins"].group) == (Decimal(13), "NEEDS_INPUT", "")
        assert (rules["primary"].value, rules["primary"].on_missing, rules["primary"].group) == (
            False,
            "FAIL",
            "either",
        )
        assert rules["levels"].value == ("T5", "T6")

    def test_has_its_endpoints_with_days_as_text(self):
        endpoint = read(BLINDED).endpoints["orr"]
        assert (endpoint["landmarks"], endpoint["windows"]) == (("84", "168"), ("91 14", "183 14"))
        assert endpoint["alpha"] == Decimal("0.05")

    def test_survives_a_file(self):
        protocol = read(BLINDED)
        assert decode(Protocol, encode(protocol, Protocol)) == protocol

    def test_the_hash_is_over_the_bytes(self):
        assert read(BLINDED).sha256 == hashlib.sha256(BLINDED.encode()).hexdigest()
        assert read(BLINDED + "# a remark\n").sha256 != read(BLINDED).sha256


WRONG = [
    pytest.param("[trial]\nid = \n", "PROTOCOL_SYNTAX", 2, id="no TOML"),
    pytest.param(HEAD + "x = [1,\n", "PROTOCOL_SYNTAX", None, id="not closed"),
    pytest.param(HEAD + "id = 'again'\n", "PROTOCOL_SYNTAX", None, id="a key twice"),
    pytest.param(HEAD + f"x = {'1' * 5000}\n", "PROTOCOL_SYNTAX", 5, id="more digits than Python takes"),
    pytest.param(HEAD + f"x = 1e{'9' * 20}\ny = 1\n", "PROTOCOL_SYNTAX", 5, id="an exponent out of range"),
    pytest.param(HEAD + f"x = {'[' * 20_000}\n", "PROTOCOL_SYNTAX", 5, id="brackets too deep"),
    pytest.param(
        HEAD + "[criterion.recist]\ntstm_mm = 1e15\n", "SETTING_NOT_ALLOWED", 6, id="a number that no sum holds"
    ),
    pytest.param(HEAD + "\n[purposes.LOCAL]\n", "PROTOCOL_SECTION_UNKNOWN", 6, id="unknown section"),
    pytest.param("live = true\n" + HEAD, "PROTOCOL_SECTION_UNKNOWN", 1, id="key outside of sections"),
    pytest.param(HEAD + "[criterion.resist]\n", "PROTOCOL_SECTION_UNKNOWN", 5, id="unknown criterion"),
    pytest.param(HEAD + "[purpose.EVERYDAY]\n", "PROTOCOL_SECTION_UNKNOWN", 5, id="unknown purpose"),
    pytest.param(HEAD + "[visit]\nname = 'x'\n", "PROTOCOL_SECTION_FORM", 5, id="one table where a list is wanted"),
    pytest.param(HEAD + "[[design]]\n", "PROTOCOL_SECTION_FORM", 5, id="a list where one table is wanted"),
    pytest.param("criterion = 1\n" + HEAD, "PROTOCOL_SECTION_FORM", 1, id="a value where a table is wanted"),
    pytest.param(HEAD + "[criterion]\nrecist = 1\n", "PROTOCOL_SECTION_FORM", 5, id="a value for a criterion"),
    pytest.param("[trial]\nid = 'T'\ntitle = 'x'\n", "SETTING_REQUIRED", 1, id="no version"),
    pytest.param("[blinding]\n", "SETTING_REQUIRED", 1, id="no trial at all"),
    pytest.param(HEAD + "amends = 'abc'\n", "SETTING_NOT_ALLOWED", 5, id="no SHA-256"),
    pytest.param(HEAD + "\n[blinding]\n# note = [\nshow_day = true\n", "SETTING_UNKNOWN", 8, id="unknown key"),
    pytest.param(HEAD + "[blinding]\nshow_days = 'no'\n", "SETTING_TYPE", 6, id="text for true"),
    pytest.param(
        HEAD + "[blinding]\nclinical_shown = ['PAIN']\n", "SETTING_NOT_ALLOWED", 6, id="no item of the record"
    ),
    pytest.param(HEAD + "[design]\nreaders = 0\n", "SETTING_NOT_ALLOWED", 6, id="no reader"),
    pytest.param(HEAD + "[design]\nrepeat_share = 1.1\n", "SETTING_NOT_ALLOWED", 6, id="more than all"),
    pytest.param(HEAD + "[design]\nrepeat_share = nan\n", "SETTING_NOT_ALLOWED", 6, id="not a number"),
    pytest.param(HEAD + "[design]\nreaders = 2024-01-01\n", "SETTING_TYPE", 6, id="a date"),
    pytest.param(HEAD + "[[visit]]\nname = 'x'\n", "SETTING_REQUIRED", 5, id="visit without a day"),
    pytest.param(
        HEAD + "[[visit]]\nname = 'x'\nanchor = 'SURGERY'\nday = 1\nminus = 0\nplus = -1\n",
        "SETTING_NOT_ALLOWED",
        10,
        id="window that ends before it begins",
    ),
    pytest.param(
        HEAD + "[[trigger]]\nid = 'ADJ_BOR'\n[[trigger]]\nid = 'ADJ_BOR'\n",
        "PROTOCOL_NAME_TWICE",
        8,
        id="trigger twice",
    ),
    pytest.param(
        HEAD + "[[trigger]]\nid = 'ADJ_BOR'\ntol_days = 3\n", "PROTOCOL_TOLERANCE", 7, id="tolerance without dates"
    ),
    pytest.param(HEAD + "[[trigger]]\nid = 'ADJ_LC'\ntol_days = -1\n", "SETTING_NOT_ALLOWED", 7, id="below no day"),
    pytest.param(HEAD + "[purpose.LOCAL]\nvisits = ['FU9']\n", "PROTOCOL_NAME_UNKNOWN", 6, id="a visit that is not"),
    pytest.param(
        HEAD + "[purpose.LOCAL]\ncriteria = ['sins']\n", "PROTOCOL_NAME_UNKNOWN", 6, id="a criterion that is not"
    ),
    pytest.param(HEAD + "[criterion.recist]\npd_abs_mm = '5'\n", "SETTING_TYPE", 6, id="text for millimetres"),
    pytest.param(HEAD + "criterion.recist.pd_abs = 5\n", "SETTING_UNKNOWN", 5, id="below the wrong header"),
    pytest.param(HEAD + "[criterion]\nrecist.pd_abs = 5\n", "SETTING_UNKNOWN", 6, id="dotted key"),
    pytest.param(HEAD + "[criterion.recist]\nbone_organ = ['x']\n", "SETTING_TYPE", 6, id="list for a word"),
    pytest.param(HEAD + "[criterion.recist]\npr_threshold = 30\n", "SETTING_NOT_ALLOWED", 6, id="per cent"),
    pytest.param(
        HEAD + "[[eligibility]]\nid = 'a'\nvariable = 'b'\nop = '='\nvalue = 1\n",
        "SETTING_NOT_ALLOWED",
        8,
        id="operator",
    ),
    pytest.param(
        HEAD + "[[eligibility]]\nid = 'a'\nvariable = 'b'\nop = '<'\nvalue = {}\n", "SETTING_TYPE", 9, id="a table"
    ),
    *(
        pytest.param(HEAD + f"\n[[eligibility]]\nid = 'a'\n{rule}\n", f"PROTOCOL_RULE_{part}", line, id=rule)
        for rule, part, line in (
            ("variable = 'sins'\nop = '>='\nvalue = 13", "VARIABLE", 8),
            ("variable = 'cns_metastases'\nop = '<'\nvalue = false", "OP", 9),
            ("variable = 'nprs'\nop = 'IN'\nvalue = ['3']", "OP", 9),
            ("variable = 'histology'\nop = '>='\nvalue = 'BREAST'", "OP", 9),
            ("variable = 'index_levels'\nop = 'NOT_IN'\nvalue = ['T5']", "OP", 9),
            ("variable = 'cns_metastases'\nop = '=='\nvalue = 0", "VALUE", 10),
            ("variable = 'nprs'\nop = '>'\nvalue = '3'", "VALUE", 10),
            ("variable = 'nprs'\nop = '>'\nvalue = 11", "VALUE", 10),
            ("variable = 'sins_total_max'\nop = '>='\nvalue = 12.5", "VALUE", 10),
            ("variable = 'escc_max'\nop = '<='\nvalue = '1d'", "VALUE", 10),
            ("variable = 'ecog'\nop = '<='\nvalue = 6", "VALUE", 10),
            ("variable = 'histology'\nop = 'NOT_IN'\nvalue = ['Lymphoma']", "VALUE", 10),
            ("variable = 'histology'\nop = 'NOT_IN'\nvalue = 'LYMPHOMA'", "VALUE", 10),
            ("variable = 'index_levels'\nop = 'IN'\nvalue = ['T5', 'T99']", "VALUE", 10),
        )
    ),
    pytest.param(HEAD + "[[endpoint]]\nid = 'a'\nmeasure = 'OR'\n", "SETTING_NOT_ALLOWED", 7, id="measure"),
    pytest.param(
        HEAD + "[[endpoint]]\nid = 'a'\nmeasure = 'ORR'\nwindows = [91, 14]\n", "SETTING_TYPE", 8, id="no pairs"
    ),
    pytest.param(
        HEAD + "[[endpoint]]\nid = 'a'\nmeasure = 'ORR'\nlandmarks = [1.5]\n", "SETTING_TYPE", 8, id="half a day"
    ),
    pytest.param(
        HEAD + "[[endpoint]]\nid = 'a'\nmeasure = 'ORR'\nwindows = [[91, -1]]\n",
        "SETTING_NOT_ALLOWED",
        8,
        id="tolerance",
    ),
    *(
        pytest.param(
            HEAD + f"[[endpoint]]\nid = 'a'\nmeasure = 'ORR'\n{line}\n",
            "SETTING_NOT_ALLOWED",
            8,
            id=f"endpoint, {line}",
        )
        for line in (
            "landmarks = [0]",
            "landmarks = [-84]",
            "landmarks = [168, 84]",
            "landmarks = [84, 84]",
            "windows = [[14, 15]]",
        )
    ),
]


@pytest.mark.parametrize(("text", "code", "line"), WRONG)
def test_what_is_wrong_is_refused_at_its_line(text, code, line):
    found_code, found_line, arguments = refusal(text)
    assert found_code == code
    assert line is None or found_line == line
    assert code in {"PROTOCOL_SYNTAX", "PROTOCOL_NAME_TWICE"} or arguments["allowed"]


def test_the_sentence_says_file_line_section_key_and_what_is_allowed():
    with pytest.raises(ProtocolError) as caught:
        read(HEAD + '[[visit]]\nname = "x"\nanchor = "RANDOMIZATION"\n')
    assert explain(caught.value) == (
        'trial.toml, line 7: anchor in [[visit]] is "RANDOMIZATION", which is not allowed. Allowed: "RANDOMISATION", '
        '"FIRST_TREATMENT", "SURGERY", "PROCEDURE", "RT_END".'
    )


def test_local_control_needs_its_baseline():
    anything = {**parsers(), "local_control": lambda raw: raw}
    with pytest.raises(ProtocolError) as caught:
        read_protocol((HEAD + "[baseline]\n[criterion.local_control]\n").encode(), "trial.toml", anything)
    assert (caught.value.code, caught.value.arguments["key"]) == ("SETTING_REQUIRED", "lc_baseline")


def test_a_file_that_is_no_utf_8_names_the_line():
    with pytest.raises(ProtocolError) as caught:
        read_protocol(HEAD.encode() + b"# \xff\n", "trial.toml", parsers())
    assert (caught.value.code, caught.value.arguments["line"]) == ("PROTOCOL_SYNTAX", "5")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ProtocolError) as caught:
        load_protocol(tmp_path / "none.toml", parsers())
    assert caught.value.code == "PROTOCOL_UNREADABLE"
    assert "none.toml" in explain(caught.value)


def test_the_order_and_the_newlines_of_a_file_do_not_matter():
    windows = read(BLINDED.replace("\n", "\r\n"))
    plain = read(BLINDED)
    assert windows.criteria == plain.criteria
    assert windows.sha256 != plain.sha256
