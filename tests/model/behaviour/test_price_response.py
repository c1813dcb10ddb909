"""Interest that answers to the price: off is off, the mean is what the formula says, and a lower start takes nobody away."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from conftest import SMALL, scenario
from hypothesis import given
from hypothesis import strategies as st
from reacting import same, sold

from sim.model.behaviour.baseline import BASELINE
from sim.model.behaviour.price_response import price_response_of
from sim.model.behaviour.strategic_waiting import waiting_of
from sim.model.behaviour.switches import behaviour_of
from sim.model.bidders import WIDTH, Interested, Offered, timed
from sim.model.random_streams import KeptDraws, Piece
from sim.model.records import RoundOutcome
from sim.model.rules import rules_of
from sim.model.simulate import simulate
from sim.scenario import ScenarioError
from sim.theory.interest import price_multiple
from sim.theory.poisson import poisson_count, poisson_quantile

LISTED = (
    "arrivals.mode=listing", "arrivals.periods.year.cases=200", "arrivals.periods.year.lots=500", "courts.number=4",
    "time.end=2018-12-31", "interest.persistence=0", "disposal.default_rate=0", "disposal.withdrawal_rate=0",
)  # fmt: skip
STEEP = "price_response.elasticity=5"


def run(*overrides: str):
    return simulate(scenario("base", *LISTED, *overrides), 0)


def hazard(records, position: int) -> float:
    here = records.rounds["round"] == position
    return float((records.rounds["outcome"][here] == RoundOutcome.SOLD).mean())


@given(st.floats(1e-6, 10.0), st.floats(0.0, 20.0), st.floats(1.0, 1000.0))
def test_the_factor_is_one_at_the_reference_price_falls_with_the_start_and_ends_at_the_ceiling(
    share, elasticity, ceiling
):
    here = price_multiple(share, elasticity, ceiling)
    assert here <= ceiling * (1 + 1e-12)
    assert here >= price_multiple(1.1 * share, elasticity, ceiling)
    assert price_multiple(1.0, elasticity, ceiling) == price_multiple(share, 0.0, ceiling) == 1.0
    if share < 1.0:
        assert here == pytest.approx(min(ceiling, share**-elasticity))


def test_at_elasticity_zero_the_ceiling_says_nothing(small):
    assert same(simulate(small, 0), simulate(scenario("base", *SMALL, "price_response.ceiling=2"), 0))
    assert behaviour_of(small, rules_of(small), 0) is BASELINE


def test_a_token_start_draws_no_more_than_the_ceiling():
    response = price_response_of(scenario("base", STEEP, "price_response.ceiling=4"))
    lot = SimpleNamespace(reference=1e6)
    assert response.price_response(lot, 1.0) == pytest.approx(4.0)
    assert response.price_response(lot, 8e5) == pytest.approx(0.8**-5)
    assert response.price_response(lot, 1.2e6) == pytest.approx(1.2**-5)


def test_as_many_are_interested_as_the_formula_says():
    """In every round; |z| < 4.5 for three numbers of people: a false alarm in 49,000 seeds."""
    elasticity = 3.0
    records = run(f"price_response.elasticity={elasticity}", "start.ratio=0.9")
    rounds, lots = records.rounds, records.lots
    at = np.searchsorted(lots["lot"], rounds["lot"])
    response = price_multiple(rounds["start"] / lots["reference"][at], np.array(elasticity), np.array(12.0))
    for position, multiple in enumerate((1.0, 1.0, 0.5)):
        here = rounds["round"] == position
        assert here.sum() > 100
        mean = float((lots["interest"][at] * response)[here].sum()) * multiple
        # A later round follows a failed one, which says nothing about who comes anew; popularity is given.
        assert abs(rounds["interested"][here].sum() - mean) < 4.5 * np.sqrt(mean)


@given(st.floats(0.0, 1.0, exclude_max=True), st.floats(0.0, 300.0))
def test_one_count_is_that_of_a_block(u, mean):
    assert poisson_count(u, mean) == int(poisson_quantile(np.array([u]), np.array([mean]))[0])


def interested(law: str, mean: float) -> tuple[Interested, tuple]:
    s = scenario("base", f"interest.values={law}", "interest.spread=0.4")
    rules = rules_of(s)
    lots = np.arange(40)
    offered = Offered(lots, np.linspace(1e5, 2e6, len(lots)), np.full(len(lots), mean))
    return Interested(s, rules, KeptDraws(3, 0, [Piece(0, 0, len(lots))]), offered), rules.stages


@pytest.mark.parametrize("law", ["lognormal", "uniform"])
def test_drawn_for_one_round_they_are_those_drawn_for_a_block(law):
    """Where the start changes nothing, up to the number that a row of draws holds."""
    block, stages = interested(law, 3.0)
    for row in range(40):
        for stage in stages:
            number, found = block.looking(row, stage, 0.0)
            one = block.responding(row, stage, 1.0)
            assert number == len(one) <= WIDTH
            assert np.array(sorted(timed(one, stage))) == pytest.approx(np.array(found), rel=1e-12)
            assert [d[:4] for d in one if d[3] < 0.4] == [d[:4] for d in block.departing(row, stage, -1, 0.4)]


def test_a_lower_start_takes_nobody_away():
    block, stages = interested("lognormal", 3.0)
    for row in range(40):
        for stage in stages:
            few, many = (set(block.responding(row, stage, response)) for response in (1.5, 9.0))
            assert few <= many
    assert max(len(block.responding(row, stages[0], 9.0)) for row in range(40)) > 2 * WIDTH


def test_a_cut_draws_people_and_lets_in_who_was_there():
    plain, steep = run("start.ratio=1"), run("start.ratio=1", STEEP)
    assert same_first_rounds(plain, steep)  # at the reference price nothing changes
    second = [float(r.rounds["interested"][r.rounds["round"] == 1].mean()) for r in (plain, steep)]
    assert second[1] / second[0] == pytest.approx(0.8**-5, rel=0.15)


def same_first_rounds(a, b) -> bool:
    return all(
        np.array_equal(
            np.sort(a.rounds[name][a.rounds["round"] == 0]), np.sort(b.rounds[name][b.rounds["round"] == 0])
        )
        for name in ("interested", "bids")
    )


def test_more_elasticity_more_sold_in_the_second_auction():
    hazards = [hazard(run("start.ratio=1", f"price_response.elasticity={e}"), 1) for e in (0, 2, 5)]
    assert hazards[0] + 0.05 < hazards[1] < hazards[2] - 0.05


def test_it_multiplies_the_interest_of_a_round():
    """A round that half as many look at stays so; people of first rounds are as they were."""
    whole, half = run(STEEP), run(STEEP, "rounds.second.interest=0.5")
    count = [
        float(r.rounds["interested"][r.rounds["round"] == 1].sum()) / (r.rounds["round"] == 1).sum()
        for r in (whole, half)
    ]
    assert count[1] == pytest.approx(0.5 * count[0], rel=0.1)
    assert same_first_rounds(whole, half)


def test_who_comes_back_has_been_drawn_already():
    """With everybody coming back the second round has those of the first besides its own."""
    alone, again = run(STEEP, "start.ratio=1"), run(STEEP, "start.ratio=1", "interest.persistence=1")
    more = sum(
        r.rounds["interested"][r.rounds["round"] == 1].sum() * sign for r, sign in ((alone, -1), (again, 1))
    )
    failed = again.rounds["round"] == 0
    left = again.rounds["interested"][failed & (again.rounds["outcome"] == RoundOutcome.FAILED)].sum()
    assert 0 < more <= left
    assert more > 0.9 * left


def test_values_may_change_at_a_date():
    steep = scenario("base", *LISTED, "start.ratio=0.8", STEEP)
    later = scenario("base", *LISTED, "start.ratio=0.8", "from.2017-07-01.price_response.elasticity=5")
    a, b, plain = (simulate(s, 0) for s in (steep, later, scenario("base", *LISTED, "start.ratio=0.8")))
    opens = [r.rounds["opens"] for r in (a, b, plain)]
    for like, when in ((plain, lambda t: t < 181.0), (a, lambda t: t >= 181.0)):
        mine = [when(o) & (r.rounds["round"] == 0) for o, r in ((opens[1], b), (like.rounds["opens"], like))]
        assert mine[0].any()
        assert np.array_equal(b.rounds["interested"][mine[0]], like.rounds["interested"][mine[1]])


def test_in_a_finite_market_a_low_start_suits_more_of_those_who_are_there():
    market = ("finite_market.patience_days=60", "finite_market.fit=0.1", "start.ratio=0.8")
    plain, steep = run(*market), run(*market, STEEP)
    first = [r.rounds["interested"][r.rounds["round"] == 0].mean() for r in (plain, steep)]
    assert 1.5 * first[0] < first[1] < 0.8**-5 * first[0]  # no market has more people than it has
    assert sold(steep) > sold(plain)


def test_those_who_look_ahead_reckon_with_the_people_whom_the_cut_draws():
    def prospect(*overrides: str):
        s = scenario("base", "strategic_waiting.share=0.5", "start.ratio=1", *overrides)
        below = behaviour_of(scenario("base", *overrides), rules_of(s), 0)
        waiting = waiting_of(s, rules_of(s), 0, None, below)
        assert waiting is not None
        return waiting.prospect(SimpleNamespace(interest=2.0, value=1e6, reference=1e6), 1e6)

    plain, steep = prospect(), prospect(STEEP)
    assert steep.lam == plain.lam == 2.0
    assert plain.fresh == 2.0
    assert steep.fresh == pytest.approx(2.0 * 0.8**-5)
    stays = ("finite_market.patience_days=60",)
    still, drawn = prospect(*stays), prospect(*stays, STEEP)
    assert drawn.fresh - still.fresh == pytest.approx(2.0 * (0.8**-5 - 1.0))


def test_more_people_than_a_run_can_hold_are_refused():
    with pytest.raises(ScenarioError, match="5,000"):
        scenario("base", "interest.mean=1000", STEEP)
