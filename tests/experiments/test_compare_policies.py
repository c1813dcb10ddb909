"""``sim compare``: which values count, whose random numbers are common, what is left behind, and what is refused."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from commands import sim
from conftest import ROOT, SMALL
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.checkpoint import Checkpoint, clear_finished
from sim.experiments.compare import compare, write_comparison
from sim.experiments.draws import read_draws
from sim.experiments.policies import family
from sim.experiments.run import AUTO
from sim.experiments.storage.checksum import json_with_checksum, json_without_checksum
from sim.experiments.storage.folders import FolderError
from sim.experiments.sweep.observation import Observation
from sim.model.records import Outcome
from sim.model.simulate import simulate
from sim.scenario import ScenarioError, load

HALF = ("arrivals.periods.year.cases=30", "arrivals.periods.year.lots=75", "courts.number=2")
SMALLER = [part for value in HALF for part in ("--set", value)]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# --- which values of a policy file count ------------------------------------------------------------------


def cut(loaded):
    return loaded.scenario.rounds["second"].cut, loaded.scenario.start.ratio


def test_a_policy_made_from_the_base_counts_with_all_between(tmp_path):
    base = write(tmp_path, "b.toml", f'extends = "{ROOT}/scenarios/base.toml"\n[start]\nratio = 0.9\n')
    write(tmp_path, "middle.toml", 'extends = "b.toml"\n[start]\nratio = 0.8\n')
    policy = write(tmp_path, "p.toml", 'extends = "middle.toml"\n[rounds.second]\ncut = 0.05\n')
    _, under = family(base, [policy]).under()
    assert cut(under) == (0.05, 0.8)


def test_a_policy_written_for_another_base_counts_with_its_own_keys_and_says_so():
    tried = family("base", ["cut-10"])
    _, under = tried.under()
    assert under.scenario.rounds["second"].cut == 0.10
    assert under.scenario.courts.number == family("base", []).under()[0].scenario.courts.number, (
        "not Shanxi's"
    )
    assert tried.policies[0].written_for.stem == "shanxi"
    assert family("cut-00", ["cut-10"]).policies[0].written_for is None, "both are made from Shanxi"


def test_a_policy_that_extends_a_policy_brings_both(tmp_path):
    write(
        tmp_path,
        "one.toml",
        f'extends = "{ROOT}/scenarios/shanxi.toml"\n[start]\nratio = 0.75\n[sources]\n"" = "policy: x"\n',
    )
    two = write(
        tmp_path,
        "two.toml",
        'extends = "one.toml"\n[rounds.second]\ncut = 0.05\n[sources]\n"" = "policy: y"\n',
    )
    assert cut(family("base", [two]).under()[1]) == (0.05, 0.75)


def test_a_diff_without_extends_and_a_scenario_of_its_own(tmp_path):
    diff = write(tmp_path, "diff.toml", "[rounds.second]\ncut = 0.05\n")
    tried = family("cut-00", [diff, "base"])
    base, under, own = tried.under()
    assert under.scenario.rounds["second"].cut == 0.05
    assert under.scenario.courts.number == base.scenario.courts.number == 133
    assert own.scenario.courts.number != 133
    assert own.scenario.run.seed == base.scenario.run.seed, "random numbers are common whatever the file says"


def test_every_defect_of_every_policy_is_reported(tmp_path):
    bad = write(tmp_path, "bad.toml", "[rounds.second]\ncut = 1.5\n[start]\nratoi = 1.0\n")
    worse = write(tmp_path, "worse.toml", "[auction]\ndeposit = -1.0\n")
    with pytest.raises(ScenarioError) as caught:
        family("base", [bad, worse]).under()
    assert {d.key for d in caught.value.defects} == {"start.ratoi", "rounds.second.cut", "auction.deposit"}
    with pytest.raises(ScenarioError, match="did you mean promotion") as missing:
        family("base", ["promotoin", "no-such-thing", "base"])
    assert len(missing.value.defects) == 3


# --- draws ------------------------------------------------------------------------------------------------


def test_draws_lie_under_the_policy_and_over_the_base(tmp_path):
    file = write(tmp_path, "d.csv", "rounds.second.cut,interest.mean,weight\n0.02,1.5,3\n0.03,2.5,1\n")
    draws = read_draws(file)
    assert draws.weights == (0.75, 0.25)
    base, under = family("base", ["cut-10"]).under(draws.overlays[1])
    assert (base.scenario.rounds["second"].cut, under.scenario.rounds["second"].cut) == (0.03, 0.10)
    assert base.scenario.interest.mean == under.scenario.interest.mean == 2.5


def test_draws_in_toml_equal_draws_in_csv(tmp_path):
    one = read_draws(write(tmp_path, "d.csv", "interest.mean,rounds.second.cut\n1.5,0.1\n"))
    other = read_draws(write(tmp_path, "d.toml", "[[draws]]\ninterest.mean = 1.5\nrounds.second.cut = 0.1\n"))
    assert [s.tree for s in one.overlays] == [s.tree for s in other.overlays]


# --- what is compared with ---------------------------------------------------------------------------------


def test_policies_may_be_compared_with_one_of_them(tmp_path):
    tried = family("base", ["cut-00", "cut-10", "cut-20"], HALF, against="cut-00")
    assert tried.names == ["cut-00", "cut-10", "cut-20"]
    assert [one.scenario.rounds["second"].cut for one in tried.under()] == [0.0, 0.1, 0.2]
    named_once = family("base", ["cut-10", "cut-20"], HALF, against="cut-00")
    assert named_once == tried
    result, other = compare(tried, None, 2), compare(family("base", ["cut-00", "cut-20"], HALF), None, 2)

    def sold(of, policy, side):
        (row,) = rows(of, policy_name=policy, window="all", segment="all", basis="event", measure="lots_sold")
        return row[side]

    assert sold(result, "cut-20", "base") == sold(other, "cut-00", "policy")
    assert sold(result, "cut-20", "policy") == sold(other, "cut-20", "policy")


def test_against_the_base_is_what_it_is_without(tmp_path):
    assert family("base", ["cut-10"], against="base") == family("base", ["cut-10"])
    assert family("base", ["base"], against="cut-00").names == ["cut-00", "base"]
    with pytest.raises(ScenarioError, match="nothing else is named"):
        family("base", ["cut-00"], against="cut-00")
    with pytest.raises(ScenarioError, match="there is no such scenario file"):
        family("base", ["cut-10"], against="cut-01-nonsense")
    with pytest.raises(ScenarioError, match=r"cut-10\.toml: is named twice"):
        family("base", ["cut-10", "cut-10"], against="cut-00")


# --- running ----------------------------------------------------------------------------------------------


def rows(result, **where):
    columns = result.rows
    return [
        {name: column[i] for name, column in columns.items()}
        for i in range(len(columns["window"]))
        if all(columns[k][i] == v for k, v in where.items())
    ]


def test_differences_are_those_of_runs_made_by_hand():
    tried = family("base", ["cut-00"], SMALL)
    result = compare(tried, None, 3)
    base, policy = (one.scenario for one in tried.under())
    sold = [
        [int((simulate(s, r).lots["outcome"] == Outcome.SOLD).sum()) for r in range(3)]
        for s in (base, policy)
    ]
    (row,) = rows(result, window="all", segment="all", basis="event", measure="lots_sold")
    assert row["difference"] == pytest.approx(np.mean(sold[1]) - np.mean(sold[0]))
    assert row["sd_monte_carlo"] == pytest.approx(np.std(np.subtract(sold[1], sold[0]), ddof=1))


def test_the_same_scenario_twice_differs_in_nothing(tmp_path):
    same = write(tmp_path, "same.toml", 'title = "another name"\n')
    result = compare(family("base", [same], HALF), None, 2)
    assert {d for d in result.rows["difference"] if d == d} == {0.0}
    assert result.flows[0] == result.flows[1]


def test_a_policy_without_a_round_is_compared_on_what_is_shared():
    result = compare(family("base", ["no-sell-off"], HALF), None, 2)
    assert result.apart["no-sell-off"] == ["failed_sell_off", "hazard_sell_off", "sold_sell_off"]
    assert "sold_sell_off" not in result.rows["measure"]
    assert "sold_second" in result.rows["measure"]


def test_auto_goes_on_until_the_headline_differences_are_known(monkeypatch):
    from sim.experiments import compare as module

    monkeypatch.setattr(module, "HEADLINES", {"lots_sold": 1.5})
    result = compare(family("base", ["cut-00"], HALF), None, AUTO)
    halves = [r["half"] for r in rows(result, segment="all", basis="event", measure="lots_sold")]
    assert result.precise
    assert max(halves) <= 1.5
    assert result.replications % 10 == 0
    monkeypatch.setattr(module, "HEADLINES", {"lots_sold": 1e-9})
    monkeypatch.setattr(module, "MOST", 20)
    stopped = compare(family("base", ["cut-00"], HALF), None, AUTO)
    assert (stopped.replications, stopped.precise) == (20, False)


def test_every_draw_has_random_numbers_of_its_own(tmp_path):
    """Two equal draws: were their random numbers common, their means would be equal and the parameters' part negative."""
    draws = read_draws(write(tmp_path, "d.csv", "interest.mean\n1.5\n1.5\n"))
    result = compare(family("base", ["cut-00"], HALF), draws, 2)
    (row,) = rows(result, window="all", segment="all", basis="event", measure="lots_sold")
    assert row["pairs"] == 4
    assert result.draws == 2
    single = compare(family("base", ["cut-00"], (*HALF, "interest.mean=1.5")), None, 4)
    (alone,) = rows(single, window="all", segment="all", basis="event", measure="lots_sold")
    assert row["difference"] == pytest.approx(alone["difference"]), "replications 0 to 3, dealt to the draws"


