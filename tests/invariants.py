"""What must hold in the records of every run, whatever the scenario; each check says in words what does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import numpy as np

from sim.measures.cash_flows import imbalance
from sim.model.calendar import MINUTE, day_of
from sim.model.disposal import MOST_DEFAULTS
from sim.model.records import Outcome, Records, RoundOutcome
from sim.scenario.schema import Scenario

TINY = 1e-9  # of a price or a day: rounding
DAY = 1.0  # the clock that a sell-off's first bid starts
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


def of_round(records: Records, column: str, at):
    """A column of the rounds at these rows; zeros where no round has ended yet."""
    values = records.rounds[column]
    return values[at] if len(values) else np.zeros(len(at), dtype=values.dtype)


def on(scenario: Scenario, days, ask):
    """What ``ask`` gives of the scenario in force on each of these days."""
    begins = [day_of(begins, scenario.time.start) for begins, _ in scenario.periods]
    return np.array([ask(one) for _, one in scenario.periods])[
        np.searchsorted(begins, days, side="right") - 1
    ]


def of_stages(scenario: Scenario, name: str):
    """A function that gives one parameter of every round that is ever held, in order."""
    return lambda one: [getattr(one.rounds[stage], name) for stage in scenario.held]


def failures(records: Records, scenario: Scenario):
    """When each round's failure was certain: after a default when payment was due."""
    rounds = records.rounds
    wait = on(scenario, rounds["closes"], lambda one: one.disposal.payment_days)
    return rounds["closes"] + np.where(rounds["outcome"] == RoundOutcome.DEFAULTED, wait, 0.0)


def next_held(records: Records, scenario: Scenario):
    """Position of the next round that is held on the day of each round's failure; -1 where none follows."""
    held = on(scenario, failures(records, scenario), of_stages(scenario, "held"))
    later = held & (np.arange(len(scenario.held)) > records.rounds["round"][:, None])
    return np.where(later.any(axis=1), later.argmax(axis=1), -1)


def count(wrong, what: str) -> list[str]:
    return [f"{what}: {int(np.sum(wrong))}"] if np.any(wrong) else []


def bids_below_the_start(records: Records, _: Scenario) -> list[str]:
    at, known = places(records, records.bids)
    start = of_round(records, "start", at)
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
        opens, closes = of_round(records, "opens", at), of_round(records, "closes", at)
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
            found.append(f"bidder {who} bids more than it is worth to them")
    return found


def winners_who_did_not_bid_last(records: Records, scenario: Scenario) -> list[str]:
    """A proxy need not bid last: the newcomer's bid stands in the recorder at the price the proxy answers with."""
    rounds, bids = records.rounds, records.bids
    last = dict(zip(keys(bids), zip(bids["bidder"], bids["price"], strict=True), strict=True))
    bidders = set(zip(keys(bids), bids["bidder"], strict=True))
    found = []
    style = on(scenario, rounds["notice"], lambda one: one.auction.bidding)
    for key, who, price, outcome, bidding in zip(
        keys(rounds), rounds["winner"], rounds["price"], rounds["outcome"], style, strict=True
    ):
        if outcome in (RoundOutcome.SOLD, RoundOutcome.DEFAULTED):
            right = (key, who) in bidders if bidding == "proxy" else key in last and last[key][0] == who
            if not right or abs(last[key][1] - price) > TINY * price:
                found.append(f"round {key}: the winner or their price is not the last bid's")
        elif outcome == RoundOutcome.FAILED and key in last:
            found.append(f"round {key} failed and has bids")
    return found


def rounds_out_of_order(records: Records, scenario: Scenario) -> list[str]:
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
    # Art 24: whoever does not pay brings the same round again; a failed one brings the next.
    unpaid = (rounds["outcome"] == RoundOutcome.DEFAULTED).astype(int)
    first = np.searchsorted(rounds["lot"], rounds["lot"])
    before = np.cumsum(unpaid) - unpaid
    again = (unpaid == 1) & (before - before[first] < MOST_DEFAULTS)
    follows = np.where(again, rounds["round"], next_held(records, scenario))[:-1]
    found += count(
        same & (rounds["round"][1:] != follows), "rounds that are not the next, or not the same again"
    )
    return found + count(
        same & (rounds["start"][1:] > rounds["start"][:-1] * (1.0 + TINY)), "starts that rise"
    )


