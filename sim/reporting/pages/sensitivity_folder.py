"""The folder of a sensitivity analysis read back: its runs, and the indices of every measure that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.experiments.sensitivity import MEASURES, TABLE, Index, columns, indices, observed
from sim.experiments.storage.spreadsheet import rows_of
from sim.experiments.sweep.results import layout_of
from sim.experiments.sweep.run_store import RunStore, RunStoreError
from sim.experiments.sweep.sweep import read_axis
from sim.locale.foreign import translated
from sim.locale.language import said
from sim.reporting.pages.run_folder import scenario_of
from sim.reporting.pages.shell import PageError
from sim.reporting.pages.sweep_data import Axis
from sim.scenario.schema import WHOLE, Scenario


@dataclass(frozen=True)
class SensitivityFolder:
    """What ``sim sensitivity`` left: ``found`` has the indices of each measure, the largest first; ``left_out`` says why
    others have none."""

    manifest: Mapping[str, Any]
    scenario: Scenario
    axes: Sequence[Axis]
    window: str
    found: Mapping[str, Sequence[Index]]
    left_out: Sequence[str]
    points: int
    replications: int

    @property
    def method(self) -> str:
        """morris or sobol."""
        return str(self.manifest["design"]["method"])

    @property
    def rows(self) -> dict[str, list[Any]]:
        """The same columns as in sensitivity.csv."""
        return columns(self.found, self.method, self.window)


def read_sensitivity(path: Path, manifest: Mapping[str, Any]) -> SensitivityFolder:
    """Indices are computed from the runs; which measures and which period, the folder's table says, else the usual ones
    are taken. Raises ``PageError`` for a folder that is damaged, or has no run of some point."""
    wanted, window = _asked(path)
    found: dict[str, Sequence[Index]] = {}
    left_out: list[str] = []
    try:
        store = RunStore(path)
        for measure in wanted or [m for m in MEASURES if m in layout_of(store).measures]:
            try:
                found[measure] = indices(store, observed(store, measure, window))
            except RunStoreError as error:
                if store.state().missing or store.state().failed_runs:
                    raise
                left_out.append(str(error))
    except RunStoreError as error:
        raise PageError(str(error)) from None
    if not found:
        raise PageError("\n".join(left_out) or said("page.no_results", path=path))
    keys = store.sweep["work"]["arguments"]["keys"]
    scenario = scenario_of(dict(manifest), path)
    axes = [Axis.of(read_axis(one, tuple(keys[one["path"]])), scenario.kinds) for one in manifest["axes"]]
    return SensitivityFolder(
        manifest, scenario, axes, window, found, left_out, store.points, store.replications
    )  # fmt: skip


def _asked(path: Path) -> tuple[list[str], str]:
    """Measures and period of the last report in the folder; nothing where it has none."""
    file = path / TABLE
    if not file.is_file():
        return [], WHOLE
    try:
        pairs = [(row["measure"], row["window"]) for row in rows_of(file)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PageError(said("out.unreadable", name=file, why=translated(error))) from None
    windows = {window for _, window in pairs}
    return list(dict.fromkeys(measure for measure, _ in pairs)), windows.pop() if len(windows) == 1 else WHOLE
