"""A run: the same folder whoever does the work, and made again from what stands in it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, SMALL

from sim.experiments.run import AUTO, Result, run
from sim.experiments.storage.folders import FolderError
from sim.measures import definitions
from sim.scenario import Loaded, load

TABLES = (
    "measures.csv",
    "lots.parquet",
    "rounds.parquet",
    "registrations.parquet",
    "bids.parquet",
    "scenario.toml",
)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(ROOT / "scenarios" / "base.toml", SMALL)


@pytest.fixture(scope="module")
def made(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("run") / "one"
    return out, run(loaded, out, 3)


def measures(folder: Path) -> list[dict[str, str]]:
    with (folder / "measures.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_folder_holds_what_it_should(made: tuple[Path, Result]) -> None:
    assert sorted(path.name for path in made[0].iterdir()) == sorted([*TABLES, "manifest.json"])


def test_measures_are_tidy_and_complete(made: tuple[Path, Result], loaded: Loaded) -> None:
    rows = measures(made[0])
    assert list(rows[0]) == [
        "window", "segment", "basis", "measure", "mean", "sd", "ci_low", "ci_high", "low", "high", "replications",
    ]  # fmt: skip
    kinds = [name for name, kind in loaded.scenario.kinds.items() if kind.share > 0.0]
    keys = {(r["window"], r["segment"], r["basis"], r["measure"]) for r in rows}
    assert keys == {
        (window, segment, basis, measure)
        for window in ("2017", "all")
        for segment in ("all", *kinds, "movable", "immovable")
        for basis in ("event", "cohort")
        for measure in definitions(list(loaded.scenario.rounds))
    }
    assert len(rows) == len(keys)


def test_the_csv_says_what_the_summary_says(made: tuple[Path, Result]) -> None:
    folder, result = made
    for name in ("mean", "sd", "low", "high"):
        read = [float(row[name]) if row[name] else np.nan for row in measures(folder)]
        np.testing.assert_array_equal(read, np.array(result.summary[name], dtype=float))


def test_one_process_or_two_write_the_same_bytes(
    made: tuple[Path, Result], loaded: Loaded, tmp_path: Path
) -> None:
    run(loaded, tmp_path / "two", 3, jobs=2)
    for name in TABLES:
        assert (tmp_path / "two" / name).read_bytes() == (made[0] / name).read_bytes(), name


def test_the_folder_makes_itself_again(made: tuple[Path, Result], tmp_path: Path) -> None:
    """From the scenario and the seed in its manifest, without the files it was made of."""
    content = json.loads((made[0] / "manifest.json").read_text(encoding="utf-8"))
    (tmp_path / "again.toml").write_text(content["scenario"], encoding="utf-8")
    again = load(tmp_path / "again.toml")
    assert again.scenario.run.seed == content["seed"]
    run(again, tmp_path / "out", content["replications"])
    for name in TABLES:
        assert (tmp_path / "out" / name).read_bytes() == (made[0] / name).read_bytes(), name


def test_another_seed_gives_another_run(made: tuple[Path, Result], tmp_path: Path) -> None:
    run(load(ROOT / "scenarios" / "base.toml", [*SMALL, "run.seed=5"]), tmp_path / "out", 3, keep="none")
    assert (tmp_path / "out" / "measures.csv").read_bytes() != (made[0] / "measures.csv").read_bytes()


def test_the_manifest_tells_what_ran(made: tuple[Path, Result], loaded: Loaded) -> None:
    content = json.loads((made[0] / "manifest.json").read_text(encoding="utf-8"))
    assert content["replications"] == 3
    assert content["precise"] is True
    assert content["unlawful"] == []
    assert content["seconds"] > 0
    assert [Path(name).name for name in content["files_of_scenario"]] == ["base.toml"]
    assert set(content["files"]) == set(TABLES)


def test_what_people_look_at_is_written_before_the_folder_appears(loaded: Loaded, tmp_path: Path) -> None:
    def also(folder: Path, result: Result) -> None:
        assert not (tmp_path / "out").exists()
        assert result.replications == 1
        (folder / "picture.png").write_bytes(b"x")

    run(loaded, tmp_path / "out", 1, keep="none", also=also)
    assert (tmp_path / "out" / "picture.png").exists()
    assert (
        "picture.png" in json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["files"]
    )


def test_progress_is_reported(loaded: Loaded, tmp_path: Path) -> None:
    seen: list[int] = []
    run(loaded, tmp_path / "out", 3, keep="none", tick=seen.append)
    assert seen == [1, 2, 3]


def test_auto_runs_tens(loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiments.replications.MOST", 20)
    result = run(loaded, tmp_path / "out", AUTO, keep="none")
    assert (result.replications, result.precise) == (20, False)  # 150 lots: far from precise at the limit
    lax = dict.fromkeys(("sale_rate_final", "recovery"), 10.0)
    monkeypatch.setattr("sim.experiments.replications.HEADLINES", lax)
    result = run(loaded, tmp_path / "lax", AUTO, keep="none")
    assert (result.replications, result.precise) == (10, True)


def test_a_folder_in_the_way_stops_the_run_before_it_starts(
    made: tuple[Path, Result], loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.experiments.run._collect", lambda *a: pytest.fail("it ran"))
    with pytest.raises(FolderError, match="not empty"):
        run(loaded, made[0], 1)


def test_a_failure_midway_leaves_nothing(loaded: Loaded, tmp_path: Path) -> None:
    def tick(done: int) -> None:
        raise KeyboardInterrupt

    for jobs in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            run(loaded, tmp_path / "deep" / "out", 4, jobs=jobs, tick=tick)
        assert list(tmp_path.iterdir()) == []
