"""The history of one lot in lines: what happened, when, under which article, in both languages."""

from __future__ import annotations

import re

import pytest
from conftest import SMALL, scenario

from sim.measures.lot_history import Line, history, yuan
from sim.measures.notable_lots import notable_lots, of_lot
from sim.model.records import LOTS, SCHEMAS, Outcome, Records, RoundOutcome, table
from sim.model.simulate import simulate
from sim.scenario.schema import Scenario

NAN = float("nan")
STORY = (
    *SMALL, "arrivals.periods.year.cases=160", "arrivals.periods.year.lots=400", "time.end=2018-12-31", "start.token_share=0.2", "disposal.default_rate=0.2", "disposal.suspension_share=0.2", "interest.mean=3.0",
    "auction.priority_share=0.5", "pricing.appraisal.days_high=40.0",
)  # fmt: skip
STAMP = re.compile(r"20\d\d-\d\d-\d\d( \d\d:\d\d:\d\d)?")


@pytest.fixture(scope="module")
def eventful() -> Scenario:
    return scenario("base", *STORY)


@pytest.fixture(scope="module")
def records(eventful: Scenario) -> Records:
    return simulate(eventful, 0)


@pytest.fixture(scope="module")
def histories(eventful: Scenario, records: Records) -> dict[str, str]:
    """Reason -> the English history of a lot of that kind, one line a line."""
    return {
        why: "\n".join(f"{line.when}|{line.what}|{line.article}" for line in history(eventful, of_lot(records, lot), "en"))
        for why, lot in notable_lots(records, 3).items()
    }  # fmt: skip


def by_hand(**changes: object) -> Records:
    """One home of base.toml, seized on day 0, priced by appraisal on day 40, sold at its first auction."""
    lot: dict[str, object] = dict.fromkeys(LOTS, 0) | {
        "value": 1e6, "reference": 1.2e6, "start": 960_000.0, "method": 3, "listed": 40.0, "priced": 40.0, "ended": 71.5, "outcome": Outcome.SOLD,
        "price": 1.08e6, "start_sold": 960_000.0, "rounds": 1, "winner": 5,
    } | changes  # fmt: skip
    a_round = (
        0,
        0,
        0,
        40.0,
        70.416667,
        71.415 + 5.0 / 1440.0,
        960_000.0,
        96_000.0,
        3,
        2,
        2,
        2,
        1,
        1.08e6,
        5,
        RoundOutcome.SOLD,
    )
    bids = [(0, 0, 4, 71.0, 960_000.0), (0, 0, 5, 71.415, 1.08e6)]
    registrations = [(0, 0, 4, 71.0, 1e6, False), (0, 0, 5, 71.415, 1.2e6, True)]
    return Records(
        table(LOTS, [tuple(lot.values())]), table(SCHEMAS["rounds"], [a_round]),
        table(SCHEMAS["registrations"], registrations), table(SCHEMAS["bids"], bids),
    )  # fmt: skip


def test_a_sale_line_by_line() -> None:
    base = scenario("base")
    lines = [(line.when, line.what, line.article) for line in history(base, by_hand(), "en")]
    assert lines == [
        ("2017-01-01", "seized: homes, worth 1,000,000 yuan (which nobody knows)", ""),
        ("2017-02-10", "reference price 1,200,000 yuan by appraisal, 40 days after the seizure", "law before 2018-09-01"),
        ("2017-02-10", "first start 960,000 yuan, 80% of the reference price", "2016 rules Art 10"),
        ("2017-02-10", "first auction: notice published, start 960,000 yuan, deposit 96,000 yuan", "2016 rules Art 12"),
        ("2017-03-12 10:00:00", "first auction: bidding opens; 3 interested, 2 registered in the end", "2016 rules Art 20"),
        ("2017-03-13 00:00:00", "bidder 1 bids 960,000 yuan", "2016 rules Art 20"),
        ("2017-03-13 09:57:36", "bidder 2 bids 1,080,000 yuan (priority purchaser); end moved to 10:02:36", "2016 rules Art 20"),
        ("2017-03-13 10:02:36", "first auction: sold to bidder 2 at 1,080,000 yuan, 12.5% above the start "
         "(bidders: 2, bids: 2, extensions: 1)", "2016 rules Art 11"),
        ("2017-03-13", "90% of the reference price; an auction house could have charged 54,000 yuan, which is saved",
         "2004 rules Art 32 (now 29)"),
    ]  # fmt: skip


