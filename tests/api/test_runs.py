"""A run in Python gives what the command gives; tables say dates and names instead of days and codes."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from api.conftest import VILLAGE
from typer.testing import CliRunner

import sim
from sim.cli.main import app
from sim.experiments.execution import memory
from sim.experiments.execution.memory import TooLargeError
from sim.experiments.storage.folders import FolderError
from sim.measures.against_law import AgainstTheLaw
from sim.model.calendar import moment
from sim.model.records import SCHEMAS, Outcome, RoundOutcome
from sim.model.simulate import simulate
from sim.reporting.against_law import record_rows

SET = [word for key, value in VILLAGE.items() for word in ("--set", f"{key}={value}")]


def test_measures_are_those_of_the_command(result: sim.RunResult, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(
        app, ["run", "base", *SET, "-n", "2", "-j", "1", "--no-pictures", "--out", str(out)]
    )
    assert done.exit_code == 0
    on_disk = pd.read_csv(out / "measures.csv", encoding="utf-8-sig", dtype={"window": str})
    pd.testing.assert_frame_equal(
        result.measures.astype(dict.fromkeys(("window", "segment", "basis", "measure"), str)), on_disk.astype({"window": str}),
        check_exact=True, check_dtype=False,
    )  # fmt: skip
    assert result.to_frame() is result.measures


def test_records_are_those_of_the_model_with_names_and_dates(
    village: sim.Scenario, result: sim.RunResult
) -> None:
    of = village.loaded.scenario
    records = simulate(of, 1)
    lots = result.lots.query("replication == 1")
    kinds, methods, rounds = list(of.kinds), list(of.pricing), list(of.held)
    assert lots["kind"].tolist() == [kinds[i] for i in records.lots["kind"]]
    assert lots["outcome"].tolist() == [Outcome(i).name.lower() for i in records.lots["outcome"]]
    named = [methods[i] if i >= 0 else np.nan for i in records.lots["method"]]
    pd.testing.assert_series_equal(lots["method"].astype(object).reset_index(drop=True), pd.Series(named, name="method"), check_dtype=False)  # fmt: skip
    for day, stamp in zip(records.lots["listed"], lots["listed"], strict=True):
        assert (stamp is pd.NaT) == bool(np.isnan(day))
        assert stamp is pd.NaT or abs(stamp - moment(float(day), of.time.start)) <= pd.Timedelta("1s")
    assert lots["winner"].isna().sum() == (records.lots["winner"] < 0).sum()
    np.testing.assert_array_equal(lots["price"], records.lots["price"])
    held = result.rounds.query("replication == 1")
    assert held["round"].tolist() == [rounds[i] for i in records.rounds["round"]]
    assert held["outcome"].tolist() == [RoundOutcome(i).name.lower() for i in records.rounds["outcome"]]
    np.testing.assert_array_equal(result.bids.query("replication == 1")["price"], records.bids["price"])
    assert len(result.registrations.query("replication == 1")) == len(records.registrations["lot"])


def test_a_folder_holds_the_same_and_says_how_it_was_made(
    village: sim.Scenario, result: sim.RunResult, tmp_path: Path
) -> None:
    import json
    import sys

    kept = village.run(2, out=tmp_path / "out")
    for name in SCHEMAS:
        pd.testing.assert_frame_equal(getattr(kept, name), getattr(result, name))
    pd.testing.assert_frame_equal(kept.measures, result.measures)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"][:2] == ["python", "-c"]
    compile(manifest["command"][2], "manifest", "exec")
    assert "pictures/where_lots_end.png" in manifest["files"]
    assert sys.argv[1:] != manifest["command"][1:]
    assert CliRunner().invoke(app, ["report", str(tmp_path / "out")]).exit_code == 0
    with pytest.raises(FolderError, match="exists and is not empty"):
        village.run(2, out=tmp_path / "out")


def test_processes_change_nothing(village: sim.Scenario, result: sim.RunResult) -> None:
    both = village.run(2, jobs=2)
    pd.testing.assert_frame_equal(both.measures, result.measures)
    pd.testing.assert_frame_equal(both.bids, result.bids)


def test_what_is_not_kept_is_not_there(village: sim.Scenario) -> None:
    some = village.run(1, records="lots")
    assert len(some.lots)
    with pytest.raises(LookupError, match="records='all'"):
        some.bids  # noqa: B018


@pytest.mark.parametrize("kind", ["fit", "flow", "days", "premiums", "open_lots"])
def test_pictures(result: sim.RunResult, kind: str) -> None:
    from matplotlib.figure import Figure

    figure = result.plot(kind, lang="en")
    assert isinstance(figure, Figure)
    assert "seed" in figure.get_supxlabel()


def test_a_picture_shows_itself_in_a_notebook(result: sim.RunResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert result.plot("days", lang="en")._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_a_picture_that_there_is_not(result: sim.RunResult) -> None:
    with pytest.raises(ValueError, match="did you mean flow"):
        result.plot("flo")
    with pytest.raises(ValueError, match="allowed are"):
        result.plot("change")
    with pytest.raises(ValueError, match="lang='de': allowed are en, zh"):
        result.plot("flow", lang="de")


def test_before_and_after_where_something_changes() -> None:
    dated = sim.load_scenario({**VILLAGE, "from": {"2017-07-01": {"rounds": {"second": {"cut": 0.1}}}}})
    assert dated.run(1).plot("change", lang="en").get_suptitle()


def test_it_shows_itself_in_a_line_and_in_a_table(result: sim.RunResult) -> None:
    assert repr(result).startswith("<RunResult of base: 2 replications, ")
    alone = result._repr_html_()
    assert "<td>Lots sold</td>" in alone, "nothing was published, and what is simulated is shown"
    assert "<th>Published</th>" not in alone
    shanxi = sim.load_scenario("shanxi").replace({"arrivals.volume": 0.01, "courts.number": 1}).run(1)
    assert "<table" in shanxi._repr_html_()
    assert "2017" in shanxi._repr_html_()
    assert shanxi.fit["published"].notna().all()
    assert set(shanxi.fit["verdict"]) <= {"input", "unmet", "wide", "inside", "above", "below", "undefined"}
    beside = shanxi.fit.set_index("in_words")["verdict"]
    assert beside.filter(regex="higher").unique().tolist() == ["above"]
    assert beside.filter(regex="lower").unique().tolist() == ["below"]
    with pytest.raises(FrozenInstanceError):
        result.replications = 3  # type: ignore[misc]


def test_everything_that_is_wrong_in_a_call_is_said_at_once(village: sim.Scenario) -> None:
    with pytest.raises(sim.ScenarioError) as error:
        village.run(0, jobs=-1, records="some")
    assert [str(one) for one in error.value.defects] == [
        "replications=0: allowed are auto and whole numbers from 1 to 100000",
        "jobs=-1: allowed are 0 (as many as processors) and whole numbers above",
        "records='some': allowed are all, lots, none",
    ]


def test_what_does_not_fit_into_memory_is_said_after_the_first(
    village: sim.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda: 1e6)
    with pytest.raises(TooLargeError, match="at most"):
        village.run(1000)


def test_until_precise_enough(village: sim.Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.experiments import replications as replicate

    monkeypatch.setattr(replicate, "FEWEST", 2)
    monkeypatch.setattr(replicate, "MOST", 2)
    assert (village.run("auto").replications, village.run("auto").precise) == (2, False)


def test_days_become_dates() -> None:
    from sim.api.frames import times

    found = times(np.array([0.0, 1.5, np.nan]), date(2017, 1, 1).isoformat())
    assert found.astype("datetime64[m]").tolist()[:2] == [
        pd.Timestamp("2017-01-01"),
        pd.Timestamp("2017-01-02 12:00"),
    ]
    assert np.isnat(found[2])


def test_what_happened_is_held_against_the_law_as_the_command_does(
    village: sim.Scenario, result: sim.RunResult
) -> None:
    held = AgainstTheLaw(village.loaded.scenario)
    for number in range(result.replications):
        held.add(number, simulate(village.loaded.scenario, number))
    found, expected = result.against_law(), record_rows(held, "en")
    for column in ("rule", "quantity", "events", "broken", "lots"):
        assert found[column].tolist() == [row[column] for row in expected]
    assert (found["events"] >= found["broken"]).all()
    assert found["worst_lot"].isna().tolist() == [row["broken"] == 0 for row in expected]
    then = result.against_law("2016-12-31")
    assert set(then["rule"]).isdisjoint(rule for rule in found["rule"] if rule.startswith("2016"))
    with pytest.raises(sim.ScenarioError, match="is not a date YYYY-MM-DD"):
        result.against_law("2016-13-31")


def test_a_run_is_marked_by_the_law_of_a_day(
    village: sim.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the result, where it is shown, and in the folder, as the command does; without a day by those simulated."""
    monkeypatch.setenv("SIM_LANG", "en")
    deep, out = village.replace({"rounds.second.cut": 0.3}), tmp_path / "out"
    then = deep.run(1, date=date(2016, 6, 1), out=out)
    assert any("2004 rules Art 8" in one for one in then.unlawful)
    assert "2004 rules Art 8" in then._repr_html_()
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["law_of"] == "2016-06-01"
    assert any("2004 rules Art 8" in one for one in manifest["unlawful"])
    assert ", date='2016-06-01'" in " ".join(manifest["command"])
    now = sim.run(deep, 1)
    assert now.law_of is None
    assert [one.split(" (")[-1] for one in now.unlawful] == ["2016 rules Art 26, in force since 2017-01-01)"]
