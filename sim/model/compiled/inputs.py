"""What all lots go by, as arrays: rules and their rounds, the calendar, the menus of pricing."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any, TypeVar

import numpy as np
from numpy.random import PCG64, SeedSequence

from sim.model.auction import answered_within
from sim.model.behaviour.baseline import Behaviour, Reaction
from sim.model.behaviour.creditors import Creditors
from sim.model.behaviour.liquidity import Liquidity
from sim.model.behaviour.strategic_waiting import StrategicWaiting
from sim.model.behaviour.switches import behaviours
from sim.model.clock import Clock
from sim.model.compiled.state import LADDER, ONCE, PROXY, RULES, SETUP, STAGE, Array, rows
from sim.model.counter_streams import key as keyed
from sim.model.pricing import Pricing
from sim.model.random_streams import Purpose
from sim.model.rules import Rules, horizon
from sim.scenario.schema import Scenario

Part = TypeVar("Part", bound=Reaction)
STYLES = {"proxy": PROXY, "ladder": LADDER, "once": ONCE}
# Of the same name and meaning in both engines.
SAME_RULES = (
    "until", "increment", "soft_close", "deposit", "reply", "reply_extended", "jump", "single_steps", "persistence", "cut_relief", "default_rate",
    "payment", "in_kind_second", "in_kind_last", "own_sale", "own_sale_found", "own_sale_days", "own_sale_price", "sold_before_price", "booking_days", "survey",
    "notice_work", "handover", "pricing_work", "objection_work", "objection_wait", "notice_again", "report_valid",
    "highest_persistence", "last_auction",
)  # fmt: skip
SAME_STAGES = (
    "relist",
    "notice_movable",
    "notice_immovable",
    "window",
    "keep",
    "span",
    "late",
    "early",
    "held",
    "sell_off",
)
SAME_CREDITORS = (
    "compare_share", "resale", "resale_noise", "resale_days", "discount_yearly", "prior_share", "prior", "prior_log_sd", "insist_share",
)  # fmt: skip


def periods_of(rules: Rules) -> list[Rules]:
    """The rules of all periods in order."""
    found = [rules]
    while found[-1].later is not None:
        found.append(found[-1].later)
    return found


def people_of(scenario: Scenario, rules: Rules, replication: int) -> list[Behaviour]:
    """What people do, by row of the rules."""
    return [one for chain in chains_of(rules) for one in behaviours(Clock(), scenario, chain[0], replication)]


def part_of(behaviour: Behaviour, part: type[Part]) -> Part | None:
    """Of a behaviour, the reaction of one sort that is on."""
    while not isinstance(behaviour, part):
        if not isinstance(behaviour, Reaction):
            return None
        behaviour = behaviour.otherwise
    return behaviour


def setup_of(scenario: Scenario, rules: Rules, replication: int) -> Array:
    """What never changes in a run, and where the streams of answers begin."""
    setup = rows(SETUP, 1)
    one = setup[0]
    one["until"], one["clerks"], one["periods"] = horizon(scenario), rules.clerks, len(periods_of(rules))
    one["returning"], one["listing"], one["dated"] = rules.returning, rules.listing, bool(scenario.from_)
    key = (replication, int(Purpose.REPLIES))
    state = PCG64(SeedSequence(scenario.run.seed, spawn_key=key)).state["state"]
    for name, value in (("", state["state"]), ("step_", state["inc"])):
        one[f"{name}high"], one[f"{name}low"] = value >> 64, value & (2**64 - 1)
    for name, purpose in (
        ("foresight", Purpose.FORESIGHT),
        ("cash", Purpose.CASH),
        ("claims", Purpose.CLAIMS),
    ):
        one[name] = keyed(scenario.run.seed, replication, purpose)
    return setup


def chains_of(rules: Rules) -> list[list[Rules]]:
    """The rules of all periods: of all lots, then of kinds with rules of their own."""
    return [periods_of(rules), *(periods_of(own) for own in rules.kinds.values())]


def calendar_of(scenario: Scenario, rules: Rules, people: list[Behaviour]) -> dict[str, Array]:
    """Rules and rounds by chain and period, closed days, days of booking."""
    periods = [one for chain in chains_of(rules) for one in chain]
    chains = np.zeros(len(scenario.kinds), dtype=np.int64)
    for number, kind in enumerate(rules.kinds, start=1):
        chains[kind] = number * len(scenario.periods)
    table = rows(RULES, len(periods))
    stages = rows(STAGE, (len(periods), len(rules.stages)))
    ends: list[float] = []
    closed: set[int] = set()
    for row, one, behaviour, its in zip(table, periods, people, stages, strict=True):
        for name in SAME_RULES:
            row[name] = getattr(one, name)
        row["within"], row["within_extended"] = (answered_within(one, late) for late in (False, True))
        row["bidding"] = STYLES[one.bidding]
        row["clock"], row["any_time"] = one.openings.clock, one.openings.any_time
        row["festival"] = bool(one.openings.closed)
        row["period"] = one.period
        row["responds"] = scenario.periods[one.period][1].price_response.elasticity > 0.0
        _behave(row, behaviour)
        row["ends_from"], row["ends_to"] = len(ends), len(ends) + len(one.booking_ends)
        ends += one.booking_ends
        closed |= one.openings.closed
        for stage, given in zip(its, one.stages, strict=True):
            for name in SAME_STAGES:
                stage[name] = getattr(given, name)
    days = np.zeros(max(closed, default=-1) + 1, dtype=np.int8)
    days[[day for day in closed if day >= 0]] = 1
    return {
        "chains": chains,
        "rules": table,
        "stages": stages,
        "closed": days,
        "ends": np.array(ends, dtype=np.float64),
    }


def _behave(row: Any, behaviour: Behaviour) -> None:
    """What people do, as a row of the rules has it."""
    waiting = part_of(behaviour, StrategicWaiting)
    if waiting is not None:
        row["ahead"], row["joins"] = waiting.share, waiting.form == "open"
    money = part_of(behaviour, Liquidity)
    if money is not None:
        row["short"], row["ready"], row["ready_sd"], row["exempt"] = (
            money.short, money.held, money.log_sd, money.exempt,
        )  # fmt: skip
    creditors = part_of(behaviour, Creditors)
    if creditors is not None:
        for name in SAME_CREDITORS:
            row[name] = getattr(creditors.assumed, name)


def menus_of(pricing: Pricing, kinds: int) -> dict[str, Array]:
    """Which methods hold when, how long they take, what they cost, and where lots start."""
    menus = [0]
    menu: list[int] = []
    edges: list[float] = []
    for some, its, _ in pricing.menus:
        menu += some
        edges += [*its, inf]  # one for each method, so that both begin at one place
        menus.append(len(menu))
    return {
        "changes": np.array(pricing.changes, dtype=np.float64),
        "menus": np.array(menus, dtype=np.int64),
        "menu": np.array(menu, dtype=np.int64),
        "edges": np.array(edges, dtype=np.float64),
        "durations": _padded([days for _, _, days in pricing.menus], 2),
        "costs": _padded(pricing.costs, 4),
        "starts": np.array(_starts(pricing, kinds)),
    }


def _starts(pricing: Pricing, kinds: int) -> list[list[tuple[float, float]]]:
    """Where lots start, by period and kind."""
    both = zip(pricing.own, pricing.starts, strict=True)
    return [[own.get(kind, usual) for kind in range(kinds)] for own, usual in both]


def _padded(tables: Sequence[Sequence[tuple[float, ...]]], width: int) -> Array:
    """Tables of unlike length as one array."""
    found = np.zeros((len(tables), max(map(len, tables)), width))
    for its, table in zip(found, tables, strict=True):
        its[: len(table)] = table
    return found
