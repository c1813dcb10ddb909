"""A scenario's own interpretation of its court's figures."""

from __future__ import annotations

from typing import get_args

import pytest
from conftest import ROOT

from sim.measures import DEFINITIONS, INTERPRETATIONS
from sim.scenario import ScenarioError, from_text, load
from sim.scenario.load import Overlay
from sim.scenario.parts import given
from sim.scenario.published import FIGURES, Interpretation

PUBLISHED = {"published": {"2017": {"sold": 60.0, "sale_rate": 0.5, "participants": 40.0, "lots": 100.0}}}
GOOD = {
    "basis": "event",
    "sale_rate": "sale_rate_ended",
    "unmet": {"2017": {"participants": "fewer than sales", "participants_zh": "少于成交"}},
}


def loaded(table: dict[str, object]):
    return load(
        ROOT / "scenarios" / "base.toml", overlays=[Overlay("here", {**PUBLISHED, "interpretation": table})]
    )


def test_every_interpretation_may_be_stated_and_what_may_be_stated_is_a_measure():
    for figure in FIGURES:
        allowed = get_args(given(Interpretation.model_fields[figure].annotation))
        assert set(INTERPRETATIONS[figure]) <= set(allowed) <= set(DEFINITIONS)


def test_it_is_read_written_and_read_again():
    found = loaded(GOOD)
    stated = found.scenario.interpretation
    assert stated is not None
    assert stated.inputs == ["cases", "lots"]
    assert stated.reason("2017", "participants", "zh") == "少于成交"
    assert stated.reason("2018", "participants", "en") is None
    assert from_text(found.toml()) == found.scenario


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        ({"basis": "evnt"}, "interpretation.basis", "did you mean event?"),
        ({"sale_rate": "sale_rate_endd"}, "interpretation.sale_rate", "did you mean sale_rate_ended?"),
        ({"sales_rate": "x"}, "interpretation.sales_rate", "did you mean sale_rate?"),
        ({"premium": "premium_mean"}, "interpretation.premium", "the court did not publish this figure"),
        ({"inputs": ["lotz"]}, "interpretation.inputs", "did you mean lots?"),
        ({"inputs": ["turnover"]}, "interpretation.inputs", "did not publish"),
        ({"unmet": {"2018": {"sold": "why"}}}, "interpretation.unmet.2018", "allowed: 2017"),
        ({"unmet": {"2017": {"turnover": "why"}}}, "interpretation.unmet.2017.turnover", "did not publish"),
        ({"unmet": {"premium": "why"}}, "interpretation.unmet.premium", "did not publish"),
        ({"unmet": {"solt": "why"}}, "interpretation.unmet.solt", "did you mean sold?"),
        ({"unmet": {"sold": 3}}, "interpretation.unmet.sold", "a reason is needed"),
        ({"unmet": {"sold_zh": "因为"}}, "interpretation.unmet.sold_zh", "needed in English"),
        ({"unmet": {"lots": "why"}}, "interpretation.unmet.lots", "among the inputs"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_key(change, key, words):
    with pytest.raises(ScenarioError) as caught:
        loaded({**GOOD, **change})
    (defect,) = caught.value.defects
    assert defect.key == key
    assert words in str(defect)