def test_the_same_in_chinese() -> None:
    lines = history(scenario("base"), by_hand(), "zh")
    assert lines[1].what == "处置参考价120.00万元（委托评估，查封后40天）"
    assert lines[2].what == "首次起拍价960,000元，为处置参考价的80%"
    assert lines[-2].what == "一拍成交：竞买人2以108.00万元竞得，溢价12.5%；2人出价2次，延时1次"
    assert lines[-1].article == "法释〔2004〕16号第32条（现第29条）"
    assert all(re.search(r"[一-鿿]", line.what) for line in lines)


def test_articles_bear_the_number_of_their_day() -> None:
    """The pricing rules of 2018 from 2018-09-01; the rules of 2004 renumbered from 2021."""
    window = "time.windows.2017.first=2021-02-01", "time.windows.2017.last=2021-03-01"
    period = "arrivals.periods.year.first=2021-01-01", "arrivals.periods.year.last=2021-03-31"
    later = scenario("base", "time.start=2021-01-01", "time.end=2021-12-31", *window, *period)
    lines = history(later, by_hand(), "en")
    assert lines[1].article == "2018 rules Art 2"
    assert lines[-1].article == "2004 rules Art 29"


def test_the_pricing_rules_of_2018_begin_on_their_day() -> None:
    window = "time.windows.2017.first=2018-09-01", "time.windows.2017.last=2018-09-30"
    period = "arrivals.periods.year.first=2018-08-01", "arrivals.periods.year.last=2018-08-31"
    year = scenario("base", "time.start=2018-08-01", "time.end=2018-12-31", *window, *period)
    before, after = (history(year, by_hand(priced=day, listed=40.0), "en")[1] for day in (30.9, 31.0))
    assert (before.when, before.article) == ("2018-08-31", "law before 2018-09-01")
    assert (after.when, after.article) == ("2018-09-01", "2018 rules Art 2")


def test_price_and_start_each_have_a_day_and_a_law_of_their_own() -> None:
    """A price of August waits for its notice until September: the rules of 2018 are those of the wait, not of the price."""
    window = "time.windows.2017.first=2018-09-01", "time.windows.2017.last=2018-09-30"
    period = "arrivals.periods.year.first=2018-07-01", "arrivals.periods.year.last=2018-07-31"
    year = scenario("base", "time.start=2018-07-01", "time.end=2018-12-31", *window, *period)
    seized, price, start = history(year, by_hand(priced=40.0, listed=62.0), "en")[:3]
    assert (price.when, price.article) == ("2018-08-10", "law before 2018-09-01")
    assert price.what == "reference price 1,200,000 yuan by appraisal, 40 days after the seizure"
    assert (start.when, start.article) == ("2018-09-01", "2016 rules Art 10; against 2018 rules Art 30")
    assert seized.when < price.when < start.when


def test_a_price_without_a_notice_is_told_and_no_price_is_not() -> None:
    """A lot that waits for its notice, one sold by its debtor before: priced, not listed."""
    waiting = {"listed": NAN, "ended": NAN, "outcome": Outcome.PREPARING, "start": 960_000.0}
    empty = {t: {c: v[:0] for c, v in by_hand()[t].items()} for t in ("rounds", "registrations", "bids")}
    for priced, whats in (
        (40.0, ["reference price 1,200,000 yuan by appraisal, 40 days after the seizure"]),
        (NAN, []),
    ):
        lines = history(scenario("base"), Records(by_hand(priced=priced, **waiting).lots, **empty), "en")
        assert [line.what for line in lines[1:]] == [*whats, "not listed by the last day simulated"]


