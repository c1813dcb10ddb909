"""Progress on standard error, for commands and the API alike: the one bar that both show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def notes() -> Console:
    """Where what is no result is said."""
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def progress_bars(stays: bool = False) -> Progress:
    """A bar for each task, on a terminal; elsewhere nothing. They are gone at the end, unless they ``stay``."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = notes()
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(elapsed_when_finished=stays),
        console=console, transient=not stays, disable=not console.is_terminal,
    )  # fmt: skip
