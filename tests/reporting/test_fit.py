"""Published figures under one interpretation: what is compared, what counts, what is said."""

from __future__ import annotations

from typing import Any

import pytest
from test_compare import PUBLISHED, SHANXI, SOME, SUMMARY, published_rows, row

from sim.reporting.compare import comparison_rows
from sim.reporting.fit import cannot_fail, changed, fit, interpretations
from sim.reporting.tables import headline_notes, verdict
from sim.scenario import load
from sim.scenario.departure import Change, Departure, departure
from sim.scenario.published import Interpretation

ROWS = comparison_rows(PUBLISHED, SUMMARY, SOME)


def interpretation(basis: str = "event", **more: Any) -> Interpretation:
    return Interpretation.model_validate({"basis": basis, **more})


def both(
    figure: str,
    published: float,
    event: tuple[float, float, float],
    cohort: tuple[float, float, float],
    **more: Any,
):
    return [
        row(figure, published, *x, basis=basis, **more) for basis, x in (("event", event), ("cohort", cohort))
    ]


def test_what_the_scenario_states_is_what_is_compared():
    found = fit(ROWS, interpretation(sale_rate="sale_rate_listed"))
    assert [r["measure"] for r in found.rows] == ["lots_sold", "sale_rate_listed", "turnover", "lots_sold"]
    assert (found.met, found.stated) == (2, "stated")
    assert fit(ROWS, interpretation("cohort")).rows[0]["mean"] == 0.33
    assert fit(ROWS, interpretation()).stated == "partly"


def test_without_one_the_best_fitting_is_shown_and_said():
    rows = [
        *both("sold", 304.0, (400.0, 390.0, 410.0), (300.0, 280.0, 320.0)),
        *both("sale_rate", 0.37, (0.5, 0.4, 0.6), (0.2, 0.1, 0.3)),
        *both("sale_rate", 0.37, (0.2, 0.1, 0.3), (0.36, 0.3, 0.4), measure="sale_rate_ended"),
        *both("premium", 0.2, (0.9, 0.8, 1.0), (0.9, 0.8, 1.0)),
        *both("premium", 0.2, (0.5, 0.4, 0.6), (0.5, 0.4, 0.6), measure="premium_mean"),
    ]
    found = fit(rows, None)
    assert (found.basis, found.measures["sale_rate"], found.met) == ("cohort", "sale_rate_ended", 2)
    assert found.measures["premium"] == "premium_mean"  # none is met: the nearest one
    assert "does not fix an interpretation" in found.notes("en")[0]
    assert "最吻合" in found.notes("zh")[0]
    assert (
        "own interpretation"
        in fit(rows, interpretation(sale_rate="sale_rate_final", premium="premium_mean")).notes("en")[0]
    )


def test_what_the_figures_themselves_rule_out_is_not_chosen():
    rows = [*published_rows(SHANXI), row("participants", 898.0, 898.0, 890.0, 900.0, window="2018")]
    other = row("participants", 898.0, 9.0, 8.0, 10.0, window="2018", measure="participants_distinct")
    assert fit([*rows, other], None).measures["participants"] == "participants_distinct"


def test_inputs_and_what_is_not_meant_to_be_met_never_count():
    rows = [row("lots", 100.0, 100.0, 90.0, 110.0, window=w) for w in ("a", "b")] + [
        row("sold", 50.0, 50.0, 45.0, 55.0, window=w) for w in ("a", "b")
    ]
    found = fit(rows, interpretation(unmet={"b": {"sold": "was cut off", "sold_zh": "截断"}}))
    assert [r["role"] for r in found.rows] == ["input", "input", "must", "unmet"]
    assert found.count("en") == (
        "1 of 1 figure that the model must produce, within its 95 % band; 2 are inputs; 1 is not meant to be met"
    )
    assert "Not meant to be met: sold b: was cut off" in [
        line.replace("lots sold", "sold") for line in found.notes("en")
    ]
    assert any(line.endswith("截断") for line in found.notes("zh"))
    assert [verdict(r, "en") for r in found.rows] == ["an input", "an input", "within", "not to be met"]
    every = fit(rows, interpretation(inputs=[], unmet={"sold": "all of them"}))
    assert [r["role"] for r in every.rows] == ["must", "must", "unmet", "unmet"]


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [(10.0, 51.0, True), (10.0, 49.0, False), (0.0, 40.0, True), (-1.0, 40.0, True), (35.0, 400.0, False)],
)
def test_a_band_of_more_than_a_factor_of_five_cannot_fail(low, high, says):
    one = row("sold", 30.0, 20.0, low, high, role="must")
    assert cannot_fail(one) is says  # a figure outside the band has failed, however wide that is
    assert (verdict(one, "en") == "cannot fail") is says
    assert (verdict(one, "zh") == "区间过宽") is says
    found = fit([one], interpretation())
    assert any("cannot fail" in line for line in headline_notes(found, [one], 20, "en")) is says
    other = row("sold", 30.0, 30.0, 25.0, 35.0, window="b")
    counted = fit([one, other], interpretation()).count("en")
    missed = low > 30.0
    assert counted.startswith(
        "1 of 1 figure " if says else "1 of 2 figures " if missed else "2 of 2 figures "
    )
    assert counted.endswith("; 1 cannot fail and does not count") is says


def test_a_measure_that_is_no_usual_interpretation_is_compared_when_stated():
    stated = interpretations(interpretation(premium="premium_first_start_mean"))
    assert stated["premium"][-1] == "premium_first_start_mean"
    assert "premium_first_start_mean" not in interpretations(None)["premium"]


def test_figures_of_another_scenario_are_not_to_be_met_and_the_reader_learns_in_what_this_one_departs():
    rows = [row("lots", 100.0, 100.0, 90.0, 110.0), row("sold", 50.0, 40.0, 35.0, 45.0)]
    assert fit(rows, interpretation()).count("en").startswith("0 of 1 figure")
    one = Departure("Calibrated", "校准后", (Change("rounds.second.cut", 0.2, 0.0),))
    found = fit(rows, interpretation(), one)
    assert [r["role"] for r in found.rows] == ["departs", "departs"]
    assert (
        found.count("en")
        == 'The figures are those of "Calibrated", from which this scenario departs; they need not be met'
    )
    assert found.count("zh") == "公布值属于“校准后”，本情景与其不同，不要求再现"
    notes = headline_notes(found, rows, 20, "en")
    assert (
        "It departs in: second auction cut 20% → 0%. The figures are shown for reference and do not count."
        in notes
    )
    assert not any("of 1 figure" in line for line in notes)
    assert verdict(found.rows[1], "en") == "20 % lower", "the size is still to be seen"


def test_changes_are_said_with_what_was_there_and_the_day_and_not_all_of_many():
    one = departure(load("cut-20-from-2019"))
    assert one is not None
    assert changed(one, "en") == "second auction cut 20% → 0%; second auction cut, from 2019-01-01 on 20%"
    assert changed(one, "zh") == "二拍降价幅度20% → 0%、二拍降价幅度（自2019-01-01起）20%"
    many = departure(load("double-supply"))
    assert many is not None
    assert changed(many, "zh").endswith("、另6项")
    assert changed(Departure("", "", (), ("Shaded",)), "en") == "Shaded"
