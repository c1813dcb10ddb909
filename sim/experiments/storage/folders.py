"""An output folder: written whole or not at all, never over another, reproducible from its own manifest."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import sim
from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.checksum import digest
from sim.experiments.storage.leftovers import partial_folder, replaced
from sim.experiments.storage.manifest import MANIFEST, PROGRAM, written
from sim.locale.foreign import reason
from sim.locale.language import said, spoken
from sim.locale.words import Words
from sim.model.engine import asked
from sim.model.random_streams import LAYOUT
from sim.scenario.errors import SimError, brief

w: Final = Words("commands")
PACKAGES = (
    "numpy",
    "scipy",
    "simpy",
    "pandas",
    "matplotlib",
    "pydantic",
    "pyarrow",
    "typer",
    "rich",
    "tyme4py",
)


class FolderError(SimError):
    """The folder cannot be used; the message says why and what to do."""


def check_target(target: Path, force: bool) -> None:
    """Refuse a folder that exists (without ``force``), is a file, or cannot be written; before any work."""
    _check_place(target, force)
    check_writable(target)


def check_writable(path: Path) -> None:
    """Refuse the name of a file or folder that could not be written, before any work: found out by trying, with the longest
    of the names that are not there yet in the nearest folder that is.
    """
    place = Path(os.path.realpath(path))
    above = _existing(place.parent)
    if not os.path.isdir(above):
        file = os.path.isfile(above)
        raise FolderError(said("folder.file", path=above) if file else said("folder.link", path=above))
    try:
        with suppress(FileNotFoundError):
            os.lstat(place)  # the whole may be too long where no part of it is
        partial_folder(above / max(place.relative_to(above).parts, key=len)).rmdir()
    except OSError as error:
        name, why = brief(path), reason(error)
        raise FolderError(w("unwritable", spoken(), name=name, why=why)) from None


def _check_place(target: Path, force: bool) -> None:
    if os.path.exists(target) and not os.path.isdir(target):
        raise FolderError(said("folder.file", path=target))
    if os.path.isdir(target) and any(target.iterdir()):
        if not force:
            raise FolderError(w("not_empty", spoken(), target=target))
        if not ours(target):
            raise FolderError(said("folder.strange", path=target))


def ours(folder: Path) -> bool:
    """Whether a run of this program wrote the folder; its manifest may have been damaged since."""
    try:
        return f'"program": "{PROGRAM}"'.encode() in (folder / MANIFEST).read_bytes()
    except OSError:
        return False


def _existing(path: Path) -> Path:
    """The nearest ancestor that exists, if only as a link that leads nowhere."""
    while not os.path.lexists(path):
        path = path.parent
    return path


@contextmanager
def new_folder(target: Path, force: bool = False) -> Iterator[Path]:
    """A temporary folder beside ``target`` that takes its name when all has been written.

    Whatever goes wrong before that, Ctrl-C included, nothing is left behind. A link keeps pointing where it did.
    """
    check_target(target, force)
    target = Path(os.path.realpath(target))
    above = _existing(target.parent)
    target.parent.mkdir(parents=True, exist_ok=True)
    work = partial_folder(target)
    old = replaced(work)
    try:
        yield work
        _check_place(target, force)  # another run may have taken the name meanwhile
        work.chmod(0o755)
        if target.exists():
            target.rename(old)
        work.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(work, ignore_errors=True)
        _remove_empty(target.parent, above)
        raise


def _remove_empty(folder: Path, above: Path) -> None:
    """Take back the folders that were made on the way, up to ``above``, unless somebody has used them."""
    while folder != above:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def manifest(command: list[str], scenario_text: str, **more: Any) -> dict[str, Any]:
    """Everything needed to make the folder again."""
    return {
        "program": PROGRAM,
        "command": command,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": sim.__version__,
        **commit(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "packages": {name: _version(name) for name in PACKAGES},
        "engine": {"asked": asked(), "compiler": _version("numba"), "layout_of_draws": LAYOUT},
        "scenario": scenario_text,
        **more,
    }


def write_manifest(folder: Path, content: dict[str, Any], without: str = "") -> None:
    """Write the manifest last, with a checksum of every other file but those in the folder ``without``."""
    files = {
        path.relative_to(folder).as_posix(): digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in (without, MANIFEST)
    }
    write_whole(folder / MANIFEST, written({**content, "files": files}))


def commit() -> dict[str, Any]:
    """The commit the code is at and whether it was changed since; null outside a checkout."""
    try:
        _git(
            "ls-files", "--error-unmatch", "__init__.py"
        )  # installed below a repository, the code is none of it
        return {"commit": _git("rev-parse", "HEAD"), "modified": bool(_git("status", "--porcelain", "-uno"))}
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "modified": None}


def _git(*words: str) -> str:
    home = Path(sim.__file__).parent
    return subprocess.run(
        ["git", *words], cwd=home, capture_output=True, encoding="utf-8", timeout=5, check=True
    ).stdout.strip()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


_CALL: ContextVar[list[str] | None] = ContextVar("call", default=None)


@contextmanager
def called(words: list[str]) -> Iterator[None]:
    """What is written meanwhile was not asked for by the program's own command line but by this one."""
    token = _CALL.set(words)
    try:
        yield
    finally:
        _CALL.reset(token)


def command_line() -> list[str]:
    """The command as the user gave it, without the path of the program."""
    return _CALL.get() or ["sim", *sys.argv[1:]]
