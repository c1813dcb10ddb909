"""A finite market: off is off, both limits are solved cases, nobody does what they cannot, supply and demand."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT, SMALL, scenario
from reacting import days_to_sale, same, sold, sold_in
from scipy import stats

from sim.experiments.replications import replicate, replications
from sim.model.auction import NOBODY, ProxyAuction
from sim.model.behaviour.baseline import BASELINE
from sim.model.behaviour.finite_market import FiniteMarket, Market
from sim.model.behaviour.liquidity import liquidity_of
from sim.model.behaviour.population import FIRST, SEGMENT_STRIDE, entrants, segment
from sim.model.clock import Begun, Clock, Timer
from sim.model.records import REGISTRATIONS, RoundOutcome, join
from sim.model.rules import horizon, rules_of
from sim.model.simulate import by_court, simulate, undivided
from sim.scenario import ScenarioError, load
from sim.theory.rounds import rounds
from sim.theory.values import ValueLaw
from sim.theory.waiting import Prospect, waiting

LISTED = (
    "arrivals.mode=listing",
    "arrivals.exact=true",
    "courts.number=4",
    "finite_market.areas=4",
    "time.end=2018-12-31",
)
MANY = (*LISTED, "arrivals.periods.year.cases=500", "arrivals.periods.year.lots=1000")
CROWDED = (*MANY, "finite_market.patience_days=60", "finite_market.fit=0.2", "finite_market.areas=2")


def run(*overrides: str):
    return simulate(scenario("base", *overrides), 0)


@pytest.fixture(scope="module")
def crowded():
    """A market in which people compete for lots and lots for people."""
    return run(*CROWDED)


def test_with_no_patience_the_rest_of_the_table_says_nothing(small):
    other = (
        "finite_market.fit=0.9",
        "finite_market.areas=1",
        "finite_market.several_share=1",
        "finite_market.several=9",
        "liquidity.refund_hours=1",
    )
    assert same(simulate(small, 0), simulate(scenario("base", *SMALL, *other), 0))


EXACT = (
    "arrivals.periods.year.cases=3000.0",
    "arrivals.periods.year.lots=3000.0",
    "finite_market.areas=1",
    "interest.persistence=0",
)


def exact(*overrides: str):
    """Three rounds of lots that are all alike, as the closed forms assume."""
    settings = [*EXACT, "finite_market.several_share=0", *overrides]
    return simulate(load(ROOT / "scenarios" / "verify" / "rounds.toml", settings).scenario, 0)


def z_scores(records, solved) -> list[float]:
    """Of the numbers sold by each round against their binomial law."""
    n = len(records.lots["lot"])
    at = records.lots["sold_round"]
    return [
        float((((at >= 0) & (at <= i)).sum() - n * p) / np.sqrt(n * p * (1 - p)))
        for i, p in enumerate(solved.sold_by)
    ]


def test_short_patience_and_one_lot_each_is_the_base_model():
    """Sales by round as with fresh bidders in every round; bidders Poisson, at the base model's times.

    Three z-scores below 4 and two tests at 10^-4: a false alarm in 2,500 seeds; the seed is fixed.
    """
    records = exact("finite_market.patience_days=0.5", "finite_market.fit=0.002")
    solved = rounds([2.0, 2.0, 2.0], ValueLaw("lognormal", -0.1, 0.3), [1.0, 0.8, 0.8])
    assert np.abs(z_scores(records, solved)).max() < 4.0
    first = records.rounds["round"] == 0
    bidders = records.rounds["interested"][first]
    counts = np.bincount(np.minimum(bidders, 7), minlength=8)
    law = stats.poisson(2.0)
    expected = len(bidders) * np.append(law.pmf(np.arange(7)), law.sf(6))
    assert stats.chisquare(counts, expected).pvalue > 1e-4
    assert stats.ks_2samp(offsets(records), offsets(exact())).pvalue > 1e-4


def offsets(records) -> np.ndarray:
    """Hours from the opening to each registration for a first round."""
    opens = {
        (lot, at): when
        for lot, at, when in zip(
            *(records.rounds[c].tolist() for c in ("lot", "attempt", "opens")), strict=True
        )
    }
    r = records.registrations
    return np.array(
        [
            t - opens[lot, at]
            for lot, at, t in zip(*(r[c].tolist() for c in ("lot", "attempt", "time")), strict=True)
            if at == 0
        ]
    )


def test_endless_patience_and_endless_wants_are_the_solved_case_of_people_who_all_come_back():
    """The same people look at every round of a lot: nobody new, persistence 1. Two z-scores below 4."""
    endless = (
        "finite_market.patience_days=3650",
        "finite_market.several_share=1",
        "finite_market.several=1000",
    )
    records = exact(*endless, "finite_market.fit=0.002")
    solved = rounds(
        [2.0, 0.02, 0.02], ValueLaw("lognormal", -0.1, 0.3), [1.0, 0.8, 0.8], 1.0
    )  # 1 % a month go
    assert np.abs(z_scores(records, solved)[:2]).max() < 4.0
    assert sold_in(records, 2) < 0.03 * len(records.lots["lot"])
    once = exact("finite_market.patience_days=3650", "finite_market.fit=0.002")
    assert sold(once) < 0.7 * sold(
        records
    )  # a thousand people who want one lot each cannot buy three thousand


def test_the_market_is_in_its_steady_state_on_the_first_day():
    """Three Poisson counts within 4.5 standard errors: a false alarm in 49,000 seeds; the seed is fixed."""
    s = scenario("base", "finite_market.patience_days=30", "finite_market.fit=0.01")
    interest, rate = entrants(s, 0)
    assert rate * 30 == pytest.approx(interest / 0.01)
    people = segment(s, 0, 0, 0)
    for day in (0.0, 100.0, 300.0):
        here = ((people.entry <= day) & (day < people.exit)).sum()
        assert here == pytest.approx(interest / 0.01, abs=4.5 * np.sqrt(interest / 0.01))
    assert people.entry[-1] > horizon(s)
    longer = segment(
        scenario("base", "finite_market.patience_days=30", "finite_market.fit=0.01", "time.end=2018-12-31"),
        0,
        0,
        0,
    )
    assert np.array_equal(longer.entry[: len(people.entry)], people.entry)
    assert np.array_equal(longer.exit[: len(people.exit)], people.exit)
    assert np.array_equal(longer.seeds[: len(people.seeds)], people.seeds)


def test_who_looks_at_a_lot_is_a_matter_of_the_two():
    """Nobody else's coming changes it, and a thicker round of the same lot only adds people."""
    s = scenario("base", "finite_market.patience_days=30", "finite_market.fit=0.02")
    people, stage = segment(s, 0, 0, 0), rules_of(s).stages[0]
    lot = SimpleNamespace(lot=17, rounds=0, interest=people.interest, value=100.0, price_response=1.0)
    some = people.interested(lot, stage, 50.0)
    assert some == people.interested(lot, stage, 50.0) == sorted(some)
    assert len(some) > 0
    lot.interest *= 3.0
    more = people.interested(lot, stage, 50.0)
    assert set(some) < set(more)
    people.departed[some[0][2] - people.base] = True
    assert set(people.interested(lot, stage, 50.0)) == set(more) - {some[0]}
    assert all(
        people.exit[w - people.base] >= 50.0 and people.entry[w - people.base] <= 51.0 for _, _, w in more
    )


