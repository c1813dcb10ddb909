"""Commands as a user types them, run within the tests' own process: a start of Python and its imports is a second each.

What only a process of its own shows (signals, encodings, what is imported) is tested through ``processes.py``.
"""

from __future__ import annotations

import os
from contextlib import chdir
from pathlib import Path
from subprocess import CompletedProcess

import typer
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parents[1]


def command(app: typer.Typer, *words: str, **environment: str) -> CompletedProcess[str]:
    """What a command wrote and how it ended. A defect of the program is raised as it is."""
    runner = CliRunner(env={**os.environ, "COLUMNS": "120", "TERM": "dumb", **environment})
    with chdir(ROOT):
        done = runner.invoke(app, list(words))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


def sim(*words: str, lang: str = "en", **environment: str) -> CompletedProcess[str]:
    """``sim WORDS``."""
    from sim.cli.main import app

    return command(app, *words, SIM_LANG=lang, **environment)


def calibrate(*words: str, lang: str = "en", **environment: str) -> CompletedProcess[str]:
    """``calibrate WORDS``."""
    from calibration.cli.main import app

    return command(app, *words, SIM_LANG=lang, **environment)
