"""What is said of rows: worked out by hand for small files; against the simulator's own measures for simulated ones."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import lot_files as files
import numpy as np
import pytest

from calibration.lots.histories import Histories
from calibration.lots.histories import Outcome as Ended
from calibration.lots.mapping import find
from calibration.lots.reader.read import FilesRead, read_lots
from calibration.lots.simulated_files import bid_table, case_table, write_table
from calibration.lots.summary.bidding import bidding_rows
from calibration.lots.summary.lots import CAUSES, End, course, end_rows, ends, held_rows
from calibration.lots.summary.page import headline, page
from calibration.lots.summary.rounds import default_rows, round_rows, start_rows
from calibration.lots.summary.tables import summary, tables
from calibration.lots.summary.totals import targets_text, total_rows, windows
from calibration.targets.reader.load import load_reported
from sim.measures.compute import compute
from sim.measures.summary import WindowSpan
from sim.model.records import Outcome, Records, RoundOutcome
from sim.model.simulate import simulate
from sim.reporting.pages.shell import render
from sim.scenario import load
from sim.scenario.schema import Scenario

VILLAGE = Path(__file__).parents[2] / "reference" / "village.toml"


def read(path: Path) -> Histories:
    found = read_lots([path]).histories
    assert found is not None
    return found


@cache
def village() -> tuple[Scenario, Records]:
    scenario = load(str(VILLAGE)).scenario
    return scenario, simulate(scenario)


def simulated(folder: Path) -> FilesRead:
    scenario, records = village()
    write_table(folder / "cases.csv", case_table(scenario, records))
    return read_lots([folder / "cases.csv"])


def test_where_lots_are(tmp_path: Path) -> None:
    of = read(files.write(tmp_path, files.CASES))
    assert [End(code).name for code in ends(of)] == ["SOLD", "IN_KIND", "WITHDRAWN", "OPEN"]
    assert [(row["end"], row["n"]) for row in end_rows(of)] == [
        ("sold", 1),
        ("in_kind", 1),
        ("withdrawn", 1),
        ("open", 1),
    ]
    assert [(row["rounds"], row["n"]) for row in held_rows(of)] == [(0, 2), (2, 1), (3, 1)]


def test_rounds(tmp_path: Path) -> None:
    first, second, sell_off = round_rows(read(files.write(tmp_path, files.CASES)))
    assert (first["round"], first["scheduled"], first["held"], first["sold"]) == ("auction_1", 4, 2, 0)
    assert (first["withdrawn"], first["open"], first["hazard"]) == (1, 1, 0.0)
    assert (second["held"], second["sold"], second["hazard"]) == (2, 1, 0.5)
    assert second["price_to_start_mean"] == pytest.approx(61.5 / 56)
    assert second["price_to_reference_mean"] == pytest.approx(0.615)
    assert second["at_start"] == 0.0
    assert second["days_since_failure_median"] == 29.0
    assert (sell_off["held"], sell_off["sold"]) == (1, 0)  # taken for the debt: nobody bid


def test_after_defaults(tmp_path: Path) -> None:
    rows = {
        row["after_default"]: (row["n"], row["of"])
        for row in default_rows(read(files.write(tmp_path, files.EVENTS)))
    }
    assert rows == {"offered_again": (1, 1), "same_start": (1, 1), "sold_then": (0, 1)}


def test_hazards_by_start(tmp_path: Path) -> None:
    rows = [
        (row["rounds"], row["from"], row["held"], row["sold"])
        for row in start_rows(read(files.write(tmp_path, files.EVENTS)))
    ]
    assert rows == [("first", 1.0, 4, 2), ("later", 0.8, 2, 2)]


def test_no_course_of_sold_lots_only(tmp_path: Path) -> None:
    of = read(files.write(tmp_path, files.EVENTS))
    assert course(of, "sold only") is None
    assert course(of, "ended in window") is None
    assert course(of, "all listed") is not None
    assert (
        course(read(files.write(tmp_path, files.CRAWL, "b.csv")), "all listed") is None
    )  # rounds of a lot are not together


def test_bidding(tmp_path: Path) -> None:
    mapping = files.write(
        tmp_path,
        'title = "b"\nrows = "bids"\nbidder = "竞买号"\nprice = "价格"\ntime = "时间"\nscheduled = 10:00:00\n',
        "m.toml",
    )
    text = files.BIDS.replace("05月01日 11:00", "05月02日 09:50")
    bids = read_lots([files.write(tmp_path, text)], [find(str(mapping))]).bids
    assert bids is not None
    rows = {row["measure"]: row for row in bidding_rows(bids)}
    assert rows["bids_a_lot"]["mean"] == 4
    assert rows["bidders_a_lot"]["mean"] == 3
    assert rows["last_five_minutes"]["share"] == 0.25
    assert rows["in_extensions"]["share"] == 0.5
    assert rows["overtime_minutes"]["median"] == pytest.approx(190 / 60)
    assert rows["reply_seconds_extensions"]["median"] == pytest.approx((180 + 130) / 2)
    assert rows["single_steps"]["share"] == 1.0
    unknown = read_lots([files.write(tmp_path, files.BIDS, "other.csv")]).bids
    assert unknown is not None
    assert {row["measure"] for row in bidding_rows(unknown)} == {
        "bids_a_lot", "bidders_a_lot", "reply_seconds_unknown", "single_steps",
    }  # fmt: skip


def test_files_of_sold_lots_have_no_share_of_lots_sold_as_their_headline(tmp_path: Path) -> None:
    one = read_lots([files.write(tmp_path, files.EVENTS)])
    said = headline(one, summary(one), "en")
    assert "%" not in said
    assert "3 lots" in said


def test_a_simulated_file_is_read_as_it_was_simulated(tmp_path: Path) -> None:
    _, records = village()
    one = simulated(tmp_path)
    of = one.histories
    assert of is not None
    assert one.defects.rows_aside == {}
    assert one.defects.found == []
    listed = np.isfinite(records.lots["listed"].astype(np.float64))
    assert of.lots == listed.sum()
    for end, outcome in (
        (End.SOLD, Outcome.SOLD),
        (End.IN_KIND, Outcome.IN_KIND),
        (End.UNSOLD, Outcome.RETURNED),
    ):
        assert (ends(of) == end).sum() == (records.lots["outcome"][listed] == outcome).sum()
    stopped = (records.rounds["outcome"] == RoundOutcome.STOPPED).sum()
    assert (of.outcome == Ended.WITHDRAWN).sum() == stopped > 0  # between rounds no column says so
    assert of.defaulted.sum() == (records.rounds["outcome"] == 2).sum() > 0


def test_totals_are_the_simulators_own_measures(tmp_path: Path) -> None:
    """A file says what the records say of every window and every interpretation, to the cent of its prices."""
    scenario, records = village()
    of = simulated(tmp_path).histories
    assert of is not None
    start = scenario.time.start
    spans = [
        WindowSpan(name, float((first - start).days), float((last - start).days + 1))
        for name, (first, last) in windows(of).items()
    ]
    table = compute(records, spans, list(scenario.kinds), scenario.held)
    compared = 0
    for row in total_rows(of):
        if row["measure"].endswith("_ratio"):
            continue
        for basis in table.bases:
            at = (
                table.windows.index(row["window"]), table.segments.index("all"), table.bases.index(basis),
                table.measures.index(row["measure"]),
            )  # fmt: skip
            assert row[basis] == pytest.approx(float(table.values[at]), rel=1e-6, abs=2e-6, nan_ok=True), row
            compared += 1
    assert compared > 50


def test_the_audit_takes_the_totals(tmp_path: Path) -> None:
    of = simulated(tmp_path).histories
    assert of is not None
    path = files.write(tmp_path, targets_text(of, "made", "made"), "targets.toml")
    reported = load_reported(path)
    assert list(reported.windows) == list(windows(of))
    rows = {(row["window"], row["measure"]): row for row in total_rows(of)}
    for name, window in reported.windows.items():
        assert window.value("sold") == rows[name, "lots_sold"]["event"]
        assert window.value("sale_rate") == pytest.approx(rows[name, "sale_rate_ended"]["event"], abs=6e-5)
    swapped = path.read_text(encoding="utf-8").replace("\nsale_rate = ", "\n# was: sale_rate = ")
    path.write_text(swapped.replace("\n# event: sale_rate = ", "\nsale_rate = ", 1), encoding="utf-8")
    load_reported(path)  # a comment can take a figure's place


def test_selection_of_simulated_files() -> None:
    scenario, records = village()
    closes = date(2017, 12, 31)
    every = case_table(scenario, records, closes)
    sold = case_table(scenario, records, closes, "sold only")
    ended = case_table(scenario, records, closes, "ended in window", date(2017, 7, 1))
    assert set(sold["标的编号"]) < set(every["标的编号"])
    assert len(set(every["标的编号"])) > len(set(ended["标的编号"])) > 0
    for table in (every, sold, ended):
        for name in ("一拍结束时间", "二拍结束时间", "变卖结束时间"):
            assert all(cell == "" or cell[:10] <= "2017-12-31" for cell in table[name])
    results = [
        set(row) for row in zip(*(sold[f"{slot}结果"] for slot in ("一拍", "二拍", "变卖")), strict=True)
    ]
    by_lot = {}
    for number, row in zip(sold["标的编号"], results, strict=True):
        by_lot[number] = by_lot.get(number, set()) | row
    assert all("成交" in results for results in by_lot.values())


def test_simulated_bids_are_read(tmp_path: Path) -> None:
    scenario, records = village()
    write_table(tmp_path / "bids.csv", bid_table(scenario, records))
    bids = read_lots([tmp_path / "bids.csv"]).bids
    assert bids is not None
    won = np.isin(records.rounds["outcome"], (0, 2))
    assert len(bids) == records.rounds["bids"][won].sum()
    assert (np.diff(bids.price)[np.diff(bids.lot) == 0] > 0).sum() > 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page(tmp_path: Path, lang: str) -> None:
    one = simulated(tmp_path)
    found = summary(one)
    names = [table.name for table in tables(found, lang)]
    assert names == [
        "lots-ends", "lots-rounds-held", "lots-course", "lots-rounds", "lots-prices", "lots-starts", "lots-bidders",
        "lots-after-default", "lots-totals",
    ]  # fmt: skip
    html = render(page(one, found, "village", lang))
    assert "nan" not in html.split("<body")[1].split("<script")[0].lower().replace("finan", "")
    assert ("what became of" if lang == "en" else "标的物的去向") in html.lower()


def test_course_counts_censoring(tmp_path: Path) -> None:
    """With all lots seen until they ended, shares over time end at the shares of the lots."""
    of = simulated(tmp_path).histories
    assert of is not None
    found = course(of, "all listed")
    assert found is not None
    assert found.lots == of.lots
    assert found.open == (ends(of) >= End.WAITING).sum()
    total = found.incidence.share[-1].sum()
    plain = (ends(of) < End.WAITING).mean()
    assert total >= plain  # censored lots are not counted as unsold for ever
    assert len(CAUSES) == found.incidence.share.shape[1]


def test_a_waiting_lot_is_at_risk_until_the_files_end(tmp_path: Path) -> None:
    lines = files.CASES.splitlines()
    waiting = lines[1].split("2024-02-10")[0] + "," * 11
    found = course(read(files.write(tmp_path, "\n".join([lines[0], waiting, *lines[2:]]))), "all listed")
    assert found is not None
    assert found.incidence.times.tolist() == pytest.approx([32 + 10 / 24, 147 + 10 / 24])
    assert found.incidence.at_risk.tolist() == [3, 2]  # the second time: itself, and the lot that waits


def test_a_round_counts_in_the_year_in_which_it_ends(tmp_path: Path) -> None:
    text = files.CASES.replace("2024年4月1日 10:00,2024年5月31日", "2024年12月1日 10:00,2025年1月31日")
    assert "2025" in text
    rows = {
        (row["window"], row["measure"]): row["event"] for row in total_rows(read(files.write(tmp_path, text)))
    }
    assert (rows["2024", "rounds_held"], rows["2025", "rounds_held"]) == (4, 1)
    assert (rows["2024", "lots_failed"], rows["2025", "lots_failed"]) == (0, 1)
