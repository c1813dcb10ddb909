"""The compiled engine gives SimPy's records, to the last bit; a fault in either is seen; what it does not know it leaves to SimPy."""

from __future__ import annotations

import inspect
import sys
from math import log1p
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from conftest import SMALL, scenario
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field
from two_engines import by_loop, by_simpy, covered, differences

import sim.model.auction
import sim.model.behaviour.creditors
import sim.model.behaviour.liquidity
import sim.model.compiled.behaviour
import sim.model.compiled.bidding
import sim.model.compiled.counter_draws
import sim.model.compiled.disposal
import sim.model.compiled.loop
import sim.model.compiled.replies
import sim.model.compiled.who_comes
import sim.model.disposal
import sim.theory.coming
import sim.theory.normal_quantile
from sim.model import random_streams
from sim.model.arrivals import CourtArrivals
from sim.model.behaviour.creditors import Creditors
from sim.model.behaviour.liquidity import Liquidity
from sim.model.behaviour.strategic_waiting import StrategicWaiting
from sim.model.compiled import build, courts, coverage
from sim.model.compiled.inputs import people_of
from sim.model.compiled.replies import delay
from sim.model.disposal import Disposal
from sim.model.pricing import pricing_of
from sim.model.random_streams import Purpose, stream
from sim.model.rules import rules_of
from sim.scenario.schema import Interest

TINY = ("arrivals.periods.year.cases=12", "arrivals.periods.year.lots=36", "courts.number=2")
# Everything that can happen to a lot does, to some.
EVENTFUL = (
    *TINY, "courts.clerks=1", "courts.survey_days=3", "courts.notice_again_days=1.5", "courts.objection_share=0.5",
    "courts.objection_days=2", "auction.priority_share=0.5", "interest.mean=4", "interest.persistence=0.7",
    "start.token_share=0.2", "start.cut_relief=0.1", "disposal.default_rate=0.4", "disposal.withdrawal_rate=0.003",
    "disposal.suspension_share=0.5", "disposal.in_kind_second=0.3", "disposal.in_kind_last=0.5", "disposal.booking_days=30",
    "disposal.booking_by=12-31", "rounds.sell_off.held=true", "auction.jump=0.3", "rounds.first.overhang_minutes=20", "rounds.first.window_days=9",
)  # fmt: skip
DATED = (
    'from."2017-06-01".interest.mean=2.0', 'from."2017-06-01".disposal.default_rate=0.1', 'from."2017-09-01".start.ratio=0.8',
    'from."2017-09-01".rounds.second.cut=0.1', 'from."2017-09-01".kinds.homes.share=0.4',
)  # fmt: skip
OWN_RULES = (
    "kinds.homes.start.ratio=0.8", "kinds.homes.rounds.second.cut=0.1", "kinds.homes.rounds.first.notice_days_immovable=20",
    "kinds.vehicles.auction.deposit=0.2", "kinds.vehicles.auction.increment=0.02", "kinds.vehicles.rounds.second.held=false",
    "kinds.land.start.token_share=0.5", "kinds.land.start.cut_relief=0.3",
)  # fmt: skip
TEMPO = (
    "auction.reply_seconds_extensions=90", "auction.single_steps=40", "rounds.first.early_share=0.3", "rounds.second.early_share=1",
    "rounds.sell_off.early_share=0.5", "interest.mean=12",
)  # fmt: skip
# Lots at which some wait, and some of these come before somebody opens.
WAITING = (
    "strategic_waiting.first_round=sealed",
    "strategic_waiting.share=0.5", "strategic_waiting.reoffer=0.95", "strategic_waiting.discount=0.98", "interest.mean=4", "interest.persistence=0.3",
    "start.cut_relief=0", "start.token_share=0", "rounds.second.cut=0.4", "arrivals.periods.year.cases=40", "arrivals.periods.year.lots=120",
)  # fmt: skip
OPEN = (
    *WAITING,
    "strategic_waiting.first_round=open",
    "strategic_waiting.announced=false",
    "strategic_waiting.expected_cut=0.35",
)
SHORT = (
    "liquidity.short_share=0.7", "liquidity.held=0.1", "liquidity.held_log_sd=0.8", "creditors.bid_share=0.6", "interest.mean=4", "arrivals.periods.year.lots=80",
)  # fmt: skip
CREDITORS = (
    "creditors.compare_share=0.6", "creditors.resale=0.5", "creditors.resale_noise=0.4", "creditors.prior_share=0.7", "creditors.prior=0.5",
    "creditors.prior_log_sd=0.6", "creditors.insist_share=0.6", "eligibility.restricted_creditors=0.3", "debtor_sale.share=0.3",
    "debtor_sale.success=0.5", "disposal.third_party_share=0.3", "arrivals.periods.year.lots=80",
)  # fmt: skip
PRICED = ("price_response.elasticity=1.5", 'from."2017-09-01".price_response.elasticity=0.0')
MORE_ROUNDS = tuple(
    f"rounds.r{i}.{name}={value}"
    for i in (4, 5)
    for name, value in (
        ("held", "true"), ("format", "auction"), ("relist_days", 10), ("notice_days_movable", 7), ("notice_days_immovable", 15),
        ("window_days", 1), ("cut", 0.1), ("interest", 0.8), ("early_share", 0.2), ("late_shape", 2), ("overhang_minutes", 0),
    )
)  # fmt: skip


