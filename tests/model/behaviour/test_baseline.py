"""A behaviour of one's own: what it does not define is the model's, and what it defines is done."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from conftest import SMALL, scenario
from reacting import same

from sim.model.behaviour.baseline import BASELINE, Behaviour, Reaction
from sim.model.records import Outcome
from sim.model.simulate import by_court, simulate
from sim.scenario.extensions import Extensions

EVERYTHING = (
    "strategic_waiting.share=0.5", "liquidity.short_share=0.5", "creditors.compare_share=0.5", "creditors.prior_share=0.3",
    "finite_market.patience_days=60", "finite_market.fit=0.1", "disposal.default_rate=0.2", "disposal.suspension_share=0.2",
)  # fmt: skip


def reacting(s, reaction):
    """The scenario with a reaction of one's own."""
    return s.extended(Extensions(reaction=reaction()))


PUBLIC = [name for name, _ in inspect.getmembers(Behaviour, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("overrides", [(), EVERYTHING[:4], EVERYTHING], ids=["base", "reacting", "market"])
def test_a_reaction_that_says_nothing_changes_nothing(overrides):
    s = scenario("base", *SMALL, *overrides)
    assert same(simulate(s, 0), simulate(reacting(s, Reaction), 0))


def test_a_reaction_passes_on_every_method_of_a_behaviour():
    """A method that is added to ``Behaviour`` and forgotten in ``Reaction`` would silence those below."""
    assert [name for name in PUBLIC if name not in vars(Reaction)] == []
    for name in PUBLIC:
        assert inspect.signature(vars(Reaction)[name]) == inspect.signature(vars(Behaviour)[name]), name


def test_a_run_asks_all_methods():
    called = set()

    class Asked(Reaction):
        def __getattribute__(self, name):
            called.add(name)
            return super().__getattribute__(name)

    busy = ("disposal.suspension_share=0.5", "rounds.first.window_days=20", "interest.persistence=0.5")
    simulate(reacting(scenario("base", *SMALL, *busy), Asked), 0)
    assert set(PUBLIC) - called == {"standing_by"}, (
        "a finite market asks it, of the behaviours that it stands on"
    )


class Cautious(Reaction):
    """Nobody takes part in a lot's first round who values it at less than a tenth more than its start."""

    def taking_part(self, lot, stage, start, deposit, eligible):
        eligible = self.otherwise.taking_part(lot, stage, start, deposit, eligible)
        return [one for one in eligible if lot.rounds or one[1] >= 1.1 * start]


def test_the_example_of_the_page_does_what_it_says(small):
    plain, cautious = simulate(small, 0), simulate(reacting(small, Cautious), 0)
    for records, least in ((plain, 1.0), (cautious, 1.1)):
        first = {
            lot: start
            for lot, attempt, start in zip(
                *(records.rounds[name].tolist() for name in ("lot", "attempt", "start")), strict=True
            )
            if attempt == 0
        }
        came = records.registrations
        ratio = [
            value / first[lot]
            for lot, attempt, value in zip(
                *(came[name].tolist() for name in ("lot", "attempt", "value")), strict=True
            )
            if attempt == 0
        ]
        assert min(ratio) >= least
        assert min(ratio) < least + 0.05
    later = cautious.registrations["attempt"] > 0
    assert later.any()


def test_a_reaction_stands_on_what_the_scenario_has_on():
    """Creditors who take whatever stays unsold, beside bidders who are short of money."""

    class Takes(Reaction):
        def taken_in_kind(self, lot, start, by_chance):
            return True

    s = scenario("base", *SMALL, "liquidity.short_share=0.9", "liquidity.held=0.01")
    poor, taken = simulate(s, 0), simulate(reacting(s, Takes), 0)
    assert (poor.lots["outcome"] == Outcome.RETURNED).any()
    assert not (taken.lots["outcome"] == Outcome.RETURNED).any()
    assert (taken.lots["outcome"] == Outcome.IN_KIND).any()
    rich = simulate(reacting(scenario("base", *SMALL), Takes), 0)
    assert len(rich.registrations["lot"]) > len(taken.registrations["lot"])


def test_court_by_court_people_react_alike(small):
    parts = list(by_court(reacting(small, Cautious), 0))
    whole = simulate(reacting(small, Cautious), 0)
    assert np.array_equal(
        np.concatenate([part.lots["price"] for part in parts]), whole.lots["price"], equal_nan=True
    )


def test_the_baseline_changes_nothing():
    lot = object()
    assert BASELINE.worth_selling(lot)
    assert BASELINE.next_start(lot, 80.0, 100.0) == 80.0
    assert BASELINE.opening(lot, 3.5) == 3.5
    assert BASELINE.taking_part(lot, None, 80.0, 8.0, [(0.1, 90.0, 1)]) == [(0.1, 90.0, 1)]
    assert BASELINE.after_suspension(lot, 3.5, [(0.1, 90.0, 1)]) == [(0.1, 90.0, 1)]
    assert [BASELINE.taken_in_kind(lot, 80.0, chance) for chance in (True, False)] == [True, False]
