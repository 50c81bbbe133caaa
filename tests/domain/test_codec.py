"""Values to JSON and back: whole documents, and everything that is refused."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case
from spinereview.domain.codec import canonical, decode, encode, parse
from spinereview.domain.imaging import ImageRef
from spinereview.domain.lesion import LesionState
from spinereview.domain.measurement import Entered, Geometry
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Read
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue


@pytest.mark.parametrize("kind", [Read, Case, Protocol, Assessment])
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_document_survives_writing_and_reading(documents, kind: type, data: st.DataObject) -> None:
    value = data.draw(documents[kind])
    written = canonical(encode(value, kind))
    assert decode(kind, parse(written)) == value
    assert canonical(encode(decode(kind, parse(written)), kind)) == written


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_float_is_in_what_is_written(documents, data: st.DataObject) -> None:
    def refuse(text: str) -> float:
        raise AssertionError(text)

    json.loads(canonical(encode(data.draw(documents[Read]), Read)), parse_float=refuse, parse_constant=refuse)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1.0}', "JSON_FLOAT"),
        ("[1e3]", "JSON_FLOAT"),
        ("[NaN]", "JSON_FLOAT"),
        ("[-Infinity]", "JSON_FLOAT"),
        ('{"a": 1, "a": 1}', "JSON_KEY_TWICE"),
        ('{"b": {"a": 1, "a": 2}}', "JSON_KEY_TWICE"),
        ("{", "JSON_INVALID"),
        (b"\xff", "JSON_INVALID"),
        ("[" * 100_000, "JSON_INVALID"),
    ],
    ids=["float", "exponent", "not a number", "infinity", "key twice", "deep key twice", "cut", "no UTF-8", "too deep"],
)
def test_json_that_this_program_never_writes_is_refused(text: str | bytes, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse(text)
    assert caught.value.code == code


IMAGE = {"stack": "k1", "sop_uid": "1.2", "frame": 1}


@pytest.mark.parametrize(
    "tree",
    [
        {**IMAGE, "zoom": 1},
        {"stack": "k1", "sop_uid": "1.2"},
        {"stack": "k1", "sop_uid": "1.2", "fame": 1},
        {**IMAGE, "frame": "1"},
        {**IMAGE, "frame": True},
        {**IMAGE, "frame": 1.0},
        {**IMAGE, "sop_uid": None},
        [IMAGE],
        None,
    ],
    ids=["unknown", "missing", "misspelt", "text", "bool", "float", "null", "list", "nothing"],
)
def test_a_tree_that_is_not_the_value_is_refused(tree) -> None:
    with pytest.raises(InvalidValue) as caught:
        decode(ImageRef, tree)
    assert caught.value.code == "TREE_INVALID"


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (1.5, int),
        (1.5, Decimal),
        (Decimal("NaN"), Decimal),
        (True, int),
        ({}, Table[int]),
        (1, str),
        ("ABSENT", LesionState),
    ],
)
def test_a_value_of_another_type_is_not_written(value: object, annotation: object) -> None:
    with pytest.raises(InvalidValue):
        encode(value, annotation)


def test_a_float_answer_is_not_written() -> None:
    with pytest.raises(InvalidValue):
        encode(Answer(value=1.5, basis=AnswerBasis.JUDGED), Answer)  # type: ignore[arg-type]


def test_text_and_decimal_stay_apart() -> None:
    for value in ("1.5", Decimal("1.50"), 1, True, None):
        read = decode(Answer, encode(Answer(value=value, basis=AnswerBasis.JUDGED), Answer))
        assert (type(read.value), str(read.value)) == (type(value), str(value))


def test_a_geometry_says_which_it_is() -> None:
    tree = encode(Entered(value=Decimal("1.50"), unit="mm", source="x"), Geometry)
    assert tree == {"type": "Entered", "value": "1.50", "unit": "mm", "source": "x"}
    with pytest.raises(InvalidValue):
        decode(Geometry, {**tree, "type": "OnSkin"})  # type: ignore[arg-type,dict-item]


def test_the_same_value_is_always_the_same_bytes() -> None:
    assert canonical({"b": "é", "a": [1, None, True]}) == '{"a":[1,null,true],"b":"é"}'.encode()
