"""The court's own rows beside its published figures: never both of the same days, each period with its own values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import small

from calibration import pipeline, steps
from calibration.estimation.density import density
from calibration.estimation.ensemble import prior_population
from calibration.estimation.surrogate import surrogate
from calibration.forward_model.forward_model import ForwardModel, grid_of
from calibration.forward_model.moments import moments
from calibration.report import tables
from calibration.targets.own_rows import beside_rows, own, touched, without_figures
from calibration.targets.parameter_space import space
from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.evidence import read
from calibration.targets.reader.load import load_targets
from calibration.targets.targets import Targets
from sim.scenario import load

OWN = """\
[facts.own_hazard_first]
measure = "hazard_first"
value = 0.45
sd = 0.1
at = { "start.ratio" = 0.8, "start.token_share" = 0.0 }
first = 2018-07-05
last = 2018-12-20
source = "cases.csv"
"""
SECOND = """\
[windows."late"]
first = 2018-07-01
last = 2018-12-31
lots = 300
sold = 120
sale_rate = "60.00%"
turnover = "1.5亿"
"""


def two_windows(folder: Path, facts: str = OWN, by_period: bool = False) -> Targets:
    """A court with two half-years of figures, and rows of the second."""
    (folder / "own.toml").write_text(facts, encoding="utf-8")
    text = small.TARGETS.replace("[[free]]", SECOND + "[[free]]", 1).replace("[definitions]", 'evidence = ["own.toml"]\n[definitions]')  # fmt: skip
    if by_period:
        text = text.replace('name = "interest"', 'name = "interest"\nby_period = true')
    path = folder / "targets.toml"
    path.write_text(text, encoding="utf-8")
    return load_targets(path)


def test_figures_of_the_days_of_the_rows_are_no_longer_to_be_met(tmp_path):
    targets = two_windows(tmp_path)
    left = beside_rows(targets)
    of = {name: {f.role for f in window.figures.values()} for name, window in left.windows.items()}
    assert of == {"2018": {"input", "fit"}, "late": {"input", "replaced"}}
    (one,) = {moment.window_name for moment in moments(left, left.interpretations()[0])}
    assert one == "2018"
    assert {m.window_name for m in moments(targets, targets.interpretations()[0])} == {"2018", "late"}


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2018-07-01", "2018-12-31", ["late"]), ("2018-06-30", "2018-07-01", ["2018", "late"]),
        ("2018-12-31", "2019-03-01", ["late"]), ("2019-01-01", "2019-03-01", []), ("2017-01-01", "2017-12-31", []),
    ],
)  # fmt: skip
def test_which_windows_rows_touch(tmp_path, first, last, found):
    targets = two_windows(tmp_path, OWN.replace("2018-07-05", first).replace("2018-12-20", last))
    assert touched(targets, targets.evidence[0]) == found


def test_rows_that_are_held_out_replace_nothing(tmp_path):
    targets = two_windows(tmp_path, OWN + 'use = "held_out"\n')
    assert beside_rows(targets) is targets
    assert not own(targets.evidence)


def test_rows_that_touch_every_window_leave_nothing_to_calibrate(tmp_path):
    targets = two_windows(tmp_path, OWN.replace("2018-07-05", "2018-06-01"))
    with pytest.raises(
        TargetsError, match=r"no published figure is left to be met; calibrate lots FILE --estimate"
    ):
        pipeline.run(targets, small.SETTINGS, 1, pipeline.cache_of(tmp_path, targets), lambda *_: None)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("last = 2018-12-20\n", "", "facts.own_hazard_first.last: is missing; of rows of the court's own lots both days are needed"),
        ("first = 2018-07-05\n", "", "facts.own_hazard_first.first: is missing; of rows"),
        ("last = 2018-12-20", "last = 2018-07-01", "low (2018-07-05) is not below high (2018-07-01)"),
        ("first = 2018-07-05", 'first = "July"', "facts.own_hazard_first.first"),
    ],
)  # fmt: skip
def test_days_that_are_wrong(tmp_path, was, now, said):
    path = tmp_path / "own.toml"
    assert was in OWN
    path.write_text(OWN.replace(was, now), encoding="utf-8")
    _, defects = read(path, load("base"), [])
    assert len(defects) == 1
    assert said in str(defects[0])


def test_rows_are_not_carried_over(tmp_path):
    (fact,) = two_windows(tmp_path).evidence
    assert (fact.transport_sd, fact.days) == (0.0, (date(2018, 7, 5), date(2018, 12, 20)))
    (fact,) = two_windows(tmp_path, OWN + "transport_sd = 0.3\n").evidence
    assert fact.transport_sd == 0.3


def test_rows_of_one_period_are_asked_at_its_values(tmp_path):
    targets = two_windows(tmp_path, by_period=True)
    points = grid_of(space(targets.free, list(targets.windows))).points
    model = ForwardModel(targets, [steps.expose(None, targets, point, 1) for point in points], 4)
    names = model.space.names
    early, late = names.index("interest@2018"), names.index("interest@late")
    theta = np.repeat(model.space.base[None, :], 3, axis=0)
    theta[1, early] += 1.0
    theta[2, late] += 1.0
    (here, other, more) = model.measured(theta, targets.evidence)[:, 0]
    assert other == pytest.approx(here, abs=1e-12)
    assert more > here + 0.1
    elsewhere = load_targets(
        two_windows(tmp_path, OWN.replace("first = 2018-07-05\nlast = 2018-12-20\n", "")).path
    )
    both = model.measured(theta, elsewhere.evidence)[:, 0]
    assert both[1] > both[0] + 0.05


def test_with_no_figure_to_be_met_the_posterior_is_prior_times_rows(tmp_path):
    targets = without_figures(two_windows(tmp_path))
    points = grid_of(space(targets.free, list(targets.windows))).points
    model = ForwardModel(targets, [steps.expose(None, targets, point, 1) for point in points], 4)
    one = density(model, targets.interpretations()[0], targets.evidence)
    y = prior_population(one, 64, np.random.default_rng(1))
    terms = one.terms(y)
    assert terms.counts.shape == terms.totals.shape == (64, 0)
    assert terms.log_posterior == pytest.approx(terms.prior + terms.evidence)
    laid = surrogate(one, y, terms)
    likely = terms.log_posterior > terms.log_posterior.max() - 5.0
    assert laid.log_density(y)[likely] == pytest.approx(terms.log_posterior[likely], abs=0.3)


@pytest.mark.slow  # a quarter of a minute on a quiet machine: two samplers
def test_figures_alone_rows_alone_and_what_each_narrows(tmp_path):
    """With no figure to be met the rows' measure is all that is learnt: of interest, and nothing of values."""
    text = two_windows(tmp_path).path.read_text(encoding="utf-8")
    text = text.replace(
        "premium = { premium_mean = 0.6, premium_turnover = 0.4 }", 'premium = "premium_mean"'
    )
    (tmp_path / "one.toml").write_text('basis = "event"\n' + text, encoding="utf-8")
    targets = load_targets(tmp_path / "one.toml")
    points = grid_of(space(targets.free, list(targets.windows))).points
    model = ForwardModel(targets, [steps.expose(None, targets, point, 1) for point in points], 4)
    how = (1, pipeline.cache_of(tmp_path, targets), lambda *_: None)
    found = pipeline._apart(targets, model, [], small.SETTINGS, how, pipeline._Clock())
    assert set(found) == {"figures", "rows"}
    assert {m.window_name for m in found["figures"].posteriors[0].one.moments} == {"2018", "late"}
    (alone,) = found["rows"].posteriors
    assert not alone.one.moments
    assert [fact.name for fact in alone.one.facts] == ["own_hazard_first"]
    together = replace(found["figures"], name="evidence")
    result = SimpleNamespace(model=model, main=together, variants=found, questions=[])
    rows = {row["narrowed"]: row for row in tables.narrowed_rows(result)}
    assert set(rows) == {"interest", "value_scale"}
    assert rows["interest"]["left_rows"] < 0.6
    assert rows["value_scale"]["left_rows"] > 0.7
    assert rows["value_scale"]["left_figures"] < 0.4


def test_without_figures_nothing_but_facts_is_to_be_met(tmp_path):
    assert not list(without_figures(two_windows(tmp_path)).figures("fit"))
