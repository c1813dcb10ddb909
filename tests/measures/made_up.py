"""Random records that keep the rules of the tables (times in order, rounds of lots that exist), and nothing else."""

from __future__ import annotations

import numpy as np

from sim.model.records import SCHEMAS, Outcome, Records, RoundOutcome, table

ROUNDS = 3
NAN = float("nan")


def made_up(seed: int, lots: int, kinds: int = 3) -> Records:
    """``lots`` lots with up to five rounds each; every outcome of a lot and of a round occurs when there are many."""
    rng = np.random.default_rng(seed)
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in SCHEMAS}
    people = max(2, lots)  # a pool, so that one bidder turns up at several lots
    for lot in rng.permutation(lots).tolist():
        seized = float(rng.uniform(0, 200))
        listed = seized + float(rng.uniform(0, 60)) if rng.random() < 0.9 else NAN
        now, attempt, position, sold_round = listed, 0, 0, -1
        price = start_sold = NAN
        outcome = Outcome.PREPARING if np.isnan(listed) else Outcome.OPEN
        ended = NAN
        start = float(rng.lognormal(12, 2))
        while not np.isnan(listed) and attempt < 5 and outcome == Outcome.OPEN and rng.random() < 0.85:
            opens = now + float(rng.uniform(5, 30))
            closes = opens + float(rng.uniform(0.5, 2))
            result = RoundOutcome(int(rng.choice(4, p=[0.35, 0.45, 0.1, 0.1])))
            bidders = rng.choice(
                people, size=int(rng.integers(1, min(people, 4) + 1)), replace=False
            ).tolist()
            if result == RoundOutcome.FAILED:
                bidders = []
            hammer = start * float(1 + rng.exponential(0.3) * (rng.random() < 0.5)) if bidders else NAN
            rows["rounds"].append((
                lot, attempt, position, now, opens, closes, start, start / 10, len(bidders) + 1, len(bidders),
                len(bidders), 2 * len(bidders), int(rng.integers(0, 4)), hammer, bidders[0] if bidders else -1, int(result),
            ))  # fmt: skip
            for i, bidder in enumerate(bidders):
                rows["registrations"].append((lot, attempt, bidder, opens + 0.01 * i, start, False))
                rows["bids"].append((lot, attempt, bidder, opens + 0.01 * i, start))
            now, attempt = closes, attempt + 1
            if result == RoundOutcome.SOLD:
                outcome, ended, sold_round, price, start_sold = Outcome.SOLD, closes, position, hammer, start
            elif result == RoundOutcome.STOPPED:
                outcome, ended = Outcome.WITHDRAWN, closes
                price = 1.1 * start if lot % 2 else NAN  # its debtor has sold it
            elif result == RoundOutcome.FAILED and position == ROUNDS - 1:
                outcome, ended = (Outcome.IN_KIND, Outcome.RETURNED)[int(rng.integers(2))], closes
                price = start if outcome == Outcome.IN_KIND else NAN
            elif result == RoundOutcome.FAILED:
                position += 1
        rows["lots"].append((
            lot, lot // 3, lot % 4, int(rng.integers(kinds)), bool(rng.random() < 0.5), False, start, start * float(rng.uniform(0.8, 2)),
            start * float(rng.uniform(0.9, 1.5)), 0, 1.0, 0.0, seized, listed, ended, int(outcome), attempt, sold_round,
            price, start_sold, -1, 0.0, 0.0, listed - 7.0 * (lot % 90), 0,
        ))  # fmt: skip
    return Records(*(table(SCHEMAS[name], rows[name]) for name in SCHEMAS))