def test_nobody_registers_outside_their_stay(crowded):
    s = scenario("base", *CROWDED)
    market = Market(None, s, rules_of(s), 0, None)
    r = crowded.registrations
    for who, when in zip(r["bidder"].tolist(), r["time"].tolist(), strict=True):
        number, place = divmod(who - FIRST, SEGMENT_STRIDE)
        at = divmod(number, s.finite_market.areas)
        people = market.segments.setdefault(at, segment(s, 0, *at))
        assert people.entry[place] <= when <= people.exit[place] + 1.0  # standing by until somebody opens


def test_a_suspension_outlasts_the_patience_of_some():
    """Every lot is suspended: those who would have interested after it and have left meanwhile do not come."""
    halted = (
        *CROWDED,
        "disposal.suspension_share=1",
        "rounds.first.window_days=20",
        "rounds.first.late_shape=1",
    )
    s = scenario("base", *halted)
    records, market = simulate(s, 0), Market(None, s, rules_of(s), 0, None)
    closes = records.rounds["closes"] - records.rounds["opens"]
    assert (closes > 25.0).sum() > 20  # interrupted while bidding was open
    for who, when in zip(*(records.registrations[c].tolist() for c in ("bidder", "time")), strict=True):
        number, place = divmod(who - FIRST, SEGMENT_STRIDE)
        at = divmod(number, s.finite_market.areas)
        people = market.segments.setdefault(at, segment(s, 0, *at))
        assert people.entry[place] <= when <= people.exit[place]


