"""What stands in cells, a column at a time: texts, numbers with units, times. Nothing is guessed: what is not clear is marked.

Distinct texts are understood once each, for most columns hold few.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from calibration.lots.histories import Bools, Floats, Times
from sim.scenario.units import MONEY

MISSING: Final = (
    "", "-", "--", "—", "——", "/", "\\", "\\N", "nan", "none", "null", "n/a", "#n/a", "na", "nat", "无", "暂无", "空",
)  # fmt: skip
EARLIEST: Final = np.datetime64("1990-01-01T00:00:00")  # assumption: no court's file goes back before it
LATEST: Final = np.datetime64("2050-12-31T23:59:59")  # assumption
YUAN: Final = "CNY"
CURRENCIES: Final = {
    "元": YUAN, "人民币": YUAN, "人民币元": YUAN, "¥": YUAN, "rmb": YUAN, "cny": YUAN, "yuan": YUAN, "元整": YUAN, "元人民币": YUAN,
    "$": "USD", "usd": "USD", "us$": "USD", "美元": "USD", "hkd": "HKD", "hk$": "HKD", "港元": "HKD", "港币": "HKD",
    "€": "EUR", "eur": "EUR", "欧元": "EUR", "₩": "KRW", "krw": "KRW", "원": "KRW", "韩元": "KRW", "won": "KRW",
    "日元": "JPY", "jpy": "JPY", "澳门元": "MOP", "mop": "MOP", "新台币": "TWD", "twd": "TWD", "£": "GBP", "gbp": "GBP", "英镑": "GBP",
}  # fmt: skip
SIZES: Final = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8}
COUNTED: Final = ("人", "次", "人次", "个", "位", "名", "件", "条")  # after numbers of people and bids
_DIGITS: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+"
_NUMBER: Final = rf"^(?P<before>[^0-9.+-]*?)\s*(?P<number>[+-]?(?:{_DIGITS})(?:[eE][+-]?[0-9]{{1,3}})?)\s*(?P<after>[^0-9.,]*)$"
_DAY: Final = r"(?P<y>[0-9]{4})\s*[-/.年]\s*(?P<m>[0-9]{1,2})\s*[-/.月]\s*(?P<d>[0-9]{1,2})\s*日?"
_CLOCK: Final = (
    r"(?P<H>[0-9]{1,2})\s*[:时点]\s*(?P<M>[0-9]{1,2})?\s*[:分]?\s*(?P<S>[0-9]{1,2})?(?:\.[0-9]+)?\s*秒?"
)
_TIME: Final = rf"^{_DAY}(?:[T\s]*{_CLOCK})?\s*(?P<z>Z|[+-][0-9]{{2}}:?[0-9]{{2}})?$"
_CHINA: Final = 480  # minutes that Beijing is before UTC


@dataclass(frozen=True, slots=True)
class Read:
    """A column as understood. ``bad``: cells that hold something, which cannot be understood."""

    values: npt.NDArray[Any]
    bad: Bools


def plain(cells: pa.Array) -> pa.Array:
    """Texts with plain signs instead of full-width ones, and without blanks at their ends."""
    return pc.utf8_trim_whitespace(pc.utf8_normalize(cells, form="NFKC"))


def is_missing(texts: pa.Array) -> Bools:
    """Which of plain texts stand for nothing."""
    found: Bools = pc.is_in(pc.utf8_lower(texts), pa.array(MISSING)).to_numpy(zero_copy_only=False)
    return found


def _distinct(cells: pa.Array) -> tuple[pa.Array, npt.NDArray[np.intp]]:
    """Distinct plain texts, and for each cell the place of its text."""
    coded = pc.dictionary_encode(pc.fill_null(cells, ""))
    return plain(coded.dictionary), coded.indices.to_numpy(zero_copy_only=False).astype(np.intp)


def texts(cells: pa.Array) -> pa.Array:
    """Plain texts; null where a cell holds nothing."""
    distinct, at = _distinct(cells)
    blank = pc.if_else(pa.array(is_missing(distinct)), None, distinct)
    return blank.take(pa.array(at))


def amounts(cells: pa.Array, unit: float = 1.0) -> tuple[Read, npt.NDArray[np.str_]]:
    """Amounts of money in units of 1, and the currency that each cell names (empty: none). ``unit``: what is meant by 1 where a
    cell names no unit.
    """
    distinct, at = _distinct(cells)
    before, number, after = _parts(distinct)
    named = pc.binary_join_element_wise(before, after, "|")
    coded = pc.dictionary_encode(pc.fill_null(named, "|"))
    apart = [text.partition("|") for text in coded.dictionary.to_pylist()]
    known = [_unit(one[0], one[2], unit) for one in apart]
    of = coded.indices.to_numpy(zero_copy_only=False)
    size = np.array([one[0] for one in known] or [np.nan])[of]
    currency = np.array([one[1] for one in known] or [""])[of]
    values, bad = _values(distinct, number, size)
    return Read(values[at], bad[at]), currency[at]


def counts(cells: pa.Array) -> Read:
    """Whole numbers of people or bids, from 0."""
    distinct, at = _distinct(cells)
    before, number, after = _parts(distinct)
    clean = pc.and_(pc.equal(before, ""), pc.is_in(after, pa.array(["", *COUNTED])))
    size = np.where(pc.fill_null(clean, False).to_numpy(zero_copy_only=False), 1.0, np.nan)
    values, bad = _values(distinct, number, size)
    odd = (values < 0) | (values != np.round(values)) & ~np.isnan(values)
    return Read(np.where(odd, np.nan, values)[at], (bad | odd)[at])


def _parts(distinct: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """What stands before a number, the number, and what stands behind it; null where there is no number."""
    found = pc.extract_regex(distinct, _NUMBER)
    before, number, after = (pc.struct_field(found, name) for name in ("before", "number", "after"))
    return pc.utf8_trim_whitespace(before), number, pc.utf8_trim_whitespace(after)


def _values(distinct: pa.Array, number: pa.Array, size: Floats) -> tuple[Floats, Bools]:
    """Numbers times what their units are worth; nan where there is none, and which of them are bad."""
    digits = pc.replace_substring(number, ",", "")
    values: Floats = pc.cast(digits, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64) * size
    values[~np.isfinite(values)] = np.nan
    return values, np.isnan(values) & ~is_missing(distinct)


def _unit(before: str, after: str, own: float) -> tuple[float, str]:
    """What a number between two texts is worth, and its currency; nan if one of the texts is no unit."""
    if not before and not after:
        return own, ""
    if not before and MONEY.get(after) is not None:
        size: Fraction = MONEY[after]
        return float(size), YUAN if after.endswith(("元", "yuan")) else ""
    currencies = {CURRENCIES.get(before.lower(), "?")} if before else set()
    for magnitude in sorted(SIZES, key=len, reverse=True):
        if after.startswith(magnitude):
            rest = after.removeprefix(magnitude).strip().lower()
            currencies |= {CURRENCIES.get(rest, "?")} if rest else set()
            if len(currencies) > 1 or "?" in currencies:
                break
            scaled = SIZES[magnitude] if magnitude or currencies else own
            return scaled, next(iter(currencies), "")
    return np.nan, ""


def times(cells: pa.Array) -> Read:
    """Times to the second, local; those with an offset as Beijing's. Bad as well: days that are not, or none that a court's file has."""
    distinct, at = _distinct(cells)
    written = pc.replace_substring_regex(distinct, r"^([0-9]{4})([0-9]{2})([0-9]{2})(\s|$)", r"\1-\2-\3\4")
    found = pc.extract_regex(written, _TIME)
    part = {name: _numbers(pc.struct_field(found, name)) for name in "ymdHMS"}
    year, month, day = (part[name] for name in "ymd")
    valid = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    valid &= (part["H"] < 24) & (part["M"] < 60) & (part["S"] < 60)
    months = (np.where(valid, (year - 1970) * 12 + month - 1, 0)).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(valid, day - 1, 0)
    valid &= days.astype("datetime64[M]") == months
    seconds = part["H"] * 3600 + part["M"] * 60 + part["S"] - 60 * _shift(pc.struct_field(found, "z"))
    values = days.astype("datetime64[s]") + seconds
    valid &= (values >= EARLIEST) & (values <= LATEST)
    values[~valid] = np.datetime64("NaT")
    return Read(values[at], (~valid & ~is_missing(distinct))[at])


def _numbers(digits: pa.Array) -> npt.NDArray[np.int64]:
    """Whole numbers; 0 where there is none."""
    blank = pc.if_else(pc.equal(digits, ""), None, digits)
    found: npt.NDArray[np.int64] = pc.fill_null(pc.cast(blank, pa.int64()), 0).to_numpy(zero_copy_only=False)
    return found


def _shift(offsets: pa.Array) -> npt.NDArray[np.int64]:
    """Minutes that a time with an offset is before Beijing's; 0 without one."""
    coded = pc.dictionary_encode(pc.fill_null(offsets, ""))
    minutes = []
    for text in coded.dictionary.to_pylist():
        sign = -1 if text.startswith("-") else 1
        digits = text.strip("+-Z").replace(":", "")
        ahead = sign * (int(digits[:2]) * 60 + int(digits[2:])) if digits else 0
        minutes.append(ahead - _CHINA if text else 0)
    found: npt.NDArray[np.int64] = np.array(minutes or [0])[coded.indices.to_numpy(zero_copy_only=False)]
    return found


def flags(cells: pa.Array) -> Read:
    """Yes and no as 1 and 0, nan where a cell is empty."""
    distinct, at = _distinct(cells)
    known = [_FLAGS.get(text.lower(), np.nan) for text in distinct.to_pylist()]
    values = np.array(known or [np.nan])
    return Read(values[at], (np.isnan(values) & ~is_missing(distinct))[at])


_FLAGS: Final = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "y", "t", "是", "有", "√"), 1.0),
    **dict.fromkeys(("0", "0.0", "false", "no", "n", "f", "否"), 0.0),
}


def no_times(n: int) -> Times:
    return np.full(n, np.datetime64("NaT"), "datetime64[s]")
