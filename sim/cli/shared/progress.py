"""Progress of a command, on standard error: bars where somebody looks; elsewhere nothing, or a line now and then."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.reporting.progress_bar import progress_bars

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

EVERY = 30.0  # seconds between two lines where there is no terminal


def tables(width: int | None) -> Console:
    """Where results are printed: ``width`` columns (None: as many as Rich thinks) where there is no terminal to ask."""
    from rich.console import Console

    console = Console(highlight=False)
    if width is not None and not console.is_terminal:
        console.width = width
    return console


class ProgressBar:
    """A bar for each task, on a terminal. It is gone at the end, unless it ``stays``."""

    def __init__(self, stays: bool = False) -> None:
        self._bars = progress_bars(stays)
        self._console = self._bars.console
        self._tasks: dict[str, TaskID] = {}
        self._said = time.monotonic()

    def __enter__(self) -> ProgressBar:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def show(
        self,
        words: str,
        done: int,
        total: int | None,
        key: str = "",
        line: Callable[[], str] | None = None,
    ) -> None:
        """How far the task ``key`` is; ``line`` says it in a line every 30 s where there is no terminal."""
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(words, total=total)
        self._bars.update(self._tasks[key], description=words, completed=done, total=total)
        if line and not self._console.is_terminal and time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            self._console.print(line())


def clock(seconds: float) -> str:
    """75 -> 1:15, 7322 -> 2:02:02."""
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