def test_a_trace_cites_the_law_of_its_day() -> None:
    """Before 2017 the rules of 2004; equity without a report by rules of its own since 2022."""
    window = "time.windows.2017.first=2016-02-01", "time.windows.2017.last=2016-03-01"
    period = "arrivals.periods.year.first=2016-01-01", "arrivals.periods.year.last=2016-03-31"
    before = scenario(
        "base",
        "time.start=2016-01-01",
        "time.end=2016-12-31",
        "courts.adoption.2016-01-01=1.0",
        *window,
        *period,
    )
    lines = history(before, by_hand(), "en")
    assert [line.article for line in lines[1:3]] == ["law before 2018-09-01", "2004 rules Art 8 (now 5)"]
    assert lines[3].article == "", "no article on notices is known of that day"
    window = "time.windows.2017.first=2022-02-01", "time.windows.2017.last=2022-03-01"
    period = "arrivals.periods.year.first=2022-01-01", "arrivals.periods.year.last=2022-03-31"
    later = scenario("base", "time.start=2022-01-01", "time.end=2022-12-31", *window, *period)
    equity = list(later.kinds).index("equity")
    lines = history(later, by_hand(kind=equity, token=True), "en")
    assert [(line.what, line.article) for line in lines[1:3]] == [
        ("no valuation report can be had, 40 days after the seizure", "2021 equity rules Art 12"),
        ("a token start of 960,000 yuan", "2021 equity rules Art 12"),
    ]
    assert lines[3].article == "2016 rules Art 12; 2021 equity rules Art 12", "the deposit is free"
    assert lines[-1].what == "an auction house could have charged 54,000 yuan, which is saved"
    lawful = [line.article for line in history(later, by_hand(token=True), "en")]
    assert lawful[1:3] == ["2018 rules Art 2", "2016 rules Art 10"]
    low = {"token": True, "start": 18_000.0}, [("rounds", "start", 18_000.0), ("rounds", "deposit", 1_800.0)]
    assert articles_of(later, *low, "en")[2] == "against 2016 rules Art 10"
    assert articles_of(later, *low, "zh")[2] == "与法释〔2016〕18号第10条不符"
    low[0]["kind"] = equity
    assert (
        articles_of(later, *low, "en")[2] == "2021 equity rules Art 12, where no valuation report can be had"
    )
    free = articles_of(later, low[0], [*low[1], ("rounds", "deposit", 9_000.0)], "en")
    assert free[3] == "2016 rules Art 12; 2021 equity rules Art 12, where no valuation report can be had"
    earlier = scenario("base")
    assert history(earlier, by_hand(kind=equity, token=True), "en")[1].what.startswith("reference price")
    assert articles_of(later, *low, "zh")[2].endswith("法释〔2021〕20号第12条（须无法评估）")


def articles_of(
    of: Scenario, lot: dict[str, object], changes: list[tuple[str, str, float]], lang: str
) -> list[str]:
    """Articles of the lines of the home by hand, some values of its lot and of its round being others."""
    records = by_hand(**lot)
    for which, column, value in changes:
        records[which][column][:] = value
    return [line.article for line in history(of, records, lang)]


def test_an_article_that_forbids_what_happened_is_what_it_is_against() -> None:
    """It is no basis of it; one that is broken besides stands behind those that are named."""
    base = scenario("base")
    lawful = articles_of(base, {}, [], "en")
    assert not any("against" in one for one in lawful)
    low = articles_of(base, {"start": 720_000.0}, [("rounds", "start", 720_000.0)], "en")
    assert low[2] == "against 2016 rules Art 10"
    assert (low[:2], low[3:]) == (lawful[:2], lawful[3:])
    late = articles_of(base, {}, [("rounds", "opens", 69.4), ("rounds", "deposit", 480_000.0)], "en")
    assert late[3] == "against 2016 rules Art 12; against 2016 rules Art 17"
    short = articles_of(base, {}, [("rounds", "opens", 71.0)], "zh")
    assert short[-2] == "法释〔2016〕18号第11条；与法释〔2016〕18号第20条不符"
    assert short[3] == "法释〔2016〕18号第12条"


def three_rounds(of: Scenario, **changes: object) -> list[Line]:
    """History of a lot that fails in three rounds, each cut by a tenth, and is taken in kind."""
    lot = by_hand(
        rounds=3, ended=110.0, outcome=Outcome.IN_KIND, price=777_600.0, start_sold=NAN, winner=-1, **changes
    )
    rounds = [
        (0, i, i, day, day + 15.0, day + 16.0, 960_000.0 * 0.9**i, 96_000.0, 0, 0, 0, 0, 0, NAN, -1, RoundOutcome.FAILED)
        for i, day in enumerate((40.0, 66.0, 92.0))
    ]  # fmt: skip
    nobody = ({c: v[:0] for c, v in lot[name].items()} for name in ("registrations", "bids"))
    return history(of, Records(lot.lots, table(SCHEMAS["rounds"], rounds), *nobody), "en")


