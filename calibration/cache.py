"""Results of steps on disk, so that a calibration that was stopped continues where it was.

A step is a pure function; its result is a file named after the step and a digest of everything it depends on: the
targets file, the scenario, the code, the settings. A file is there, whole, or it is not; nothing else is state. What
is read carries a checksum; what is damaged is set aside and computed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from calibration.estimation.posterior import Diagnostics, Run
from calibration.forward_model.inflow import Arrivals, Inflow
from calibration.forward_model.listing_times import ListingTimes
from calibration.targets.reader.load import STANDARD
from sim.experiments.provenance import provenance
from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.checksum import DamagedError, set_aside, with_checksum, without_checksum
from sim.experiments.storage.codec import decode, encode, listed
from sim.measures.summary import MeasureTable

RESULTS = listed(Diagnostics, Arrivals, ListingTimes, Inflow, MeasureTable, Run)
DAMAGED = "damaged"  # folder of what was set aside
ROOT = "calibration.pipeline"  # from here, what decides the results of steps is reached


@lru_cache(maxsize=1)
def code() -> str:
    """A digest of the code that computes results, its Python and packages, and of the figures that it assumes."""
    digest = hashlib.sha256(repr(sorted(provenance(ROOT).items())).encode())
    digest.update(STANDARD.read_bytes())
    return digest.hexdigest()


class Cache:
    """A folder of results. ``about``: what all steps depend on; ``damaged`` is called with files that were set aside."""

    def __init__(self, folder: Path, about: str, damaged: Callable[[Path], None] = lambda path: None) -> None:
        self.folder, self.about, self.damaged = folder, about, damaged

    def key(self, step: str, key: object) -> str:
        """A digest of everything that the result depends on."""
        return hashlib.sha256(f"{code()}\n{self.about}\n{step}\n{key!r}".encode()).hexdigest()

    def path(self, step: str, key: object) -> Path:
        return self.folder / f"{step}-{self.key(step, key)[:16]}.npz"

    def get(self, step: str, key: object) -> Any:
        """The result, or None."""
        path = self.path(step, key)
        try:
            return decode(without_checksum(path.read_bytes(), self.key(step, key)), RESULTS)
        except OSError:
            return None
        except DamagedError:
            with suppress(OSError):
                self.damaged(set_aside(path, self.folder / DAMAGED))
            return None

    def put(self, step: str, key: object, result: Any) -> None:
        """Write the file whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = with_checksum(encode(result, RESULTS), self.key(step, key))
        write_whole(self.path(step, key), content)
