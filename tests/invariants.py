"""What must hold in the records of every run, whatever the scenario; each check says in words what does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.calendar import MINUTE
from sim.money import imbalance
from sim.records import Outcome, Records, RoundOutcome
from sim.scenario.schema import Scenario

TINY = 1e-9  # of a price or a day: rounding
ENDED = (Outcome.SOLD, Outcome.IN_KIND, Outcome.RETURNED, Outcome.WITHDRAWN)


def keys(table):
    return table["lot"].astype(np.int64) * 1000 + table["attempt"]


def places(records: Records, rows):
    """Row of the round of each row of bids or registrations; and which of them belong to a round that has ended."""
    mine, wanted = keys(records.rounds), keys(rows)
    if len(mine) == 0:
        return np.zeros(len(wanted), dtype=int), np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(mine, wanted), len(mine) - 1)
    return at, mine[at] == wanted


def count(wrong, what: str) -> list[str]:
    return [f"{what}: {int(np.sum(wrong))}"] if np.any(wrong) else []


def bids_below_the_start(records: Records, _: Scenario) -> list[str]:
    at, known = places(records, records.bids)
    start = records.rounds["start"][at]
    return count(known & (records.bids["price"] < start * (1.0 - TINY)), "bids below the start")


def bids_out_of_order(records: Records, _: Scenario) -> list[str]:
    bids = records.bids
    same = keys(bids)[1:] == keys(bids)[:-1]
    back = bids["time"][1:] < bids["time"][:-1]
    down = bids["price"][1:] < bids["price"][:-1] * (1.0 - TINY)
    return count(same & back, "bids earlier than the one before") + count(
        same & down, "bids below the one before"
    )


def outside_the_window(records: Records, _: Scenario) -> list[str]:
    found = []
    for name in ("bids", "registrations"):
        rows = records[name]
        at, known = places(records, rows)
        opens, closes = records.rounds["opens"][at], records.rounds["closes"][at]
        found += count(known & (rows["time"] < opens), f"{name} before the opening")
        found += count(known & (rows["time"] >= closes), f"{name} at the close or after it")
    return found


def bids_of_strangers_or_above_what_it_is_worth(records: Records, _: Scenario) -> list[str]:
    worth = dict(
        zip(zip(keys(records.registrations), records.registrations["bidder"], strict=True), records.registrations["value"], strict=True)
    )  # fmt: skip
    found = []
    for key, who, price in zip(
        keys(records.bids), records.bids["bidder"], records.bids["price"], strict=True
    ):
        if (key, who) not in worth:
            found.append(f"bidder {who} did not register")
        elif price > worth[key, who] * (1.0 + TINY):
            found.append(f"bidder {who} bids more than it is worth to him")
    return found


def winners_who_did_not_bid_last(records: Records, scenario: Scenario) -> list[str]:
    """A proxy need not bid last: the newcomer's bid stands in the book at the price the proxy answers with."""
    rounds, bids = records.rounds, records.bids
    last = dict(zip(keys(bids), zip(bids["bidder"], bids["price"], strict=True), strict=True))
    bidders = set(zip(keys(bids), bids["bidder"], strict=True))
    found = []
    for key, who, price, outcome in zip(
        keys(rounds), rounds["winner"], rounds["price"], rounds["outcome"], strict=True
    ):
        if outcome in (RoundOutcome.SOLD, RoundOutcome.DEFAULTED):
            right = (
                (key, who) in bidders
                if scenario.auction.bidding == "proxy"
                else key in last and last[key][0] == who
            )
            if not right or abs(last[key][1] - price) > TINY * price:
                found.append(f"round {key}: the winner or his price is not the last bid's")
        elif outcome == RoundOutcome.FAILED and key in last:
            found.append(f"round {key} failed and has bids")
    return found


