"""What several tests share: the repository's scenarios, and small ones made from them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import typer.testing

import sim.model.engine
from sim.scenario import load
from sim.scenario.schema import Scenario

# A program's commands are put together once instead of for every call, which took a third of the time of small ones.
typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]
os.environ["SIM_LANG"] = "en"  # whatever the locale is; tests of another language name it
# Tests that change the readable model want it to run, however much has run before.
sim.model.engine.PAYS = float("inf")  # type: ignore[assignment]
ROOT = Path(__file__).resolve().parents[1]
SMALL = (
    "arrivals.periods.year.cases=60", "arrivals.periods.year.lots=150", "courts.number=4", "run.replications=2",
)  # fmt: skip

# Files whose tests go to one worker under ``--dist loadgroup`` (.ci/run, .ci/slow), as those of pages do, all others to whoever is
# free: what they share is made once, and there is one browser and one server of an application. xdist's own marker, ``xdist_group``, changes the
# name of a test where pytest 9.2 no longer looks for it: xdist 3.8, the newest, groups nothing with it.
ONE_WORKER: Final = frozenset(
    {
        "tests/scenario/test_shanxi.py",
        "tests/app/test_browser_app.py",
        "tests/experiments/test_sweep_command.py",
    }
)

PAGES: Final = "tests/reporting/pages/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of pages are marked so, all of their folder."""
    for item in items:
        if item.nodeid.startswith(PAGES):
            item.add_marker(pytest.mark.pages)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Who runs which test: see ``ONE_WORKER``. None leaves another ``--dist`` to xdist."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            alone = file in ONE_WORKER or (file.startswith(PAGES) and "browser" not in file)
            return file if alone else nodeid

    return ByFile(config, log) if config.getoption("dist") == "loadgroup" else None


def scenario(name: str = "base", *overrides: str) -> Scenario:
    """A scenario of the repository with ``path=value`` overrides."""
    return load(ROOT / "scenarios" / f"{name}.toml", overrides).scenario


@pytest.fixture(scope="session")
def small() -> Scenario:
    """Four courts, 150 lots, everything on."""
    return scenario("base", *SMALL)
