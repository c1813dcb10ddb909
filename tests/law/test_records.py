"""What happens to lots in records never breaks a law that the verdict on the scenario has not named.

Ten random scenarios, their levers inside and outside the limits, with kinds of their own rules, some with suspensions, holidays
and values that change at a date, walked through event by event.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from conftest import scenario
from law_walker import findings

from sim.law.provisions import rules
from sim.law.verdict import breaches
from sim.measures.against_law import SEEN, AgainstTheLaw
from sim.model.records import Outcome, Records, RoundOutcome
from sim.model.simulate import simulate
from sim.scenario.schema import Scenario

PLAIN = (
    "time.start=2016-06-01", "time.end=2019-12-31", "arrivals.periods.year.first=2016-06-01", "arrivals.periods.year.last=2019-06-30",
    "arrivals.periods.year.cases=100", "arrivals.periods.year.lots=250", "courts.adoption.2016-06-01=1.0", "courts.number=2", "courts.clerks=0",
    "auction.opens_at=any", "auction.spring_festival_break=false", "disposal.suspension_share=0", "interest.mean=1.0", "kinds.shares.share=0.2",
)  # fmt: skip
SALT = 2  # of the drawing: one that goes beyond most limits
LEVERS: dict[str, tuple[object, ...]] = {  # the first value is lawful, at all dates and of all kinds
    "start.ratio": (0.8, 0.8, 0.9, 0.7, 0.65), "start.cut_relief": (0.0, 0.3), "rounds.first.cut": (0.0, 0.0, 0.0, 0.2),
    "rounds.first.notice_days_movable": (15.0, 20.0, 14.0), "rounds.first.notice_days_immovable": (30.0, 45.0, 29.0),
    "rounds.first.window_days": (1.0, 3.0, 0.9), "rounds.second.held": (True, True, True, True, False), "rounds.second.cut": (0.1, 0.2, 0.25),
    "rounds.second.relist_days": (10.0, 15.0, 20.0, 31.0), "rounds.second.notice_days_movable": (7.0, 10.0, 6.0),
    "rounds.second.notice_days_immovable": (15.0, 20.0, 14.0), "rounds.sell_off.held": (True, True, False),
    "rounds.sell_off.cut": (0.0, 0.1), "rounds.sell_off.window_days": (60.0, 30.0), "rounds.sell_off.relist_days": (15.0, 10.0, 16.0),
    "rounds.sell_off.notice_days_immovable": (15.0, 14.0), "auction.deposit": (0.1, 0.05, 0.2, 0.3),
    "pricing.online_inquiry.since": ("2018-09-01", "2017-01-01"), "kinds.equity.start.token_share": (0.0, 0.0, 0.5, 1.0),
    "kinds.homes.start.ratio": (0.8, 0.8, 0.6), "kinds.vehicles.rounds.second.cut": (0.1, 0.2, 0.3), "kinds.vehicles.auction.deposit": (0.1, 0.3),
    "kinds.shares.rounds.second.cut": (0.1, 0.2), "kinds.land.rounds.second.held": (True, True, False),
    "debtor_sale.share": (0.0, 0.5, 0.5), "debtor_sale.days": (5.0, 60.0),
}  # fmt: skip


MORE: dict[str, tuple[str, ...]] = {  # what some of the random scenarios have beside it
    "suspended": ("disposal.suspension_share=0.3",),
    "holidays": ("auction.spring_festival_break=true",),
    "dated": ("from.2018-03-01.rounds.second.cut=0.3", "from.2018-10-01.rounds.second.cut=0.15", "from.2018-10-01.auction.deposit=0.25"),
}  # fmt: skip


ONLINE = ("time.start=2017-01-01", "arrivals.periods.year.first=2017-01-01")


def lawful_values() -> tuple[str, ...]:
    """Overrides with every lever at its lawful value, since auctions are online: before, a sell-off had to follow a third one."""
    return (*PLAIN, *ONLINE, *(f"{key}={_text(values[0])}" for key, values in LEVERS.items()))


def more(seed: int) -> set[str]:
    """What a random scenario has beside its levers: each in some, some of them together."""
    return {name for place, name in enumerate(MORE) if seed % (place + 2) == 1}


def drawn(seed: int) -> tuple[str, ...]:
    """Overrides of a random scenario, some levers beyond the law."""
    rng = np.random.default_rng((SALT, seed))
    moved = rng.random(len(LEVERS)) < 0.6
    values = PLAIN + tuple(
        f"{key}={_text(values[int(rng.integers(len(values)))] if moves else values[0])}"
        for (key, values), moves in zip(LEVERS.items(), moved, strict=True)
    )
    added = tuple(one for name in sorted(more(seed)) for one in MORE[name])
    keys = {one.partition("=")[0] for one in added}
    return tuple(one for one in values if one.partition("=")[0] not in keys) + added


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def named(article: str) -> str:
    text, _, number = article.partition(" Art ")
    return f"{text.split()[0]} Art {number}" if number else text


def of_records(s: Scenario, records: Records, day: date | None = None) -> set[tuple[str, str]]:
    """What ``sim check`` of a run finds: article and kind of lot."""
    held = AgainstTheLaw(s, day)
    held.add(0, records)
    return {(named(one.rule.article), kind) for one in held.findings for kind in one.kinds}


def said_of(s: Scenario) -> set[tuple[str, str]]:
    """What the verdict on a scenario names: article and kind of lot."""
    return {
        (named(one.article), kind)
        for one in breaches(s)
        for kind in ([name for name, _ in one.kinds] or s.kinds)
        if not one.path.startswith("kinds.") or one.path.split(".")[1] == kind
    }


def test_no_event_breaks_a_law_that_the_verdict_does_not_name() -> None:
    """And the walk is worth something: over the ten runs it meets breaches of these articles."""
    met: set[str] = set()
    assert len({drawn(seed) for seed in range(10)}) == 10
    assert {name for seed in range(10) for name in more(seed)} == set(MORE)
    for seed in range(10):
        s = scenario("base", *drawn(seed))
        records = simulate(s, 0)
        happened = findings(s, records)
        assert of_records(s, records) == happened, (
            f"{seed}: what users read is what the independent walk finds"
        )
        met |= {article for article, _ in happened}
        if "holidays" not in more(seed):  # which the verdict on a scenario leaves out
            assert happened <= said_of(s), seed
    s = scenario("base", *lawful_values())
    assert not said_of(s) | findings(s, simulate(s, 0)), "every lever is at its lawful value"
    online = {f"2016 Art {number}" for number in (10, 12, 17, 26)}
    assert met >= online | {
        "2016 Art 20",
        "2017 notice",
        "2001 Art 13",
        "law before 2018-09-01",
        "2004 Art 8",
        "2004 Art 27",
        "2004 Art 28",
    }


def test_sell_offs_that_debtors_put_off_are_named_before_the_run_and_found_in_it() -> None:
    """Nothing else in it breaks the law."""
    sale = ("debtor_sale.share=0.5", "debtor_sale.days=5")
    keys = {one.partition("=")[0] for one in sale}
    s = scenario("base", *(one for one in lawful_values() if one.partition("=")[0] not in keys), *sale)
    records = simulate(s, 0)
    assert {article for article, _ in findings(s, records)} == {"2017 notice"}
    assert of_records(s, records) == findings(s, records) <= said_of(s)
    assert {article for article, _ in said_of(s)} == {"2017 notice"}


@pytest.fixture(scope="module")
def lawful() -> tuple[Scenario, Records]:
    """A run of which no event breaks the law, some of 2019's lots open to today's."""
    s = scenario("base", *lawful_values())
    return s, simulate(s, 0)


def changed(records: Records, table: str, column: str, row: int, by: float) -> Records:
    """Records of which one number is another."""
    values = records[table][column].copy()
    values[row] = values[row] + by
    parts = {name: records[name] for name in ("lots", "rounds", "registrations", "bids")}
    return Records(**{**parts, table: {**records[table], column: values}})


def row_of(records: Records, which: Callable[[dict[str, np.ndarray]], np.ndarray]) -> int:
    """The first round of 2018 or later that is such."""
    found = np.flatnonzero((records.rounds["notice"] > 580.0) & which(records.rounds))
    return int(found[0])


def failed_before(r: dict[str, np.ndarray], position: int) -> np.ndarray:
    return (r["round"] == position) & (np.roll(r["outcome"], 1) == RoundOutcome.FAILED)


@pytest.mark.parametrize(
    ("column", "by", "which", "quantity"),
    [
        ("opens", -1.0, lambda r: r["round"] == 0, "first_notice"),
        ("opens", -1.0, lambda r: failed_before(r, 1), "again_notice"),
        ("opens", 15.0, lambda r: failed_before(r, 1), "failure_to_bidding"),
        ("notice", 31.0, lambda r: failed_before(r, 1), "failure_to_notice"),
        ("notice", 16.0, lambda r: failed_before(r, 2), "failure_to_sell_off_notice"),
        ("opens", -10.0, lambda r: failed_before(r, 2), "sell_off_notice"),
        ("closes", -1.0, lambda r: failed_before(r, 2) & (r["bids"] == 0), "sell_off_window"),
        ("closes", -0.5, lambda r: (r["round"] == 0) & (r["extensions"] == 0), "window"),
        ("closes", 1.0 / 1440.0, lambda r: (r["round"] < 2) & (r["extensions"] > 0), "soft_close"),
        ("start", -1e4, lambda r: failed_before(r, 2), "sell_off_cut"),
        ("deposit", 1e9, lambda r: r["round"] == 1, "deposit"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)  # fmt: skip
def test_one_event_against_the_law_is_found_and_placed(
    lawful: tuple[Scenario, Records], column: str, by: float, which: Callable[..., np.ndarray], quantity: str
) -> None:
    s, records = lawful
    row = row_of(records, which)
    held = AgainstTheLaw(s)
    held.add(7, changed(records, "rounds", column, row, by))
    (found,) = [one for one in held.findings if one.quantity.startswith(quantity)]
    assert found.broken == found.lots == 1
    assert (found.cases[0].replication, found.cases[0].lot) == (7, records.rounds["lot"][row])


def test_what_one_reading_allows_is_counted_without_what_none_allows(
    lawful: tuple[Scenario, Records],
) -> None:
    """One lot is noticed too late, which also opens it too late; of another only the bidding is late."""
    s, records = lawful
    quiet = failed_before(records.rounds, 1) & (
        records.rounds["bids"] == 0
    )  # no bid of theirs comes too early
    late = np.flatnonzero((records.rounds["notice"] > 580.0) & quiet)[:2].tolist()
    for row, column, by in ((late[0], "notice", 31.0), (late[0], "opens", 31.0), (late[1], "opens", 15.0)):
        records = changed(records, "rounds", column, row, by)
        records = changed(records, "rounds", "closes", row, by) if column == "opens" else records
    held = AgainstTheLaw(s)
    held.add(0, records)
    found = {one.quantity: [case.lot for case in one.cases] for one in held.findings}
    lots = records.rounds["lot"][late].tolist()
    assert found == {"failure_to_notice": lots[:1], "failure_to_bidding": lots[1:]}


def test_days_of_a_suspension_do_not_count(lawful: tuple[Scenario, Records]) -> None:
    s, records = lawful
    row = row_of(records, lambda r: failed_before(r, 1))
    late = changed(records, "rounds", "opens", row, 15.0)
    late = changed(late, "rounds", "closes", row, 15.0)
    assert of_records(s, late) == {
        (
            "2016 Art 26",
            list(s.kinds)[
                int(records.lots["kind"][np.searchsorted(records.lots["lot"], records.rounds["lot"][row])])
            ],
        )
    }
    at = int(np.searchsorted(records.lots["lot"], records.rounds["lot"][row]))
    assert of_records(s, changed(late, "lots", "suspended", at, 15.0)) == set()


def test_records_can_be_held_against_the_law_of_another_day(lawful: tuple[Scenario, Records]) -> None:
    """What was done in 2019 was lawful then; some of it would not have been in 2016: inquiries, and sell-offs after two auctions."""
    s, records = lawful
    held = AgainstTheLaw(s, date(2016, 12, 31))
    held.add(0, records)
    asked, broken = ({named(one.rule.article) for one in some} for some in (held.asked, held.findings))
    assert asked == {"2001 Art 13", "2004 Art 8", "2004 Art 27", "2004 Art 28", "law before 2018-09-01"}
    assert broken == {"law before 2018-09-01", "2004 Art 27", "2004 Art 28"}


def test_what_records_do_not_show_is_named(lawful: tuple[Scenario, Records]) -> None:
    held, last = AgainstTheLaw(lawful[0]), lawful[0].time.end
    bounds = {quantity for rule in rules() for quantity in rule.bounds}
    then = {quantity for rule in rules() if rule.since <= last for quantity in rule.bounds}
    of_scenario = {"report_valid"}  # no event: the notices that it lets be late are
    assert {quantity for rule in held.unseen for quantity in rule.bounds} == then - SEEN - of_scenario
    assert bounds >= SEEN


def test_a_rule_that_lifts_another_lifts_it_of_events_too() -> None:
    """Equity of which no report can be had: since 2022 a token start and any deposit."""
    free = ("kinds.equity.start.token_share=1", "kinds.equity.auction.deposit=0.5", "kinds.equity.share=0.5")
    s = scenario("base", *lawful_values(), *free)
    records = simulate(s, 0)
    assert of_records(s, records, date(2021, 12, 31)) == {
        ("2016 Art 10", "equity"),
        ("2016 Art 17", "equity"),
    }
    assert of_records(s, records, date(2022, 1, 1)) == {("2021 Art 12", "equity")}
    held = AgainstTheLaw(s, date(2022, 1, 1))
    held.add(0, records)
    assert {one.quantity: (one.rule.condition, one.rule.low, one.rule.high) for one in held.findings} == {
        "token_start": ("report", 0.7, None),
        "token_deposit": ("report", 0.05, 0.2),
    }


def test_what_lots_of_2022_had_on_a_condition_is_what_the_walk_finds() -> None:
    """A run across 2022-01-01, each event by the law of its day: forbidden before, on a condition since."""
    moved = (
        "time.start=2021-03-01", "time.end=2022-12-31", "time.windows.2017.first=2021-03-01", "time.windows.2017.last=2022-12-31",
        "arrivals.periods.year.first=2021-03-01", "arrivals.periods.year.last=2022-06-30", "courts.adoption.2016-06-01=1.0",
    )  # fmt: skip
    own = ("kinds.equity.start.token_share=0.5", "kinds.equity.auction.deposit=0.3", "kinds.equity.share=0.5")
    s = scenario("base", *lawful_values(), *moved, *own)
    records = simulate(s, 0)
    happened = findings(s, records)
    assert of_records(s, records) == happened <= said_of(s)
    assert happened == {("2016 Art 10", "equity"), ("2016 Art 17", "equity"), ("2021 Art 12", "equity")}


QUEUE = (
    "arrivals.periods.year.cases=60", "arrivals.periods.year.lots=220", "courts.clerks=1", "courts.notice_days=5", "courts.survey_days=4",
    "pricing.negotiation=false", "pricing.directed_inquiry=false", "pricing.online_inquiry=false", "pricing.appraisal.days_low=20",
    "pricing.appraisal.days_high=20",
)  # fmt: skip


def test_lots_that_wait_for_a_clerk_are_valued_and_sold_too_late() -> None:
    """Arts 1 and 30 of the 2018 rules, lot by lot, in days counted once more; a scenario without its queue breaks neither."""
    s = scenario("base", *lawful_values(), *QUEUE)
    lots = simulate(s, 0).lots
    rows = [
        dict(zip(lots, values, strict=True))
        for values in zip(*(column.tolist() for column in lots.values()), strict=True)
    ]
    listed = [one for one in rows if one["listed"] == one["listed"]]
    since = (date(2018, 9, 1) - s.time.start).days
    late = sum(
        int(one["priced"] - 20.0) - int(one["seized"]) > 30 for one in listed if one["priced"] - 20.0 >= since
    )
    slow = sum(int(one["listed"]) - int(one["priced"]) > 10 for one in listed if one["listed"] >= since)
    held = AgainstTheLaw(s)
    held.add(0, simulate(s, 0))
    found = {one.quantity: one.broken for one in held.findings}
    assert min(late, slow) > 5
    assert (found["seizure_to_valuation"], found["price_to_sale"]) == (late, slow)
    assert not {one.rule.key for one in held.findings} & {one.rule.key for one in breaches(s)}


@pytest.mark.parametrize("when", ["share", "before_share"])
def test_debtors_who_took_longer_than_three_months_to_sell_equity_are_found(when: str) -> None:
    """After the last failure and before the first auction; of other property no limit is known."""
    s = scenario("base", *PLAIN, "kinds.equity.share=2", "interest.mean=0.3", f"debtor_sale.{when}=1", "debtor_sale.success=1", "debtor_sale.days=150")  # fmt: skip
    records = simulate(s, 0)
    lots, equity = records.lots, list(s.kinds).index("equity")
    late = 0
    for i in np.flatnonzero(np.isfinite(lots["price"]) & (lots["outcome"] == Outcome.WITHDRAWN)):
        mine = records.rounds["closes"][records.rounds["lot"] == lots["lot"][i]]
        began = mine.max() if when == "share" else lots["priced"][i]
        assert (len(mine) > 0) == (when == "share")
        late += lots["kind"][i] == equity and int(lots["ended"][i]) - int(began) > 92
    found = {}
    for day in (date(2021, 12, 31), date(2026, 11, 1)):
        held = AgainstTheLaw(s, day)
        held.add(0, records)
        found[day.year] = [(one.broken, one.kinds) for one in held.findings if one.quantity == "own_sale"]
    assert late > 5
    assert found == {2021: [], 2026: [(late, {"equity"})]}


# What the walk knows of the years since 2018: a plan in which each may happen, without a fault and with one.
MODERN = (
    "time.start=2021-06-01", "time.end=2024-12-31", "time.windows.2017.first=2021-06-01", "time.windows.2017.last=2024-12-31",
    "arrivals.periods.year.first=2021-06-01", "arrivals.periods.year.last=2023-06-30", "courts.adoption.2016-06-01=1.0", "interest.mean=0.4",
    "kinds.equity.share=1", "disposal.in_kind_last=0.3",
)  # fmt: skip
AGAIN = (
    "rounds.again.held=true", "rounds.again.format=sell-off", "rounds.again.relist_days=5", "rounds.again.notice_days_movable=7",
    "rounds.again.notice_days_immovable=15", "rounds.again.window_days=60", "rounds.again.cut=0", "rounds.again.interest=0.5",
    "rounds.again.early_share=0", "rounds.again.late_shape=1", "rounds.again.overhang_minutes=1440",
)  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "articles"),
    [
        (("courts.notice_days=365", "courts.pricing_days=5"), {"2018 Art 27", "2018 Art 30"}),
        (("courts.report_valid_days=20", "rounds.first.notice_days_movable=190", "rounds.first.notice_days_immovable=190"), {"2018 Art 27"}),
        (("rounds.first.notice_days_movable=190", "rounds.first.notice_days_immovable=190"), set()),
        (("debtor_sale.share=1", "debtor_sale.success=1", "debtor_sale.days=200"), {"2021 Art 10"}),
        (("debtor_sale.before_share=1", "debtor_sale.success=1", "debtor_sale.days=200"), {"2021 Art 10"}),
        (("debtor_sale.before_share=1", "debtor_sale.success=0", "debtor_sale.days=60"), {"2018 Art 30"}),
        (AGAIN, {"2017 notice"}),
    ],
)  # fmt: skip
def test_faults_by_the_law_since_2018_are_found_by_the_walk_as_by_the_check(
    fault: tuple[str, ...], articles: set[str]
) -> None:
    """Each planted in a plan that keeps the law; days of debtors count until 2022 and no longer."""
    own = {one.partition("=")[0] for one in (*MODERN, *fault)}
    plain = tuple(one for one in lawful_values() if one.partition("=")[0] not in own)
    s = scenario("base", *plain, *MODERN, *fault)
    records = simulate(s, 0)
    happened = findings(s, records)
    assert {article for article, _ in happened} == articles
    assert of_records(s, records) == happened


def test_nobody_who_may_not_have_a_home_gets_one_and_the_walk_sees_it_where_somebody_does() -> None:
    own = {one.partition("=")[0] for one in MODERN}
    plain = tuple(one for one in lawful_values() if one.partition("=")[0] not in own)
    barred = ("eligibility.restricted_bidders=1", "eligibility.restricted_creditors=1")
    s, free = (scenario("base", *plain, *MODERN, *more) for more in (barred, ()))
    assert findings(s, simulate(s, 0)) == set()
    assert findings(s, simulate(free, 0)) == {("2021 Art 1", "homes"), ("2021 Art 5", "homes")}
