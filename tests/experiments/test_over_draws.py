"""Sweeps, sensitivity and searches over draws: every point under the same ones, results their means; what is given twice is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.draws import read_draws
from sim.experiments.replications import replicate
from sim.experiments.sweep.observation import Observation
from sim.experiments.sweep.run_store import RunStore
from sim.scenario import load
from sim.scenario.load import Overlay

PLACE = f"""extends = "{ROOT.as_posix()}/scenarios/base.toml"
draws = "d.csv"
[arrivals.periods.year]
cases = 20.0
lots = 40.0
[courts]
number = 2
"""
MEANS = [3.0, 1.0, 2.0, 4.0, 5.0, 6.0]


def laid_out(folder: Path) -> Path:
    """A scenario with six draws of two parameters in a folder."""
    (folder / "d.csv").write_text(
        "interest.mean,start.ratio\n" + "".join(f"{x},{70 + 3 * x:g}%\n" for x in MEANS), encoding="utf-8"
    )
    (folder / "p.toml").write_text(PLACE, encoding="utf-8")
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return laid_out(tmp_path)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A place, and in its folder ``s`` a sweep of two points over three of the draws; what was said."""
    place = laid_out(tmp_path_factory.mktemp("swept"))
    return place, sim(place, "sweep", *CUT, "--draws", "scenario", "-n", "3", "--out", str(place / "s"))


CUT = ["--vary", "rounds.second.cut=0,0.2", "--chunk", "4"]


def sim(place: Path, command: str, *arguments: str, code: int = 0, lang: str = "en"):
    words = [command, str(place / "p.toml"), *arguments, "-j", "1", "--no-pictures", "--lang", lang]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, done.output
    return done


def test_every_point_is_run_under_the_same_draws_replication_by_replication(swept):
    """Three of six draws, by value: the places are the borders of (1, 2), (3, 4) and (5, 6). By hand for each."""
    place, done = swept
    out = place / "s"
    said = (
        f"under 3 draws of the parameters, the same at every point, evenly spread over 6 in {place / 'd.csv'}"
    )
    assert said in done.output
    runs = pd.read_parquet(out / "results.parquet").query("window == 'all' and basis == 'event'")
    summary = pd.read_csv(out / "summary.csv").query("window == 'all' and measure == 'lots_sold'")
    for point, cut in enumerate((0.0, 0.2)):
        sold = []
        for replication, mean in enumerate((1.0, 3.0, 5.0)):
            values = {"interest": {"mean": mean}, "start": {"ratio": f"{70 + 3 * mean:g}%"}}
            scenario = load(
                place / "p.toml", [f"rounds.second.cut={cut}"], [Overlay("by hand", values)]
            ).scenario
            by_hand = replicate(scenario, replication).measures
            row = runs[(runs["point"] == point) & (runs["replication"] == replication)].iloc[0]
            for measure in by_hand.measures:
                np.testing.assert_equal(row[measure], by_hand.value(measure, "all"))
            sold.append(by_hand.value("lots_sold", "all"))
        one = summary[summary["point"] == point].iloc[0]
        assert one["mean"] == pytest.approx(np.mean(sold))
        assert one["sd"] == pytest.approx(np.std(sold, ddof=1)), "the spread over the draws"
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["given"]["draws"] == read_draws(place / "d.csv").about()