def draws_of(folder: Path, *lines: str):
    return read_draws(write(folder, "d.csv", "\n".join(lines) + "\n"))


SWITCHES = [
    ("rounds.second.held = true", "rounds.second.held = false", "sold_second"),
    ("rounds.sell_off.held = true", "rounds.sell_off.held = false", "sold_sell_off"),
    ("interest.mean = 1.0", "kinds.goods = false\nkinds.homes.share = 0.45", "goods"),
    ("time.windows.early = {first = 2017-01-01, last = 2017-06-30}", "interest.mean = 1.0", "early"),
]


@pytest.mark.parametrize(("there", "gone", "name"), SWITCHES)
def test_draws_that_take_something_away_give_the_same_in_any_order(tmp_path, there, gone, name):
    """Measures, segments and windows that some draw lacks are left out and named; all else is there."""
    tried = family("base", ["start-80"], HALF)

    def under(*values):
        tables = "".join(f"[[draws]]\n{value}\n" for value in values)
        return compare(tried, read_draws(write(tmp_path, "d.toml", tables)), 2)

    one, other = under(there, gone), under(gone, there)
    assert [repr(column) for column in one.rows.values()] == [repr(c) for c in other.rows.values()]
    assert one.flows == other.flows
    assert one.lacking == other.lacking
    assert name in one.lacking["start-80"]
    assert one.apart["start-80"] == [], "it is the draws that differ, not the policy"
    labels = {x for column in ("window", "segment", "measure") for x in one.rows[column]}
    assert not labels & set(one.lacking["start-80"])
    whole = under(there, there)
    cells = set(zip(*(whole.rows[c] for c in ("window", "segment", "basis", "measure")), strict=True))
    left = {cell for cell in cells if not set(cell) & set(one.lacking["start-80"])}
    assert set(zip(*(one.rows[c] for c in ("window", "segment", "basis", "measure")), strict=True)) == left


