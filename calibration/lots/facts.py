"""What a court's own rows say, as facts of an evidence file: so that a calibration takes rows and published figures together.

Of all listed lots the share sold of the auctions held, first, second and sell-off; of files of sold or ended lots, in which failed lots
are missing, the share of sales at the first auction; and, where prices are known, the share sold at the start and price / reference.

Each is a ratio of sums over lots, so its error comes of what single lots add to it (infinitesimal jackknife, Efron 1982). Measures of
the same lots are correlated, and facts count as independent: their errors are enlarged by the root of the largest eigenvalue
of the correlations, so that the facts together never claim more than the rows do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import tomli_w

from calibration.lots.followed import AT_START, wins_before
from calibration.lots.histories import HELD, Bools, Floats, Histories, Ints, Outcome, Stage
from calibration.lots.mapping import Selection
from calibration.lots.words import w
from calibration.targets.evidence import askable
from sim.reporting.text import name_of

TOKEN: Final = (
    0.5  # of the reference price: lower first starts are token starts, which the model has apart (assumption)
)
FEWEST: Final = 20  # lots behind a fact
VARIED: Final = 0.02  # width of the middle eight tenths of starts from which on they are a range
SAME: Final = 1e-12  # to which all lots add alike
LEAST: Final = 1e-4  # error written
ROUNDS: Final = ("first", "second", "sell_off")  # of the base scenario


@dataclass(frozen=True, slots=True)
class RowFact:
    """A measure with its error on the scale of comparison; ``number``: of what it is a share, or of prices."""

    measure: str
    value: float
    sd: float
    number: int


@dataclass(frozen=True, slots=True)
class RowFacts:
    """``facts``; ``conditions``: path -> number or range; ``days``: the first and the last on which a round ended; ``lots`` behind them;
    ``token``: lots left out for their token starts; ``enlarged``: factor of the errors that correlations ask for.
    """

    facts: tuple[RowFact, ...]
    conditions: dict[str, float | tuple[float, float]]
    days: tuple[date, date] | None
    lots: int
    token: int
    enlarged: float


@dataclass(frozen=True, slots=True)
class _Rounds:
    """Rounds that were held, up to the first win of each lot: rows of ``Histories``, with the lot and the round's name's place of each."""

    rows: Ints
    lot: Ints
    round: Ints  # in ``ROUNDS``; -1: another
    sold: Bools


def row_facts(of: Histories, selection: Selection) -> RowFacts:
    """The facts that rows give. Of fewer than ``FEWEST`` lots, or where all or none are so, there is no fact."""
    held, token = _held(of)
    lots = len(np.unique(held.lot))
    days = _days(of, held)
    names, sums = _sums(of, held, selection)
    known = [i for i in range(len(names)) if _tells(names[i], *sums[i])]
    if not known:
        return RowFacts((), {}, days, lots, token, 1.0)
    values = [above.sum() / max(below.sum(), 1e-300) for above, below in sums]
    added = np.stack([_added(names[i], *sums[i]) for i in known])
    whole = added @ added.T
    sd = np.sqrt(np.diag(whole))
    enlarged = float(np.sqrt(np.linalg.eigvalsh(whole / np.outer(sd, sd))[-1]))
    facts = [
        RowFact(names[i], float(values[i]), float(error * enlarged), int((sums[i][1] > 0).sum()))
        for i, error in zip(known, sd, strict=True)
    ]
    return RowFacts(tuple(facts), _conditions(of, held), days, lots, token, enlarged)


def _held(of: Histories) -> tuple[_Rounds, int]:
    """The rounds, without lots that opened at token starts; and how many these are."""
    held = np.isin(of.outcome, HELD) & (of.start > 0.0) & (of.reference > 0.0)
    rows = np.flatnonzero(held & (wins_before(of) == 0)).astype(np.intp)
    lot = of.lot[rows]
    opened = np.unique(lot, return_index=True)
    low = opened[0][(of.start / of.reference)[rows[opened[1]]] < TOKEN]
    rows = rows[~np.isin(lot, low)]
    auction = (of.stage[rows] != Stage.SELL_OFF).astype(np.intp)
    lot = of.lot[rows]
    number = _within(auction, lot)
    place = np.where(auction == 0, ROUNDS.index("sell_off"), np.where(number < 2, number, -1))
    return _Rounds(rows, lot, place.astype(np.intp), of.outcome[rows] == Outcome.SOLD), len(low)


def _within(number: Ints, lot: Ints) -> Ints:
    """Sums of ``number`` over the earlier rows of the same lot; rows are sorted by lot."""
    if not len(lot):
        return number
    whole = np.cumsum(number) - number
    first = np.flatnonzero(np.diff(lot, prepend=-1))
    return np.asarray(whole - np.repeat(whole[first], np.diff(np.append(first, len(lot)))), dtype=np.intp)


def _days(of: Histories, held: _Rounds) -> tuple[date, date] | None:
    ended = np.where(np.isnat(of.ended[held.rows]), of.opened[held.rows], of.ended[held.rows])
    ended = ended[~np.isnat(ended)]
    if not len(ended):
        return None
    first, last = (x.astype("datetime64[D]").item() for x in (ended.min(), ended.max()))
    return first, last


def _sums(of: Histories, held: _Rounds, selection: Selection) -> tuple[list[str], list[tuple[Floats, Floats]]]:  # fmt: skip
    """Measures, and for each what every lot adds to its numerator and denominator, (lots,) each."""
    places = np.unique(held.lot, return_inverse=True)[1]
    lots = int(places.max(initial=-1)) + 1

    def by_lot(x: npt.ArrayLike) -> Floats:
        return np.asarray(np.bincount(places, np.asarray(x, dtype=np.float64), lots), dtype=np.float64)

    price, reference = of.price[held.rows], of.reference[held.rows]
    priced = held.sold & (price > 0.0)
    found: dict[str, tuple[Floats, Floats]] = {}
    if selection == "all listed":
        for place, name in enumerate(ROUNDS):
            mine = held.round == place
            found[f"hazard_{name}"] = by_lot(held.sold & mine), by_lot(mine)
    else:
        found["sold_first"] = by_lot(held.sold & (held.round == 0)), by_lot(held.sold)
    at_start = priced & (price <= of.start[held.rows] * AT_START)
    found["sold_at_start"] = by_lot(at_start), by_lot(priced)
    found["recovery"] = by_lot(np.where(priced, price, 0.0)), by_lot(np.where(priced, reference, 0.0))
    return list(found), list(found.values())


def _tells(name: str, above: Floats, below: Floats) -> bool:
    """Whether the rows say something of a measure."""
    share = above.sum() / max(below.sum(), 1e-300)
    if (below > 0).sum() < FEWEST or not share > 0.0 or (name != "recovery" and share >= 1.0):
        return False
    return bool(np.ptp(_added(name, above, below)) > SAME)  # all prices alike are made up, not observed


def _added(name: str, above: Floats, below: Floats) -> Floats:
    """What each lot adds to the error of a ratio, on the scale of comparison, (lots,)."""
    share = above.sum() / below.sum()
    off = (above - share * below) / below.sum()
    return np.asarray(off / (share if askable(ROUNDS)[name].scale == "log" else share * (1.0 - share)))


def _conditions(of: Histories, held: _Rounds) -> dict[str, float | tuple[float, float]]:
    """First starts and cuts under which the rows came about."""
    share = (of.start / of.reference)[held.rows]
    first = share[np.unique(held.lot, return_index=True)[1]]
    low, high = np.quantile(first, (0.1, 0.9))
    found: dict[str, float | tuple[float, float]] = {
        "start.ratio": round(float(np.median(first)), 4)
        if high - low < VARIED
        else (round(float(low), 4), round(float(high), 4)),
        "start.token_share": 0.0,
    }
    next_of_lot = np.flatnonzero(np.diff(held.lot) == 0)
    cuts = 1.0 - share[next_of_lot + 1] / share[next_of_lot]
    for place, name in enumerate(ROUNDS[1:], start=1):
        mine = cuts[held.round[next_of_lot + 1] == place]
        if len(mine) >= FEWEST:
            found[f"rounds.{name}.cut"] = round(float(np.clip(np.median(mine), 0.0, 0.99)), 4)
    return found


def facts_text(found: RowFacts, source: str) -> str:
    """The facts as an evidence file, ready to be named in a targets file."""
    tree: dict[str, Any] = {
        key: w("facts.title", lang, lots=found.lots, source=source)
        for key, lang in (("title", "en"), ("title_zh", "zh"))
    }
    days = {} if found.days is None else dict(zip(("first", "last"), found.days, strict=True))
    conditions = {path: list(x) if isinstance(x, tuple) else x for path, x in found.conditions.items()}
    tree["facts"] = {
        f"own_{one.measure}": {
            **{lang: w("facts.name", lang, measure=_named(one, lang)) for lang in ("en", "zh")},
            "measure": one.measure, "value": round(one.value, 5), "sd": max(round(one.sd, 5), LEAST),
            "sd_source": w("facts.sd", "en", number=one.number, enlarged=found.enlarged),
            **days, "source": source, "at": conditions,
        }
        for one in found.facts
    }  # fmt: skip
    about = [f"# {line}".rstrip() for lang in ("en", "zh") for line in w("facts.about", lang).splitlines()]
    return "\n".join([*about, "", tomli_w.dumps(tree)])


def _named(one: RowFact, lang: str) -> str:
    return name_of(one.measure, lang)


def told(found: RowFacts, lang: str) -> list[str]:
    """What was written, a line a fact."""
    lines = [
        w("facts.line", lang, measure=_named(one, lang), value=one.value, sd=one.sd, number=one.number)
        for one in found.facts
    ]  # fmt: skip
    if found.token:
        lines.append(w("facts.token", lang, n=found.token))
    return lines