def test_nobody_gets_more_lots_than_they_want(crowded):
    """The share of those who want several within 4.5 standard errors: a false alarm in 147,000 seeds; the seed is fixed."""
    won = crowded.lots["winner"][crowded.lots["winner"] >= 0]
    who, lots = np.unique(won, return_counts=True)
    s = scenario("base", *CROWDED)
    market = Market(None, s, rules_of(s), 0, None)
    assert all(n <= market._wants(w) for w, n in zip(who.tolist(), lots.tolist(), strict=True))
    assert lots.max() > 1
    share = np.mean([market._wants(FIRST + i) > 1 for i in range(4000)])
    assert share == pytest.approx(s.finite_market.several_share, abs=4.5 * np.sqrt(0.1 * 0.9 / 4000))
    single = run(*CROWDED, "finite_market.several_share=0")
    assert np.unique(single.lots["winner"][single.lots["winner"] >= 0], return_counts=True)[1].max() == 1


def spells(records):
    """(bidder, lot, attempt, registered, round's end, still leading at the end) of every registration."""
    ends = {
        (lot, at): (end, winner, outcome)
        for lot, at, end, winner, outcome in zip(
            *(records.rounds[c].tolist() for c in ("lot", "attempt", "closes", "winner", "outcome")),
            strict=True,
        )
    }
    r = records.registrations
    for who, lot, at, when in zip(
        *(r[c].tolist() for c in ("bidder", "lot", "attempt", "time")), strict=True
    ):
        if (lot, at) in ends:
            end, winner, outcome = ends[lot, at]
            yield who, lot, at, when, end, winner == who, outcome


def test_losers_go_on_to_the_next_lot(crowded):
    lots_of: dict[int, set[int]] = {}
    for who, lot, *_ in spells(crowded):
        lots_of.setdefault(who, set()).add(lot)
    assert sum(len(lots) > 1 for lots in lots_of.values()) > 20


@pytest.fixture
def two_auctions():
    """Two lots open at once, three people in the market; what happens is written into the returned lists."""
    s = scenario(
        "base",
        "finite_market.patience_days=30",
        "finite_market.several_share=0",
        "auction.bidding=proxy",
        "auction.increment=0.01",
    )
    env, t = Clock(), rules_of(s)
    market = Market(env, s, t, 0, None)
    people = segment(s, 0, 0, 0)
    people.exit[:] = 100.0
    market.segments[0, 0] = people
    written: dict[str, list] = {"a": [], "b": []}
    who = [people.base + i for i in range(3)]

    def held(name: str, number: int, bidders, closes: float = 1.0, sell_off: bool = False):
        lot = SimpleNamespace(lot=number, value=100.0, rounds=0, priority=NOBODY)
        recorder = SimpleNamespace(bids=[], registrations=written[name])
        auction = ProxyAuction(t, recorder, lot, 100.0, closes, sell_off)
        return auction, FiniteMarket(BASELINE, market).hold(Timer(env), lot, auction, bidders, 0.0, np.inf)

    return env, market, who, written, held


def test_who_is_outbid_turns_at_once_to_the_lot_they_have_been_watching(two_auctions):
    env, market, (one, two, three), written, held = two_auctions
    a, way_a = held("a", 1, [(0.1, 150.0, one), (0.6, 180.0, two)])
    b, way_b = held("b", 2, [(0.2, 140.0, three), (0.3, 160.0, one)])
    Begun(env, way_a)
    Begun(env, way_b)
    env.run(until=0.5)
    assert (a.leader, b.leader) == (one, three)  # they lead in the first auction: the second has to wait
    assert market.leading[one] == 1
    env.run(until=2.0)
    assert (a.leader, b.leader) == (two, one)
    assert a.price == 150.0
    assert b.price == 140.0
    assert [row.time for row in map(unpacked_registration, written["b"])] == [0.2, 0.6]


