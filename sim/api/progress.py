"""Progress: in a notebook, or where it is asked for."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, Literal, Protocol

from sim.locale.language import spoken
from sim.locale.words import Words


class Tick(Protocol):
    """Called with how far one is: how many are done, of how many (None: nobody knows), and of what, where that changes."""

    def __call__(self, done: int, total: int | None, what: str = "") -> None: ...


Work = Literal["replications", "compare.pairs", "sweep.runs", "calibration.steps"]
_WORDS: Final = Words("explore", "report")
EVERY = 0.2  # seconds between two changes of what is shown


@contextmanager
def showing(work: Work, wanted: bool | None) -> Iterator[Tick]:
    """Something to be called with how far one is with this work, in words of the reader's. ``wanted``: None shows it in notebooks only."""
    notebook = _in_notebook()
    if wanted is False or (wanted is None and not notebook):
        yield _nothing
        return
    with (_in_cell if notebook else _in_terminal)(_WORDS(work, spoken())) as tick:
        yield tick


def _nothing(done: int, total: int | None, what: str = "") -> None:
    pass


@contextmanager
def _in_cell(what: str) -> Iterator[Tick]:
    """A bar under the cell, which goes when all is done."""
    notebook: Any = import_module("IPython.display")  # it has no types, and need not be installed
    place, html = notebook.display(notebook.HTML(what), display_id=True), notebook.HTML
    last = 0.0

    def tick(done: int, total: int | None, what: str = what) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            bar = f"<progress value='{done}' max='{total}'></progress>" if total else ""
            place.update(html(f"{what} {bar} {done:,}" + (f" / {total:,}" if total else "")))

    try:
        yield tick
    finally:
        place.update(html(""))


@contextmanager
def _in_terminal(what: str) -> Iterator[Tick]:
    from sim.reporting.progress_bar import progress_bars

    with progress_bars() as bars:
        task = bars.add_task(what, total=None)

        def tick(done: int, total: int | None, what: str = what) -> None:
            bars.update(task, completed=done, total=total, description=what)

        yield tick


def _in_notebook() -> bool:
    """Whether this runs in a cell: then IPython has been loaded, and its shell is that of a kernel."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"
