"""Results of steps on disk, so that a calibration that was stopped goes on from where it was.

A step is a pure function; its result is a file named after the step and a digest of everything it depends on: the
targets file, the scenario, the code, the settings. A file is there, whole, or it is not; nothing else is state.
"""

from __future__ import annotations

import hashlib
import pickle
from functools import lru_cache
from pathlib import Path
from typing import Any

import calibration
from sim.experiments.identity import identity
from sim.experiments.whole import write_whole

TELLING = (
    "report",
    "cli.py",
    "commands.py",
    "words.py",
    "audit_report.py",
    "audit_words.py",
    "recovery.py",
)  # compute no result


@lru_cache(maxsize=1)
def code() -> str:
    """A digest of the code that computes results, its Python and packages."""
    digest = hashlib.sha256(repr(sorted(identity().items())).encode())
    home = Path(calibration.__file__).parent
    for path in sorted([*home.rglob("*.py"), home / "standard.toml"]):
        inside = path.relative_to(home)
        if inside.parts[0] not in TELLING:
            digest.update(str(inside.as_posix()).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Store:
    """A folder of results. ``about``: what all steps depend on. Files that cannot be read count as missing."""

    def __init__(self, folder: Path, about: str) -> None:
        self.folder = folder
        self.about = about

    def path(self, step: str, key: object) -> Path:
        told = hashlib.sha256(f"{code()}\n{self.about}\n{step}\n{key!r}".encode()).hexdigest()[:16]
        return self.folder / f"{step}-{told}.pickle"

    def get(self, step: str, key: object) -> Any:
        """The result, or None."""
        try:
            with self.path(step, key).open("rb") as file:
                return pickle.load(file)
        except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError):
            return None

    def put(self, step: str, key: object, result: Any) -> None:
        """Write the file whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.path(step, key), pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL))