def test_who_has_what_they_wanted_does_not_bid_again(two_auctions):
    env, market, (one, two, three), _, held = two_auctions
    a, way_a = held("a", 1, [(0.1, 150.0, one)])
    b, way_b = held("b", 2, [(0.2, 140.0, three), (0.3, 160.0, one)])
    Begun(env, way_a)
    Begun(env, way_b)
    env.run(until=2.0)
    market.ended(SimpleNamespace(lot=1), int(RoundOutcome.SOLD))
    assert (a.leader, b.leader) == (one, three)
    assert market.segments[0, 0].departed.tolist()[:3] == [True, False, False]
    assert two not in market.served


def test_a_deposit_comes_back_a_day_after_the_end_and_is_good_for_another_lot_then(two_auctions):
    """They have money for one deposit: outbid in the first auction, they wait for it before they register in the second."""
    env, market, (one, two, _), written, held = two_auctions
    market.liquidity = SimpleNamespace(of=lambda who: 0.15)
    a, way_a = held("a", 1, [(0.1, 150.0, one), (0.6, 180.0, two)])
    b, way_b = held("b", 2, [(0.2, 140.0, one)], closes=5.0)
    Begun(env, way_a)
    Begun(env, way_b)
    env.run(until=a.closes)
    assert (a.leader, written["b"]) == (two, [])
    assert market.tied[one] == pytest.approx(0.1)
    market.ended(SimpleNamespace(lot=1), int(RoundOutcome.SOLD))
    env.run(until=5.0)
    assert [row.time for row in map(unpacked_registration, written["b"])] == [pytest.approx(2.0)]
    assert b.leader == one
    assert market.tied[one] == pytest.approx(0.1)  # the second one; the first is back
    assert market.tied[two] == pytest.approx(0.1)  # the buyer's is part of the price


def ends(env: Clock, way) -> list[float]:
    """When a lot's bidding is over, once it is."""
    when: list[float] = []

    def lot():
        yield from way
        when.append(env.now)

    Begun(env, lot())
    return when


@pytest.mark.parametrize(
    "later", [[], [(50.0, 90.0)]], ids=["nobody else", "somebody later, who is too late"]
)
def test_a_sell_offs_first_bid_by_who_comes_from_another_lot_starts_its_day(two_auctions, later):
    """The lot sleeps until the end it knew, 60 days after the opening; the end is a day after the bid."""
    env, _, (one, two, three), written, held = two_auctions
    a, way_a = held("a", 1, [(0.1, 150.0, one), (0.6, 180.0, two)])
    b, way_b = held("b", 2, [(0.3, 160.0, one), *((*at, three) for at in later)], closes=60.0, sell_off=True)
    ended = ends(env, way_a), ends(env, way_b)
    env.run(until=70.0)
    assert (a.leader, b.leader, b.closes) == (two, one, 1.6)
    assert ended == ([1.0], [1.6])
    assert [row.time for row in map(unpacked_registration, written["b"])] == [0.6]


def test_who_comes_after_the_end_as_it_stood_is_in_time_if_somebody_from_another_lot_moves_it(two_auctions):
    """A sell-off's day ends at 1.2; the one outbid elsewhere bids a minute before, so that it ends five minutes later."""
    env, _, (one, two, three), _, held = two_auctions
    minute = 1.0 / 1440.0
    a, way_a = held("a", 1, [(0.1, 150.0, one), (1.2 - minute, 180.0, two)], closes=2.0)
    those = [(0.2, 140.0, three), (0.3, 160.0, one), (1.2 + minute, 170.0, three + 1)]
    b, way_b = held("b", 2, those, closes=60.0, sell_off=True)
    ended = ends(env, way_a), ends(env, way_b)
    env.run(until=70.0)
    assert (a.leader, b.leader, b.placed, b.extensions) == (two, three + 1, 3, 2)
    assert ended == ([2.0], [pytest.approx(1.2 + 6 * minute)])


