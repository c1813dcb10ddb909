"""Runs of a comparison that is not finished, beside the folder it will be: a stop costs what was under way, no more.

    unfinished.json   what is compared: the scenarios as resolved, a digest of the draws, the code
    3-1.npz           replication 3 of scenario 1 (the base is 0)

A worker looks here before it runs, and leaves what it has run, whole or not at all. When the comparison is written,
this goes.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tomllib
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.folder import FolderError
from sim.experiments.identity import changes, identity
from sim.experiments.sweep import apart
from sim.experiments.whole import write_whole
from sim.measures import MeasureTable
from sim.measures.flows import Link
from sim.scenario import Loaded

ABOUT = "unfinished.json"
Observed = tuple[MeasureTable, list[Link]]


class Unfinished:
    """The runs of one comparison. Raises ``FolderError`` if the folder has those of another, unless ``force``."""

    def __init__(
        self,
        target: Path,
        names: Sequence[str],
        plain: Sequence[Loaded],
        under: Sequence[Sequence[Loaded]],
        force: bool = False,
    ) -> None:
        """``target``: of the comparison; ``plain``: scenarios under no draw; ``under``: under each draw, if any."""
        target = target.absolute()
        self.folder = target.with_name(f"{target.name}.unfinished")
        digest = hashlib.sha256()
        for one in (one for together in under for one in together):
            digest.update(one.toml().encode())
        self._about: dict[str, Any] = {
            "scenarios": {name: one.toml() for name, one in zip(names, plain, strict=True)},
            "draws": digest.hexdigest() if under else None,
            "code": identity(),
        }
        differing = self._differing()
        if differing and not force:
            lines = "".join(f"\n  {line}" for line in differing)
            raise FolderError(
                f"{self.folder} holds runs of a comparison that was stopped, and since then this has changed:{lines}\n"
                "give another --out, or --force to do without those runs"
            )
        if differing:
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            write_whole(self.folder / ABOUT, json.dumps(self._about, indent=1, ensure_ascii=False).encode())
        except OSError:
            if not self.number:
                self.remove()
            raise

    @property
    def number(self) -> int:
        """How many runs are there."""
        return len(list(self.folder.glob("*.npz")))

    def file(self, replication: int, scenario: int) -> Path:
        return self.folder / f"{replication}-{scenario}.npz"

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _differing(self) -> list[str]:
        """In what the runs that are there are of another comparison, a line each."""
        if not self.folder.is_dir() or not any(self.folder.iterdir()):
            return []
        try:
            there: dict[str, Any] = json.loads((self.folder / ABOUT).read_text(encoding="utf-8"))
            then = {name: tomllib.loads(text) for name, text in there["scenarios"].items()}
            draws, code = there["draws"], dict(there["code"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return [f"{ABOUT} is damaged ({error!r})"]
        now = {name: tomllib.loads(text) for name, text in self._about["scenarios"].items()}
        lines = []
        if list(then) != list(now):
            lines.append(f"compared: {', '.join(then)} then, {', '.join(now)} now")
        for name in now.keys() & then.keys():
            lines += [f"{name}, {line}" for line in apart(then[name], now[name])]
        if draws != self._about["draws"] and not lines:
            lines.append("the draws of the parameters")
        return lines + changes(code, self._about["code"])


def leave(file: Path, observed: Observed) -> None:
    """Write a run. Raises ``OSError``."""
    table, links = observed
    content: Mapping[str, Any] = {
        **{f"axis_{i}": np.array(axis, dtype=np.str_) for i, axis in enumerate(table.axes)},
        "values": table.values,
        "froms": np.array([a for a, _, _ in links], dtype=np.str_),
        "tos": np.array([b for _, b, _ in links], dtype=np.str_),
        "lots": np.array([lots for *_, lots in links], dtype=np.float64),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **content)
    write_whole(file, buffer.getbuffer())


def take(file: Path) -> Observed | None:
    """Read a run; None if it is not there, or damaged: then it is run again."""
    try:
        with np.load(file, allow_pickle=False) as content:
            windows, segments, bases, measures = (tuple(map(str, content[f"axis_{i}"])) for i in range(4))
            links = [
                (str(a), str(b), float(lots))
                for a, b, lots in zip(content["froms"], content["tos"], content["lots"], strict=True)
            ]
            return MeasureTable(windows, segments, bases, measures, content["values"]), links
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
