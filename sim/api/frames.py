"""Tables of pandas: records with their codes as categories and their times as dates, measures with their names as categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.api.display import categories
from sim.experiments.storage.codebook import DATE, Codebook
from sim.measures.summary import KEYS
from sim.model.records import Table

if TYPE_CHECKING:
    import pandas as pd

MILLISECONDS = 86_400_000  # of a day
NOBODY = ("winner",)  # numbers of which -1 is none


def records_frame(columns: Table, book: Codebook) -> pd.DataFrame:
    """A record table as people want it; ``columns`` as the model writes them."""
    import pandas as pd

    out: dict[str, Any] = {}
    for name, said in book["columns"].items():
        column = columns[name]
        if said["unit"] == DATE:
            out[name] = times(column.astype(np.float64), book["start"])
        elif "codes" in said:
            labels = pd.Index([code["name"] for code in said["codes"].values()])
            out[name] = pd.Categorical.from_codes(column.astype(np.int64), labels)  # -1 is none
        elif name in NOBODY:
            numbers = column.astype(np.int64)
            out[name] = pd.arrays.IntegerArray(numbers, numbers < 0)
        else:
            out[name] = column
    return pd.DataFrame(out, copy=False)


def times(days: npt.NDArray[np.float64], start: str) -> npt.NDArray[np.datetime64]:
    """Days from the scenario's first day as points in time; nan as none."""
    known = np.isfinite(days)
    since = np.where(known, days, 0.0) * MILLISECONDS
    found = np.datetime64(start, "ms") + since.round().astype(np.int64).astype("timedelta64[ms]")
    found[~known] = np.datetime64("NaT")
    return found


def measures_frame(columns: Mapping[str, Sequence[Any]], more: Sequence[str] = ()) -> pd.DataFrame:
    """Columns of measures; window, segment, basis, measure and ``more`` as categories."""
    import pandas as pd

    return categories(pd.DataFrame(dict(columns)), [*more, *(key for key in KEYS if key in columns)])
