"""Reports on prices run out: lots that outlive theirs are counted, and, where the scenario says so, priced again before the first notice."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import scenario
from two_engines import by_loop, by_simpy, differences

from sim.experiments.replications import measures_of
from sim.measures.against_law import AgainstTheLaw
from sim.model.records import Records
from sim.model.simulate import simulate

DAYS, COST, RATE, NOISE, WORK = 20.0, 1000.0, 0.01, 0.2, 400.0
# One method of one length; whoever makes the notice takes longer than a report holds.
LONG = (
    "time.end=2020-12-31", "arrivals.periods.year.cases=150", "arrivals.periods.year.lots=300", "courts.number=2", "courts.clerks=0",
    "pricing.negotiation=false", "pricing.directed_inquiry=false", "pricing.online_inquiry=false", f"pricing.appraisal.days_low={DAYS}",
    f"pricing.appraisal.days_high={DAYS}", f"pricing.appraisal.cost_base={COST}", f"pricing.appraisal.cost_rate={RATE}",
    f"pricing.appraisal.noise={NOISE}", "pricing.appraisal.bias=0.1", f"courts.notice_days={WORK - 40.0}", "courts.pricing_days=40", "courts.survey_days=1", "kinds.homes.value_log_sd=0.5",
)  # fmt: skip


def run(*more: str) -> Records:
    return simulate(scenario("base", *LONG, *more), 0)


def test_a_lot_whose_report_has_run_out_is_priced_again_before_its_notice() -> None:
    """Days, cost and error by their closed forms: once more the method's days, both costs, an error of its own."""
    once, again = run(), run("courts.report_valid_days=365")
    listed = np.isfinite(again.lots["listed"])
    assert listed.sum() > 200
    before, after = ({name: column[listed] for name, column in r.lots.items()} for r in (once, again))
    np.testing.assert_allclose(before["priced"] - before["seized"], 1.0 + DAYS)
    np.testing.assert_allclose(before["listed"] - before["priced"], WORK)
    np.testing.assert_allclose(after["listed"] - before["listed"], DAYS)
    assert (after["priced"] == after["listed"]).all()
    np.testing.assert_allclose(after["cost"], before["cost"] + COST + RATE * after["reference"])
    first, second = (np.log(lots["reference"] / lots["value"]) - 0.1 for lots in (before, after))
    n = len(first)
    assert abs(second.mean()) < 4.0 * NOISE / np.sqrt(n)
    assert second.std() == pytest.approx(NOISE, rel=4.0 / np.sqrt(2.0 * n))
    assert abs(np.corrcoef(first, second)[0, 1]) < 4.0 / np.sqrt(n)
    np.testing.assert_allclose(after["start"] / after["reference"], before["start"] / before["reference"])


def test_a_report_that_still_holds_stays() -> None:
    """One that holds half a day longer than the clerk needs is used, one that holds half a day less is not."""
    assert not differences(run(), run(f"courts.report_valid_days={WORK + 0.5}"))
    assert differences(run(), run(f"courts.report_valid_days={WORK - 0.5}"))


def test_the_shorter_reports_hold_the_more_lots_are_priced_again() -> None:
    """Where lots wait for a clerk: more cost, more days before the notice, fewer reports outlived."""
    queue = ("courts.clerks=1", "courts.notice_days=2", "courts.pricing_days=0", "courts.survey_days=0.5")
    found = [run(*queue, f"courts.report_valid_days={days}").lots for days in ("inf", "100", "30")]
    costs = [float(np.nansum(lots["cost"])) for lots in found]
    waits = [float(np.nanmean(lots["listed"] - lots["seized"])) for lots in found]
    assert costs == sorted(costs)
    assert costs[0] < costs[2]
    assert waits[0] < waits[1] < waits[2]


def test_reports_outlived_are_counted() -> None:
    """Whoever needs four hundred days for a notice outlives every report of a year; who prices again none before the notice."""
    for more, outlived in (
        ((), 1.0),
        (("courts.report_valid_days=365",), 0.0),
        (("courts.pricing_days=4",), 0.0),
    ):
        s = scenario(
            "base",
            *LONG,
            "rounds.second.held=false",
            "rounds.sell_off.held=false",
            "disposal.default_rate=0",
            *more,
        )
        table = measures_of(s, 0, simulate(s, 0))
        of_all = dict(zip(table.measures, table.values[-1, 0, 0], strict=True))
        assert of_all["lots_listed"] > 200
        assert of_all["reports_outlived"] == outlived * of_all["lots_listed"]


def test_that_a_first_price_lay_too_long_is_seen_where_lots_are_priced_again() -> None:
    """The sale begins within ten days of the price (2018 rules Art 30): a new price heals the report, not the days before."""
    late = ("time.start=2018-09-01", "arrivals.periods.year.first=2018-09-01", "arrivals.periods.year.last=2019-03-31", "courts.adoption.2017-01-01=1.0")  # fmt: skip
    late += ("time.windows.2017.first=2018-09-01", "time.windows.2017.last=2019-03-31")
    for more, expected in (
        ((), {"price_to_sale": WORK, "report_to_notice": WORK}),
        (("courts.report_valid_days=365",), {"price_to_sale": 365.0}),
        (("courts.report_valid_days=365", "courts.notice_days=9", "courts.pricing_days=1"), {}),
        (("courts.report_valid_days=9", "courts.notice_days=9", "courts.pricing_days=1"), {}),
    ):
        s = scenario("base", *LONG, *late, *more, "rounds.second.held=false", "rounds.sell_off.held=false")
        records = simulate(s, 0)
        held = AgainstTheLaw(s)
        held.add(0, records)
        listed = int(np.isfinite(records.lots["listed"]).sum())
        assert listed > 50
        found = {
            one.quantity: one
            for one in held.findings
            if one.quantity in ("price_to_sale", "report_to_notice")
        }
        assert {name: one.cases[0].value for name, one in found.items()} == expected, more
        assert all(one.broken == listed for one in found.values())


def test_rounds_that_repeat_outlive_reports_too() -> None:
    s = scenario(
        "base",
        *LONG,
        "courts.notice_days=1",
        "courts.pricing_days=0",
        "disposal.payment_days=365",
        "disposal.default_rate=1",
        "interest.mean=20",
    )
    table = measures_of(s, 0, simulate(s, 0))
    of_all = dict(zip(table.measures, table.values[-1, 0, 0], strict=True))
    assert 0 < of_all["reports_outlived"] < of_all["lots_listed"]


@pytest.mark.parametrize(
    "dated",
    [(), ('from."2018-02-01".courts.report_valid_days=10', 'from."2018-05-01".pricing.appraisal.bias=0.3')],
)
def test_both_engines_price_again(dated: tuple[str, ...]) -> None:
    s = scenario(
        "base", *LONG, "arrivals.periods.year.cases=20", "arrivals.periods.year.lots=32", "courts.clerks=1", "courts.notice_days=20", "courts.pricing_days=0",
        "courts.report_valid_days=40", *dated,
    )  # fmt: skip
    expected = by_simpy(s)
    assert not differences(expected, by_loop(s))
    plain = by_simpy(
        scenario(
            "base",
            *LONG,
            "arrivals.periods.year.cases=20",
            "arrivals.periods.year.lots=40",
            "courts.clerks=1",
            "courts.notice_days=20",
            "courts.pricing_days=0",
        )
    )
    assert "lots.cost" in differences(expected, plain)
