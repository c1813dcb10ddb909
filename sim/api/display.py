"""How results show themselves: a line in a terminal, a small table in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 40  # rows in a notebook
BREAK = "\u2028"  # of lines within a cell, where pandas would write a backslash


def card(
    title: str, lines: Iterable[str], frame: pd.DataFrame, index: bool = True, of: int | None = None
) -> str:
    """A title, what is to be said, and a table, as HTML; ``of``: how many rows there are, where the table holds the first."""
    above = "".join(f"<div>{escape(line)}</div>" for line in lines)
    rest = (len(frame) if of is None else of) - SHOWN
    cells = frame.head(SHOWN).replace("\n", BREAK, regex=True)
    table = cells.to_html(border=0, escape=True, index=index, na_rep="").replace(BREAK, "<br>")
    more = f"<div>… {rest:,}</div>" if rest > 0 else ""
    return f"<div><strong>{escape(title)}</strong>{above}{table}{more}</div>"


def counted(n: int, thing: str) -> str:
    """So many of something, for a line that says what a result is."""
    return f"{n:,} {thing}" + ("" if n == 1 else "s")


def categories(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The frame with some columns as categories, in the order in which their values come."""
    import pandas as pd

    for name in names:
        column: Any = frame[name]
        frame[name] = pd.Categorical(column, categories=list(dict.fromkeys(column)))
    return frame
