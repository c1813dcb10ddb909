"""``--engine``: the same folder by either engine; what cannot be is refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from two_engines import in_python
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.storage.manifest import MANIFEST, read_manifest
from sim.model import engine

FEW = [
    "--set",
    "arrivals.periods.year.cases=6",
    "--set",
    "arrivals.periods.year.lots=10",
    "--lang",
    "en",
    "-n",
    "1",
    "-j",
    "1",
]


def sim(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_both_engines_leave_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "installed", lambda: True)
    monkeypatch.setattr(engine, "_on_disk", lambda: True)
    monkeypatch.setattr("sim.model.compiled.build.compiled", lambda: in_python)
    folders = [tmp_path / name for name in ("simpy", "compiled")]
    for folder in folders:
        code, said = sim("run", "base", *FEW, "--no-pictures", "--out", str(folder), "--engine", folder.name)
        assert code == 0, said
        assert read_manifest(folder).get("engine", {})["asked"] == folder.name
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    first.pop(MANIFEST)
    second.pop(MANIFEST)
    assert first == second


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--engine", "fast"], "--engine fast: allowed are auto, simpy and compiled"),
        (
            ["--engine", "compiled", "--set", "finite_market.patience_days=30"],
            "does not cover finite_market.patience_days",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(tmp_path: Path, more: list[str], says: str) -> None:
    code, said = sim("run", "base", *FEW, "--out", str(tmp_path / "out"), *more)
    assert code == 2
    assert says in said
    assert not list(tmp_path.iterdir())