TOGETHER: dict[str, tuple[str, ...]] = {
    "plain": (),
    "dated": DATED,
    "kinds and dates": (*OWN_RULES, *DATED),
    "five rounds by price": (*MORE_ROUNDS, PRICED[0]),
    "kinds by price at first": (*PRICED, *OWN_RULES),
    "waiting": WAITING,
    "waiting, open, by price, kinds and dates": (*OPEN, *PRICED, *OWN_RULES, *DATED),
    "waiting otherwise from a date on": (
        *OPEN, *MORE_ROUNDS, 'from."2017-06-01".strategic_waiting.share=0.9', 'from."2017-06-01".strategic_waiting.first_round=sealed',
    ),
    "short of money": SHORT,
    "creditors": CREDITORS,
    "all react, at dates": (
        *OPEN, *SHORT, *CREDITORS, *PRICED, *OWN_RULES, *DATED, 'from."2017-06-01".creditors.prior_share=0.2',
        'from."2017-06-01".creditors.compare_share=0.9', 'from."2017-08-01".creditors.resale=0.9', 'from."2017-08-01".strategic_waiting.share=0',
    ),
    "short and waiting, by price, kinds and dates": (
        *OPEN, *SHORT, *PRICED, *OWN_RULES, *DATED, 'from."2017-06-01".liquidity.short_share=0.2', 'from."2017-06-01".creditors.bid_share=0',
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", ["ladder", "proxy", "once"])
@pytest.mark.parametrize("more", TOGETHER.values(), ids=TOGETHER)
def test_records_are_the_same_bytes(style: str, more: tuple[str, ...]) -> None:
    assumed = scenario("base", *EVENTFUL, f"auction.bidding={style}", *more)
    expected, found = by_simpy(assumed), by_loop(assumed)
    assert not differences(expected, found)
    assert expected.size["rounds"] > 12


@pytest.mark.parametrize(
    "more",
    [
        ("courts.clerks=0",), ("courts.clerks=3", "courts.survey_days=1", "courts.notice_days=1"), ("arrivals.mode=listing",),
        ("auction.opens_at=any", "auction.soft_close_minutes=0"), ("rounds.first.late_shape=0.001",), ("rounds.second.held=false",), TEMPO,
    ],
    ids=lambda more: more[0],
)  # fmt: skip
def test_the_same_bytes_whoever_prepares_lots_and_whenever_they_open(more: tuple[str, ...]) -> None:
    assumed = scenario("base", *EVENTFUL, *more)
    assert not differences(by_simpy(assumed, 1), by_loop(assumed, 1))


@given(st.integers(0, 10**9))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_the_same_bytes_over_every_parameter(seed: int) -> None:
    assumed = covered(seed, most=30)
    if assumed is not None:
        assert not differences(by_simpy(assumed), by_loop(assumed))


@pytest.mark.slow
@given(st.integers(0, 10**9))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_same_bytes_over_every_parameter_compiled(seed: int) -> None:
    pytest.importorskip("numba")
    assumed = covered(seed, volume=60.0)
    if assumed is not None:
        assert not differences(by_simpy(assumed), by_loop(assumed, loop=build.compiled()))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["base", "shanxi", "shanxi-prior"])
@pytest.mark.parametrize(
    "more", [(), ("courts.number=1",), ("courts.clerks=0",)], ids=["as it is", "one court", "no clerks"]
)
def test_the_same_bytes_for_whole_provinces_compiled(name: str, more: tuple[str, ...]) -> None:
    pytest.importorskip("numba")
    assumed = scenario(name, *more)
    assert not differences(by_simpy(assumed), by_loop(assumed, loop=build.compiled()))


def test_room_is_made_for_what_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courts, "ROOM", {"rounds": 0, "registrations": 0, "bids": 0})
    monkeypatch.setattr(courts, "SPARE", 1)
    assumed = scenario("base", *EVENTFUL)
    assert not differences(by_simpy(assumed), by_loop(assumed))


