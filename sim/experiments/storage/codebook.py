"""The codebook: what the columns of the record tables mean, in what unit, and what their codes stand for.

Every Parquet file of records carries its own in its metadata, as JSON under ``METADATA``, so that it explains itself to
whoever opens it, with whatever program. What is said of columns stands in ``codebook.toml``.
"""

from __future__ import annotations

import json
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from sim.locale.foreign import reason
from sim.locale.language import said
from sim.measures.definitions import ROUND_NAMES
from sim.model.records import SCHEMAS
from sim.scenario.errors import SimError
from sim.scenario.schema import Scenario

METADATA: Final = b"sim.codebook"
DATE: Final = "date"  # the unit of a point in time
Codebook = dict[str, Any]  # table, start, columns: name -> unit, en, zh, codes: code -> name, en, zh


class NoCodebookError(SimError):
    """A file without a codebook; the message says which."""


@cache
def _declared() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def codebook(scenario: Scenario) -> dict[str, Codebook]:
    """The codebook of each record table of a scenario."""
    codes = {**_declared()["codes"], **_codes_of(scenario)}
    return {table: _of_table(table, scenario.time.start, codes) for table in SCHEMAS}


def _of_table(table: str, start: date, codes: dict[str, Any]) -> Codebook:
    declared = _declared()
    columns = {}
    for name, about in {**declared["every"], **{c: declared[table][c] for c in SCHEMAS[table]}}.items():
        columns[name] = {**about, **({"codes": codes[about["codes"]]} if "codes" in about else {})}
    return {"table": table, "start": start.isoformat(), "columns": columns}


def _codes_of(scenario: Scenario) -> dict[str, dict[str, dict[str, str]]]:
    """Codes that a scenario gives: positions of its kinds, its rounds that are held, its pricing methods."""
    known = _declared()["methods"]
    return {
        "kinds": {
            str(i): {"name": name, "en": name, "zh": kind.name_zh}
            for i, (name, kind) in enumerate(scenario.offered.items())
        },
        "rounds": {
            str(i): {
                "name": name,
                **dict(zip(("en", "zh"), ROUND_NAMES.get(name, (name, name)), strict=True)),
            }
            for i, name in enumerate(scenario.held)
        },
        "methods": {
            str(i): {"name": name, **known.get(name, {"en": name, "zh": name})}
            for i, name in enumerate(scenario.pricing)
        },
    }


def as_metadata(book: Codebook) -> bytes:
    """A codebook as it stands in a file."""
    return json.dumps(book, ensure_ascii=False).encode()


def read_codebook(path: str | Path) -> Codebook:
    """The codebook that a Parquet file of records carries. Raises ``NoCodebookError``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open(path, "rb") as file:
            carried = (pq.read_schema(file).metadata or {}).get(METADATA)
    except pa.ArrowInvalid:
        raise NoCodebookError(said("codebook.not_parquet", path=path)) from None
    except OSError as error:
        raise NoCodebookError(said("place", where=path, said=reason(error))) from None
    if carried is None:
        raise NoCodebookError(said("codebook.none", path=path))
    book: Codebook = json.loads(carried)
    return book
