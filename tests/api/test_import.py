"""``import sim`` costs nothing, its names are known to editors and type checkers, its examples run, its workers leave scripts alone."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT

import sim

MODULES = [
    *sorted(f"api.{path.stem}" for path in (ROOT / "sim" / "api").glob("*.py") if path.stem != "__init__"),
    "measures.user_measures", "model.auction", "model.behaviour.baseline", "model.pricing",
]  # fmt: skip
SECTIONS = ("Parameters", "Returns", "Examples")
HEAVY = ("numpy", "pandas", "matplotlib", "scipy", "pydantic", "pyarrow", "typer", "calibration")


def python(code: str, **more: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=os.environ | more, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = f"import sys, sim; dir(sim); print([name for name in {HEAVY} if name in sys.modules])"
    assert python(code) == "[]"
    code = "import sys, sim; sim.load_scenario; print([name for name in ('pandas', 'matplotlib', 'calibration') if name in sys.modules])"
    assert python(code) == "[]"


def test_every_public_name_is_there_once_and_in_the_imports_that_type_checkers_read() -> None:
    assert dir(sim) == sorted(sim.__all__)
    for name in sim.__all__:
        assert getattr(sim, name) is getattr(sim, name)
    tree = ast.parse((ROOT / "sim" / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        alias.name: node.module
        for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim.api")
        for alias in node.names
    }  # fmt: skip
    assert imported == {name: f"sim.api.{module}" for name, module in sim._HOME.items()}
    assert set(imported) == set(sim.__all__) - {"__version__"}
    with pytest.raises(AttributeError, match="'runn'"):
        sim.runn  # type: ignore[attr-defined]  # noqa: B018
    for name in ("run", "compare", "sweep", "sensitivity", "optimise", "calibrate", "audit"):
        assert inspect.isfunction(getattr(sim, name)), "no module has taken its place"


def test_public_functions_have_their_sections() -> None:
    functions = [getattr(sim, name) for name in sim.__all__ if inspect.isfunction(getattr(sim, name))]
    functions += [sim.Scenario.replace, sim.Scenario.extend]
    assert len(functions) == 11
    for one in functions:
        doc = inspect.getdoc(one) or ""
        assert [section for section in SECTIONS if f"{section}\n{'-' * len(section)}" not in doc] == [], one
        for parameter in inspect.signature(one).parameters:
            assert parameter == "self" or f"{parameter}" in doc, (one, parameter)


def test_every_result_can_be_had_as_a_table_a_picture_a_line_and_in_a_notebook() -> None:
    results = [getattr(sim, name) for name in sim.__all__ if name.endswith("Result")]
    assert len(results) == 7
    for one in results:
        for method in ("to_frame", "plot", "_repr_html_"):
            assert inspect.isfunction(getattr(one, method)), (one, method)
        assert one.__repr__ is not object.__repr__
        assert one.__dataclass_params__.frozen


class Examples(doctest.DocTestFinder):
    """Examples of decorated functions too, of which Python thinks that they stand where the decorator does."""

    def _from_module(self, module: ModuleType | None, object: object) -> bool:
        return super()._from_module(module, inspect.unwrap(object) if callable(object) else object)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    there = importlib.import_module(f"sim.{module}")
    runner = doctest.DocTestRunner()
    for test in Examples().find(there, there.__name__):
        runner.run(test)
    assert runner.failures == 0
    if module in ("api.runs", "api.sweeps"):
        assert runner.tries > 2, "those of decorated functions too"


@pytest.mark.processes
@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_a_script_without_a_guard_runs_once_whatever_processes_are_started_by(
    method: str, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, sim\n"
        f"multiprocessing.set_start_method({method!r})\n"
        "print('top', __name__, flush=True)\n"
        'village = sim.load_scenario({"courts.number": 1, "arrivals.volume": 0.05})\n'
        "print(village.run(2, jobs=2).replications)\n"
        'cuts = sim.sweep(village, {"rounds.second.cut": [0.0, 0.1]}, replications=1, jobs=2)\n'
        "print(len(cuts.summary) > 0)\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["top __main__", "2", "True"]


def test_progress_is_shown_where_it_is_asked_for_and_in_notebooks(village: sim.Scenario, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from sim.api import progress

    village.run(1, progress=False)
    village.run(1)
    assert capsys.readouterr() == ("", "")
    with progress.showing("sweep.runs", True) as tick:  # no terminal, no bar
        tick(1, 2)
    assert capsys.readouterr() == ("", "")
    shown: list[str] = []

    class Cell:
        def update(self, what: str) -> None:
            shown.append(what)

    class Display:
        HTML = staticmethod(str)

        @staticmethod
        def display(what: str, display_id: bool) -> Cell:
            shown.append(what)
            return Cell()

    monkeypatch.setitem(sys.modules, "IPython", Display)
    monkeypatch.setitem(sys.modules, "IPython.display", Display)
    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    monkeypatch.setenv("SIM_LANG", "en")
    village.run(1)
    assert shown[0] == "replications"
    shown.clear()
    monkeypatch.setenv("SIM_LANG", "zh")
    village.run(2)
    assert shown[0] == "重复次数"
    assert "max='2'" in shown[-2]
    assert shown[-1] == ""
