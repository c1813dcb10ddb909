"""A run's folder read back: manifest, scenario, measures, and the records history by history."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.experiments.storage import manifest
from sim.experiments.storage.checksum import DamagedError
from sim.experiments.storage.manifest import MANIFEST, checked
from sim.experiments.storage.spreadsheet import rows_of
from sim.locale.foreign import translated
from sim.locale.language import said, spoken
from sim.measures.definitions import EVENT_ONLY
from sim.model.records import SCHEMAS, Records, Table, table
from sim.reporting.figures.outcomes import outcome_shares
from sim.reporting.fit import Fit, fit
from sim.reporting.fit import rows_of as compared_rows
from sim.reporting.pages.shell import PageError
from sim.reporting.pages.words import w
from sim.scenario import ScenarioError, from_text
from sim.scenario.departure import Departure, departure_from
from sim.scenario.schema import Scenario

NUMBERS = ("mean", "sd", "ci_low", "ci_high", "low", "high")
Key = tuple[str, str, str, str]  # window, segment, basis, measure
Row = dict[str, Any]


@dataclass(frozen=True)
class RunFolder:
    """What ``sim run`` left in ``path``."""

    path: Path
    manifest: dict[str, Any]
    scenario: Scenario
    rows: list[Row]  # of measures.csv: texts and floats, nan where empty

    @cached_property
    def by_key(self) -> dict[Key, Row]:
        return {(r["window"], r["segment"], r["basis"], r["measure"]): r for r in self.rows}

    @cached_property
    def windows(self) -> list[str]:
        return list(dict.fromkeys(row["window"] for row in self.rows))

    @property
    def summary(self) -> dict[str, list[Any]]:
        """The rows as columns, as ``sim.measures.summarise`` gives them."""
        return {name: [row[name] for row in self.rows] for name in self.rows[0]}

    def row(self, measure: str, window: str, segment: str = "all", basis: str = "") -> Row:
        """One line of measures.csv, on the run's basis if none is given; all nan where it has none (a measure of another
        version).
        """
        on = "event" if measure in EVENT_ONLY else basis or self.basis
        empty = dict.fromkeys(NUMBERS, float("nan"))
        return self.by_key.get((window, segment, on, measure), {**empty, "replications": 0})

    @cached_property
    def compared(self) -> list[Row]:
        """Published beside simulated for the windows, under every interpretation."""
        return compared_rows(self.scenario, self.summary)

    @cached_property
    def fit(self) -> Fit:
        """The same, under the interpretation by which results are compared."""
        return fit(self.compared, self.scenario.interpretation, self.departure)

    @property
    def departure(self) -> Departure | None:
        """From the scenario whose figures were published. Raises ``PageError`` where what the manifest says of it is none."""
        text = self.manifest.get("figures_of")
        if text is None:
            return None
        _checked(text, self.path)
        trees = [tomllib.loads(one) for one in (text, self.manifest["scenario"])]
        found = departure_from(trees[0], trees[1], self.manifest.get("extensions", ()))
        return found and replace(found, kinds=self.scenario.kinds)

    def outcomes(self, window: str) -> list[tuple[str, float]]:
        """What had become by a window's end of the lots listed in it, as shares of them, lots sold by round first."""
        return outcome_shares(
            lambda measure: float(self.row(measure, window, basis="cohort")["mean"]), self.rounds
        )

    @property
    def basis(self) -> str:
        """On which basis a measure is shown where one number stands: that on which published figures are compared."""
        return self.fit.basis

    @property
    def rounds(self) -> list[str]:
        """Names of the rounds that are held, in order."""
        return self.scenario.held

    @property
    def has_lots(self) -> bool:
        return "lots.parquet" in self.manifest["files"]

    @property
    def has_all(self) -> bool:
        return all(f"{name}.parquet" in self.manifest["files"] for name in SCHEMAS)

    def histories(self, names: tuple[str, ...]) -> Iterator[Records]:
        """The records of one replication after the other; tables not named are empty. Memory stays flat.

        Raises ``PageError`` for files that are damaged or written by another version.
        """
        try:
            files = {
                name: Rows(checked(self.path, f"{name}.parquet", self.manifest["files"]), SCHEMAS[name])
                for name in names
            }
            for replication in range(int(self.manifest["replications"])):
                yield Records(**{
                    name: files[name].take(replication) if name in names else table(schema, [])
                    for name, schema in SCHEMAS.items()
                })  # fmt: skip
        except (DamagedError, OSError, ValueError, KeyError, TypeError, NotImplementedError) as error:
            lines = str(error).strip().splitlines() or [repr(error)]
            raise PageError(said("page.records", path=self.path, why=lines[0])) from None