def test_shares_of_listed_companies_go_by_the_rules_of_2001_and_have_a_third_auction() -> None:
    own = "format=auction", "cut=0.1", "window_days=1", "relist_days=10"
    third = (f"kinds.shares.rounds.sell_off.{one}" for one in own)
    of = scenario("base", "kinds.shares.share=1", "kinds.shares.rounds.second.cut=0.1", *third)
    shares = "2001 rules Art 13 (not verified whether still in force)"
    lines = three_rounds(of, kind=list(of.kinds).index("shares"))
    notices = [line for line in lines if "notice published" in line.what]
    assert [line.what.split(":")[0] for line in notices] == [
        "first auction",
        "second auction",
        "third auction",
    ]
    assert shares not in notices[0].article
    assert notices[1].article == f"2016 rules Art 26; {shares}"
    assert notices[2].article.split("; ")[0] == shares, "the rules of 2016 know no third"
    assert [line.what for line in lines if "failed" in line.what][2] == "third auction: failed, no bid"
    assert lines[-1].article == f"2004 rules Art 19 (now 16); {shares}"
    homes = three_rounds(of)
    assert not any("2001" in line.article for line in homes)
    assert [line.what.split(":")[0] for line in homes if "notice published" in line.what][2] == "sell-off"


def test_a_sell_off_goes_by_its_own_notice_and_before_that_by_reference() -> None:
    """Its opening, bids and failure are of the notice of 2017-07-18; in the months before, of the rules of 2016 as far as they fit."""
    of = scenario("base")
    early = [line for line in three_rounds(of) if line.what.startswith("sell-off")]
    articles = [line.article.split("; ")[0] for line in early]
    assert articles[1:] == ["2016 rules Art 37", "2016 rules Art 26"]
    bids = by_hand()
    bids.rounds["round"][:] = 2
    for name in ("notice", "opens", "closes"):
        bids.rounds[name] += 300.0
    bids.bids["time"] += 300.0
    lines = [line for line in history(of, bids, "en") if line.when.startswith(("2017-12", "2018"))]
    assert {line.article for line in lines if "opens" in line.what or " bids " in line.what} == {
        "2017 notice"
    }
    auctions = [
        line for line in three_rounds(of) if line.what.startswith(("first", "second")) and ":" in line.when
    ]
    assert {line.article for line in auctions} == {"2016 rules Art 20", "2016 rules Art 26"}


def test_a_sell_off_of_2016_is_against_the_article_that_knows_none() -> None:
    """Of movables there was none, of immovables none after two failures."""
    window = "time.windows.2017.first=2016-02-01", "time.windows.2017.last=2016-03-01"
    period = "arrivals.periods.year.first=2016-01-01", "arrivals.periods.year.last=2016-03-31"
    adopted = "courts.adoption.2016-01-01=1.0"
    of = scenario("base", "time.start=2016-01-01", "time.end=2016-12-31", adopted, *window, *period)
    for movable, number in ((True, "27 (now 24)"), (False, "28 (now 25)")):
        (sell_off,) = [line for line in three_rounds(of, movable=movable) if "sell-off: notice" in line.what]
        assert sell_off.article.startswith(f"against 2004 rules Art {number}")


@pytest.mark.parametrize(
    ("movable", "article"), [(True, "2004 rules Art 27 (now 24)"), (False, "2004 rules Art 28 (now 25)")]
)
def test_movables_and_immovables_go_back_under_articles_of_their_own(movable: bool, article: str) -> None:
    unsold = by_hand(movable=movable, outcome=Outcome.RETURNED, price=NAN, start_sold=NAN)
    assert history(scenario("base"), unsold, "en")[-1].article == article


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("contested", "more bids, up to"),
        ("second", "second auction: sold to bidder"),
        ("late", "sell-off: sold to bidder"),
        ("late", "the 24 hours run until 20"),
        ("unsold", "released and returned to the debtor|2004 rules Art"),
        ("in_kind", "in kind at the last start"),
        ("defaulted", "forfeited, to be auctioned again|2016 rules Art 24"),
        ("withdrawn", "withdrawn (settlement, debt paid, objection ...)|2004 rules Art 20 (now 17)"),
        ("suspended", "suspended for"),
        ("token", "1.5% of the reference price"),
    ],
)
def test_every_turn_is_reported(why: str, words: str, histories: dict[str, str]) -> None:
    assert words in histories[why]