def test_a_sweep_observes_the_measures_of_a_round_that_only_its_points_hold():
    loaded = load("base", (*HALF, "rounds.second.held=false"))
    work = Observation(loaded.toml(), {"held": ("rounds", "second", "held")}, ())
    place = work.columns.index(("all", "event", "sold_second"))
    there, gone = (work.run(work.prepare({"held": held}), 0)[place] for held in (True, False))
    assert 0.0 < there < 1.0
    assert np.isnan(gone)
    assert all("second" not in column[-1] for column in Observation(loaded.toml(), {}).columns)


def test_numbers_do_not_depend_on_the_order_of_rows_and_columns(tmp_path):
    tried = family("base", ["cut-00"], HALF)
    one = compare(tried, draws_of(tmp_path, "interest.mean,start.ratio,weight", "1.5,0.8,3", "10,0.7,1"), 2)
    other = compare(tried, draws_of(tmp_path, "weight,start.ratio,interest.mean", "1,0.7,10", "3,0.8,1.5"), 2)
    assert [repr(column) for column in one.rows.values()] == [repr(c) for c in other.rows.values()]
    assert one.flows == other.flows


def test_a_policy_that_settles_what_the_draws_vary_is_compared_on_what_the_base_always_has(tmp_path):
    held = write(tmp_path, "held.toml", "[rounds.second]\nheld = true\n")
    result = compare(
        family("base", [held], HALF), draws_of(tmp_path, "rounds.second.held", "true", "false"), 2
    )
    assert "sold_second" in result.lacking["held"]
    assert result.apart["held"] == []


