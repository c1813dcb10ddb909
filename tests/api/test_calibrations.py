"""Audit and calibration in Python: the tables and pictures of the report, and what is refused."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import fake_result
import pandas as pd
import pytest
import small
from matplotlib.figure import Figure

import sim
from calibration import pipeline
from calibration.cache import Cache
from calibration.report.tables import every
from calibration.report.words import w
from calibration.result import Result
from calibration.settings import BY_NAME, FULL, QUICK, SMALL, Settings
from calibration.targets.targets import Targets
from calibration.workers import Tick
from sim.api.calibrations import CalibrationResult, _refused


def test_the_audit_is_that_of_the_command() -> None:
    from calibration.audit import audit
    from calibration.targets.reader.load import load_reported

    found = sim.audit("shanxi")
    assert found.findings["key"].tolist() == [one.key for one in audit(load_reported("shanxi"))]
    assert found.findings["verdict"].tolist() == [one.verdict for one in found.found]
    assert found.ruled_out["sale_rate"] >= {"sale_rate_listed"}
    assert repr(found) == f"<AuditResult of shanxi: {len(found.findings)} findings>"
    assert "contradict" in found.summary()
    assert "What follows" in found._repr_html_()
    assert isinstance(found.plot(lang="en"), Figure)
    assert isinstance(found.plot("findings", lang="zh"), Figure)
    with pytest.raises(sim.ScenarioError, match="did you mean shanxi"):
        sim.audit("shanxy")


def test_codes_of_the_audit_do_not_change_with_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    english = sim.audit("shanxi").findings
    monkeypatch.setenv("SIM_LANG", "zh")
    found = sim.audit("shanxi")
    words = ["says", "in_words"]
    pd.testing.assert_frame_equal(found.findings.drop(columns=words), english.drop(columns=words))
    assert (found.findings[words] != english[words]).all(axis=None)
    assert "结论" in found._repr_html_()


def test_a_result_gives_the_tables_and_pictures_of_the_report() -> None:
    made = fake_result.result()
    found = CalibrationResult(_refused(made), 12.0, None, made)
    assert found.refused == ""
    assert set(found.tables) == set(every(made))
    assert {"median", "low", "high"} <= set(found.answers)
    assert len(found.parameters) == len(made.model.space.slots)
    assert len(found.draws) == made.settings.exported
    for kind in ("answer", "parameters", "fit"):
        for lang in ("en", "zh"):
            assert isinstance(found.plot(kind, lang=lang), Figure)
    assert "parameters" in repr(found)
    assert "<table" in found._repr_html_()


def test_what_is_refused_is_not_written(tmp_path: Path) -> None:
    for made in (fake_result.result(refused=True), fake_result.result(failed=("figures",))):
        found = CalibrationResult(_refused(made), 12.0, None, made)
        assert found.refused
        assert "refused" in repr(found)
        with pytest.raises(RuntimeError, match="may not be used"):
            found.save_scenario(tmp_path / "x.toml")
    assert list(tmp_path.iterdir()) == []
    assert isinstance(found.plot("answer", lang="en"), Figure)


def test_it_is_run_in_memory_or_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, calls = fake_result.result(), []

    def run(
        targets: Targets, settings: Settings, jobs: int, store: Cache, tick: Tick, variants: bool
    ) -> Result:
        calls.append((targets.path.stem, settings, jobs, variants))
        tick("evidence", 1, 2)
        (store.folder).mkdir(parents=True)
        return made

    monkeypatch.setattr(pipeline, "run", run)
    found = sim.calibrate("shanxi", effort="quick", variants=False)
    kept = sim.calibrate("shanxi", out=tmp_path / "out", progress=False)
    sim.calibrate("shanxi", effort="small")
    assert calls == [("shanxi", QUICK, 1, False), ("shanxi", FULL, 1, True), ("shanxi", SMALL, 1, True)]
    assert (found.found, found.out, kept.out) == (made, None, tmp_path / "out")
    assert (tmp_path / "out" / "report.html").is_file()
    assert "effort='full'" in (tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")
    with pytest.raises(sim.ScenarioError) as error:
        sim.calibrate("shanxi", jobs=-1, effort="smal")
    assert "jobs=-1" in str(error.value)
    assert "effort='smal': allowed are full, quick, small" in str(error.value)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_effort_has_words_for_the_report(lang: str) -> None:
    assert len({w(f"effort.{name}", lang) for name in BY_NAME}) == len(BY_NAME)


@pytest.mark.slow
def test_a_small_place_from_figures_to_draws_in_memory_and_in_a_folder(tmp_path: Path) -> None:
    targets = tmp_path / "small.toml"
    targets.write_text(small.TARGETS, encoding="utf-8")
    with patch.multiple(pipeline, **small.FEWER):
        found = sim.calibrate(targets, effort=small.SETTINGS, variants=False)
        kept = sim.calibrate(targets, effort=small.SETTINGS, variants=False, out=tmp_path / "out")
    pd.testing.assert_frame_equal(found.parameters, kept.parameters)
    pd.testing.assert_frame_equal(found.draws, kept.draws)
    assert {"interest.mean"} <= set(found.draws)
    assert (tmp_path / "out" / "report.html").is_file()
    assert found.to_frame() is found.parameters