def ends_that_do_not_follow_from_bids(records: Records, scenario: Scenario) -> list[str]:
    """Bid by bid: the first of a sell-off starts its clock, one with less than the extension left moves the end."""
    rounds, bids = records.rounds, records.bids
    noticed = [scenario.on(scenario.time.start + timedelta(days=int(day))) for day in rounds["notice"]]
    suspended = dict(zip(records.lots["lot"], records.lots["suspended"], strict=True))
    times: dict[int, list[float]] = {}
    for key, time in zip(keys(bids).tolist(), bids["time"].tolist(), strict=True):
        times.setdefault(key, []).append(time)
    found = []
    for i, key in enumerate(keys(rounds).tolist()):
        if suspended[rounds["lot"][i]] > 0.0:
            continue
        stage = noticed[i].rounds[scenario.held[int(rounds["round"][i])]]
        soft = noticed[i].auction.soft_close_minutes * MINUTE
        end, moved = float(rounds["opens"][i]) + stage.window_days, 0
        for number, time in enumerate(times.get(key, [])):
            if stage.format == "sell-off" and number == 0:
                end = time + DAY
            elif end - time < soft:
                end, moved = time + soft, moved + 1
        if moved != rounds["extensions"][i]:
            found.append(f"round {key} has {rounds['extensions'][i]} extensions, its bids make {moved}")
        closes = float(rounds["closes"][i])
        if rounds["outcome"][i] != RoundOutcome.STOPPED and abs(closes - end) > TINY:
            found.append(f"round {key} closes {closes - end:+.6f} days from where it should")
    return found


def rounds_off_their_days(records: Records, scenario: Scenario) -> list[str]:
    """The first notice on the day of listing, the next when relisting (and a payment awaited in vain) is over.

    Between notice and opening lie the days the law asks for; more only for an hour, a festival or a suspension.
    """
    rounds, lots = records.rounds, records.lots
    at, stage = np.searchsorted(lots["lot"], rounds["lot"]), rounds["round"].astype(int)
    first, row = rounds["attempt"] == 0, np.arange(len(stage))
    found = count(
        rounds["notice"][first] != lots["listed"][at[first]], "first notices not on the listing's day"
    )
    failed = failures(records, scenario)[:-1]
    due = failed + on(scenario, failed, of_stages(scenario, "relist_days"))[row[:-1], stage[1:]]
    late = (rounds["notice"][1:] - due)[~first[1:]]
    own_sales = any(one.debtor_sale.share > 0.0 for _, one in scenario.periods)  # which pause what comes next
    found += [] if own_sales else count(late < -TINY, "notices too early")
    if not own_sales and all(one.courts.notice_again_days == 0.0 for _, one in scenario.periods):
        found += count(late > TINY, "notices too late")
    immovable, movable = (
        on(scenario, rounds["notice"], of_stages(scenario, f"notice_days_{name}"))[row, stage]
        for name in ("immovable", "movable")
    )
    late = rounds["opens"] - rounds["notice"] - np.where(lots["movable"][at], movable, immovable)
    found += count(late < -TINY, "openings too early")
    auctions = [one.auction for _, one in scenario.periods]
    at_once = all(one.opens_at == "any" and not one.spring_festival_break for one in auctions)
    if at_once and scenario.finite_market.stagger_days == 0.0:
        off = (late > TINY) & (np.abs(late - lots["suspended"][at]) > TINY)
        found += count(off, "openings too late, or not by the suspension")
    return found


