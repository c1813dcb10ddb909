"""One program a work folder: while it runs it holds a lock on a file there, beside which its address stands for this user alone."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

LOCK: Final = "running.lock"
ADDRESS: Final = "running.txt"
HELD: Final = (
    errno.EACCES,
    errno.EAGAIN,
    errno.EDEADLK,
)  # what a system says of a lock that another process has


class RunningError(Exception):
    """Another program uses the work folder. ``address``: of its page, with the token; empty where it cannot be read."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def check_free(work: Path) -> None:
    """Raise ``RunningError`` if a program uses a work folder, and nothing where there is no folder yet."""
    with suppress(FileNotFoundError):
        os.close(_locked(work, os.O_RDWR))


@contextmanager
def held(work: Path, address: str) -> Iterator[None]:
    """Use a work folder; who asks is given ``address``. Raises ``RunningError``, and ``OSError`` for a folder that cannot be used."""
    lock, path = _locked(work, os.O_RDWR | os.O_CREAT), work / ADDRESS
    try:
        path.unlink(missing_ok=True)  # a new file: nobody has it open, and only its owner may open it
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # fmt: skip
            file.write(address)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)


def _locked(work: Path, flags: int) -> int:
    """The file of the lock, open and locked. A lock ends with its process, however that ends."""
    found = os.open(work / LOCK, flags, 0o600)
    try:
        _lock(found)
    except OSError as error:
        os.close(found)
        if error.errno not in HELD:
            raise
        address = ""
        with suppress(OSError, UnicodeError):
            address = (work / ADDRESS).read_text(encoding="utf-8")
        raise RunningError(address) from None
    return found


def _lock(file: int) -> None:
    """Lock an open file, or raise ``OSError`` at once; where the system, or the folder's, knows no locks, nothing is locked."""
    try:
        import fcntl
    except ImportError:
        with suppress(ImportError):
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
            raise
