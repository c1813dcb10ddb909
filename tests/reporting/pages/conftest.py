"""What tests of pages share: a small run of Shanxi as a folder, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import chrome
import pytest
from page_folders import SMALL, compare_into, optimise_into, sensitivity_into, sweep_into

from sim.experiments.run import run
from sim.scenario import load

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three histories of a Shanxi a sixteenth of its size, all records kept, with pictures left out."""
    out = tmp_path_factory.mktemp("pages") / "run"
    run(load(ROOT / "scenarios" / "shanxi-prior.toml", SMALL), out, 3)
    return out


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chrome.Chrome]:
    yield from chrome.started(tmp_path_factory.mktemp("chrome"))


@pytest.fixture(scope="session")
def compare_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compare_into(tmp_path_factory.mktemp("pages") / "compare")


@pytest.fixture(scope="session")
def sweep_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sweep_into(tmp_path_factory.mktemp("pages") / "sweep")


@pytest.fixture(scope="session")
def sensitivity_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sensitivity_into(tmp_path_factory.mktemp("pages") / "sensitivity")


@pytest.fixture(scope="session")
def front_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return optimise_into(tmp_path_factory.mktemp("pages") / "optimise")
