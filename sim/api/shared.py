"""What several calls share: draws from wherever they come, axes as values, who does the work, and temporary folders."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.arguments import ArgumentChecks, as_toml
from sim.experiments.execution.executors import Executor, Here
from sim.experiments.execution.worker_pool import WorkerPool
from sim.experiments.over_draws import SCENARIO
from sim.experiments.storage.folders import FolderError, check_writable
from sim.locale.language import said
from sim.scenario import Defect, ScenarioError
from sim.scenario.errors import joined

if TYPE_CHECKING:
    import pandas as pd

Values = Mapping[str, Any]


def draws_file(draws: object, checks: ArgumentChecks, stack: ExitStack) -> str | Path | None:
    """The file in which draws stand, as the commands take it; a table is written to one for the time of the call.

    ``True``: those that the scenario names; ``False``: none. What is wrong is noted, and none are taken.
    """
    if draws is None or draws is False:
        return None
    if draws is True:
        return SCENARIO
    if isinstance(draws, str | os.PathLike):
        return draws if isinstance(draws, str) else Path(draws)
    import pandas as pd

    if not isinstance(draws, pd.DataFrame):
        checks.wrong("draws", draws, said("call.draws", names=joined((f'"{SCENARIO}"', True, False, None))))
        return None
    if empty := _empty_cells(draws):
        checks.defects += empty
        checks.mistyped.add("draws")
        return None
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sim-draws-"))
    path = Path(folder) / "draws.csv"
    draws.to_csv(path, index=False)
    checks.table = str(path)
    return path


def _empty_cells(draws: pd.DataFrame) -> list[Defect]:
    """Cells that hold nothing, which in a file would be no cells at all, or lines without any."""
    from pandas.api.types import is_numeric_dtype

    cells = draws.isna().to_numpy(copy=True)
    for i, kind in enumerate(draws.dtypes):
        if not is_numeric_dtype(kind):
            cells[:, i] |= [isinstance(cell, str) and not cell.strip() for cell in draws.iloc[:, i]]
    rows, columns = cells.nonzero()
    return [
        Defect(said("call.row", n=int(row) + 1), str(draws.columns[int(column)]), said("draws.empty"))
        for row, column in zip(rows, columns, strict=True)
    ]


def axes_texts(vary: Values, option: str) -> list[str]:
    """Axes as the commands take them: a list is its values, a pair (low, high) or a triple (start, stop, step) a range,
    a text as it stands. Raises ``ScenarioError``.
    """
    texts, defects = [], []
    for key, values in vary.items():
        try:
            texts.append(f"{key}={_axis(values)}")
        except (TypeError, ValueError):
            problem = said("call.axis", pair="(low, high)", triple="(start, stop, step)")
            defects.append(Defect(f"{option} {key}", "", problem))
    if defects:
        raise ScenarioError(defects)
    return texts


def _axis(values: Any) -> str:
    if isinstance(values, str):
        return values
    if isinstance(values, tuple) and len(values) in (2, 3):
        return ":".join(map(_end, values))
    if isinstance(values, Mapping):
        raise TypeError
    return ",".join(as_toml(value) for value in (values if isinstance(values, Sequence) else list(values)))


def _end(value: Any) -> str:
    """An end of a range; with its unit as it is written."""
    return value if isinstance(value, str) else as_toml(value)


@contextmanager
def executor_for(jobs: int) -> Iterator[Executor]:
    """Who does the work: this process, or workers, which end at once if anything stops it."""
    on: Executor = Here() if jobs <= 1 else WorkerPool(jobs)
    well = False
    try:
        yield on
        well = True
    finally:
        on.close(now=not well)


@contextmanager
def folder_for(out: str | Path | None) -> Iterator[Path]:
    """The folder given; else one that is removed when its results have been read."""
    with ExitStack() as stack:
        if out is None:
            yield Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sim-"))) / "runs"
        else:
            yield usable(Path(out))


def usable(out: Path) -> Path:
    """The folder, if it is one or can be made. Raises ``FolderError``, before anything runs."""
    if out.exists() and not out.is_dir():
        raise FolderError(said("folder.file", path=out))
    check_writable(out)
    return out