def test_a_lot_that_would_leave_nothing_is_reported_as_such() -> None:
    """Without prior claims every withdrawal is an ordinary one; without ordinary ones every one is for want of surplus."""
    claims = ("creditors.prior_share=1", "creditors.prior=0.7", "creditors.insist_share=0")
    for settings, article in (
        ((*claims, "disposal.withdrawal_rate=0"), "2004 rules Art 9 (now 6)"),
        (("disposal.withdrawal_rate=0.01",), "2004 rules Art 20 (now 17)"),
    ):
        changed = scenario("base", *SMALL, *settings)
        found = simulate(changed, 0)
        gone = found.lots["lot"][found.lots["outcome"] == Outcome.WITHDRAWN].tolist()
        listed = set(found.rounds["lot"].tolist())
        assert len(gone) > 10
        assert {lot in listed for lot in gone} == {
            True,
            False,
        }  # some before their first round, some after one
        assert {history(changed, of_lot(found, lot), "en")[-1].article for lot in gone} == {article}


def test_lives_run_forward_and_every_line_is_dated(eventful: Scenario, records: Records) -> None:
    for lot in range(0, len(records.lots["lot"]), 3):
        stamps = [line.when for line in history(eventful, of_lot(records, lot), "zh")]
        dated = [when for when in stamps if when]
        assert all(STAMP.fullmatch(when) for when in dated)
        assert [when[:10] for when in dated] == sorted(when[:10] for when in dated)
        assert stamps.count("") == int(records.lots["suspended"][records.lots["lot"] == lot][0] > 0)


def test_every_bid_is_shown_or_counted(eventful: Scenario, records: Records) -> None:
    lot = notable_lots(records, 3)["contested"]
    one = of_lot(records, lot)
    lines = history(eventful, one, "en")
    shown = sum(" bids " in line.what and line.what.startswith("bidder") for line in lines)
    counted = sum(
        int(found.group(1)) for line in lines if (found := re.match(r"\.\.\. (\d+) more bids", line.what))
    )
    assert shown + counted == len(one.bids["lot"])


def test_a_suspension_stands_in_the_round_it_delayed() -> None:
    """Seven days between notice and opening: stated there, once."""
    records = by_hand(suspended=7.0, ended=78.416667)
    for name in ("opens", "closes"):
        records.rounds[name] += 7.0
    records.bids["time"] += 7.0
    whats = [line.what for line in history(scenario("base"), records, "en")]
    assert whats.index("suspended for 7 days") == 4
    assert "bidding opens" in whats[5]


def test_a_suspension_while_bidding_is_open() -> None:
    records = by_hand(suspended=7.0)
    records.rounds["closes"] += 7.0
    records.bids["time"][1] += 7.0
    whats = [line.what for line in history(scenario("base"), records, "en")]
    assert whats.index("suspended for 7 days") == 5
    assert "bidding opens" in whats[4]
    assert "end moved to 10:02:36" in whats[7]


def test_a_lot_that_was_never_listed_and_one_still_open() -> None:
    base = scenario("base")
    waiting = by_hand(
        priced=NAN, listed=NAN, ended=NAN, outcome=Outcome.PREPARING, method=-1, reference=NAN, start=NAN
    )
    bare = Records(
        waiting.lots,
        *({c: v[:0] for c, v in waiting[t].items()} for t in ("rounds", "registrations", "bids")),
    )
    assert [line.what for line in history(base, bare, "en")][1:] == ["not listed by the last day simulated"]
    listed = by_hand(ended=NAN, outcome=Outcome.OPEN)
    bare = Records(
        listed.lots, *({c: v[:0] for c, v in listed[t].items()} for t in ("rounds", "registrations", "bids"))
    )
    assert history(base, bare, "en")[-1] == Line(
        "2017-12-31", "still on its way on the last day simulated", ""
    )


def test_rounds_and_methods_of_ones_own_go_by_their_own_names(records: Records) -> None:
    own = scenario("base", *STORY)
    assert {"first", "second", "sell_off"} == set(own.rounds)
    fresh = own.model_copy(
        update={
            "rounds": {"opening": own.rounds["first"], **{k: own.rounds[k] for k in ("second", "sell_off")}}
        }
    )
    assert any(
        line.what.startswith("opening")
        for line in history(fresh, of_lot(records, notable_lots(records, 3)["unsold"]), "zh")
    )


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        (854.4, "854元", "854 yuan"),
        (963_850.0, "963,850元", "963,850 yuan"),
        (1_204_810.0, "120.48万元", "1,204,810 yuan"),
        (1.23456e8, "1.2346亿元", "123,456,000 yuan"),
    ],
)
def test_money(amount: float, zh: str, en: str) -> None:
    assert (yuan(amount, "zh"), yuan(amount, "en")) == (zh, en)
