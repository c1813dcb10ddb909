"""What the columns of a file of records mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.api.arguments import ArgumentChecks
from sim.api.wording import in_python
from sim.experiments.storage.codebook import Codebook, read_codebook

if TYPE_CHECKING:
    import pandas as pd


@in_python
def codebook(path: str | Path) -> pd.DataFrame:
    """What the columns of a Parquet file of records mean: the file carries it.

    Parameters
    ----------
    path : str or path
        ``lots.parquet``, ``rounds.parquet``, ``registrations.parquet`` or ``bids.parquet`` of a run's folder.

    Returns
    -------
    DataFrame
        A row a column of the file: ``unit``, ``meaning``, ``meaning_zh`` and ``codes``, the labels of its codes. Times are
        days from 00:00 of the scenario's first day, which stands in ``attrs["start"]``.

    Raises
    ------
    ScenarioError
        If ``path`` is no path.
    NoCodebookError
        If the file carries none, or cannot be read.

    Examples
    --------
    >>> import sim, tempfile
    >>> village = sim.load_scenario({"courts.number": 1, "arrivals.volume": 0.05})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = village.run(replications=1, out=f"{folder}/village")
    ...     book = sim.codebook(f"{folder}/village/lots.parquet")
    >>> book.loc["price", "unit"], book.loc["outcome", "codes"][2]
    ('yuan', 'sold')
    """
    checks = ArgumentChecks()
    file = checks.path("path", path, needed=True)
    checks.end()
    assert file is not None
    return book_frame(read_codebook(file))


def book_frame(book: Codebook) -> pd.DataFrame:
    """A codebook as a table."""
    import pandas as pd

    columns = book["columns"]
    frame = pd.DataFrame(
        {
            "unit": [said["unit"] for said in columns.values()],
            "meaning": [said["en"] for said in columns.values()],
            "meaning_zh": [said["zh"] for said in columns.values()],
            "codes": [
                {int(code): label["name"] for code, label in said.get("codes", {}).items()}
                for said in columns.values()
            ],
        },
        index=pd.Index(columns, name="column"),
    )
    frame.attrs["start"] = book["start"]
    return frame