def test_a_defect_of_the_program_is_not_reported_as_a_message(tmp_path, monkeypatch):
    from sim.experiments import compare as module

    def broken(*arguments, **named):
        raise ValueError("tuple.index(x): x not in tuple")

    monkeypatch.setattr(module, "compare", broken)
    result = CliRunner().invoke(app, ["compare", "base", "cut-00", "--out", str(tmp_path / "out"), "-j", "1"])
    assert isinstance(result.exception, ValueError)


def test_what_some_draw_lacks_is_said(tmp_path):
    write(tmp_path, "d.csv", "rounds.second.held\nfalse\ntrue\n")
    done = sim(
        "compare", "base", "start-80", "-n", "2", "--draws", str(tmp_path / "d.csv"), "-j", "1",
        "--out", str(tmp_path / "out"), "--no-pictures", *SMALLER, lang="zh",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (
        "start-80：并非每组抽样参数都有、不作比较：failed_second, hazard_second, sold_second" in done.stdout
    )
    assert "sold_second" in json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["lacking"]["start-80"]  # fmt: skip


# --- the command ------------------------------------------------------------------------------------------


def test_the_folder_is_the_same_whoever_ran_it_and_the_answer_is_plain(tmp_path):
    one = sim("compare", "base", "cut-00", "-n", "3", "-j", "1", "--out", str(tmp_path / "a"), *SMALLER)
    two = sim(
        "compare", "base", "cut-00", "-n", "3", "-j", "2", "--out", str(tmp_path / "b"), "--no-pictures", *SMALLER, lang="zh"
    )  # fmt: skip
    assert (one.returncode, two.returncode) == (0, 0), one.stderr + two.stderr
    hashes = {
        hashlib.sha256((tmp_path / name / "differences.csv").read_bytes()).hexdigest() for name in ("a", "b")
    }
    assert len(hashes) == 1
    assert "No reduction after the first failed auction, against:" in one.stdout
    assert "一拍流拍后不降价，相比：" in two.stdout
    assert "was written for shanxi" in one.stderr
    pictures = {path.name for path in (tmp_path / "a" / "pictures").glob("*.png")}
    assert pictures == {
        "differences.png",
        "tradeoff.png",
        "where_lots_end-base.png",
        "where_lots_end-cut-00.png",
    }
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["policies"], manifest["replications"]) == ("compare", ["cut-00"], 3)
    with (tmp_path / "a" / "differences.csv").open(encoding="utf-8-sig") as file:
        assert next(csv.reader(file))[:6] == ["policy_name", "window", "segment", "basis", "measure", "base"]


NAMED = f"""extends = "{ROOT.as_posix()}/scenarios/base.toml"
draws = "d.csv"
[arrivals.periods.year]
cases = 30.0
lots = 75.0
[courts]
number = 2
"""