def starts_that_do_not_follow(records: Records, scenario: Scenario) -> list[str]:
    """A round starts at the last one's start, less its cut if that one failed; the cut is less where people interested.

    Not where creditors reckon what the lot must bring.
    """
    rounds, lots = records.rounds, records.lots
    if any(
        one.creditors.compare_share > 0.0 or one.creditors.prior_share > 0.0 for _, one in scenario.periods
    ):
        return []
    at, stage = np.searchsorted(lots["lot"], rounds["lot"]), rounds["round"].astype(int)
    first = rounds["attempt"] == 0
    cut = on(scenario, rounds["notice"], of_stages(scenario, "cut"))[np.arange(len(stage)), stage]
    relief = on(scenario, rounds["notice"], lambda one: one.start.cut_relief)
    falls = ~first[1:] & (stage[1:] > stage[:-1])
    less = cut[1:] / (1.0 + relief[1:] * rounds["interested"][:-1])
    before = np.append(0.0, rounds["start"][:-1] * np.where(falls, 1.0 - less, 1.0))
    should = np.where(first, lots["start"][at], before)
    return count(
        np.abs(rounds["start"] - should) > TINY * should, "starts that are not the last less the cut"
    )


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
    for name, column in (("sold_round", "round"), ("start_sold", "start"), ("winner", "winner")):
        found += count(
            rounds[column][sold] != lots[name][at[sold]], f"{name} that differ between lot and round"
        )
    last = np.append(at[1:] != at[:-1], np.ones(min(len(at), 1), dtype=bool))
    end = failures(records, scenario)
    fate, ended_at = lots["outcome"][at], lots["ended"][at]
    over = last & np.isin(fate, [int(Outcome.RETURNED), int(Outcome.IN_KIND)])
    if all(one.disposal.booking_days == one.debtor_sale.share == 0.0 for _, one in scenario.periods):
        found += count(
            over & (np.abs(ended_at - end) > TINY), "lots that end at another time than their last round"
        )
    found += count(over & (ended_at < end - TINY), "lots that end before their last round")
    found += count(
        last & (fate == Outcome.WITHDRAWN) & (ended_at < rounds["closes"]), "lots gone before a round"
    )
    follows = next_held(records, scenario)
    early = last & (fate == Outcome.RETURNED) & (follows >= 0)
    found += count(early, "lots returned before their last round")
    kind = last & (fate == Outcome.IN_KIND)
    auctions = on(scenario, end, of_stages(scenario, "held")) & (
        on(scenario, end, of_stages(scenario, "format")) == "auction"
    )
    last_auction = len(scenario.held) - 1 - auctions[:, ::-1].argmax(axis=1)
    offered = (rounds["round"] == last_auction) & auctions.any(axis=1)
    found += count(kind & ~offered & (follows >= 0), "lots taken when no creditor could")
    found += count(
        rounds["start"][kind] != lots["price"][at[kind]], "lots taken at another price than the last start"
    )
    deposit = on(scenario, rounds["notice"], lambda one: one.auction.deposit)
    off = np.abs(rounds["deposit"] - rounds["start"] * deposit) > TINY * rounds["start"]
    return found + count(off, "deposits that are not the share of the start")


def counts_that_contradict_their_rows(records: Records, _: Scenario) -> list[str]:
    found = []
    for name, column in (("bids", "bids"), ("registrations", "registered")):
        at, known = places(records, records[name])
        number = np.bincount(at[known], minlength=len(records.rounds["lot"]))
        found += count(number != records.rounds[column], f"rounds with another number of {name}")
    who = set(zip(keys(records.bids).tolist(), records.bids["bidder"].tolist(), strict=True))
    heard = Counter(key for key, _ in who)
    number = np.array([heard[key] for key in keys(records.rounds).tolist()])
    return found + count(number != records.rounds["bidders"], "rounds with another number of bidders")


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
    rounds_off_their_days,
    starts_that_do_not_follow,
    lots_that_contradict_their_rounds,
    counts_that_contradict_their_rows,
    money_lost,
)


def violations(records: Records, scenario: Scenario) -> list[str]:
    """All that does not hold."""
    return [text for check in INVARIANTS for text in check(records, scenario)]