COLUMNS = {
    "dated.csv": 'interest.mean,"from.""2017-07-01"".interest.mean",from.2017-03-01.rounds.second.cut\n2,3,0.1\n2.5,3.5,0.05\n',
    "arrivals.csv": "arrivals.periods.year.cases,arrivals.periods.year.lots,auction.deposit\n20,50,10%\n25,60,0.15\n",
    "parts.toml": "[[draws]]\nkinds.goods = false\nkinds.homes.share = 0.45\n[[draws]]\nrounds.second.held = false\n",
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_draw_is_the_scenario_that_loading_it_gives(place, name):
    """Values by date, of the arrivals, in units, parts taken out; under a point that sets something else, and one dated too."""
    (place / name).write_text(COLUMNS[name], encoding="utf-8")
    draws, loaded = read_draws(place / name), load(place / "p.toml")
    laid = draws.laid(2, str(place / "p.toml"), ())
    keys = {"a": ("courts", "clerks"), "b": ("from", "2017-05-01", "promotion", "effort")}
    work = Observation(loaded.toml(), keys, ["lots_sold"], laid)
    under = work.prepare({"a": 3, "b": 0.5})
    sets = ["courts.clerks=3", "from.2017-05-01.promotion.effort=0.5"]
    titles = {"title": loaded.scenario.title, "title_zh": loaded.scenario.title_zh}
    for replication, overlay in enumerate([*draws.by_value().overlays] * 2):
        wanted = load(place / "p.toml", sets, [overlay]).scenario.model_copy(update=titles)
        assert under(replication) == wanted
    assert under(0) != under(1)


def test_a_point_without_a_date_takes_the_place_of_a_draw_with_one(place):
    draw = "[from.2017-07-01.interest]\nmean = 3.0\n"
    work = Observation(load(place / "p.toml").toml(), {"a": ("interest", "mean")}, ["lots_sold"], [draw])
    assert not work.prepare({"a": 1.0})(0).from_


def test_without_draws_points_stay_at_the_scenarios_own_values_and_it_is_said(place):
    done = sim(place, "sweep", *CUT, "-n", "2", "--out", str(place / "s"))
    assert "points are run at its own values. Over the draws: --draws scenario" in done.output
    assert RunStore(place / "s").sweep["work"]["arguments"]["draws"] == []


def test_going_on_and_expanding_keep_the_draws(place):
    whole, part = place / "w", place / "s"
    sim(place, "sweep", *CUT[:2], "--draws", "scenario", "-n", "2", "--chunk", "1", "--out", str(part))
    for chunk in sorted((part / "chunks").iterdir())[1:3]:
        chunk.unlink()
    resumed = CliRunner().invoke(app, ["sweep", "resume", str(part), "-j", "1", "--no-pictures"])
    assert resumed.exit_code == 0, resumed.output
    sim(place, "sweep", *CUT, "--draws", "scenario", "-n", "2", "--out", str(whole))
    assert (part / "results.parquet").read_bytes() == (whole / "results.parquet").read_bytes()
    more = CliRunner().invoke(app, ["sweep", "expand", str(part), "-n", "+3", "-j", "1"])
    assert more.exit_code == 2
    assert "over 2 draws, which must count alike: +2, +4" in more.output
    more = CliRunner().invoke(app, ["sweep", "expand", str(part), "-n", "+2", "-j", "1", "--no-pictures"])
    assert more.exit_code == 0, more.output
    runs = pd.read_parquet(part / "results.parquet").query("window == 'all' and basis == 'event'")
    values = {"interest": {"mean": 5.0}, "start": {"ratio": "85%"}}
    scenario = load(place / "p.toml", ["rounds.second.cut=0.0"], [Overlay("by hand", values)]).scenario
    found = runs.query("point == 0 and replication == 3").iloc[0]["lots_sold"]
    assert found == replicate(scenario, 3).measures.value("lots_sold", "all"), (
        "the draws again, other histories"
    )


def test_another_file_of_draws_is_another_sweep(swept):
    place, _ = swept
    out = ["--out", str(place / "s")]
    refused = sim(place, "sweep", *CUT, "--draws", "scenario", "-n", "2", *out, code=2)
    assert "draws: number 3" in refused.output
    assert "then, number 2" in refused.output
    plain = sim(place, "sweep", *CUT, "-n", "3", *out, code=2)
    assert "then, none now" in plain.output
    before = (place / "d.csv").read_bytes()
    (place / "d.csv").write_text("interest.mean\n1.0\n2.0\n", encoding="utf-8")
    gone_on = CliRunner().invoke(app, ["sweep", "resume", str(place / "s"), "-j", "1"])
    (place / "d.csv").write_bytes(before)
    assert gone_on.exit_code == 2
    assert f"draws: {place / 'd.csv'} is not what it was" in gone_on.output


@pytest.mark.parametrize(
    ("command", "option"),
    [("sweep", "--vary"), ("sensitivity", "-p"), ("optimise", "--variable")],
)
def test_what_the_draws_give_is_not_varied_nor_set(place, command, option):
    goal = ["--maximise", "lots_sold"] if command == "optimise" else []
    out = ["--out", str(place / "s"), "--draws", "scenario", *goal]
    twice = sim(place, command, option, "interest.mean=1,2", *out, code=2)
    assert f"interest.mean is varied and set, by {place / 'd.csv'}" in twice.output
    fixed = sim(place, command, option, "rounds.second.cut=0,0.2", "--set", "start.ratio=0.8", *out, code=2)
    assert "start.ratio is varied and set, by --set start.ratio=0.8" in fixed.output
    nothing = CliRunner().invoke(app, [command, "base", option, "rounds.second.cut=0,0.2", *out])
    assert (nothing.exit_code, "names no draws" in nothing.output) == (2, True)
    (place / "d.csv").write_text("interest.mean\n1.0\n-2.0\n", encoding="utf-8")
    wrong = sim(place, command, option, "rounds.second.cut=0,0.2", *out, code=2)
    assert "d.csv line 3: interest.mean: -2.0 is out of range" in wrong.output
    assert not (place / "s").exists()


def test_a_design_that_has_been_run_takes_no_draws(place):
    (place / "s").mkdir()
    done = CliRunner().invoke(app, ["sensitivity", str(place / "s"), "--draws", "scenario"])
    assert (done.exit_code, "is a design that has been run" in done.output) == (2, True)


def test_effects_over_draws_are_those_of_the_mean_over_draws(place):
    """One parameter of two levels, moved from one to the other: the effect is the difference of the means over the draws."""
    out = place / "s"
    sim(place, "sensitivity", "-p", "rounds.second.cut=0,0.2", "--samples", "2", "-n", "3", "--draws", "scenario", "--chunk", "9",
        "--measure", "lots_sold", "--out", str(out))  # fmt: skip
    sold = []
    for cut in (0.0, 0.2):
        each = []
        for replication, mean in enumerate((1.0, 3.0, 5.0)):
            values = {"interest": {"mean": mean}, "start": {"ratio": f"{70 + 3 * mean:g}%"}}
            scenario = load(
                place / "p.toml", [f"rounds.second.cut={cut}"], [Overlay("by hand", values)]
            ).scenario
            each.append(replicate(scenario, replication).measures.value("lots_sold", "all"))
        sold.append(np.mean(each))
    found = pd.read_csv(out / "sensitivity.csv").iloc[0]
    assert found["mu_star"] == pytest.approx(abs(sold[1] - sold[0]))


def test_a_search_chooses_on_the_mean_over_draws_and_says_so(place):
    out = place / "s"
    done = sim(place, "optimise", "--variable", "rounds.second.cut=0,0.1,0.2", "--maximise", "lots_sold", "--points", "4",
               "-n", "2", "--final", "3", "--draws", "scenario", "--chunk", "9", "--out", str(out))  # fmt: skip
    assert (
        "Chosen on the mean over draws of the parameters: 2 draws in the search, 3 in what is shown"
        in done.output.replace("\n", " ")
    )
    search, final = RunStore(out / "search-0"), RunStore(out / "final")
    assert [len(one.sweep["work"]["arguments"]["draws"]) for one in (search, final)] == [2, 3]
    front = pd.read_csv(out / "front.csv")
    assert {"lots_sold_difference_low", "lots_sold_difference_high"} <= set(front)
    again = sim(place, "optimise", "--variable", "rounds.second.cut=0,0.1,0.2", "--maximise", "lots_sold", "--points", "4",
                "-n", "2", "--final", "3", "--chunk", "9", "--out", str(out), code=2)  # fmt: skip
    assert "holds another search" in again.output


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "3 draws, evenly spread over 6"), ("zh", "共3组，从文件的6组中均匀选取")]
)
def test_the_pages_of_a_sweep_say_that_it_is_over_draws(swept, lang, words, tmp_path):
    for command in ("explore", "report"):
        page = tmp_path / f"{command}.html"
        written = CliRunner().invoke(app, [command, str(swept[0] / "s"), "--lang", lang, "--out", str(page)])
        assert written.exit_code == 0, written.output
        assert words in page.read_text(encoding="utf-8")
