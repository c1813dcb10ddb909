"""Runs of a comparison that is not finished, beside the folder it will be: a stop loses only what was under way.

    unfinished.json   what is compared: the scenarios as resolved, a digest of the draws, the code
    3-1.npz           replication 3 of scenario 1 (the base is 0), with a checksum that says what it is the result of

A worker looks here before it runs, and leaves what it has run, whole or not at all; what is damaged, or of something
else, is set aside and run again. When the comparison is written, this goes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.experiments.controls import FOLLOWED
from sim.experiments.provenance import RUN, changes, provenance
from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.checksum import (
    DamagedError,
    json_with_checksum,
    json_without_checksum,
    set_aside,
    with_checksum,
    without_checksum,
)
from sim.experiments.storage.codec import decode, encode, listed
from sim.experiments.storage.folders import FolderError
from sim.experiments.storage.leftovers import busy, claim
from sim.experiments.storage.manifest import ManifestError, read_manifest
from sim.experiments.sweep.sweep import apart
from sim.locale.language import said
from sim.measures import MeasureTable
from sim.measures.flows import Link
from sim.scenario import Loaded

ABOUT, ASIDE = "unfinished.json", "damaged"
RESULTS = listed(MeasureTable)
Observed = tuple[MeasureTable, list[Link], MeasureTable | None]  # the last: control variates, if asked for


@dataclass(frozen=True, slots=True)
class Kept:
    """Where one run is kept. ``about``: all that it is the result of."""

    path: Path
    about: str

    def take(self) -> Observed | None:
        """The run; None if it is not there, or was damaged: then it is run again."""
        try:
            match decode(without_checksum(self.path.read_bytes(), self.about), RESULTS):
                case (MeasureTable() as table, list() as links, (MeasureTable() | None) as controls):
                    return table, links, controls
            raise DamagedError(said("own.no_run"))
        except OSError:
            return None
        except DamagedError:
            with suppress(OSError):
                set_aside(self.path, self.path.parent / ASIDE)
            return None

    def leave(self, observed: Observed) -> None:
        """Write the run. Raises ``OSError``."""
        write_whole(self.path, with_checksum(encode(observed, RESULTS), self.about))


class Checkpoint:
    """The runs of one comparison. Raises ``FolderError`` if the folder has those of another, unless ``force``."""

    def __init__(
        self,
        target: Path,
        names: Sequence[str],
        plain: Sequence[Loaded],
        under: Sequence[Sequence[Loaded]],
        force: bool = False,
        *,
        controls: bool = False,
    ) -> None:
        """``target``: of the comparison; ``plain``: scenarios under no draw; ``under``: under each draw, if any."""
        self.folder = beside(target)
        digest = hashlib.sha256()
        for one in (one for together in under for one in together):
            digest.update(one.toml().encode())
        self._about: dict[str, Any] = {
            "scenarios": {name: one.toml() for name, one in zip(names, plain, strict=True)},
            "draws": digest.hexdigest() if under else None,
            "code": provenance(RUN) | ({"--controls": provenance(FOLLOWED)["code"]} if controls else {}),
        }
        self.about = hashlib.sha256(json.dumps(self._about).encode()).hexdigest()
        if self.folder.is_dir() and busy(self.folder):
            raise FolderError(said("checkpoint.busy", folder=self.folder))
        differing = self._differing()
        if differing and not force:
            lines = "".join(f"\n  {line}" for line in differing)
            raise FolderError(said("checkpoint.since", folder=self.folder, lines=lines))
        if differing:
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            claim(self.folder)
            write_whole(self.folder / ABOUT, json_with_checksum({**self._about, "about": self.about}))
        except OSError:
            if not self.number:
                self.remove()
            raise

    @property
    def number(self) -> int:
        """How many runs are there."""
        return len(list(self.folder.glob("*.npz")))

    def run(self, number: int, place: int, scenario: str) -> Kept:
        """Where a replication of a scenario is kept. ``place``: among those compared; ``scenario``: a digest of it."""
        return Kept(self.folder / f"{number}-{place}.npz", f"{self._about['code']} {number} {scenario}")

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _differing(self) -> list[str]:
        """In what the runs that are there are of another comparison, a line each."""
        if not self.folder.is_dir() or not any(self.folder.iterdir()):
            return []
        try:
            there = json_without_checksum((self.folder / ABOUT).read_bytes())
            then = {name: tomllib.loads(text) for name, text in there["scenarios"].items()}
            draws, code = there["draws"], dict(there["code"])
        except (DamagedError, OSError, ValueError, KeyError, TypeError, AttributeError):
            return []  # it is written anew, and each run says itself what it is of
        now = {name: tomllib.loads(text) for name, text in self._about["scenarios"].items()}
        lines = []
        if list(then) != list(now):
            lines.append(said("changed.compared", then=said("join").join(then), now=said("join").join(now)))
        for name in now.keys() & then.keys():
            lines += [f"{name}, {line}" for line in apart(then[name], now[name])]
        if draws != self._about["draws"] and not lines:
            lines.append(said("changed.parameters"))
        return lines + changes(code, self._about["code"])


def beside(target: Path) -> Path:
    """Where the runs of a comparison are until its folder is written."""
    target = target.absolute()
    return target.with_name(f"{target.name}.unfinished")


def clear_finished(target: Path) -> None:
    """Remove runs that nobody needs: of a comparison whose folder is written, or none at all; a kill may leave them."""
    folder = beside(target)
    if not folder.is_dir() or busy(folder):
        return
    finished = False
    with suppress(ManifestError, DamagedError, OSError):
        there = json_without_checksum((folder / ABOUT).read_bytes())
        finished = read_manifest(target).get("about", "") == there.get("about")
    if finished or not any(folder.glob("*.npz")):
        shutil.rmtree(folder, ignore_errors=True)
