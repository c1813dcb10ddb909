"""The store: a sweep's folder, from which it can be taken up again by any process that sees it.

    manifest.json     what is run, by which code, which replications; written whole before the first run
    scenario.toml     the scenario as resolved
    design.parquet    the points: a column a varied parameter
    chunks/           results, a file a chunk (see ``chunks``); what is not there has not been run

Nothing else is state. A chunk is there or it is not; killing anything at any time costs what was under way.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.provenance import SWEEP, changes, provenance
from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.checksum import DamagedError, digest, set_aside
from sim.experiments.storage.leftovers import partial_folder
from sim.experiments.storage.manifest import MANIFEST, ManifestError, checked, read_manifest, written
from sim.experiments.sweep.chunks import (
    FOLDER,
    Chunk,
    Floats,
    Rows,
    chunk_name,
    ends_well,
    files,
    intact,
    read,
)
from sim.experiments.sweep.design_file import DesignFile, write_design
from sim.experiments.sweep.observation import Column
from sim.experiments.sweep.tasks import Recipe, WorkError, recipe
from sim.locale.foreign import reason
from sim.locale.language import said
from sim.scenario.errors import SimError
from sim.scenario.extensions import NONE, Extensions

SCENARIO, DESIGN, ASIDE = "scenario.toml", "design.parquet", "damaged"
MISSING, DONE, FAILED = 0, 1, 2  # of a chunk; FAILED: done, with failures among its runs
_NAME = re.compile(r"(\d+)-(\d+)-([0-9a-f]{12})\.(\d+)\.[0-9a-f]{8}\.parquet")


class RunStoreError(SimError):
    """A sweep's folder that cannot be used as it is; the message says why and what to do."""


