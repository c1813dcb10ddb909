"""Control variates of a run: where nothing interferes they are the run's own sales, and everywhere their mean is 0."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from conftest import scenario

from sim.experiments import controls as module
from sim.experiments.controls import CONTROLS, Controls, controls_of, followed, replicate_with_controls
from sim.model.arrivals import inflow
from sim.model.lots import lots_of
from sim.model.pricing import PricingMethod, pricing_of
from sim.model.rules import rules_of

ALONE = [
    f"kinds.{kind}.share=0" for kind in ("commercial", "land", "vehicles", "equipment", "equity", "goods")
]
# One kind, one method, as many lots in every replication, all of them ended long before the last day.
CALM = (
    "arrivals.mode=listing", "arrivals.exact=true", "arrivals.periods.year.last=2017-02-15", "arrivals.periods.year.cases=120",
    "arrivals.periods.year.lots=300", "courts.number=3", "disposal.withdrawal_rate=0", "disposal.suspension_share=0",
    "disposal.default_rate=0", "rounds.sell_off.overhang_minutes=0", "disposal.in_kind_second=0", "disposal.in_kind_last=0", *ALONE,
)  # fmt: skip
PEOPLE = {
    "base": (),
    "cut": ("rounds.second.cut=0", "start.ratio=0.7"),
    "alone": ("interest.persistence=0", "interest.dispersion=inf"),
    "crowds": ("interest.mean=60", "interest.location=-0.6", "interest.persistence=0.8"),
    "answering": ("interest.mean=15", "interest.location=-0.5", "price_response.elasticity=1.5"),
    "uniform": ("interest.values=uniform", "interest.spread=1.2", "interest.mean=15"),
    "two": ("rounds.sell_off.held=false",),
    "none first": ("rounds.first.held=false",),
    "own": ("kinds.homes.start.ratio=0.6", "kinds.homes.rounds.second.cut=0.1"),
}


@pytest.mark.parametrize("people", PEOPLE)
def test_where_nothing_interferes_sales_differ_from_the_closed_form_by_the_control(people):
    """So all who come are followed to the last one: crowds, those who return, those whom a low start draws."""
    one = scenario("base", *CALM, *PEOPLE[people])
    controls = controls_of(one)
    per_lot = controls.periods[0].sold[0, 0, -1]
    for number in range(2):
        run, found = replicate_with_controls(one, number)
        for window in ("2017", "all"):
            for basis in ("event", "cohort"):
                sold, first, unsold = (found.value(name, window, basis=basis) for name in CONTROLS[:3])
                assert run.measures.value("lots_sold", window, basis=basis) == pytest.approx(
                    300 * per_lot.sum() + sold
                )
                assert run.measures.value("lots_failed", window, basis=basis) == pytest.approx(
                    300 * (1 - per_lot.sum()) + unsold
                )
                if people != "none first":
                    share = run.measures.value("sold_first", window, basis=basis)
                    sales = run.measures.value("lots_sold", window, basis=basis)
                    assert share * sales == pytest.approx(300 * per_lot[0] + first)


LIVELY = {
    "base": (),
    "token": ("start.token_share=0.5", "start.token_ratio=0.3"),
    "methods": ("pricing.online_inquiry.since=2000-01-01", "pricing.online_inquiry.bias=0.3", "pricing.appraisal.bias=-0.2"),
    "answering": ("price_response.elasticity=1.5",),
    "dates": (
        "from.2017-04-01.interest.mean=6", "from.2017-04-01.interest.dispersion=2", "from.2017-04-01.rounds.second.cut=0",
        "from.2017-04-01.start.ratio=0.7",
    ),
    "creditors": ("creditors.prior_share=0.5",),
}  # fmt: skip


@pytest.mark.parametrize("what", LIVELY)
def test_sums_have_mean_zero(what, monkeypatch):
    """Over many lots, which are listed as they come in: of sales, and of money, in every window, segment and basis."""
    size = "arrivals.periods.year.cases=2000", "arrivals.periods.year.lots=6000", "courts.number=3"
    one = scenario("base", "arrivals.mode=listing", "rounds.sell_off.window_days=10", *size, *LIVELY[what])
    controls = Controls(one)
    values = np.array([controls.of(number, _listed(one, number)).values for number in range(16)])
    some = values[:, :, :1, :, :3].reshape(len(values), -1)
    z = some.mean(axis=0) / (some.std(axis=0, ddof=1) / np.sqrt(len(some)))
    assert np.abs(z).max() < 4.0
    money = values[:, -1, 0, 0, 3]
    assert abs(money.mean()) < 4.0 * money.std(ddof=1) / np.sqrt(len(money))


def _listed(one, number):
    """Lots as records have them when all are listed, without a run."""
    rules, pricing, names = (
        rules_of(one),
        pricing_of(one),
        ("lot", "kind", "token", "method", "value", "listed", "priced"),
    )
    columns = {name: [] for name in names}
    for court in lots_of(one, rules, number, inflow(one, number)):
        for some in court:
            for lot in some:
                pricing.choose(lot, lot.seized)
                lot.listed = lot.priced = lot.seized
                for name in names:
                    columns[name].append(getattr(lot, name))
    return {name: np.array(column) for name, column in columns.items()}


def test_a_wrong_probability_is_seen(monkeypatch):
    """The test above has power: without those who come back the mean is not 0."""
    true = module.sold_by_round
    monkeypatch.setattr(
        module, "sold_by_round", lambda lam, law, starts, persistence, k: true(lam, law, starts, 0.0, k)
    )
    with pytest.raises(AssertionError):
        test_sums_have_mean_zero("base", monkeypatch)


def test_segments_are_those_of_measures_and_kinds_add_up(small):
    run, found = replicate_with_controls(small, 0)
    assert found.axes[:3] == run.measures.axes[:3]
    every, movable, immovable = (
        found.values[:, found.segments.index(s)] for s in ("all", "movable", "immovable")
    )
    np.testing.assert_allclose(every, movable + immovable, atol=1e-9)
    np.testing.assert_allclose(every, found.values[:, 1:-2].sum(axis=1), atol=1e-6)


def test_the_calendar_is_that_of_the_model():
    """Rounds close on the days of the run, holidays and suspensions included, but for extensions of minutes."""
    one = scenario("base", *CALM, "disposal.suspension_share=0.5", "auction.soft_close_minutes=0")
    from sim.model.simulate import simulate

    records, controls = simulate(one, 0), controls_of(one)
    seen = []
    true = module._calendar
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_calendar", lambda *of: seen.append(true(*of)) or seen[-1])
        controls.of(0, records.lots)
    closes = np.concatenate([part[0] for part in seen])
    lots = records.lots
    sold = np.flatnonzero((lots["outcome"] == 2) & (lots["sold_round"] < 2))
    there = np.isfinite(closes[sold, lots["sold_round"][sold]])
    np.testing.assert_allclose(
        closes[sold, lots["sold_round"][sold]][there], lots["ended"][sold][there], atol=1e-9
    )
    assert there.mean() > 0.9


def test_prices_of_an_object_are_not_followed():
    class Exact(PricingMethod):
        def reference(self, lot):
            return lot.value

    one = scenario("base")
    assert followed(one)
    own = one.extended(dataclasses.replace(one.extensions, pricing=Exact()))
    assert not followed(own)