def test_the_draws_that_a_scenario_names_are_used_unless_others_are_asked_for(tmp_path):
    write(tmp_path, "d.csv", "interest.mean\n" + "".join(f"{1 + x / 20}\n" for x in range(20)))
    write(tmp_path, "e.csv", "interest.mean\n2.0\n2.5\n")
    named = str(write(tmp_path, "named.toml", NAMED))

    def compared(*options: str) -> tuple[str, str, dict]:
        out = tmp_path / "out"
        done = sim("compare", named, "cut-20", "--against", "cut-00", "-n", "2", "-j", "1", "--no-pictures",
                   "--force", "--out", str(out), *options)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr, json.loads((out / "manifest.json").read_text(encoding="utf-8"))

    said, notes, manifest = compared("--max-draws", "4")
    assert f"4 of 20 draws of the parameters, from {tmp_path / 'd.csv'}" in notes
    assert "Parameters   Monte Carlo" in said
    assert (manifest["draws"], manifest["base"], manifest["policies"]) == (4, "cut-00", ["cut-20"])
    assert manifest["draws_file"] == {
        "file": str(tmp_path / "d.csv"), "total": 20,
        "sha256": hashlib.sha256((tmp_path / "d.csv").read_bytes()).hexdigest(),
    }  # fmt: skip
    said, notes, manifest = compared("--point")
    assert "draws" not in notes
    assert "says nothing of the parameters" in said.replace("\n", " ")
    assert (manifest["draws"], manifest["draws_file"]) == (0, None)
    *_, manifest = compared("--draws", str(tmp_path / "e.csv"))
    assert (manifest["draws"], manifest["draws_file"]["file"]) == (2, str(tmp_path / "e.csv"))
    again = compared("--draws", "scenario", "--max-draws", "2")[2]
    assert (again["draws"], again["draws_file"]["file"]) == (2, str(tmp_path / "d.csv"))


