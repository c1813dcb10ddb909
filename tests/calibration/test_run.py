"""``calibrate run`` as a whole, on a small court: what it leaves, that it goes on after kill -9, what it refuses."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import small
from typer.testing import CliRunner

from calibration import outputs, pipeline
from calibration.cli import app
from calibration.file.load import load_targets
from calibration.targets import HOME
from calibration.world import World
from sim.experiments import folder
from sim.experiments.draws import read_draws
from sim.experiments.manifest import read_manifest
from sim.scenario import ScenarioError, load

pytestmark = pytest.mark.processes

TABLES = ("fit", "readings", "parameters", "policy", "draws", "sensitivity", "adequacy", "verification")


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "small.toml"
    path.write_text(small.TARGETS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def done(targets, tmp_path_factory):
    """(result, folder) of a run with one process that nobody stopped."""
    out = tmp_path_factory.mktemp("done") / "out"
    return small.calibrate(targets, out, 1), out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_killed_half_way_it_goes_on_and_ends_with_the_same_tables_as_one_process_that_was_not(
    targets, done, tmp_path
):
    out = tmp_path / "out"
    command = [sys.executable, small.__file__, str(targets), str(out), "2"]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    while running.poll() is None and not list(out.glob("steps/fits-*.npz")):
        time.sleep(0.02)
    assert running.poll() is None
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert not (out / "report.html").exists()
    assert json.loads((out / "manifest.json").read_bytes())["complete"] is False
    kept = {p.name: p.stat().st_mtime_ns for p in (out / "steps").glob("*.npz")}
    assert kept
    small.calibrate(targets, out, 1)
    again = {p.name: p.stat().st_mtime_ns for p in (out / "steps").glob("*.npz")}
    assert {name: again[name] for name in kept} == kept
    for name in TABLES:
        assert (out / f"{name}.csv").read_bytes() == (done[1] / f"{name}.csv").read_bytes(), name


def test_a_kill_while_the_manifest_is_written_finds_the_steps_where_they_are(done, tmp_path, monkeypatch):
    """They used to be moved away for as long as that took, and a kill left them under a name that nobody looks for."""
    result, out = done
    copy = tmp_path / "out"
    shutil.copytree(out, copy)
    seen = []
    real = folder.digest

    def digest(path):
        seen.append((copy / "steps").is_dir())
        return real(path)

    monkeypatch.setattr(folder, "digest", digest)
    outputs.write(copy, result, "en", ["calibrate", "run", "small"], 1, None)
    assert seen
    assert all(seen)
    files = json.loads((copy / "manifest.json").read_bytes())["files"]
    assert {"draws.csv", "report.html"} <= set(files)
    assert not [name for name in files if name.startswith("steps")], "each has a checksum of its own"


def test_a_damaged_manifest_says_how_to_go_on_and_force_keeps_the_steps(targets, done, tmp_path, monkeypatch):
    copy = tmp_path / "out"
    shutil.copytree(done[1], copy)
    path = copy / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"complete": true', b'"complete": trUe'))
    kept = sorted((copy / "steps").iterdir())
    said = CliRunner().invoke(app, ["run", str(targets), "--out", str(copy)])
    assert said.exit_code == 2
    assert "is damaged: it is not JSON" in said.output
    assert "--force writes it anew; finished steps are kept" in said.output
    outputs.prepare(copy, load_targets(targets), True, False)
    assert sorted((copy / "steps").iterdir()) == kept
    assert read_manifest(copy)["complete"] is False


def test_the_calibrated_scenario_is_one_and_holds_the_estimate(done):
    result, out = done
    scenario = load(out / "small-calibrated.toml").scenario
    values = {row["parameter"]: float(row["estimate"]) for row in rows(out / "parameters.csv")}
    assert scenario.interest.mean == pytest.approx(values["interest"])
    base = result.targets.loaded.scenario
    for name, kind in scenario.kinds.items():
        scaled = base.kinds[name].value_median * values["value_scale"]
        assert kind.value_median == pytest.approx(scaled)


def test_draws_are_vectors_of_the_set_that_sim_compare_accepts(done):
    result, out = done
    found = read_draws(out / "draws.csv")
    for sheet in found.sheets[:3]:
        load(out / "small-calibrated.toml", overlays=[sheet])
    lines = rows(out / "draws.csv")
    assert sum(float(row["weight"]) for row in lines) == pytest.approx(1.0)
    kept = np.concatenate([case.sample for case in result.alive])
    means = np.exp(kept[:, 0])
    for row in lines:
        assert np.isclose(means, float(row["interest.mean"]), rtol=1e-9).any()


def test_draws_that_were_changed_in_their_folder_are_refused_and_a_copy_elsewhere_is_not(done, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(done[1], copy)
    assert read_draws(copy / "draws.csv").weights
    text = (copy / "draws.csv").read_bytes()
    digit = next(i for i in range(len(text) // 2, len(text)) if text[i : i + 1] in b"1234567")
    changed = text[:digit] + bytes([text[digit] ^ 1]) + text[digit + 1 :]
    (copy / "draws.csv").write_bytes(changed)
    with pytest.raises(ScenarioError, match=r"changed after it was written.*copy it elsewhere"):
        read_draws(copy / "draws.csv")
    (tmp_path / "draws.csv").write_bytes(changed)
    assert read_draws(tmp_path / "draws.csv").weights


def test_every_vector_of_the_set_is_within_the_cut_and_every_ruled_out_reading_is_beyond(done):
    for case in done[0].cases:
        assert (
            (np.abs(case.history.z) < 3.0).all() if not case.ruled_out else case.history.implausibility >= 3.0
        )


def test_policies_are_monotone_in_depth_and_their_interval_holds_their_median(done):
    table = {(r["group"], r["policy"], r["outcome"]): r for r in rows(done[1] / "policy.csv")}
    for row in table.values():
        assert float(row["effect_low"]) <= float(row["effect"]) <= float(row["effect_high"])
    ten, twenty = (float(table["all", f"cut-{cut}", "sold_ever"]["effect"]) for cut in (10, 20))
    assert 0.0 <= ten <= twenty


@pytest.mark.parametrize("command", ["audit", "run"])
def test_all_defects_are_told_before_anything_is_run_and_nothing_is_written(command, tmp_path):
    out = tmp_path / "out"
    broken = Path(__file__).parent / "broken" / "many-at-once.toml"
    told = CliRunner().invoke(app, [command, str(broken), "--out", str(out)])
    assert told.exit_code == 2
    lines = [line.removeprefix("# ") for line in broken.read_text("utf-8").splitlines() if line[:2] == "# "]
    assert len(lines) > 3
    for line in lines:
        assert line in told.output
    assert "Traceback" not in told.output
    assert not out.exists()


def test_a_folder_of_someone_else_is_left_alone(targets, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    told = CliRunner().invoke(app, ["run", str(targets), "--out", str(tmp_path)])
    assert told.exit_code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.txt"]


def test_a_folder_of_other_targets_is_left_alone(done, tmp_path):
    told = CliRunner().invoke(app, ["run", str(HOME / "targets" / "henan.toml"), "--out", str(done[1])])
    assert told.exit_code == 2
    assert "--force" in told.output


def test_turnover_with_a_nought_too_many_is_ruled_out_under_every_reading(targets, tmp_path):
    path = tmp_path / "ten.toml"
    path.write_text(small.TARGETS.replace("1.2亿", "12亿").replace("high = 5.0", "high = 2.0"), "utf-8")
    result = small.calibrate(path, tmp_path / "out", 1)
    assert result.leading is None
    assert {
        case.history.moments[int(np.nanargmax(np.abs(case.history.best_z)))] for case in result.cases
    } == {"turnover@2018"}
    assert "draws.csv" not in {p.name for p in (tmp_path / "out").iterdir()}
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_court_that_prints_no_number_of_sales_gets_it_from_its_scenario(tmp_path):
    zhejiang = load_targets("zhejiang")
    store = pipeline.store_of(tmp_path, zhejiang)
    world = World(zhejiang, pipeline.exposures(zhejiang, small.SETTINGS, 1, store, lambda *_: None), 8)
    assert 0 < world.lots[0] < zhejiang.windows["2013"].figures["lots"].value
