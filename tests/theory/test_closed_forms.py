"""Every closed form against the exact values in ``oracles.json``, to one in a million."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import oracle_values as oracle
import pytest

from sim.theory.appraisal import appraised
from sim.theory.commission import commission_share, spread_of_prices
from sim.theory.english import english
from sim.theory.rounds import rounds
from sim.theory.sell_off import sell_off
from sim.theory.soft_close import soft_close
from sim.theory.windows import resolved_any, resolved_own, sold_among_resolved


def agree(section, compute):
    values = oracle.of(section)
    assert values
    for case, quantity, exact in values:
        assert compute(case)[quantity] == pytest.approx(exact, abs=oracle.TOLERANCE), (case, quantity)


def one_auction(case, k=np.inf):
    e = english(oracle.number(case, "lam"), oracle.law(case), oracle.number(case, "r"), k)
    return {
        "P(sale)": e.sale,
        "E[price|sale]": e.price,
        "E[premium|sale]": e.premium,
        "P(1 active|sale)": e.alone_per_sale,
        "E[#active|sale]": e.active_per_sale,
        "E[#who bid|sale]": e.bidding / e.sale,
    }


def test_english_auction():
    agree("a", one_auction)


def test_over_dispersed_interest():
    agree("a2", lambda case: one_auction(case, oracle.number(case, "k")))


def test_appraisal_noise():
    def compute(case):
        law = oracle.ValueLaw("lognormal", oracle.number(case, "mu"), oracle.number(case, "sg"))
        a = appraised(
            oracle.number(case, "lam"), law, oracle.number(case, "r/A"), 0.0, oracle.number(case, "tau")
        )
        return {
            "P(sale)": a.sale,
            "premium (aggregate)": a.premium_turnover,
            "premium (mean ratio)": a.premium_mean,
            "E[price/market|sale]": a.price,
        }

    agree("b", compute)


def test_rounds():
    reserves = {
        "persist .7": [0.7, 0.56, 0.56],
        "uniform": [0.8, 0.64, 0.64],
        "exponential": [1.0, 0.8, 0.64],
    }
    ends = (31.0, 57.0, 117.0)

    def compute(case):
        start = next((r for name, r in reserves.items() if case.startswith(name)), [1.0, 0.8, 0.8])
        lam = json.loads(re.search(r"lam=(\[[^]]*\])", case)[1])
        r = rounds(lam, oracle.law(case), start, oracle.number(case, "pi"))
        return {
            **{f"P(sale by {i + 1})": p for i, p in enumerate(r.sold_by)},
            "E[#rounds held]": r.held,
            "E[disc. recovery]": r.discounted(ends, 0.08),
            "E[days|sold]": r.days(ends),
        }

    agree("c", compute)


def test_sell_off():
    def compute(case):
        s = sell_off(
            oracle.number(case, "nu"), oracle.number(case, "W"), oracle.law(case), oracle.number(case, "r")
        )
        return {"P(sell-off sale)": s.sale, "E[trigger day|sale]": s.trigger, "E[price|sale]": s.price}

    agree("c2", compute)


def test_soft_close():
    def compute(case):
        s = soft_close(float(re.search(r"mu=([\d.]+)", case)[1]), oracle.number(case, "g"))
        return {
            "E[overtime min]": s.overtime,
            "Var[overtime]": s.variance,
            "E[#extensions]": s.extensions,
            "P(no extension)": s.quiet,
            "P(#ext>=3)": s.at_least(3),
        }

    agree("e", compute)


def test_windows():
    # Counts of resolved lots: shares of lots by lag. Sale rates: hazards .21 a round, .10 in the sell-off.
    ways = {  # lags in days, share of lots resolved at each
        "1 round, 30 d": ([30], [1.0]),
        "1 round, 31 d": ([31], [1.0]),
        "1 round, 16 d": ([16], [1.0]),
        "2 rounds + sell-off": ([31, 57, 117], [0.3, 0.245, 0.455]),
        "2 rounds": ([31, 57], [0.3, 0.7]),
        "movables": ([16, 34], []),
    }
    hazards = (0.21, 0.21, 0.10)

    def compute(case):
        days, shares = next(way for name, way in ways.items() if case.startswith(name))
        last = oracle.number(case, "T")
        if "long-run" not in case:
            carry = oracle.number(case, "B")
            inflow = [(-carry, last, carry + last)]
            return {
                "E[own resolved]/E[listed]": resolved_own(inflow, (0.0, last), days, shares) / last,
                "E[all resolved]/E[listed]": resolved_any(inflow, (0.0, last), days, shares) / last,
            }
        fails = np.cumprod([1.0, *(1.0 - h for h in hazards)])
        sold = [fails[i] * hazards[i] for i in range(len(days))]
        ended = [*sold, fails[len(days)]]
        days = [*days, 133 if len(days) == 3 else days[-1]]  # a sell-off fails later than it sells
        sold = [*sold, 0.0]
        assert sum(sold) == pytest.approx(float(re.search(r"rate ([\d.]+)\)", case)[1]), abs=5e-5)
        return {
            "E[sold]/E[resolved]": sold_among_resolved([(0.0, last, last)], (0.0, last), days, sold, ended)
        }

    agree("f", compute)


def test_commission_on_lognormal_prices():
    # Printed by the Shanxi High Court, 2019-04-16: turnover (yuan), lots sold, commission saved (yuan).
    published = {
        "2017": (8.9e8, 304, 25_042_900.0),
        "2018": (24.49e8, 1243, 75_940_300.0),
        "2019Q1": (3.65e8, 271, 13_158_700.0),
    }

    def compute(case):
        name = case.split()[0]
        turnover, sold, saved = published[name]
        if case.endswith("solve"):
            return {"s_hat": spread_of_prices(turnover / sold, saved / turnover)}
        assert turnover / sold == pytest.approx(oracle.number(case, "mean"), abs=1.0)
        return {"E[C]/E[P]": commission_share(turnover / sold, oracle.number(case, "s"))}

    agree("g", compute)


def test_every_section_but_the_waiting_bidders_is_checked():
    """Whoever adds a section to the file of exact values must check it here."""
    checked = set(re.findall(r'agree\("(\w+)", ', Path(__file__).read_text(encoding="utf-8")))
    assert {e["section"] for e in oracle.ALL} - {"d", "d2"} == checked
