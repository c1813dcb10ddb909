"""What was read, as lines for a terminal and a page: files, columns, rows set aside, cells that could not be read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from calibration.lots.histories import Histories
from calibration.lots.reader.read import FilesRead, Source
from calibration.lots.words import w
from sim.scenario.errors import joined


def lines(reading: FilesRead, lang: str) -> list[str]:
    """What was read, in short; then what was set aside, by reason, and an example of each defect."""
    found = [_source(one, lang) for one in reading.sources]
    if reading.histories is not None:
        found += [_histories(reading.histories, lang), w(f"selection.{reading.selection}", lang)]
    if reading.bids is not None:
        found.append(w("read.bids", lang, bids=len(reading.bids), lots=len(reading.bids.scheduled)))
    return found


def set_aside(reading: FilesRead, lang: str) -> list[str]:
    """What became of rows that are not in the histories, and of cells; empty if all could be used."""
    rows_aside = reading.defects.rows_aside
    found = [w("aside", lang, n=sum(rows_aside.values()), read=reading.defects.read)] if rows_aside else []
    found += [f"  {w(f'reason.{reason}', lang)}: {n:,}" for reason, n in rows_aside.items()]
    counts = reading.defects.counts()
    found += [w("defects", lang, n=sum(counts.values()))] if counts else []
    return [*found, *(f"  {line}" for line in _defects(reading, lang))]


def _defects(reading: FilesRead, lang: str) -> Iterator[str]:
    for reason, n in reading.defects.counts().items():
        file, row, column, value = reading.defects.first(reason)
        place = w("defect.place" if column else "defect.row", lang, file=file, row=row, column=column)
        where = w("defect.value", lang, place=place, value=value) if value else place
        yield w("defect", lang, reason=w(f"reason.{reason}", lang), n=n, first=where)


def _source(one: Source, lang: str) -> str:
    return w(
        "read.file", lang, file=one.path.name, about=one.about, mapping=one.columns.title(lang), n=len(one.read),
        columns=joined(one.read),
    )  # fmt: skip


def _histories(of: Histories, lang: str) -> str:
    times = of.ended[~np.isnat(of.ended)]
    if not len(times):
        return w("read.lots", lang, lots=of.lots, rounds=len(of))
    first = str(times.min().astype("datetime64[D]"))
    last = str(of.closes.astype("datetime64[D]"))
    return w("read.lots_from", lang, lots=of.lots, rounds=len(of), first=first, last=last)
