"""The calibrated scenario and its draws as files: what they hold, and that they are the same twice."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from calibration import steps
from calibration.forward_model import inflow
from calibration.forward_model.forward_model import ForwardModel
from calibration.representative import export
from calibration.representative.medoid import Representative
from calibration.representative.polish import FigureReproduced
from calibration.targets.interpretations import Interpretation
from calibration.targets.reader.load import load_targets
from sim.experiments.draws import read_draws
from sim.experiments.storage.tables import write_csv
from sim.scenario import load
from sim.scenario.files import HOME

TARGETS = f"""
title = "A place"
source = "a newspaper"
scenario = "{(HOME / "shanxi-prior.toml").resolve()}"
set = {{ "arrivals.volume" = 0.05, "courts.number" = 7 }}
[windows.2017]
sold = 30
sale_rate = "37.4%"
participants = {{ published = 90, held_out = true, reason = "counted otherwise", reason_zh = "口径不同" }}
[windows.2018]
sold = 120
sale_rate = "37.5%"
[[free]]
name = "interest"
path = "interest.mean"
low = 0.1
high = 20.0
by_period = true
[[free]]
name = "booking"
path = "disposal.booking_days"
low = 1.0
high = 365.0
"""
TODAY = date(2020, 2, 3)
WEIGHTS = {
    "cohort+sale_rate_final": 0.301,
    "event+sale_rate_ended": 0.69644,
    "event+sale_rate_final": 0.00256,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> ForwardModel:
    path = tmp_path_factory.mktemp("export") / "place.toml"
    path.write_text(TARGETS, encoding="utf-8")
    targets = load_targets(path)
    return ForwardModel(targets, [steps.expose(None, targets, (), 2)], 4)


def at(model: ForwardModel, theta: np.ndarray) -> Representative:
    arrivals = inflow.Arrivals(("2018",), np.array([1700.4]), np.array([4100.0]), ())
    interpretation = Interpretation("event", (("sale_rate", "sale_rate_ended"),), 1.0)
    figure = FigureReproduced("2018", "sold", "lots_sold", 120.0, 100.0, 118.0, 140.0, 0.5, "fit")
    return Representative(interpretation, theta, arrivals, (figure,), 1, 0.5, np.zeros((2, 4)), ())


THETA = np.log([1.5, 2.25, 80.123456789])


def test_it_loads_with_the_values_dates_arrivals_and_interpretation_that_were_found(model, tmp_path):
    path = tmp_path / "place.toml"
    path.write_text(export.scenario_text(model, at(model, THETA), path, "", WEIGHTS, TODAY), encoding="utf-8")
    found = load(path)
    s = found.scenario
    assert [one.interest.mean for _, one in s.periods] == pytest.approx([1.5, 2.25])
    assert [str(first) for first, _ in s.periods] == ["2017-01-01", "2018-01-01"]
    assert s.disposal.booking_days == 80.1235  # to six digits: processors may differ in the sixteenth
    assert s.arrivals.periods["2018"].cases == 1700.0
    assert s.interpretation is not None
    assert (s.interpretation.basis, s.interpretation.sale_rate) == ("event", "sale_rate_ended")
    assert s.interpretation.reason("2017", "participants", "zh") == "口径不同"
    assert s.interpretation.reason("2018", "sold", "en") is None
    assert s.title.endswith(": calibrated")
    heading = path.read_text(encoding="utf-8")
    assert "Calibrated on 2020-02-03" in heading
    assert "# Interpretation: event, sale_rate_ended.\n" in heading
    assert (
        "# Posterior probabilities of interpretations: 0.70 event, sale_rate_ended; 0.30 cohort, sale_rate_final; "
        "below 0.005 each of 1 more.\n"
    ) in heading


def test_written_again_on_another_day_it_is_the_same_unless_its_values_have_changed(model, tmp_path):
    path = tmp_path / "place.toml"
    first = export.scenario_text(model, at(model, THETA), path, "", WEIGHTS, TODAY)
    path.write_text(first, encoding="utf-8")
    assert export.scenario_text(model, at(model, THETA), path, "", WEIGHTS, date(2021, 1, 1)) == first
    other = export.scenario_text(model, at(model, THETA + 0.1), path, "", WEIGHTS, date(2021, 1, 1))
    assert "Calibrated on 2021-01-01" in other


def test_beside_the_scenario_that_it_began_with_it_extends_it(model, tmp_path, monkeypatch):
    """Where the targets file changes nothing in it, what is written is the difference; here it does, and all is written."""
    plain = replace(model.targets, loaded=load("shanxi-prior"))
    monkeypatch.setattr(model, "targets", plain)
    beside = HOME / "place.toml"  # which is not written
    text = export.scenario_text(model, at(model, THETA), beside, "place-draws.csv", WEIGHTS, TODAY)
    tree = tomllib.loads(text)
    assert (tree["extends"], tree["draws"]) == ("shanxi-prior.toml", "place-draws.csv")
    assert set(tree) == {
        "extends", "title", "title_zh", "draws", "interpretation", "interest", "disposal", "arrivals", "from", "sources",
    }  # fmt: skip
    assert set(tree["sources"]) == {
        "from", "interest.mean", "disposal.booking_days", "arrivals.periods.2018.cases", "arrivals.periods.2018.lots",
    }  # fmt: skip
    whole = tomllib.loads(
        export.scenario_text(model, at(model, THETA), tmp_path / "place.toml", "", WEIGHTS, TODAY)
    )
    assert "extends" not in whole


def test_draws_are_read_as_they_were_written(model, tmp_path):
    theta = THETA + np.linspace(-0.2, 0.2, 5)[:, None]
    keys = ["cohort+sale_rate_final"] * 2 + ["event+sale_rate_ended"] * 3
    columns = export.draws_columns(model, theta, keys)
    assert columns["interpretation"] == ["cohort, sale_rate_final"] * 2 + ["event, sale_rate_ended"] * 3
    write_csv(tmp_path / "draws.csv", columns)
    draws = read_draws(tmp_path / "draws.csv")
    assert draws.total == 5
    one = draws.overlays[0].tree
    assert one["from"]["2018-01-01"]["interest"]["mean"] in columns["from.2018-01-01.interest.mean"]
    assert {"interest.mean", "disposal.booking_days"} <= set(columns)


def test_a_place_without_a_scenario_gives_its_own_name_and_figures():
    targets = load_targets("zhongshan")
    assert export.titles(targets)["title"] == "Zhongshan First Court, to January 2015: calibrated"
    assert export.titles(targets)["title_zh"] == "中山市第一人民法院，至2015年1月：校准后"
    held = export._not_yet_published(targets)["2014"]
    assert (held["lots"], held["sold"], held["sale_rate"]) == (340, 185, pytest.approx(0.8685))
    assert export.titles(load_targets("shanxi"))["title"] == "Shanxi 2017 to 2019 Q1: calibrated"
