"""Commands where what only POSIX has is not there, workers begin by spawn, and text is in an encoding of Chinese Windows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT

from sim.experiments.storage import leftovers

WITHOUT = ROOT / "tests" / "cli" / "without_posix"
SMALL = ("--set", "arrivals.volume=0.02", "--set", "courts.number=2")
# Names of files are Unicode on Windows, as in UTF-8 here; what is printed is not.
GBK = {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "gbk", "SIM_LANG": "zh"}
# What is run, in this order in one folder, and what of it is there afterwards.
COMMANDS = (
    (("sim", "run", "shanxi", *SMALL, "-n", "2", "-j", "2", "--no-pictures", "--out", "out/运行"), "out/运行/manifest.json"),
    (("sim", "report", "out/运行"), "out/运行/report.html"),
    (("sim", "compare", "shanxi", "cut-20", *SMALL, "-n", "2", "-j", "2", "--max-draws", "2", "--no-pictures", "--out", "out/c"), "out/c/differences.csv"),
    (("sim", "brief", "out/c"), "out/c/brief.docx"),
    (("sim", "sweep", "shanxi", *SMALL, "--vary", "start.ratio=0.8,1.0", "--replications", "2", "-j", "2", "--no-pictures", "--out", "out/s"), "out/s/summary.csv"),
    (("sim", "sweep", "resume", "out/s", "-j", "2", "--no-pictures"), "out/s/summary.csv"),
    (("sim", "new", "policy", "政策.toml", "--set", "rounds.second.cut=0.1", "--yes"), "政策.toml"),
    (("sim", "check", "政策.toml"), "政策.toml"),
    (("calibrate", "audit", "shanxi", "--out", "out/a"), "out/a/audit.html"),
)  # fmt: skip
MAIN = "import sys; from {}.cli.main import main; sys.argv[0] = {!r}; main()"
PACKAGES = {"sim": "sim", "calibrate": "calibration"}


def run(folder: Path, *words: str) -> str:
    """What a command says; it must end well and say nothing of errors."""
    path = os.pathsep.join([str(WITHOUT), str(ROOT)])
    env = {**os.environ, **GBK, "PYTHONPATH": path}
    code = MAIN.format(PACKAGES[words[0]], words[0])
    done = subprocess.run([sys.executable, "-c", code, *words[1:]], capture_output=True, cwd=folder, env=env, check=False)  # fmt: skip
    out, err = done.stdout.decode("gbk"), done.stderr.decode("gbk")
    assert done.returncode == 0, (words, out, err)
    assert "Traceback" not in err, (words, err)
    return out


@pytest.mark.processes
def test_what_is_hidden_is_not_there() -> None:
    code = "import multiprocessing, os, signal, sys; print(multiprocessing.get_all_start_methods(), hasattr(os, 'fork'), hasattr(signal, 'SIGHUP'))\ntry: import resource\nexcept ImportError: print('none')"
    env = {**os.environ, "PYTHONPATH": str(WITHOUT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=env, check=True)  # fmt: skip
    assert done.stdout.split() == ["['spawn']", "False", "False", "none"]


@pytest.mark.slow  # half a minute: every worker begins as a Python of its own
@pytest.mark.processes
def test_the_main_commands_run(tmp_path: Path) -> None:
    for words, left in COMMANDS:
        run(tmp_path, *words)
        assert (tmp_path / left).is_file(), words


def test_on_windows_a_process_is_asked_for_and_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psutil", reason="comes with the program on Windows, with dask elsewhere")

    monkeypatch.setattr(leftovers, "os", SimpleNamespace(name="nt"))  # without ``kill``
    assert leftovers.alive(os.getpid())
    assert not leftovers.alive(2**22 + 1)
