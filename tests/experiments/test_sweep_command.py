"""``sim sweep`` as a user meets it: what it leaves, says and refuses, with which exit code."""

from __future__ import annotations

import hashlib
import json
import signal
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest
from commands import sim as command
from conftest import ROOT
from processes import started, wait_for

from sim.experiments.replications import replicate
from sim.scenario import load

pytestmark = pytest.mark.processes

SMALLEST = ("arrivals.periods.year.cases=20", "arrivals.periods.year.lots=40", "courts.number=2")
SETS = [part for value in SMALLEST for part in ("--set", value)]
VARY = ["--vary", "rounds.second.cut=0:0.2:0.2", "--vary", "start.ratio=0.8,1.0"]


def sim(*words: str, lang: str = "en") -> CompletedProcess[str]:
    """In this process, unless the words say otherwise: two workers are two starts of Python."""
    runs = "--vary" in words or words[1] in ("resume", "expand", "retry-failed")
    return command(*words, *(["-j", "1"] if runs and not {"-j", "--dask"} & set(words) else []), lang=lang)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "results.parquet").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A grid of four points, three replications each."""
    folder = tmp_path_factory.mktemp("swept") / "s"
    done = sim("sweep", "base", *VARY, "-n", "3", "-j", "2", "--chunk", "2", "--out", str(folder), *SETS)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_a_sweep_leaves_tidy_results_that_are_those_of_runs_made_by_hand(swept):
    folder, done = swept
    assert "4 points, 3 replications each: 12 runs, 6 chunks of up to 2" in done.stdout
    table = pd.read_parquet(folder / "results.parquet")
    assert len(table) == 4 * 3 * 2 * len(table["window"].unique())
    assert table["error"].isna().all()
    row = table.query("point == 2 and replication == 1 and window == 'all' and basis == 'event'").iloc[0]
    assert (row["rounds.second.cut"], row["start.ratio"]) == (0.2, 0.8)
    scenario = load("base", [*SMALLEST, "rounds.second.cut=0.2", "start.ratio=0.8"]).scenario
    by_hand = replicate(scenario, 1).measures
    for measure in by_hand.measures:
        np.testing.assert_equal(row[measure], by_hand.value(measure, "all"))
    summary = pd.read_csv(folder / "summary.csv")
    mine = summary.query("point == 2 and window == 'all' and measure == 'lots_sold'").iloc[0]
    sold = table.query("point == 2 and window == 'all' and basis == 'event'")["lots_sold"]
    assert mine["mean"] == pytest.approx(sold.mean())
    assert (folder / "pictures" / "sweep.png").is_file()


def test_the_same_command_again_runs_nothing_and_other_commands_are_refused(swept):
    folder, _ = swept
    before = digest(folder)
    again = sim("sweep", "base", *VARY, "-n", "3", "--out", str(folder), "--no-pictures", *SETS)
    assert (again.returncode, digest(folder)) == (0, before)
    assert "holds this sweep already" in again.stderr
    more = sim("sweep", "base", *VARY, "-n", "5", "--out", str(folder), *SETS)
    assert more.returncode == 2
    assert "expand" in more.stderr
    assert "+2" in more.stderr
    other = sim("sweep", "base", *VARY, "--vary", "interest.mean=1,2", "-n", "3", "--out", str(folder), *SETS)
    assert other.returncode == 2
    assert "holds another sweep" in other.stderr


def test_shards_and_expansion_give_the_same_bytes(swept, tmp_path):
    folder, _ = swept
    out = str(tmp_path / "s")
    first = sim(
        "sweep", "base", *VARY, "-n", "1", "--chunk", "1", "--out", out, "--shard", "2/2", "-j", "1", *SETS
    )
    assert "2 chunks are missing" in first.stdout
    assert sim("sweep", "resume", out, "--no-pictures").returncode == 0
    assert sim("sweep", "expand", out, "--replications", "+2", "--no-pictures").returncode == 0
    assert digest(tmp_path / "s") == digest(folder)
    assert "12 of 12 runs finished" in sim("sweep", "status", out).stdout
    assert "已完成12/12次运行" in sim("sweep", "status", out, lang="zh").stdout
    assert "nothing is missing" in sim("sweep", "resume", out, "--no-pictures").stdout
    assert "no run has failed" in sim("sweep", "retry-failed", out).stdout


def test_interrupted_it_keeps_what_is_done_and_says_how_to_go_on(swept, tmp_path):
    folder, _ = swept
    out = tmp_path / "s"
    arguments = [
        "sweep",
        "base",
        *VARY,
        "-n",
        "3",
        "--chunk",
        "1",
        "-j",
        "1",
        "--out",
        str(out),
        "--no-pictures",
        *SETS,
    ]
    with started("-m", "sim", *arguments) as running:
        wait_for(lambda: len(list(out.glob("chunks/*.parquet"))) >= 2)
        running.signal(signal.SIGINT)
        code, _, said = running.end()
    assert code != 0, "it was done before it could be interrupted"
    assert code == 130
    assert f"sim sweep resume {out}" in said
    assert "Traceback" not in said
    assert sim("sweep", "resume", str(out), "--no-pictures").returncode == 0
    assert digest(out) == digest(folder)


def test_a_scenario_that_was_edited_is_refused_with_what_differs(tmp_path):
    file = tmp_path / "mine.toml"
    text = f'extends = "{ROOT}/scenarios/base.toml"\n[arrivals.periods.year]\ncases = 20\nlots = 40\n[courts]\nnumber = 2\n'
    file.write_text(text)
    out = str(tmp_path / "s")
    sweep = ["sweep", str(file), "--vary", "start.ratio=0.8,1.0", "-n", "1", "--chunk", "1", "--out", out]
    assert sim(*sweep, "--no-pictures").returncode == 0
    file.write_text(text.replace("cases = 20", "cases = 30"))
    done = sim("sweep", "resume", out)
    assert done.returncode == 2
    assert "scenario, arrivals.periods.year.cases: 20 then, 30 now" in done.stderr
    forced = sim("sweep", "expand", out, "--replications", "+1", "--force", "--no-pictures", lang="zh")
    assert forced.returncode == 0, forced.stderr
    (record,) = json.loads((tmp_path / "s" / "manifest.json").read_text())["sweep"]["overruled"]
    assert "scenario, arrivals.periods.year.cases: 20 then, 30 now" in record["although"], (
        "in English, whoever forced it"
    )
    table = pd.read_parquet(tmp_path / "s" / "results.parquet")
    assert table.query("window == 'all' and basis == 'event'")["cases"].max() <= 20, (
        "its own copy is continued"
    )


def test_the_same_command_tells_what_differs(tmp_path):
    out = tmp_path / "s"
    sweep = ["sweep", "base", "--vary", "start.ratio=0.8,1.0", "-n", "1", "--chunk", "1", "--no-pictures", "--out", str(out)]  # fmt: skip
    assert sim(*sweep, *SETS).returncode == 0
    other = sim(*sweep, *SETS, "--set", "interest.mean=1.25", "--vary", "rounds.second.cut=0,0.1")
    assert other.returncode == 2
    assert "holds another sweep" in other.stderr
    for words in ("interest.mean: ", "then, 1.25 now", "varied: path start.ratio, levels 0.8; 1.0 then"):
        assert words in other.stderr


@pytest.mark.parametrize("verb", [["status"], ["resume"], ["retry-failed"], ["compact"]])
def test_a_folder_that_lost_its_chunks_is_reported(tmp_path, verb):
    out = tmp_path / "s"
    sweep = ["sweep", "base", "--vary", "start.ratio=0.8,1.0", "-n", "1", "--chunk", "1", "--no-pictures", "--out", str(out)]  # fmt: skip
    assert sim(*sweep, *SETS).returncode == 0
    (out / "chunks").rename(out / "elsewhere")
    done = sim("sweep", *verb, str(out))
    assert done.returncode == 2
    assert "chunks cannot be read: No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


def test_all_that_is_wrong_is_reported_at_once():
    done = sim(
        "sweep", "base", "--vary", "start.ratoi=1:0.5:0.1", "--vary", "rounds.second.cutt=0,1", "--measures",
        "lots_sould,recovry", "-n", "0", "-j", "-2", "--chunk", "0", "--shard", "3/2",
    )  # fmt: skip
    assert done.returncode == 2
    for words in (
        "is empty", "did you mean cut?", "mean lots_sold?", "mean recovery or recovery_all?", "--replications 0", "--jobs -2",
        "--chunk 0", "--shard 3/2",
    ):  # fmt: skip
        assert words in done.stderr


def test_failed_runs_are_rows_and_the_exit_code_tells(tmp_path):
    """A combination that no scenario allows passes the check of each value alone, and fails as a row."""
    out = str(tmp_path / "s")
    vary = ["--vary", "interest.mean=1,2000", "--vary", "kinds.homes.interest=1,4"]
    done = sim(
        "sweep",
        "base",
        *vary,
        "-n",
        "1",
        "--chunk",
        "1",
        "--out",
        out,
        "--no-pictures",
        *SETS,
        "--set",
        "arrivals.volume=0",
    )
    assert done.returncode == 1
    assert "1 run failed" in done.stderr
    status = sim("sweep", "status", out).stdout
    assert "1 of them failed" in status
    assert "people a round; the limit is" in status
    assert "interest.mean=2000" in status
    table = pd.read_parquet(tmp_path / "s" / "results.parquet")
    assert table["error"].notna().sum() == table.query("point == 3").shape[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["base"], "at least one parameter is needed"),
        (["base", "--vary", "rounds.second.cutt=0,1"], "did you mean cut?"),
        (["base", "--vary", "start.ratio=1:0.5:0.1"], "is empty"),
        (["shanksi", "--vary", "start.ratio=1"], "did you mean shanxi?"),
        (["base", *VARY, "--measures", "lots_sould"], "did you mean lots_sold?"),
        (["base", *VARY, "--shard", "3/2"], "must be i/n"),
        (["base", *VARY, "-n", "0"], "--replications 0"),
        (["base", *VARY, "-j", "-2"], "--jobs -2"),
        (["base", *VARY, "--out", "README.md/x"], "cannot be written to"),
        (["base", *VARY, "--out", "/proc/nowhere"], "cannot be written to"),
        (["base", *VARY, "--out", "docs"], "holds no sweep"),
        (["status", "docs"], "has no manifest.json"),
        (["resume", "no-such-folder"], "no such folder"),
        (["expand", "docs", "--replications", "5"], "must be + and how many more"),
    ],
)  # fmt: skip
def test_bad_input(arguments, said):
    done = sim("sweep", *arguments, *(["--chunk", "1"] if "--vary" in arguments else []))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_no_scheduler_no_sweep(tmp_path):
    pytest.importorskip("distributed")
    done = sim("sweep", "base", *VARY, "--dask", "no-address-at-all", "--out", str(tmp_path / "s"), *SETS)
    assert done.returncode == 2
    assert "no dask scheduler answers at no-address-at-all" in done.stderr
    assert not (tmp_path / "s").exists()


def test_no_scheduler_no_more_replications(swept):
    pytest.importorskip("distributed")
    folder, _ = swept
    done = sim("sweep", "expand", str(folder), "--replications", "+2", "--dask", "no-address-at-all")
    assert done.returncode == 2
    assert "12 of 12 runs finished" in sim("sweep", "status", str(folder)).stdout
