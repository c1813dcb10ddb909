"""``calibrate run``: the command, the folder that it leaves, and what it says; with a made-up result, and once with all of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import fake_result
import pytest
import small
from typer.testing import CliRunner, Result

from calibration import pipeline
from calibration.cli.main import app
from calibration.cli.run import REFUSED
from calibration.report import first_page
from calibration.targets.targets import HOME
from sim.scenario import load

TABLES = {"answers", "audit", "diagnostics", "facts", "figures", "interpretations", "parameters", "pulls", "scores", "settle", "trial"}  # fmt: skip


def command(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["run", *(str(word) for word in words)])


def made_up(monkeypatch: pytest.MonkeyPatch, **kw: object) -> list[tuple[object, ...]]:
    """The pipeline replaced by a made-up result; what it is called with."""
    calls: list[tuple[object, ...]] = []

    def run(*given: object) -> object:
        calls.append(given)
        return fake_result.result(**kw)

    monkeypatch.setattr(pipeline, "run", run)
    return calls


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_says_the_answer_in_lines_and_leaves_tables_report_and_manifest(
    lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = made_up(monkeypatch)
    done = command("shanxi", "--out", tmp_path / "out", "--lang", lang)
    assert done.exit_code == 0, done.output
    for line in first_page.lines(fake_result.result(), lang):
        assert "".join(line.split()) in "".join(done.output.split())
    held = {path.name for path in (tmp_path / "out").iterdir()}
    scenario = {"shanxi.toml", "shanxi-draws.csv"}
    assert held == {
        "report.html",
        "manifest.json",
        "targets.toml",
        *scenario,
        *(f"{name}.csv" for name in TABLES),
    }
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    china = (HOME / "evidence" / "china.toml").read_bytes()
    assert manifest["evidence"] == {"china.toml": hashlib.sha256(china).hexdigest()}
    assert (manifest["complete"], manifest["effort"], manifest["refused"]) == (True, "quick", [])
    assert [calls[0][1].name, calls[0][5]] == ["full", True]  # type: ignore[attr-defined]


def test_quick_and_no_variants_reach_the_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = made_up(monkeypatch)
    assert command("shanxi", "--out", tmp_path / "out", "--quick", "--no-variants").exit_code == 0
    assert [calls[0][1].name, calls[0][5]] == ["quick", False]  # type: ignore[attr-defined]


def test_a_scenario_for_others_needs_every_body_of_evidence(tmp_path: Path) -> None:
    done = command("shanxi", "--out", tmp_path / "out", "--no-variants", "--scenario", tmp_path / "x.toml")
    assert done.exit_code == 2
    assert "--no-variants" in done.output
    assert not (tmp_path / "out").exists()


def test_a_refused_answer_has_its_own_exit_code_and_no_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up(monkeypatch)
    command("shanxi", "--out", tmp_path / "out", "--lang", "en")
    made_up(monkeypatch, refused=True, variants=False)
    done = command("shanxi", "--out", tmp_path / "out", "--lang", "en")
    assert done.exit_code == REFUSED == 4
    assert "No answer can be given" in done.output
    assert "points [" not in done.output
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert not left & {"answers.csv", "shanxi.toml", "shanxi-draws.csv"}, "those of the run before"
    refused = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["refused"]
    assert refused[0].startswith("event+")
    assert refused[0].endswith(": rhat 1.2 (1.01)")


def test_a_scenario_is_written_with_its_draws_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up(monkeypatch)
    path = tmp_path / "mine" / "court.toml"
    done = command("shanxi", "--out", tmp_path / "out", "--scenario", path)
    assert done.exit_code == 0, done.output
    scenario = load(path)
    assert scenario.scenario.interpretation.basis == "event"
    assert scenario.draws == path.with_name("court-draws.csv")
    drawn = path.with_name("court-draws.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(drawn) == 1 + fake_result.QUICK.exported
    answers = path.with_name("court-answers.csv").read_bytes()
    assert answers == (tmp_path / "out" / "answers.csv").read_bytes()


def test_no_scenario_is_written_where_no_point_may_stand_for_the_posterior(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up(monkeypatch, failed=("density",))
    path = tmp_path / "court.toml"
    done = command("shanxi", "--out", tmp_path / "out", "--scenario", path, "--lang", "en")
    assert done.exit_code == REFUSED
    assert "highest-density region" in " ".join(done.output.split())
    assert not path.exists()


def test_a_folder_of_something_else_is_refused_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = made_up(monkeypatch)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x", encoding="utf-8")
    assert command("shanxi", "--out", tmp_path / "out").exit_code == 2
    assert command("shanxi", "--out", tmp_path / "out" / "mine.txt").exit_code == 2
    assert calls == []


@pytest.mark.processes
def test_a_calibration_from_end_to_end_is_the_same_twice(tmp_path: Path) -> None:
    """A small court with few draws; done again from its steps, and beside them, the tables are the same bytes."""
    path = tmp_path / "small.toml"
    path.write_text(small.TARGETS, encoding="utf-8")
    result = small.calibrate(path, tmp_path / "out", 1)
    assert [len(one.run.log_marginals) for one in result.main.posteriors] == [2, 2]
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.csv")}
    assert {"audit.csv", "diagnostics.csv", "figures.csv", "interpretations.csv", "parameters.csv"} == set(
        first
    ), "refused"
    small.calibrate(path, tmp_path / "out", 1)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.csv")} == first