def test_what_the_scenarios_draws_vary_is_not_set_too(tmp_path):
    write(tmp_path, "d.csv", "interest.mean\n2.0\n2.5\n")
    done = sim("compare", str(write(tmp_path, "named.toml", NAMED)), "cut-20", "--set", "interest.mean=3")
    assert done.returncode == 2
    assert "d.csv: interest.mean is varied and set, by --set interest.mean=3" in done.stderr
    (tmp_path / "d.csv").unlink()
    done = sim("compare", str(tmp_path / "named.toml"), "cut-20")
    assert done.returncode == 2
    assert f"named.toml: draws: {tmp_path / 'd.csv'}: there is no such file" in done.stderr


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_run_stays_at_the_point_and_says_so(tmp_path, lang):
    write(tmp_path, "d.csv", "interest.mean\n2.0\n2.5\n")
    named, out = str(write(tmp_path, "named.toml", NAMED)), tmp_path / "out"
    done = sim("run", named, "-n", "1", "--no-pictures", "--records", "none", "--out", str(out), lang=lang)
    assert done.returncode == 0, done.stderr
    assert {"en": "it is run at its own values", "zh": "按情景自身取值运行"}[lang] in done.stderr
    found = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["draws_file"]
    assert found == {
        "file": str(tmp_path / "d.csv"),
        "sha256": hashlib.sha256((tmp_path / "d.csv").read_bytes()).hexdigest(),
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["base", "cut-10", "--point", "--draws", "d.csv"], "leave out one of the two"),
        (["base", "cut-10", "--draws", "scenario"], "the scenario names no draws"),
        (["base", "cut-10", "--max-draws", "3"], "there are no draws"),
        (["base", "promotoin"], "did you mean promotion?"),
        (["base", "base"], "is named twice"),
        (["base", "cut-10", "-n", "none"], "allowed are auto and whole numbers"),
        (["base", "cut-10", "-j", "-1"], "allowed are 0"),
        (["base", "cut-10", "--draws", "no-such.csv"], "there is no such file"),
        (["base", "cut-10", "--set", "interest.maen=1"], "did you mean mean?"),
        (["base", "cut-10", "--out", "README.md"], "is a file, not a folder"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(arguments, said):
    done = sim("compare", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_draw_that_no_scenario_allows_is_refused_with_its_line(tmp_path):
    file = write(tmp_path, "d.csv", "interest.mean\n1.0\n-3.0\n")
    done = sim("compare", "base", "cut-10", "--draws", str(file))
    assert done.returncode == 2
    assert "d.csv line 3: interest.mean: -3.0 is out of range" in done.stderr


# --- a stop costs what was under way ----------------------------------------------------------------------


def keeping(target: Path, tried, force: bool = False):
    """What ``compare`` asks where runs are kept; the answers are remembered."""
    made = []

    def keep(plain, under):
        made.append(Checkpoint(target, tried.names, plain, under, force))
        return made[-1]

    return keep, made


def counted(monkeypatch) -> list[int]:
    """Replications that are run from now on."""
    from sim.experiments import compare as module

    real, run = module.replicate, []
    monkeypatch.setattr(module, "replicate", lambda s, r: run.append(r) or real(s, r))
    return run


def test_what_was_run_before_a_stop_is_not_run_again(tmp_path, monkeypatch):
    tried = family("base", ["cut-00"], HALF)
    keep, made = keeping(tmp_path / "out", tried)

    def stop(done):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(tried, None, 4, tick=stop, keep=keep)
    assert made[0].number == 4
    damaged = made[0].folder / "1-0.npz"
    damaged.write_bytes(damaged.read_bytes()[:-200])
    run = counted(monkeypatch)
    again = compare(tried, None, 4, keep=keep)
    assert sorted(run) == [1, 2, 2, 3, 3], "the damaged one, and those that were missing"
    assert made[1].number == 8
    whole = compare(tried, None, 4)
    assert [repr(column) for column in again.rows.values()] == [repr(c) for c in whole.rows.values()]
    assert again.flows == whole.flows


def test_runs_of_another_comparison_are_refused_with_what_differs_and_forced_away(tmp_path, monkeypatch):
    tried = family("base", ["cut-00"], HALF)
    keep, _ = keeping(tmp_path / "out", tried)
    compare(tried, None, 2, keep=keep)
    other = family("base", ["cut-00"], (*HALF, "interest.mean=1.25"))
    keep, _ = keeping(tmp_path / "out", other)
    with pytest.raises(FolderError, match=r"base, scenario, interest.mean: .* then, 1.25 now"):
        compare(other, None, 2, keep=keep)
    more = family("base", ["cut-00", "cut-10"], HALF)
    keep, _ = keeping(tmp_path / "out", more)
    with pytest.raises(FolderError, match="compared: base, cut-00 then, base, cut-00, cut-10 now"):
        compare(more, None, 2, keep=keep)
    about = tmp_path / "out.unfinished" / "unfinished.json"
    content = json_without_checksum(about.read_bytes())
    about.write_bytes(json_with_checksum(content | {"code": content["code"] | {"numpy": "1.0"}}))
    keep, _ = keeping(tmp_path / "out", tried)
    with pytest.raises(FolderError, match=r"numpy: 1\.0 then"):
        compare(tried, None, 2, keep=keep)
    run = counted(monkeypatch)
    about.write_text("{", encoding="utf-8")
    keep, _ = keeping(tmp_path / "out", tried)
    compare(tried, None, 2, keep=keep)
    assert run == [], "each run says itself what it is of"
    about.write_text("{", encoding="utf-8")
    keep, _ = keeping(tmp_path / "out", other)
    compare(other, None, 2, keep=keep)
    assert len(run) == 4, "and these are of something else"
    assert len(list((tmp_path / "out.unfinished" / "damaged").iterdir())) == 4
    run.clear()
    keep, _ = keeping(tmp_path / "out", tried, force=True)
    compare(tried, None, 2, keep=keep)
    assert len(run) == 4


def test_two_processes_do_not_share_what_is_kept(tmp_path):
    tried = family("base", ["cut-00"], HALF)
    runs = tmp_path / "out.unfinished"
    runs.mkdir()
    other = subprocess.Popen(
        [sys.executable, "-c", "import sys, pathlib\nfrom sim.experiments.storage.leftovers import claim\n"
         "claim(pathlib.Path(sys.argv[1]))\nprint(flush=True)\nsys.stdin.read()", str(runs)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    other.stdout.readline()
    keep, _ = keeping(tmp_path / "out", tried)
    with pytest.raises(FolderError, match="another process is at work"):
        compare(tried, None, 2, keep=keep)
    clear_finished(tmp_path / "out")
    assert runs.is_dir(), "somebody works there"
    other.kill()
    other.communicate()
    compare(tried, None, 2, keep=keep)


def test_runs_that_nobody_needs_are_removed_by_the_next_command(tmp_path):
    """Killed between the folder's last rename and the removal of its runs, or before the first run."""
    out, runs = tmp_path / "out", tmp_path / "out.unfinished"
    tried = family("base", ["cut-00"], HALF)
    keep, _ = keeping(out, tried)
    done = compare(tried, None, 2, keep=keep)
    clear_finished(out)
    assert len(list(runs.glob("*.npz"))) == 4, "its folder is not written"
    write_comparison(out, done, None, False)
    other = family("base", ["cut-10"], HALF)
    write_comparison(tmp_path / "other", compare(other, None, 2), None, False)
    runs.rename(tmp_path / "other.unfinished")
    clear_finished(tmp_path / "other")
    (tmp_path / "other.unfinished").rename(runs)
    assert len(list(runs.glob("*.npz"))) == 4, "the folder is of another comparison"
    for claim in runs.glob(".claim.*"):
        claim.unlink()  # as when this process is dead
    refused = sim("compare", "base", "cut-00", "--out", str(out))
    assert (refused.returncode, "not empty" in refused.stderr) == (2, True)
    assert not runs.exists()
    runs.mkdir()
    clear_finished(out)
    assert not runs.exists()


def test_other_draws_are_other_runs(tmp_path):
    tried = family("base", ["cut-00"], HALF)
    keep, _ = keeping(tmp_path / "out", tried)
    compare(tried, read_draws(write(tmp_path, "d.csv", "interest.mean\n1.5\n1.6\n")), 2, keep=keep)
    with pytest.raises(FolderError, match="the draws of the parameters"):
        compare(tried, read_draws(write(tmp_path, "d.csv", "interest.mean\n1.5\n1.7\n")), 2, keep=keep)


@pytest.mark.processes
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_it_goes_on_with_the_same_command(tmp_path, jobs):
    out = tmp_path / "a"
    command = ["compare", "base", "cut-00", "-n", "12", "-j", jobs, "--no-pictures", *SMALLER]
    env = {**os.environ, "SIM_LANG": "en"}
    running = subprocess.Popen(
        [sys.executable, "-m", "sim", *command, "--out", str(out)], cwd=ROOT, env=env, stderr=subprocess.PIPE
    )  # fmt: skip
    runs = tmp_path / "a.unfinished"
    while not runs.is_dir() or len(list(runs.glob("*.npz"))) < 5:
        assert running.poll() is None, "it was done before it could be killed"
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not out.exists()
    again = sim(*command, "--out", str(out))
    assert again.returncode == 0, again.stderr
    kept = re.search(r"continuing: (\d+) runs of an earlier comparison", again.stderr)
    assert kept
    assert int(kept[1]) >= 5
    assert not runs.exists(), "written, it needs them no more"
    whole = sim(*command, "--out", str(tmp_path / "b"))
    assert whole.returncode == 0
    assert (out / "differences.csv").read_bytes() == (tmp_path / "b" / "differences.csv").read_bytes()


def test_all_that_is_wrong_is_reported_at_once(tmp_path):
    draws = write(tmp_path, "d.csv", "interest.mean,weight\n1.0,-1\n")
    done = sim(
        "compare", "base", "promotoin", "-j", "-1", "--draws", str(draws), "-n", "1", "--out", "README.md"
    )  # fmt: skip
    assert done.returncode == 2
    for words in (
        "--jobs -1",
        "at least 2 are needed",
        "-1.0 is not a number",
        "did you mean promotion?",
        "is a file",
    ):
        assert words in done.stderr
