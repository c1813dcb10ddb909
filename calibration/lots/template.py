"""A mapping to complete: a text in the reader's language with the columns of their file, and for each key the column that its name suggests.

What is guessed is a proposal. Nothing is read by it until somebody has looked at it and given it as their mapping.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import tomli_w

from calibration.lots.cells import SIZES
from calibration.lots.mapping import LONGEST, OF_BID, OF_LOT, ROUND, Rows
from calibration.lots.words import w
from sim.scenario.errors import shortened, visible

NAMES: Final = Path(__file__).with_name("names.toml")
STAGES: Final = {"first": "auction", "second": "auction", "sell_off": "sell-off"}
UNITS: Final = sorted((unit for unit in SIZES if unit), key=len, reverse=True)
ROWS: Final[
    Mapping[str, tuple[str, ...]]
] = {  # what each kind of row needs; of two names with a bar one is enough
    "lots": ("outcome|sold",),
    "rounds": ("lot|listing", "outcome|sold"),
    "events": ("lot|listing", "ended", "outcome|sold"),
    "bids": ("bidder", "price", "time"),
}


@cache
def _names() -> dict[str, Any]:
    return tomllib.loads(NAMES.read_text(encoding="utf-8"))


def needed(lang: str) -> list[str]:
    """What a mapping has to name, a sentence for each kind of row."""
    return [
        w("map.needed", lang, rows=rows, what=w(f"map.rows.{rows}", lang), keys=w("map.and", lang).join(_need(one, lang) for one in keys))
        for rows, keys in ROWS.items()
    ]  # fmt: skip


def _need(keys: str, lang: str) -> str:
    return w("map.or", lang).join(w("map.key", lang, name=one, what=w(f"map.{one}", lang)) for one in keys.split("|"))  # fmt: skip


def guessed(header: Sequence[str], keys: Sequence[str]) -> dict[str, str]:
    """Key -> the column that is called so: first columns with exactly such a name, then those in whose names it stands."""
    found: dict[str, str] = {}
    columns = {
        name: _bare(name) for name in header if name and len(name) <= LONGEST and header.count(name) == 1
    }
    for exact in (True, False):
        for key in keys:
            for called in _names()[key]:
                for name, bare in columns.items():
                    fits = bare == called.lower() or (not exact and not called.isascii() and called in bare)
                    if fits and key not in found and name not in found.values():
                        found[key] = name
    return found


def _bare(name: str) -> str:
    """A name without what stands in brackets, such as a unit."""
    return name.lower().replace("（", "(").partition("(")[0].strip()


def stages(header: Sequence[str]) -> dict[str, dict[str, str]]:
    """Where rounds stand side by side: stage -> key -> column. Empty where no two do."""
    found = {}
    for stage, before in _names()["stages"].items():
        own = {name.removeprefix(word): name for name in header for word in before if name.startswith(word)}
        keys = {key: own[bare] for key, bare in guessed(list(own), ROUND).items()}
        if {"outcome", "sold"} & keys.keys():
            found[stage] = keys
    return found if len(found) > 1 else {}


def template(header: Sequence[str], title: str, lang: str) -> str:
    """The text to complete, which is TOML as it stands."""
    names = list(dict.fromkeys(name for name in header if name))
    rounds = stages(names)
    bids = guessed(names, OF_BID)
    of_bids = not rounds and {"bidder", "price", "time"} <= bids.keys()
    found = bids if of_bids else guessed(names, (*OF_LOT, *(() if rounds else ROUND)))
    if "lot" in found:
        found.pop("listing", None)  # one of the two numbers is given
    rows: Rows = (
        "bids" if of_bids else "lots" if rounds or not {"lot", "listing"} & found.keys() else "rounds"
    )
    lines = [f"# {line}" for line in w("map.head", lang).splitlines()]
    lines += ["#", f"# {w('map.columns', lang, names=w('map.join', lang).join(map(shortened, names)))}"]
    lines += ["", f"title = {_text(title or w('map.title', lang))}", *_rows(rows, lang), ""]
    keys = OF_BID if of_bids else (*OF_LOT, *(() if rounds else ROUND))
    lines += _entries(keys, found, rows, lang)
    if not of_bids:
        lines += [
            "",
            f"# {w('map.outcomes', lang)}",
            f'# outcomes = {{ {_text(w("map.word", lang))} = "sold" }}',
        ]
    for stage, own in rounds.items():
        lines += ["", "[[rounds]]", f'stage = "{STAGES[stage]}"', *_entries(ROUND, own, "lots", lang)]
    return "\n".join(lines) + "\n"


def _rows(rows: str, lang: str) -> Iterator[str]:
    """What a row is, and what else it could be."""
    yield f"# {w('map.rows', lang)}"
    for one in ROWS:
        yield f"#   {one}: {w(f'map.rows.{one}', lang)}"
    yield f'rows = "{rows}"'


def _entries(keys: Sequence[str], found: Mapping[str, str], rows: str, lang: str) -> Iterator[str]:
    """A line a key: with its column where one is guessed, empty where one is needed, else as a comment."""
    for key in keys:
        said = f"  # {w(f'map.{key}', lang)}"
        if key in found:
            yield f"{key} = {_column(found[key], key)}{said}"
        elif any(
            key == one.partition("|")[0] and not set(one.split("|")) & found.keys() for one in ROWS[rows]
        ):
            yield f'{key} = ""{said}{w("map.fill", lang)}'
        else:
            yield f'# {key} = ""{said}'


def _column(name: str, key: str) -> str:
    """A column as a mapping names it, with the unit that stands in its name."""
    unit = (
        next((one for one in UNITS if f"{one}元" in name), "")
        if key in ("reference", "start", "price")
        else ""
    )
    return f'{{ column = {_text(name)}, unit = "{unit}元" }}' if unit else _text(name)


def _text(text: str) -> str:
    """A text as TOML writes it, on one line."""
    return tomli_w.dumps({"x": visible(text) if "\n" in text else text}).removeprefix("x = ").rstrip("\n")
