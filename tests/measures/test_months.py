"""Calendar months of a run: every lot and round counted in its month, once."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from conftest import SMALL, scenario

from sim.measures.months import by_month, month_edges, sale_rate
from sim.model.calendar import moment
from sim.model.records import Outcome, RoundOutcome
from sim.model.simulate import simulate


def test_months_begin_on_their_first_days_and_the_horizon_cuts_both_ends():
    edges = month_edges(date(2016, 12, 15), date(2017, 2, 10))
    assert [date(2016, 12, 15) + timedelta(days=x) for x in edges] == [
        date(2016, 12, 15), date(2017, 1, 1), date(2017, 2, 1), date(2017, 2, 11),
    ]  # fmt: skip
    assert month_edges(date(2017, 3, 1), date(2017, 3, 31)).tolist() == [0.0, 31.0]


def test_what_happens_is_counted_in_its_month():
    s = scenario("base", *SMALL, "courts.clerks=1", "courts.survey_days=5")
    records = simulate(s)
    found = by_month(records, month_edges(s.time.start, s.time.end))
    lots, rounds = records.lots, records.rounds
    for month in range(12):

        def here(days, month=month):
            return sum(moment(x, s.time.start).month == month + 1 for x in days[~np.isnan(days)].tolist())

        assert found["listed"][month] == here(lots["listed"])
        assert found["sold"][month] == here(lots["ended"][lots["outcome"] == Outcome.SOLD])
        assert found["failed"][month] == here(rounds["closes"][rounds["outcome"] == RoundOutcome.FAILED])
    assert found["waiting"][-1] == np.sum(lots["outcome"] == Outcome.PREPARING)
    assert found["open"][-1] == np.sum(lots["outcome"] == Outcome.OPEN)
    assert found["waiting"].max() > 0


def test_the_sale_rate_is_that_of_all_replications_together_and_undefined_without_rounds():
    sold, failed = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[2.0, 0.0], [4.0, 0.0]])
    rate = sale_rate(sold, failed)
    assert rate[0] == 0.25
    assert np.isnan(rate[1])
