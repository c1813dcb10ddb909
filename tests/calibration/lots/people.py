"""Lots bidder by bidder, without any closed form: what likelihoods of rows are tested against. A file is made of them by selection."""

from __future__ import annotations

import numpy as np

from calibration.lots.histories import Histories, Outcome

FIRST = np.datetime64("2017-01-01", "s")
DAY = np.timedelta64(1, "D")
GAP = 30  # days between rounds


def histories(
    lots: int, v: dict[str, float], falls: list[tuple[float, ...]], seed: int, selection: str = "all listed", years: float = 2.0
) -> Histories:  # fmt: skip
    """Rounds of lots that were listed over some years, seen at their end. ``falls``: paths of starts / reference, taken in turn.
    ``selection``: ``ended in window`` keeps those that ended in the second half.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, int, float, float, int, float]] = []  # lot, number, day, start, outcome, price
    kept, total = 0, years * 365.0
    for i in range(lots):
        path = falls[i % len(falls)]
        opened = rng.uniform(0.0, total)
        mine = _life(rng, v, path, opened)
        last = mine[-1]
        over = last[3] == Outcome.SOLD or len(mine) == len(path)
        if last[1] > total:  # the file closes before it is over
            mine, over = [one for one in mine if one[1] <= total], False
        if (selection == "sold only" and not (over and last[3] == Outcome.SOLD)) or (
            selection == "ended in window" and not (over and last[1] >= total / 2.0)
        ):
            continue
        rows += [(kept, *one) for one in mine]
        kept += 1
    return _columns(rows, total)


def _life(
    rng: np.random.Generator, v: dict[str, float], path: tuple[float, ...], opened: float
) -> list[tuple[int, float, float, int, float]]:
    """Number, day, start, outcome, price of every round of one lot whose reference price is 1."""
    k = v["popularity"]
    mean = v["interest"] * rng.gamma(k) / k
    shift = v["location"] - v["noise"] * rng.standard_normal()
    people, rounds = np.zeros(0), []
    for number, start in enumerate(path):
        fresh = rng.poisson(mean * start ** -v.get("price_elasticity", 0.0))
        people = np.concatenate([people, np.exp(shift + v["spread"] * rng.standard_normal(fresh))])
        able = np.sort(people[people >= start])
        day = opened + GAP * number
        if len(able):
            price = max(start, able[-2]) if len(able) > 1 else start
            return [*rounds, (number + 1, day, start, Outcome.SOLD, price)]
        rounds.append((number + 1, day, start, Outcome.FAILED, np.nan))
        people = people[rng.random(len(people)) < v["persistence"]]
    return rounds


def _columns(rows: list[tuple[int, int, float, float, int, float]], total: float) -> Histories:
    lot, number, day, start, outcome, price = (np.array(column) for column in zip(*rows, strict=True))
    n = len(lot)
    when = FIRST + (day * 86400.0).astype("timedelta64[s]")
    nothing = np.full(n, np.nan)
    return Histories(
        lot=lot.astype(np.intp), number=number.astype(np.intp), stage=np.ones(n, np.int8), reference=np.ones(n), start=start, notice=when,
        opened=when, ended=when, outcome=outcome.astype(np.int8), price=price, defaulted=np.zeros(n, bool), bidders=nothing,
        bids=nothing, kind=np.full(n, -1, np.int8), kinds=(), closes=FIRST + np.timedelta64(int(total * 86400), "s"),
    )  # fmt: skip
