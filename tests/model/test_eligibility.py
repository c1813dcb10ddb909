"""Who may bid for homes: restricted people are not among those interested, restricted creditors take no home in kind."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import scenario
from two_engines import by_loop, by_simpy, differences

from sim.model.records import Outcome, Records
from sim.model.simulate import simulate

SIZE = (
    "arrivals.periods.year.cases=150",
    "arrivals.periods.year.lots=400",
    "courts.number=3",
    "courts.clerks=0",
    "time.end=2018-12-31",
)
IN_KIND = (
    "disposal.in_kind_second=0.4",
    "disposal.in_kind_last=0.5",
    "interest.mean=0.4",
    "disposal.withdrawal_rate=0",
)


def run(*more: str) -> Records:
    return simulate(scenario("base", *SIZE, *more), 0)


def homes(records: Records) -> np.ndarray:
    return np.asarray(records.lots["kind"] == list(scenario("base").kinds).index("homes"))


def share(records: Records, outcome: Outcome) -> float:
    mine = homes(records)
    return float(np.mean(records.lots["outcome"][mine] == outcome))


def test_thinned_interest_is_interest_in_homes_so_much_smaller() -> None:
    """Poisson numbers of whom each stays away by chance are Poisson with so much smaller a mean: to the last bit, of homes alone."""
    interest = scenario("base").kinds["homes"].interest
    restricted = run("eligibility.restricted_bidders=0.3")
    assert not differences(restricted, run(f"kinds.homes.interest={interest * (1.0 - 0.3)!r}"))
    assert differences(restricted, run())


def test_where_everybody_is_restricted_no_home_is_sold_and_all_else_is_as_it_was() -> None:
    nobody, free = run("eligibility.restricted_bidders=1"), run()
    assert share(nobody, Outcome.SOLD) == 0.0 < share(free, Outcome.SOLD)
    others = ~homes(free)
    assert (nobody.lots["price"][others] == free.lots["price"][others])[
        free.lots["outcome"][others] == Outcome.SOLD
    ].all()


def test_the_more_are_restricted_the_fewer_homes_sell() -> None:
    sold = [share(run(f"eligibility.restricted_bidders={x}"), Outcome.SOLD) for x in (0.0, 0.3, 0.6, 0.9)]
    assert sold == sorted(sold, reverse=True)
    assert sold[0] > sold[-1] + 0.1


def test_a_restricted_creditor_takes_no_home_in_kind() -> None:
    """Of homes that would have been taken a share as large as that of restricted creditors is not, and nothing else changes."""
    free, some, all_of_them = (
        run(*IN_KIND, f"eligibility.restricted_creditors={x}") for x in (0.0, 0.5, 1.0)
    )
    taken = homes(free) & (free.lots["outcome"] == Outcome.IN_KIND)
    n = int(taken.sum())
    assert n > 30
    kept = float(np.mean(some.lots["outcome"][taken] == Outcome.IN_KIND))
    assert kept == pytest.approx(0.5, abs=4.0 * np.sqrt(0.25 / n))
    assert share(all_of_them, Outcome.IN_KIND) == 0.0
    assert (all_of_them.lots["outcome"] == free.lots["outcome"])[~homes(free)].all()


def test_a_creditor_who_compares_is_restricted_as_well() -> None:
    compares = ("creditors.compare_share=1", "creditors.resale=2.0", "interest.mean=0.1")
    assert share(run(*compares), Outcome.IN_KIND) > 0.5
    assert share(run(*compares, "eligibility.restricted_creditors=1"), Outcome.IN_KIND) == 0.0


def test_it_may_hold_from_a_date_on() -> None:
    """By the day of the opening; whoever came to an earlier round may come back (nobody does, here)."""
    day, fresh = 'from."2018-01-01".eligibility.restricted_bidders=1', "interest.persistence=0"
    later, free = run(day, fresh), run(fresh)
    sold = homes(later) & (later.lots["outcome"] == Outcome.SOLD)
    assert 0 < sold.sum() < (homes(free) & (free.lots["outcome"] == Outcome.SOLD)).sum()
    opened = later.rounds["opens"][
        np.isin(later.rounds["lot"], later.lots["lot"][sold]) & (later.rounds["outcome"] == 0)
    ]
    assert (opened < 365.0).all()


def test_in_a_finite_market_fewer_people_look_for_homes() -> None:
    market = ("finite_market.patience_days=60", "arrivals.periods.year.lots=150")
    counts = [run(*market, f"eligibility.restricted_bidders={x}") for x in (0.0, 0.8)]
    looked = [
        float(r.rounds["interested"][homes(r)[np.searchsorted(r.lots["lot"], r.rounds["lot"])]].mean())
        for r in counts
    ]
    assert looked[1] < 0.5 * looked[0]


@pytest.mark.parametrize(
    "more",
    [
        (),
        (
            'from."2017-09-01".eligibility.restricted_creditors=0.9',
            'from."2017-07-01".eligibility.restricted_bidders=0.5',
        ),
    ],
)
def test_both_engines_know_who_may_bid(more: tuple[str, ...]) -> None:
    size = ("arrivals.periods.year.cases=12", "arrivals.periods.year.lots=40", "courts.number=2", *IN_KIND)
    s = scenario(
        "base", *size, "eligibility.restricted_bidders=0.4", "eligibility.restricted_creditors=0.5", *more
    )
    expected = by_simpy(s)
    assert not differences(expected, by_loop(s))
    assert differences(expected, by_simpy(scenario("base", *size)))