def rounds_out_of_order(records: Records, _: Scenario) -> list[str]:
    rounds = records.rounds
    found = count(rounds["opens"] < rounds["notice"], "rounds that open before their notice")
    found += count(rounds["closes"] < rounds["opens"], "rounds that close before they open")
    same = rounds["lot"][1:] == rounds["lot"][:-1]
    found += count(
        same & (rounds["attempt"][1:] != rounds["attempt"][:-1] + 1), "rounds not numbered in order"
    )
    found += count(
        same & (rounds["notice"][1:] < rounds["closes"][:-1] - TINY),
        "rounds noticed before the last has ended",
    )
    found += count(same & (rounds["round"][1:] < rounds["round"][:-1]), "rounds that go back")
    return found + count(
        same & (rounds["start"][1:] > rounds["start"][:-1] * (1.0 + TINY)), "starts that rise"
    )


def ends_that_do_not_follow_from_bids(records: Records, scenario: Scenario) -> list[str]:
    """Without a suspension an auction ends as set, or one extension after its last bid."""
    rounds, soft = records.rounds, scenario.auction.soft_close_minutes * MINUTE
    held = [one for one in scenario.rounds.values() if one.held]
    lot = {n: i for i, n in enumerate(records.lots["lot"])}
    last = dict(zip(keys(records.bids), records.bids["time"], strict=True))
    found = []
    for i, key in enumerate(keys(rounds)):
        stage = held[int(rounds["round"][i])]
        row = lot[rounds["lot"][i]]
        if rounds["outcome"][i] == RoundOutcome.STOPPED or records.lots["suspended"][row] > 0.0:
            continue
        opens, closes = float(rounds["opens"][i]), float(rounds["closes"][i])
        end = opens + stage.window_days
        if stage.format == "sell-off" and key in last:
            continue  # the first bid sets the end: the verification of sell-offs looks at it
        if rounds["extensions"][i]:
            end = float(last[key]) + soft
        if abs(closes - end) > TINY:
            found.append(f"round {key} closes {closes - end:+.6f} days from where it should")
    return found


def lots_that_contradict_their_rounds(records: Records, scenario: Scenario) -> list[str]:
    lots, rounds = records.lots, records.rounds
    ended = np.isin(lots["outcome"], [int(one) for one in ENDED])
    found = count(ended != ~np.isnan(lots["ended"]), "lots ended without an end, or the reverse")
    found += count(lots["ended"] < lots["listed"], "lots ended before they were listed")
    at = np.searchsorted(lots["lot"], rounds["lot"])
    number = np.bincount(at, minlength=len(lots["lot"]))
    found += count(number != lots["rounds"], "lots with another number of rounds")
    sold = rounds["outcome"] == RoundOutcome.SOLD
    times_sold = np.bincount(at[sold], minlength=len(lots["lot"]))
    found += count(times_sold != (lots["outcome"] == Outcome.SOLD), "lots sold without a sale, or twice")
    found += count(
        rounds["price"][sold] != lots["price"][at[sold]], "prices that differ between lot and round"
    )
    found += count(rounds["closes"][sold] != lots["ended"][at[sold]], "sales at another time than the close")
    off = np.abs(rounds["deposit"] - rounds["start"] * scenario.auction.deposit) > TINY * rounds["start"]
    return found + count(off, "deposits that are not the share of the start")


def counts_that_contradict_their_rows(records: Records, _: Scenario) -> list[str]:
    found = []
    for name, column in (("bids", "bids"), ("registrations", "registered")):
        at, known = places(records, records[name])
        number = np.bincount(at[known], minlength=len(records.rounds["lot"]))
        found += count(number != records.rounds[column], f"rounds with another number of {name}")
    return found


def money_lost(records: Records, _: Scenario) -> list[str]:
    gap = imbalance(records)
    return [f"money that the tables cannot account for: {gap:.2e} of what was paid"] if gap > 1e-9 else []


INVARIANTS: tuple[Callable[[Records, Scenario], list[str]], ...] = (
    bids_below_the_start,
    bids_out_of_order,
    outside_the_window,
    bids_of_strangers_or_above_what_it_is_worth,
    winners_who_did_not_bid_last,
    rounds_out_of_order,
    ends_that_do_not_follow_from_bids,
    lots_that_contradict_their_rounds,
    counts_that_contradict_their_rows,
    money_lost,
)


def violations(records: Records, scenario: Scenario) -> list[str]:
    """All that does not hold."""
    return [text for check in INVARIANTS for text in check(records, scenario)]