def test_a_large_court_is_drawn_block_after_block(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (random_streams, sim.model.lots, courts):
        monkeypatch.setattr(module, "BLOCK", 10)
    assumed = scenario("base", *EVENTFUL, "courts.number=1")
    assert not differences(by_simpy(assumed), by_loop(assumed))


@given(
    st.integers(0, 2**45), st.integers(0, 40), st.integers(0, 2**63 - 1), st.floats(1.0, 3600.0), st.floats(0.0, 60.0), st.booleans(),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_answers_come_when_numpy_says(
    key: int, attempt: int, seed: int, reply: float, close: float, extended: bool
) -> None:
    assumed = scenario(
        "base",
        f"run.seed={seed}",
        f"auction.reply_seconds{'_extensions' * extended}={reply!r}",
        f"auction.soft_close_minutes={close!r}",
    )
    rules = rules_of(assumed)
    people = people_of(assumed, rules, 3)
    common = courts._common(assumed, 3, rules, pricing_of(assumed), people)
    nothing = CourtArrivals(0, 0, 0, np.zeros(1), np.ones(1, dtype=np.int64), 1)
    w = courts._Batch(assumed, rules, 3, [nothing], common, people).w
    w = type(w)(*(x.view(np.recarray) if x.dtype.names else x for x in w))
    w.lots[0].stream, w.lots[0].rounds = key, attempt
    with np.errstate(over="ignore"):
        found = [delay(w, 0, extended) for _ in range(40)]
    row = w.rules[0]
    mean, within = (row.reply_extended, row.within_extended) if extended else (row.reply, row.within)
    assert mean == reply / 86_400.0
    expected = []
    for some in range(2):
        where = (key << 16 | attempt) << 16 | some
        rng = stream(seed, 3, Purpose.REPLIES)
        rng.bit_generator.advance((where + 1) * random_streams.JUMP % 2**128)
        expected += [-mean * log1p(-within * u) for u in rng.random(32)]
    assert found == expected[:40]


# One line of either engine, changed; none of both at once.
FAULTS: list[tuple[ModuleType, str, str, str]] = [
    (sim.model.compiled.bidding, "enter", "a.bidders += 1", "a.bidders += 2"),
    (sim.model.compiled.bidding, "_join", "a.challenger = before if who == a.leader else who", "a.challenger = who"),
    (sim.model.compiled.bidding, "_raise", "(a.closes - now) / 2.0", "(a.closes - now) / 2.1"),
    (sim.model.compiled.bidding, "wait", "a.answers_at <= when", "a.answers_at < when - 0.01"),
    (sim.model.compiled.disposal, "settle", "lot.rounds += 1", "lot.rounds += 1 if result != DEFAULTED else 0"),
    (sim.model.compiled.disposal, "default", "d.defaults += 1", "d.defaults += 2"),
    (sim.model.compiled.disposal, "unsold", "when = min(when, w.ends[k])", "pass"),
    (sim.model.compiled.disposal, "reduce_start", "w, i, d.before * keep,", "w, i, d.before - d.before * (1.0 - keep),"),
    (sim.model.compiled.disposal, "schedule", "lot.halts_after < opens - lot.listed", "lot.halts_after <= 0.5 * (opens - lot.listed)"),
    (sim.model.compiled.who_comes, "leave", "one.back < highest", "one.back < 0.5 * highest"),
    (sim.model.compiled.who_comes, "_return", "so_far * persistence if so_far != 0.0 else 1.0", "so_far"),
    (sim.model.compiled.who_comes, "in_order", "n // 2 - 1", "n // 2 - 2"),
    (sim.model.compiled.loop, "hand_over", "c.waiting -= 1", "c.waiting -= 1; now += 1e-9"),
    (sim.model.compiled.loop, "push", "w.heap_number[parent] < number", "w.heap_number[parent] > number"),
    (sim.model.compiled.replies, "delay", "a.left -= 1", "a.left -= 2"),
    (sim.model.compiled.bidding, "begin", "a.single_steps = rules.jump, rules.single_steps", "a.single_steps = rules.jump, 0.0"),
    (sim.model.compiled.bidding, "_raise", "now >= a.set_end", "now > a.closes"),
    (sim.model.compiled.who_comes, "_time", "stage.early", "0.5 * stage.early"),
    (sim.model.compiled.who_comes, "leave", "CERTAIN if patient", "CERTAIN if not patient"),
    (sim.model.compiled.behaviour, "some_may_wait", "w.lots[i].rounds == 0", "w.lots[i].rounds <= 1"),
    (sim.model.compiled.behaviour, "_join_the_first", "range(opens, d.next, -1)", "range(opens, d.next + 1, -1)"),
    (sim.model.compiled.behaviour, "without_waiters", "if not w.people[k].waits", "if w.people[k].waits"),
    (sim.model.compiled.behaviour, "without_the_short", "w.rules[d.rules].deposit", "w.rules[d.own].deposit * 1.1"),
    (sim.model.compiled.behaviour, "_money", "< rules.exempt", "< 0.5 * rules.exempt"),
    (sim.model.compiled.behaviour, "reserve", "+ lot.cost", "+ 1.1 * lot.cost"),
    (sim.model.compiled.behaviour, "takes", "if lot.barred", "if lot.barred and not by_chance"),
    (sim.model.compiled.disposal, "next_round", "d.start != inf", "d.start > 0.0"),
    (sim.model.compiled.counter_draws, "uniform", "+ 0.5", "+ 2.0**48"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[1]}: {fault[3]}")
def test_a_fault_in_the_loop_is_seen(
    fault: tuple[ModuleType, str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, line, instead = fault
    _plant(monkeypatch, module, name, line, instead)
    close = "auction.soft_close_minutes=0" if "closes" in line else "auction.soft_close_minutes=5"
    style = "proxy" if name == "enter" else "ladder"
    clerks = "courts.clerks=0" if module is not sim.model.compiled.loop else "courts.clerks=2"
    people: tuple[str, ...] = ()
    if name in ("_join_the_first", "leave", "some_may_wait", "uniform"):
        people = (*WAITING, "strategic_waiting.first_round=open")
    elif name in ("reserve", "takes", "next_round"):
        people = CREDITORS
    elif name in ("without_the_short", "_money"):
        people = SHORT
    elif name == "without_waiters":
        people = WAITING
    assumed = scenario(
        "base",
        *EVENTFUL,
        *people,
        f"auction.bidding={style}",
        close,
        clerks,
        "courts.survey_days=1",
        "courts.notice_days=1",
    )
    assert _differ(assumed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "name", "line", "instead"),
    [
        (Disposal, "default", "self.lot.forfeited += self.start", "self.lot.forfeited += self.before"),
        (Disposal, "relist", "due = now + ", "due = 1e-12 + now + "),
        (Disposal, "_interrupted", "(when + days if", "(when + 1.001 * days if"),
        (Creditors, "reserve", "before, self.increment", "before, 0.0"),
        (Creditors, "takes", ">= start", ">= 0.9 * start"),
        (Liquidity, "bids_as_creditor", "< self.exempt", "<= 0.0"),
        (StrategicWaiting, "patient", "CERTAIN", "0.5"),
        (StrategicWaiting, "first_round", "(then, value, who)", "(0.5 * then, value, who)"),
    ],
)
def test_a_fault_in_the_readable_model_is_seen(
    where: type[Any], name: str, line: str, instead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plant(monkeypatch, where, name, line, instead)
    people = {StrategicWaiting: OPEN, Liquidity: SHORT, Creditors: CREDITORS}.get(where, ())
    assert _differ(
        scenario(
            "base", *EVENTFUL, *people, "arrivals.periods.year.cases=40", "arrivals.periods.year.lots=120"
        )
    )


def _plant(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, line: str, instead: str) -> None:
    source = inspect.cleandoc("\n" + inspect.getsource(getattr(where, name)))
    assert source.count(line) == 1
    module = where if isinstance(where, ModuleType) else inspect.getmodule(where)
    found: dict[str, Any] = {}
    exec("from __future__ import annotations\n" + source.replace(line, instead), vars(module), found)
    was = getattr(where, name)
    for place in (where, *(sys.modules[one.__module__] for one in build.functions())):
        if vars(place).get(name) is was:
            monkeypatch.setattr(place, name, found[name])


def _differ(assumed: Any) -> bool:
    """Whether something differs, in one of some replications, or the loop stumbles."""
    for replication in range(6):
        try:
            if differences(by_simpy(assumed, replication), by_loop(assumed, replication)):
                return True
        except (IndexError, ValueError):
            return True
    return False


def test_it_covers_the_whole_base_model() -> None:
    assert coverage.unknown() == ()
    assert coverage.uncovered(scenario("base", *SMALL)) == ()


def test_a_parameter_that_it_does_not_know_is_left_to_simpy(monkeypatch: pytest.MonkeyPatch) -> None:
    class More(Interest):
        taste: float = Field(0.0, description="new")

    monkeypatch.setitem(sim.scenario.schema.Scenario.model_fields, "interest", _of(More))
    coverage.unknown.cache_clear()
    try:
        assert coverage.uncovered(scenario("base", *SMALL)) == ("interest.taste",)
    finally:
        coverage.unknown.cache_clear()


def _of(part: type[Any]) -> Any:
    from pydantic.fields import FieldInfo

    return FieldInfo(annotation=part)


def test_behaviours_and_parts_given_as_objects_are_left_to_simpy() -> None:
    assert set(coverage.uncovered(scenario("reacting", "price_response.elasticity=2"))) == {
        f"{table}.{name}" for table, name in coverage.OFF
    }


def test_all_that_is_compiled_is_named_by_the_digest_of_its_source() -> None:
    """Else code on disk would be used that is not that of the source."""
    modules = {inspect.getmodule(one) for one in build.functions()}
    assert {
        sim.model.compiled.loop, sim.model.compiled.bidding, sim.model.compiled.disposal, sim.model.compiled.replies,
        sim.model.compiled.counter_draws, sim.model.compiled.behaviour, sim.model.compiled.who_comes, sim.model.auction, sim.model.rules,
        sim.model.behaviour.creditors, sim.model.behaviour.liquidity, sim.theory.coming, sim.theory.normal_quantile,
    } == modules  # fmt: skip
