"""The archive for machines without a network: which packages go into it, and that its script installs and starts without one."""

from __future__ import annotations

import ensurepip
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import ROOT

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
METADATA = """Metadata-Version: 2.1
Name: judicial-auction-sim
Version: 9
Requires-Dist: numpy>=2.1
Requires-Dist: psutil>=6; sys_platform == 'win32'
Requires-Dist: starlette>=0.46; extra == 'app'
Requires-Dist: dask>=2024.1; extra == 'distributed'
"""
PROGRAM = "import os, sys\nprint(sys.prefix != sys.base_prefix, *sys.argv[1:])\n"


@pytest.fixture(scope="module")
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("offline", ROOT / ".ci" / "offline.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules["offline"] = made
    spec.loader.exec_module(made)
    return made


def wheel(folder: Path, metadata: str = METADATA) -> Path:
    """A wheel of the program's name, which says with what it was called."""
    path = folder / "judicial_auction_sim-9-py3-none-any.whl"
    info = "judicial_auction_sim-9.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("sim/__init__.py", "")
        file.writestr("sim/__main__.py", PROGRAM)
        file.writestr(f"{info}/METADATA", metadata)
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")
    return path


@pytest.mark.parametrize(
    ("platform", "names"),
    [("linux", ["numpy", "starlette"]), ("windows", ["numpy", "psutil", "starlette"]), ("macos", ["numpy", "starlette"])],
)  # fmt: skip
def test_what_is_needed_is_asked_of_the_other_system(
    module: Any, platform: str, names: list[str], tmp_path: Path
) -> None:
    found = module.needed(wheel(tmp_path), frozenset({"", "app"}), module.PLATFORMS[platform].markers)
    assert [one.name for one in found] == names


def test_every_system_has_its_script_and_checksums(module: Any, tmp_path: Path) -> None:
    for name, platform in module.PLATFORMS.items():
        folder = tmp_path / name
        folder.mkdir()
        module.fill(folder, "3.12", platform)
        for start in platform.starts:
            content = (folder / start).read_bytes()
            assert b"@PYTHON@" not in content
            assert (b"\r\n" in content) == (name == "windows"), "cmd.exe finds no label otherwise"
        assert b"3.12" in (folder / platform.starts[0]).read_bytes()
        lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        assert {line.split()[1] for line in lines} == {*platform.starts, "README.txt", "LICENSE"}


@pytest.mark.processes
@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no sh")
def test_the_script_installs_once_without_a_network_and_the_folder_may_be_moved(
    module: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "离线 包"
    (folder / "wheels").mkdir(parents=True)
    wheel(folder / "wheels", METADATA.replace("Requires-Dist: numpy>=2.1\n", "").replace("Requires-Dist: starlette>=0.46; extra == 'app'\n", ""))  # fmt: skip
    (pip,) = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    shutil.copy(pip, folder / "wheels")
    module.fill(folder, PYTHON, module.PLATFORMS["linux"])
    env = {**os.environ, "PATH": f"{Path(sys._base_executable).parent}{os.pathsep}{os.environ['PATH']}"}  # type: ignore[attr-defined]  # fmt: skip

    def start(*words: str) -> tuple[str, str]:
        done = subprocess.run(["sh", "start.sh", *words], cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip(), done.stderr

    said, why = start()
    assert said == f"True app --out {folder}/results"
    assert "正在安装" in why
    assert start("run", "shanxi") == ("True run shanxi", "")
    moved = folder.rename(tmp_path / "moved")
    folder = moved
    assert start("list") == ("True list", "")


@pytest.mark.processes
def test_a_machine_without_that_python_is_told_which(module: Any, tmp_path: Path) -> None:
    module.fill(tmp_path, "3.99", module.PLATFORMS["linux"])
    done = subprocess.run(
        ["sh", "start.sh"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 2
    assert "Python 3.99 is needed and was not found" in done.stderr
    assert not (tmp_path / "environment").exists()


@pytest.mark.slow  # some minutes, and hundreds of megabytes from a package index
@pytest.mark.processes
def test_an_archive_is_made_and_the_application_answers_from_it(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "offline.py"), "--python", PYTHON, "--out", str(tmp_path)],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if made.returncode and "is there a network?" in made.stderr:
        pytest.skip("no package index is reached")
    assert made.returncode == 0, made.stderr
    (archive,) = tmp_path.glob("*.tar")
    shutil.unpack_archive(archive, tmp_path / "there", filter="data")
    folder = tmp_path / "there" / "judicial-auction-sim"
    env = {**os.environ, "PIP_NO_INDEX": "1", "SIM_LANG": "en"}
    env["PATH"] = f"{Path(sys._base_executable).parent}{os.pathsep}{env['PATH']}"  # type: ignore[attr-defined]
    small = ("--set", "arrivals.volume=0.02", "--set", "courts.number=2", "-n", "1", "--no-pictures")
    for words in (("list",), ("run", "shanxi", *small), ("app", "--help")):
        done = subprocess.run(["sh", "start.sh", *words], cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