def unpacked_registration(row: bytes) -> SimpleNamespace:
    names = REGISTRATIONS.keys()
    return SimpleNamespace(
        **dict(zip(names, np.frombuffer(row, np.dtype(list(REGISTRATIONS.items())))[0].tolist(), strict=True))
    )


def test_who_wants_one_lot_never_leads_in_two_auctions_at_a_time():
    """Proxies: whoever leads at the end has led since they registered."""
    records = run(
        *CROWDED, "finite_market.several_share=0", "auction.bidding=proxy", "disposal.default_rate=0.3"
    )
    led: dict[int, list[tuple[float, float]]] = {}
    for who, _, _, when, end, leading, _ in spells(records):
        if leading:
            led.setdefault(who, []).append((when, end))
    assert max(map(len, led.values())) > 1  # a defaulter is free for another lot
    for mine in led.values():
        assert all(after[0] >= before[1] for before, after in pairwise(sorted(mine)))


def test_nobody_ties_up_more_money_than_they_have():
    s = scenario(
        "base", *CROWDED, "liquidity.short_share=1", "liquidity.held=0.15", "finite_market.several_share=1"
    )
    records = simulate(s, 0)
    liquidity = liquidity_of(s, 0)
    value = dict(zip(records.lots["lot"].tolist(), records.lots["value"].tolist(), strict=True))
    deposit = {
        (lot, at): d
        for lot, at, d in zip(
            *(records.rounds[c].tolist() for c in ("lot", "attempt", "deposit")), strict=True
        )
    }
    changes: dict[int, list[tuple[float, int, float]]] = {}
    for who, lot, at, when, end, leading, outcome in spells(records):
        amount = deposit[lot, at] / value[lot]
        mine = changes.setdefault(who, [])
        mine.append((when, 1, amount))
        if not leading or outcome == RoundOutcome.STOPPED:
            mine.append((end + s.liquidity.refund_hours / 24.0, 0, -amount))
    several = 0
    for who, mine in changes.items():
        tied = np.cumsum([amount for *_, amount in sorted(mine)])
        assert tied.max() <= liquidity.of(who) + 1e-9
        several += len(mine) > 4
    assert several > 5  # the limit has been felt by people with many deposits


def test_money_that_comes_back_late_keeps_people_out():
    short = ("liquidity.short_share=1", "liquidity.held=0.12", "auction.deposit=0.1")
    soon, late = (
        run(*CROWDED, *short, "liquidity.refund_hours=0"),
        run(*CROWDED, *short, "liquidity.refund_hours=8760"),
    )
    assert len(late.registrations["lot"]) < 0.97 * len(soon.registrations["lot"])
    assert sold(late) < sold(soon)


def test_a_defaulter_does_not_come_back_to_the_lot():
    records = run(*CROWDED, "disposal.default_rate=0.5")
    barred = {
        (lot, who): at
        for who, lot, at, _, _, leading, outcome in spells(records)
        if leading and outcome == RoundOutcome.DEFAULTED
    }
    assert len(barred) > 50
    assert not any((lot, who) in barred and at > barred[lot, who] for who, lot, at, *_ in spells(records))


def test_twice_as_many_lots_do_not_find_twice_as_many_buyers():
    """Without a finite market they do: every lot brings its own."""
    market = [run(*CROWDED, f"arrivals.volume={v}") for v in (1.0, 2.0)]
    assert sold(market[1]) < 1.75 * sold(market[0])
    ordinary = [run(*MANY, f"arrivals.volume={v}") for v in (1.0, 2.0)]
    assert sold(ordinary[1]) > 1.85 * sold(ordinary[0])


def test_similar_lots_kept_apart_open_apart_and_sell_more():
    apart = run(*CROWDED, "finite_market.stagger_days=7", "disposal.suspension_share=0")
    r, lots = apart.rounds, apart.lots
    place = np.searchsorted(lots["lot"], r["lot"])
    first = r["attempt"] == 0
    where = lots["kind"][place] * 2 + lots["court"][place] % 2
    for one in np.unique(where):
        opens = np.sort(r["opens"][first & (where == one)])
        assert np.diff(opens).min() >= 7.0 - 1e-9
    together = run(*CROWDED, "disposal.suspension_share=0")
    offered = [len(np.unique(records.rounds["lot"])) for records in (apart, together)]
    assert sold(apart) / offered[0] > sold(together) / offered[1]
    assert days_to_sale(apart) > days_to_sale(together)