class Rows:
    """One Parquet file of a run, read replication by replication; a large one may stand in several row groups."""

    def __init__(self, path: Path, schema: dict[str, str]) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(path)
        self._schema = schema
        self._next = 0

    def take(self, replication: int) -> Table:
        """The rows of a replication, which are to be taken in order; none where it has none."""
        parts = []
        while self._next < self._file.num_row_groups:
            number = self._file.read_row_group(self._next, columns=["replication"])["replication"]
            if len(number) and number[0].as_py() != replication:
                break
            parts.append(self._file.read_row_group(self._next, columns=list(self._schema)))
            self._next += 1
        return {name: self._column(name, parts) for name in self._schema}

    def _column(self, name: str, parts: list[Any]) -> npt.NDArray[np.generic]:
        code = np.dtype(self._schema[name])
        return np.concatenate(
            [np.empty(0, code), *(part[name].to_numpy().astype(code, copy=False) for part in parts)]
        )


def read_run(path: Path) -> RunFolder:
    """Read what ``sim run`` wrote. Raises ``PageError`` with what is missing or damaged."""
    manifest = read_manifest(path)
    try:
        rows = list(read_csv(checked(path, "measures.csv", manifest["files"])))
    except (DamagedError, OSError, ValueError, KeyError, TypeError) as error:
        raise PageError(said("out.unreadable", name=path / "measures.csv", why=translated(error))) from None
    if not rows:
        raise PageError(said("page.no_rows", file=path / "measures.csv"))
    return RunFolder(path, manifest, scenario_of(manifest, path), rows)


def recorded(path: Path) -> RunFolder:
    """A run with all its records, without its measures. Raises ``PageError`` if the folder is of another kind, or kept fewer."""
    manifest = read_manifest(path)
    if manifest["kind"] != "run":
        raise PageError(said("page.no_run", path=path, kind=manifest["kind"]))
    found = RunFolder(path, manifest, scenario_of(manifest, path), [])
    if not found.has_all:
        raise PageError(said("page.few_records", path=path, kept=manifest["records"]))
    return found


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of any output folder."""
    if not path.is_dir():
        raise PageError(w("elsewhere.nothing", spoken(), path=path))
    if not (path / MANIFEST).is_file():
        raise PageError(said("page.no_manifest", path=path, name=MANIFEST)) from None
    try:
        return manifest.read_manifest(path)
    except manifest.ManifestError as error:
        raise PageError(str(error)) from None


def law_of(manifest: Mapping[str, Any]) -> date | None:
    """The day by whose law a folder is marked; None: by that of the days simulated."""
    text = manifest.get("law_of")
    return date.fromisoformat(text) if text else None


def scenario_of(manifest: dict[str, Any], path: Path) -> Scenario:
    """The scenario whose text the manifest holds."""
    return _checked(manifest["scenario"], path)


def _checked(text: str, path: Path) -> Scenario:
    try:
        return from_text(text)
    except ScenarioError as error:
        raise PageError(said("page.scenario", file=path / MANIFEST, why=error)) from None


def read_csv(path: Path) -> Iterator[Row]:
    """Rows of a tidy CSV; the columns of numbers become floats, empty ones nan."""
    for row in rows_of(path):
        out: Row = dict(row)
        for name in NUMBERS:
            out[name] = float(row[name]) if row[name] else float("nan")
        out["replications"] = int(float(row["replications"]))
        yield out
