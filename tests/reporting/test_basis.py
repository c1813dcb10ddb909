"""The interpretation's basis holds wherever a number of one window stands: tables, pages, pictures, workbooks, summaries."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from page_folders import settings
from test_run_page import csv_of
from typer.testing import CliRunner

import sim
from sim.api.sweeps import SweepResult
from sim.cli.main import app
from sim.experiments.sweep.results import basis_of
from sim.measures.definitions import EVENT_ONLY
from sim.reporting.figures.forest import forest_panels
from sim.reporting.pages.compare_folder import read_compare
from sim.reporting.pages.folder_page import folder_page
from sim.reporting.pages.run_folder import read_run
from sim.reporting.pages.shell import render
from sim.reporting.pages.sweep_folder import read_sweep
from sim.reporting.sweep_pictures import observed, window_of

pytestmark = pytest.mark.pages

TINY = ("arrivals.volume=0.03", "courts.number=4")
LONG = "cohort: what had become of the lots listed inside it"
Key = tuple[str, ...]


def command(*words: str, out: Path, scenario: tuple[str, ...] = TINY) -> Path:
    found = CliRunner().invoke(
        app, [*words, *settings(scenario), "-j", "1", "--out", str(out), "--lang", "en"]
    )
    assert found.exit_code == 0, found.output
    (out.parent / f"{out.name}.txt").write_text(found.output, encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("basis") / "run"
    return command("run", "shanxi", "--replications", "2", "--records", "none", "--no-pictures", out=out)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out, more = tmp_path_factory.mktemp("basis") / "compare", ("--no-pictures", "--full", "--xlsx")
    return command("compare", "shanxi", "cut-00", "--point", "-n", "2", *more, out=out)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    base = sim.load_scenario("shanxi").replace({"arrivals.volume": 0.03, "courts.number": 4})
    out, cuts = tmp_path_factory.mktemp("basis") / "sweep", {"rounds.second.cut": [0.0, 0.2]}
    return sim.sweep(base, cuts, replications=1, measures=["lots_sold"], out=out)


def table(path: Path, *keys: str) -> dict[Key, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {tuple(row[k] for k in keys): row for row in csv.DictReader(file)}


def text(name: str, folder: Path) -> str:
    return " ".join((folder.parent / f"{name}.txt").read_text(encoding="utf-8").split())


def test_both_bases_differ_window_by_window_and_agree_over_the_whole_period(ran: Path) -> None:
    """Otherwise the tests below could not fail; and over the whole period it does not matter which is shown."""
    found = table(ran / "measures.csv", "window", "segment", "basis", "measure")
    assert (
        found["2018", "all", "event", "lots_sold"]["mean"]
        != found["2018", "all", "cohort", "lots_sold"]["mean"]
    )
    for (window, segment, basis, measure), row in found.items():
        if window == "all" and basis == "cohort" and measure not in EVENT_ONLY:
            event = found[window, segment, "event", measure]["mean"]
            assert float(row["mean"] or "nan") == pytest.approx(float(event or "nan"), nan_ok=True), measure


def test_the_page_of_a_run_has_one_number_for_one_quantity(ran: Path) -> None:
    page = render(folder_page(ran, "en"))
    glance = {row["measure"]: row for row in csv_of(page, "glance")}
    compared = [row for row in csv_of(page, "published-headline") if row["measure"] in glance]
    assert len(compared) == 3 * 4  # listed, sold, sale rate, turnover in three windows
    for row in compared:
        assert row["basis"] == "cohort"
        assert glance[row["measure"]][f"{row['window']} mean"] == row["mean"]
    for row in csv_of(page, "outcomes"):
        for measure in ("lots_listed", "lots_sold", "lots_open"):
            assert glance[measure][f"{row['window']} mean"] == row[measure]
    found = table(ran / "measures.csv", "window", "segment", "basis", "measure")
    waiting = found["2018", "all", "event", "backlog_preparing"]["mean"]
    assert glance["backlog_preparing"]["2018 mean"] == waiting != ""
    assert page.count(LONG) >= 2  # above the page, and with the table


def test_a_run_without_an_interpretation_shows_the_basis_that_fits_best(ran: Path) -> None:
    folder = read_run(ran)
    object.__setattr__(folder, "scenario", folder.scenario.model_copy(update={"interpretation": None}))
    assert folder.scenario.basis == "event"
    assert folder.basis == folder.fit.basis
    assert folder.fit.stated == "best"


def test_a_comparison_shows_windows_on_the_basis_of_its_base(compared: Path) -> None:
    found = table(compared / "differences.csv", "window", "segment", "basis", "measure")
    event, cohort = (found["2018", "all", basis, "lots_sold"]["base"] for basis in ("event", "cohort"))
    assert event != cohort
    assert LONG in text("compare", compared)
    shown = re.search(r"2018.*?Lots sold \(lots\) ([\d,.]+) ", text("compare", compared))
    assert shown is not None
    assert abs(float(shown[1].replace(",", "")) - float(cohort)) <= 0.5  # rounded, half up or down
    folder = read_compare(compared)
    row = folder.row("cut-00", "lots_sold", "2018")
    assert row is not None
    assert row["base"] == float(cohort)
    (panel, *_) = [
        one
        for one in forest_panels(folder.on_basis, {"cut-00": "x"}, "en", ("2018", "all"))
        if "Lots sold" in one.title
    ]
    ((_, (mark, _)),) = panel.groups
    assert mark.mean == float(found["2018", "all", "cohort", "lots_sold"]["difference"])


def test_a_workbook_of_a_comparison_shows_them_on_it_too(compared: Path) -> None:
    book = load_workbook(compared / "tables.xlsx", read_only=True)
    rows: list[tuple[Any, ...]] = [*book.worksheets[1].values]
    at = rows[0].index("Base")
    (sold,) = [row[at] for row in rows if row[1:3] == ("2018", "Lots sold")]
    found = table(compared / "differences.csv", "window", "segment", "basis", "measure")
    assert sold == pytest.approx(float(found["2018", "all", "cohort", "lots_sold"]["base"]))
    assert any(LONG in str(cell) for row in book.worksheets[0].values for cell in row)


def test_a_sweep_sums_up_and_shows_windows_on_it(swept: SweepResult) -> None:
    assert swept.out is not None
    summary = table(swept.out / "summary.csv", "point", "window", "measure")
    assert {row["basis"] for row in summary.values()} == set(swept.summary["basis"]) == {"cohort"}
    data = read_sweep(swept.out)
    assert [f"{x:.6g}" for x in data.column("2018", "lots_sold")[0]] == [
        f"{float(summary[str(p), '2018', 'lots_sold']['mean']):.6g}" for p in range(2)
    ]
    assert not np.array_equal(
        data.column("2018", "lots_sold")[0], data.column("2018", "lots_sold", "event")[0]
    )
    (seen,) = observed(swept.found, "2018")
    np.testing.assert_array_equal(seen.mean, data.column("2018", "lots_sold")[0])
    assert window_of("2018", basis_of(swept.found), "en") == "2018 · cohort"
