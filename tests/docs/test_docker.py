"""The Dockerfile, without Docker: what its context lets in makes the whole wheel, and what it starts is a command."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from sim.cli.main import app

FILE = (ROOT / ".ci" / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".ci" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()


def names(source: Path, out: Path) -> set[str]:
    """The files of the wheel that a folder makes."""
    words = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(source)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, capture_output=True)
    (made,) = out.iterdir()
    return set(zipfile.ZipFile(made).namelist())


@pytest.mark.processes
def test_what_the_context_lets_in_makes_the_whole_wheel(tmp_path: Path) -> None:
    context = tmp_path / "context"
    assert "*" in IGNORED
    for one in (line[1:] for line in IGNORED if line.startswith("!")):
        (context / one).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / one).is_dir() else shutil.copy2
        copy(ROOT / one, context / one)
    for source in re.findall(r"-c /source/(\S+)", FILE):
        assert (context / source).is_file()
    whole, there = names(ROOT, tmp_path / "whole"), names(context, tmp_path / "there")
    assert whole - there == set()


def test_what_it_starts_is_a_command() -> None:
    """The image's own command, with every option that it gives."""
    (entry,), words = (
        json.loads(re.findall(rf"^{name} (.*)$", FILE, re.M)[0]) for name in ("ENTRYPOINT", "CMD")
    )
    assert entry == "sim"
    said = CliRunner().invoke(app, [words[0], "--help"]).output
    assert [one for one in words if one.startswith("--") and one not in said] == []
