"""A file is there, whole, or not at all: neither a kill nor a power cut leaves half of one under its name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.experiments.storage.leftovers import clear_once, meant, owned

Content = bytes | memoryview


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path``, to be written; at the end it takes that name. Raises ``OSError``."""
    folder = path.absolute().parent
    clear_once(folder)
    prefix, suffix = owned(path)
    with naming(path):
        handle, name = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=suffix)
        temporary = Path(name)
        try:
            try:
                yield temporary
                os.fsync(handle)
            finally:
                os.close(handle)  # first: Windows neither renames nor removes a file that is open
            temporary.chmod(0o644)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """What the system refuses is said of the file or folder that it would have been, not of a temporary one."""
    try:
        yield
    except OSError as error:
        name = meant(Path(error.filename or path))
        if not error.errno or str(name) == error.filename:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(name)) from error


def write_whole(path: Path, content: Content) -> None:
    """Put bytes under a name. Raises ``OSError``."""
    with writing(path) as temporary, temporary.open("wb") as file:
        file.write(content)