class OtherSweepError(RunStoreError):
    """A folder that holds another sweep than the one to be made there."""

    def __init__(self, there: RunStore, differing: Sequence[str] = ()) -> None:
        self.there = there
        lines = "".join(f"\n  {line}" for line in differing)
        super().__init__(
            said("store.differs", folder=there.folder, lines=lines)
            if lines
            else said("store.another", folder=there.folder)
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Replications that were requested together, for every point; ``chunk`` runs go into one file."""

    first: int
    count: int
    chunk: int


@dataclass(slots=True)
class State:
    """What there is of each batch: a byte a chunk, so that a million cost a megabyte."""

    chunks: list[bytearray]
    failed_runs: int = 0
    damaged: int = 0

    @property
    def missing(self) -> int:
        return sum(chunks.count(MISSING) for chunks in self.chunks)


@dataclass(frozen=True)
class Block:
    """Runs of consecutive points, all replications: values (points, replications, columns); nan where not there."""

    first: int
    values: Floats
    errors: dict[tuple[int, int], str]  # (point, replication) -> traceback


class RunStore:
    """An open store. ``create`` makes one, ``RunStore(folder)`` opens one."""

    def __init__(self, folder: Path, extensions: Extensions = NONE) -> None:
        """``extensions``: needed to run what is missing. Raises ``RunStoreError`` for a folder that is no sweep, or whose description is damaged."""
        self.folder, self.extensions = folder, extensions
        if not folder.is_dir():
            raise RunStoreError(said("store.no_folder", folder=folder))
        if not (folder / MANIFEST).is_file():
            raise RunStoreError(said("store.no_manifest", folder=folder, name=MANIFEST))
        try:
            self.manifest = read_manifest(folder)
        except ManifestError as error:
            raise RunStoreError(said("store.lost", why=error)) from None
        if self.manifest["kind"] != "sweep":
            raise RunStoreError(said("store.other_kind", folder=folder, kind=self.manifest["kind"]))
        self.sweep: dict[str, Any] = self.manifest["sweep"]
        self.batches = [Batch(**batch) for batch in self.sweep["batches"]]
        self.points: int = self.sweep["points"]
        self.columns: list[Column] = [c if isinstance(c, str) else tuple(c) for c in self.sweep["columns"]]
        self._check_identity()

    def _check_identity(self) -> None:
        """Raises ``RunStoreError`` if what the manifest says is run is not what its digest and its scenario are of."""
        files = self.manifest["files"]
        definition = {
            **{key: self.sweep[key] for key in ("work", "columns", "code")},
            "design": files.get(DESIGN),
        }
        scenario = self.manifest["scenario"]
        one = hashlib.sha256(scenario.encode()).hexdigest() == files.get(SCENARIO)
        if (
            self.sweep["digest"] != _digest(definition)
            or self.sweep["work"]["arguments"].get("scenario", scenario) != scenario
            or not one
        ):
            raise RunStoreError(said("store.by_hand", file=self.folder / MANIFEST))

    # what there is ------------------------------------------------------------------------------------------

    @cached_property
    def work(self) -> Recipe:
        """What is run. Raises ``RunStoreError`` if it is nothing that this program runs."""
        try:
            return recipe(self.sweep["work"], self.extensions)
        except WorkError as error:
            raise RunStoreError(said("place", where=self.folder / MANIFEST, said=error)) from None

    @property
    def runs(self) -> int:
        return self.points * self.replications

    @property
    def replications(self) -> int:
        return sum(batch.count for batch in self.batches)

    def chunks_of(self, batch: Batch) -> int:
        return -(-self.points * batch.count // batch.chunk)

    def bounds(self, batch: Batch, index: int) -> tuple[int, int]:
        """First run of a chunk and the one after its last."""
        start = index * batch.chunk
        return start, min(start + batch.chunk, self.points * batch.count)

    def name(self, number: int, index: int) -> str:
        batch = self.batches[number]
        start, stop = self.bounds(batch, index)
        numbers = batch.first, batch.count
        return chunk_name(self.sweep["digest"], number, index, (start, stop), numbers)

    def state(self, mend: bool = False, thorough: bool = False) -> State:
        """Look at what is in the folder. A damaged file counts as missing; ``mend`` takes it away.

        A file that is cut off is always found; ``thorough`` reads all of them, and finds every damage.
        """
        state = State([bytearray(self.chunks_of(batch)) for batch in self.batches])
        failed: dict[tuple[int, int], int] = {}
        for path, match in self._listed():
            number, index, failures = int(match[1]), int(match[2]), int(match[4])
            if number >= len(self.batches) or index >= len(state.chunks[number]):
                continue
            if not self.name(number, index).endswith(match[3]):
                continue
            if not (intact(path) if thorough else ends_well(path)):
                state.damaged += 1
                if mend:
                    self.set_aside(path)
                continue
            state.chunks[number][index] = FAILED if failures else DONE
            failed[number, index] = min(failures, failed.get((number, index), failures))
        state.failed_runs = sum(failed.values())
        return state

    def _listed(self) -> Iterator[tuple[Path, re.Match[str]]]:
        try:
            with os.scandir(self.folder / FOLDER) as entries:
                for entry in entries:
                    match = _NAME.fullmatch(entry.name)
                    if match:
                        yield Path(entry.path), match
        except OSError as error:
            raise RunStoreError(
                said("out.unreadable", name=self.folder / FOLDER, why=reason(error))
            ) from None

    def set_aside(self, path: Path) -> str:
        """Take a damaged file out of the way, for what it held will be run again; says where it is now."""
        try:
            return said("store.moved", file=set_aside(path, self.folder / ASIDE))
        except OSError as error:
            return said("store.not_moved", why=reason(error))

    # what is to be done -------------------------------------------------------------------------------------

    def missing(self, state: State, part: tuple[int, int] | None = None) -> Iterator[tuple[int, int]]:
        """(batch, chunk) of what is missing; ``part`` (i, n): of every n-th chunk, from the i-th, counted from 1."""
        turn = 0
        for number, batch in enumerate(self.batches):
            for index in range(self.chunks_of(batch)):
                turn += 1
                mine = part is None or turn % part[1] == part[0] % part[1]
                if mine and state.chunks[number][index] == MISSING:
                    yield number, index

    def todo(self, state: State, part: tuple[int, int] | None = None) -> Iterator[Chunk]:
        """The chunks that are missing, in order, as they are sent to workers."""
        for number, index in self.missing(state, part):
            yield self.chunk(number, index)

    def failures(self, state: State) -> Iterator[Chunk]:
        """The failed runs, chunk by chunk, to be made again."""
        for number, batch in enumerate(self.batches):
            for index in range(self.chunks_of(batch)):
                if state.chunks[number][index] == FAILED:
                    start, _ = self.bounds(batch, index)
                    rows = self.read_chunk(number, index)
                    again = [start + i for i, error in enumerate(rows.errors) if error is not None]
                    yield self.chunk(number, index, tuple(again))

    def chunk(self, number: int, index: int, only: tuple[int, ...] = ()) -> Chunk:
        """A chunk with the values of its points."""
        batch = self.batches[number]
        start, stop = self.bounds(batch, index)
        first, last = start // batch.count, (stop - 1) // batch.count
        return Chunk(
            folder=str(self.folder.absolute()), name=self.name(number, index), work=self.work, code=provenance(SWEEP),
            start=start, stop=stop, first=batch.first, count=batch.count,
            points=self.design.values(first, last + 1), only=only,
        )  # fmt: skip

    @cached_property
    def design(self) -> DesignFile:
        """The points. Raises ``RunStoreError`` for a damaged file."""
        try:
            path = checked(self.folder, DESIGN, self.manifest["files"])
            design = DesignFile(path, self.sweep["coded"])
            if (design.points, design.paths) != (self.points, self.sweep["paths"]):
                raise ValueError(said("store.points"))
            return design
        except (OSError, ValueError, DamagedError) as error:
            reason = str(error).strip().splitlines()[0]
            raise RunStoreError(said("store.design", file=self.folder / DESIGN, why=reason)) from None

    def mend_design(self, same: Path) -> None:
        """Put a design that was made again in the place of a damaged one, which is set aside. Raises ``OSError``."""
        path = self.folder / DESIGN
        try:
            checked(self.folder, DESIGN, self.manifest["files"])
        except (OSError, DamagedError):
            if path.exists():
                self.set_aside(path)
            os.replace(same, path)

    # what was found -----------------------------------------------------------------------------------------

    def read_chunk(self, number: int, index: int) -> Rows:
        """Rows of a finished chunk. A damaged file is set aside, and ``RunStoreError`` says so."""
        start, stop = self.bounds(self.batches[number], index)
        for path in files(self.folder, self.name(number, index))[:1]:
            try:
                rows = read(path)
                if rows.values.shape != (stop - start, len(self.columns)):
                    raise DamagedError(said("store.numbers", shape=rows.values.shape))
            except (OSError, DamagedError) as error:
                why, moved = str(error).strip().splitlines()[0], self.set_aside(path)
                raise RunStoreError(
                    said("store.chunk", file=path, why=why, moved=moved, folder=self.folder)
                ) from None
            return rows
        raise RunStoreError(said("store.not_run", folder=self.folder, name=self.name(number, index)))

    def blocks(self, points: int = 1024) -> Iterator[Block]:
        """All runs in order of the design, ``points`` at a time. Raises ``RunStoreError`` where any is missing."""
        held: dict[int, tuple[int, Rows]] = {}
        for first in range(0, self.points, points):
            last = min(first + points, self.points)
            values = np.empty((last - first, self.replications, len(self.columns)))
            errors: dict[tuple[int, int], str] = {}
            before = 0
            for number, batch in enumerate(self.batches):
                part = values[:, before : before + batch.count]
                flat = np.empty((part.shape[0] * batch.count, len(self.columns)))
                run, stop = first * batch.count, last * batch.count
                while run < stop:
                    index = run // batch.chunk
                    if number not in held or held[number][0] != index:
                        held[number] = index, self.read_chunk(number, index)
                    rows, (start, end) = held[number][1], self.bounds(batch, index)
                    upto = min(end, stop)
                    flat[run - first * batch.count : upto - first * batch.count] = rows.values[
                        run - start : upto - start
                    ]
                    for i in range(run - start, upto - start):
                        error = rows.errors[i]
                        if error is not None:
                            point, turn = divmod(start + i, batch.count)
                            errors[point, batch.first + turn] = error
                    run = upto
                part[:] = flat.reshape(part.shape)
                before += batch.count
            yield Block(first, values, errors)

    # how it changes -----------------------------------------------------------------------------------------

    def expand(self, replications: int, chunk: int | None = None) -> None:
        """Request more replications of every point."""
        last = self.batches[-1]
        self.batches.append(Batch(last.first + last.count, replications, chunk or last.chunk))
        self._rewrite()

    def overrule(self, what: Sequence[str]) -> None:
        """Record that it was continued although things have changed."""
        self.sweep["overruled"] = [
            *self.sweep.get("overruled", []),
            {"now": provenance(SWEEP), "although": list(what)},
        ]
        self._rewrite()

    def _rewrite(self) -> None:
        self.sweep["batches"] = [asdict(batch) for batch in self.batches]
        write_whole(self.folder / MANIFEST, written(self.manifest))

    def changed(self) -> list[str]:
        """What is not as it was when the sweep was made: its own files, the code, the packages."""
        found = [
            said("changed.file", name=name)
            for name, expected in self.manifest["files"].items()
            if not (self.folder / name).is_file() or digest(self.folder / name) != expected
        ]
        return found + changes(self.sweep["code"], provenance(SWEEP))


def create(
    folder: Path,
    work: Mapping[str, Any],
    columns: Sequence[Column],
    paths: Sequence[str],
    coded: Sequence[str],
    blocks: Iterator[list[list[Any]]],
    batch: Batch,
    scenario: str,
    manifest: Mapping[str, Any],
) -> RunStore:
    """Put the whole design on disk, under a temporary name until it is complete. Raises ``OSError``, ``RunStoreError``.

    ``paths``: the varied parameters; ``coded``: those of them whose values Parquet has no one type for; ``blocks``:
    their values, some points at a time. If the folder has been made before, or meanwhile by another process, with the
    same sweep, that one is opened; whether code and packages are still the same is for ``changed`` to say.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = partial_folder(folder)
    try:
        (temporary / FOLDER).mkdir()
        (temporary / SCENARIO).write_text(scenario, encoding="utf-8", newline="\n")
        points = write_design(temporary / DESIGN, paths, coded, blocks)
        files = {name: digest(temporary / name) for name in (SCENARIO, DESIGN)}
        code = provenance(SWEEP)
        definition = {"work": dict(work), "columns": list(columns), "design": files[DESIGN], "code": code}
        sweep = {
            "digest": _digest(definition),
            "points": points,
            "paths": list(paths),
            "batches": [asdict(batch)],
            "coded": list(coded),
            "code": code,
            "work": dict(work),
            "columns": list(columns),
        }
        content = {**manifest, "scenario": scenario, "sweep": sweep, "files": files}
        write_whole(temporary / MANIFEST, written(content))
        temporary.chmod(0o755)
        with suppress(OSError):
            folder.rmdir()  # an empty one: Windows lets nothing take its place
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.is_dir() or not any(folder.iterdir()):
                raise
            if not (folder / MANIFEST).is_file():
                raise RunStoreError(said("store.no_sweep", folder=folder)) from None
            there = RunStore(folder)
            renewed = {**definition, "code": there.sweep["code"]}
            if there.sweep["digest"] != _digest(renewed):
                raise OtherSweepError(there) from None
            there.mend_design(temporary / DESIGN)
            return there
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return RunStore(folder)


def _digest(definition: Mapping[str, Any]) -> str:
    """A checksum of what decides the numbers of every run."""
    return hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()
