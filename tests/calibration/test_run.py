"""``calibrate run``: the command, the folder that it leaves, and what it says; with a made-up result, and once with all of it."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import fake_result
import pytest
import small
from pypdf import PdfReader
from signing import resigned
from typer.testing import CliRunner, Result

from calibration import pipeline
from calibration.cli.main import app
from calibration.cli.run import REFUSED
from calibration.report import first_page
from calibration.targets.targets import HOME
from sim.cli.main import app as sim_app
from sim.reporting.briefs.calibration_brief import calibration_brief
from sim.reporting.briefs.content import Line
from sim.scenario import load

TABLES = {"answers", "audit", "diagnostics", "drawn", "facts", "figures", "interpretations", "parameters", "pulls", "scores", "settle", "trial"}  # fmt: skip


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


def check_brief(folder: Path, lang: str) -> None:
    """The brief of the folder: every number of its table of policies is that of answers.csv."""
    brief = calibration_brief(folder, lang, date(2026, 11, 29))
    with (folder / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(r["evidence"], r["policy"], r["outcome"]): r for r in csv.DictReader(file)}
    asked = list(dict.fromkeys(policy for (_, policy, _), row in rows.items() if policy != row["against"]))
    gain: Any = brief.pages[0][1].blocks[0]
    assert len(gain.rows) == len(asked) > 2
    for policy, (_, *cells) in zip(asked, gain.rows, strict=True):
        for outcome, cell in zip(("sold_ever", "recovery_all", "days_to_sale"), cells, strict=True):
            row, size = rows["evidence", policy, outcome], 1.0 if outcome == "days_to_sale" else 100.0
            shown = [float(x) for x in re.findall(r"[-+]?[\d.]+", cell.replace("−", "-"))]
            given = [size * float(row[name]) for name in ("median", "low", "high")]
            assert shown == pytest.approx(given, abs=0.5 if size == 1.0 else 0.05), (policy, outcome)
    texts = [block.text for page in brief.pages for section in page for block in section.blocks if isinstance(block, Line)]  # fmt: skip
    assert any("2016" in text for text in texts)
    assert sum("%" in text for text in texts) > 2


@pytest.mark.slow  # two documents more
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_brief_of_a_calibration_has_two_pages(
    lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up(monkeypatch)
    assert command("shanxi", "--out", tmp_path / "out", "--lang", lang).exit_code == 0
    done = CliRunner().invoke(sim_app, ["brief", str(tmp_path / "out"), "--lang", lang])
    assert done.exit_code == 0, done.output
    assert len(PdfReader(tmp_path / "out" / "brief.pdf").pages) == 2
    assert (tmp_path / "out" / "brief.docx").stat().st_size > 20_000
    refused = CliRunner().invoke(
        sim_app, ["brief", str(tmp_path / "out"), "--policy", "cut-20", "--lang", lang]
    )
    assert refused.exit_code == 2
    text = (tmp_path / "out" / "answers.csv").read_text(encoding="utf-8-sig")
    resigned(tmp_path / "out", "answers.csv", re.sub(r"\d\.\d+", "many", text))
    strange = CliRunner().invoke(sim_app, ["brief", str(tmp_path / "out"), "--force", "--lang", lang])
    assert (strange.exit_code, type(strange.exception)) == (2, SystemExit)
    assert "many" in strange.output


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
    check_brief(tmp_path / "out", lang)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["evidence"] == {
        name: hashlib.sha256((HOME / "evidence" / name).read_bytes()).hexdigest()
        for name in ("china.toml", "seoul.toml")
    }
    assert (manifest["complete"], manifest["effort"], manifest["refused"]) == (True, "quick", [])
    assert [calls[0][1].name, calls[0][5]] == ["full", True]  # type: ignore[attr-defined]


def test_json_is_the_rows_of_its_tables_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up(monkeypatch)
    done = command("shanxi", "--out", tmp_path / "out", "--json", "--lang", "zh")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["folder"], found["refused"]) == (str(tmp_path / "out"), [])
    assert str(tmp_path / "out" / "report.html") in done.stderr
    for name in ("answers", "figures"):
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(found[name]) == len(rows) > 4
        for one, row in zip(found[name], rows, strict=True):
            assert list(one) == list(row)
            assert [one[key] for key in ("median", "low", "high") if one[key] is not None] == [
                float(row[key]) for key in ("median", "low", "high") if row[key]
            ]
    made_up(monkeypatch, refused=True, variants=False)
    done = command("shanxi", "--out", tmp_path / "out", "--json")
    assert done.exit_code == REFUSED
    found = json.loads(done.stdout)
    assert found["answers"] == []
    assert found["refused"]


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
