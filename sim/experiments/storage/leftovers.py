"""What is not finished stands beside its place under a name that says whose it is; what the dead left is cleared away.

``.NAME.MACHINE-PROCESS-xxxxxxxx.sim-partial`` is being written and will be NAME; ``...sim-replaced`` is what stood there
before, until the new one has its name. Neither a kill nor a power cut lets a process clear up behind itself, so
the next one does that works in the same folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import shutil
import tempfile
import time
from functools import lru_cache
from pathlib import Path

PARTIAL, REPLACED = "partial", "replaced"
CLAIM = "claim"  # name of what a process leaves in a folder while it is at work there
ELSEWHERE = 86_400.0  # seconds untouched after which what another machine left is nobody's: its processes cannot be seen
_NAME = re.compile(r"\.(.+)\.([0-9a-f]{8})-(\d+)-\w{8}\.sim-(partial|replaced)", re.ASCII | re.DOTALL)


@lru_cache(maxsize=1)
def machine() -> str:
    """The machine, or the container on it: whoever shares it sees the same processes."""
    try:
        processes = os.readlink("/proc/self/ns/pid")
    except OSError:  # not Linux
        processes = ""
    return hashlib.sha256(f"{platform.node()} {processes}".encode()).hexdigest()[:8]


def owned(path: Path) -> tuple[str, str]:
    """Beginning and end of names beside ``path`` that say that this process is writing it."""
    return f".{path.name}.{machine()}-{os.getpid()}-", f".sim-{PARTIAL}"


def partial_folder(target: Path) -> Path:
    """A new folder beside ``target``, to be filled and renamed. Raises ``OSError``."""
    clear(target.parent)
    prefix, suffix = owned(target)
    return Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=target.parent))


def replaced(partial: Path) -> Path:
    """Where what stands in the place of a partial folder is put until that has its name."""
    return partial.with_name(partial.name.removesuffix(PARTIAL) + REPLACED)


def meant(path: Path) -> Path:
    """The path as it will be when nothing in it is unfinished."""
    names = [(name, _NAME.fullmatch(name)) for name in path.parts]
    return Path(*(match[1] if match else name for name, match in names))


def clear(folder: Path) -> None:
    """Remove what processes that are gone have left unfinished in a folder; what they had only moved aside is put back."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for path, match in [(Path(entry.path), _NAME.fullmatch(entry.name)) for entry in entries]:
            with contextlib.suppress(OSError):
                if match and not _somebodys(path, match[2], int(match[3])):
                    _take_back(path, folder / match[1], match[4])


@lru_cache(maxsize=1024)
def clear_once(folder: Path) -> None:
    """``clear``, the first time that this process writes there."""
    clear(folder)


def claim(folder: Path) -> None:
    """Say that this process is at work in a folder that has its name already. Raises ``OSError``."""
    prefix, suffix = owned(folder / CLAIM)
    os.close(tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=folder)[0])


def busy(folder: Path) -> bool:
    """Whether another process, which may be alive, is at work in a folder. Raises ``OSError``."""
    clear(folder)
    found = [_NAME.fullmatch(path.name) for path in folder.iterdir()]
    others = [(one[2], int(one[3])) for one in found if one and one[1] == CLAIM]
    return any(owner != (machine(), os.getpid()) for owner in others)


def _take_back(path: Path, target: Path, what: str) -> None:
    if what == REPLACED and not target.exists():
        path.rename(target)
    elif path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def _somebodys(path: Path, of: str, process: int) -> bool:
    """Whether its owner may still be at work on it."""
    if of == machine():
        return alive(process)
    inside = path.rglob("*") if path.is_dir() else ()
    touched: float = max(one.lstat().st_mtime for one in (path, *inside))
    return time.time() - touched < ELSEWHERE


def alive(process: int) -> bool:
    """Whether a process of this machine is there and has not ended (as a zombie has, which nobody has asked how)."""
    if os.name == "nt":  # there ``os.kill`` would stop what it is to ask about
        import psutil

        return bool(psutil.pid_exists(process))
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[:1] != [b"Z"]
    except OSError:
        return True