def test_keeping_lots_apart_needs_a_market():
    with pytest.raises(ScenarioError, match="patience_days is 0"):
        scenario("base", "finite_market.stagger_days=7")


def test_too_many_people_are_refused():
    with pytest.raises(ScenarioError, match="bidders in all"):
        scenario("base", "finite_market.patience_days=0.01", "finite_market.fit=0.0001")


def test_who_looks_ahead_waits_in_a_market_too():
    now, wait = (
        run(*CROWDED),
        run(*CROWDED, "strategic_waiting.share=1", "strategic_waiting.first_round=open"),
    )
    sealed = run(*CROWDED, "strategic_waiting.share=1", "strategic_waiting.first_round=sealed")
    assert sold_in(wait, 0) < sold_in(sealed, 0) < sold_in(now, 0)
    assert sold_in(wait, 1) > sold_in(now, 1)


@pytest.mark.statistical
@pytest.mark.parametrize("form", ["sealed", "open"])
def test_where_people_leave_who_waits_reckons_with_it(form):
    """Thick, endless wants, 60 days' patience: a third goes between the rounds, the bidder in question, waiters and others alike, and as
    many are new. Two z-scores a form below 4; a belief that all waiters stay puts the first beyond it."""
    settings = (
        "arrivals.periods.year.cases=12000.0", "arrivals.periods.year.lots=12000.0", f"strategic_waiting.first_round={form}", "strategic_waiting.share=1",
        "strategic_waiting.discount=0.95", "rounds.second.cut=0.5", "finite_market.patience_days=60", "finite_market.fit=0.001", "finite_market.areas=1", "finite_market.several_share=1", "finite_market.several=1000",
        "interest.persistence=0", "interest.mean=4", "rounds.second.interest=1",
    )  # fmt: skip
    records = simulate(load(ROOT / "scenarios" / "verify" / "waiting.toml", settings).scenario, 0)
    n, back = len(records.lots["lot"]), float(np.exp(-26 / 60))
    law = ValueLaw("lognormal", -0.2, 0.3)
    p = Prospect(4.0, law, 1.0, 0.5, 0.95 * back, 1.0, 4.0 * (1 - back), back, form, back)
    z = [(sold_in(records, i) - n * q) / np.sqrt(n * q * (1 - q)) for i, q in enumerate(waiting(p).sold)]
    assert np.abs(z).max() < 4.0, z


def test_priority_purchasers_are_among_those_who_look():
    records = run(*CROWDED, "auction.priority_share=1")
    r = records.registrations
    assert r["priority"].sum() > 100
    lots = {}
    for lot, who in zip(r["lot"][r["priority"]].tolist(), r["bidder"][r["priority"]].tolist(), strict=True):
        assert lots.setdefault(lot, who) == who


def test_the_same_seed_gives_the_same_records_however_it_is_run():
    s = scenario(
        "base",
        *SMALL,
        "finite_market.patience_days=40",
        "finite_market.fit=0.1",
        "liquidity.short_share=0.5",
        "strategic_waiting.share=0.3",
    )
    once = simulate(s, 1)
    assert same(once, simulate(s, 1))
    assert same(once, undivided(s, 1))
    assert same(once, join(by_court(s, 1)))
    assert not same(once, simulate(s, 2))
    with ProcessPoolExecutor(2) as executor:
        many = list(replications(s, range(2), "all", executor))
    assert same(many[1].records, once)
    assert same(replicate(s, 1, "all").records, once)


def test_policies_share_their_people():
    """A lower start changes who buys, not who there is, what a lot is worth to them, or when they look."""
    high, low = (
        run(*CROWDED, f"start.ratio={ratio}", "finite_market.several_share=0") for ratio in (0.9, 0.7)
    )
    found = [
        dict(zip(zip(r["lot"].tolist(), r["bidder"].tolist(), strict=True), r["value"].tolist(), strict=True))
        for r in (high.registrations, low.registrations)
    ]
    both = found[0].keys() & found[1].keys()
    assert len(both) > 200
    assert all(found[0][pair] == found[1][pair] for pair in both)
