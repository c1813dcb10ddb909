"""What several calls share: draws from wherever they come, axes as values, who does the work, and temporary folders."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.arguments import as_toml
from sim.experiments.execution.executors import Executor, Here
from sim.experiments.execution.worker_pool import WorkerPool
from sim.locale.language import said
from sim.scenario import Defect, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

Draws = "str | Path | pd.DataFrame | bool | None"
Values = Mapping[str, Any]


@contextmanager
def draws_file(draws: str | Path | pd.DataFrame | None) -> Iterator[str | Path | None]:
    """The file in which draws stand; a table is written to a temporary one."""
    if draws is None or isinstance(draws, str | Path):
        yield draws
        return
    with tempfile.TemporaryDirectory(prefix="sim-draws-") as folder:
        path = Path(folder) / "draws.csv"
        draws.to_csv(path, index=False)
        yield path


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
            yield Path(out)
