"""The glossary names what is there: keys of scenarios, columns of records, measures, files; the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from sim.measures import definitions
from sim.measures.definitions import ROUND_NAMES
from sim.model.records import SCHEMAS
from sim.scenario.describe import parameters

ROOT = Path(__file__).resolve().parents[2]
PAGES = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("glossary.md", "glossary.zh.md")]
COLUMNS = 6  # term, its name in the other language, meaning, symbol, in code, law or paper


def rows(text: str) -> list[list[str]]:
    """Cells of the glossary's lines, without the heads of its tables."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", text, re.M)]  # fmt: skip
    after_head = [i + 1 for i, row in enumerate(cells) if set(row[0]) == {"-"}]
    return [row for i, row in enumerate(cells) if i + 1 not in after_head and i + 2 not in after_head]


def unknown(text: str) -> list[str]:
    """Identifiers of the column *in code* that name nothing."""
    known = (
        {one.path for one in parameters()}
        | {f"{table}.{column}" for table, columns in SCHEMAS.items() for column in columns}
        | set(definitions(list(ROUND_NAMES)))
    )
    named = [name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[4])]
    return [name for name in named if name not in known and not ("/" in name and (ROOT / name).is_file())]


def test_every_identifier_is_there() -> None:
    assert [unknown(text) for text in PAGES] == [[], []]
    assert unknown("| a | b | c | | `start.ratoi`, `lots.strat`, `lots_sod`, `sim/x.py`, `lots_sold` | |") == [
        "start.ratoi", "lots.strat", "lots_sod", "sim/x.py",
    ]  # fmt: skip


def test_both_languages_say_the_same() -> None:
    english, chinese = (rows(text) for text in PAGES)
    assert {len(row) for row in english + chinese} == {COLUMNS}
    assert all(row[4] for row in english)

    def names(row: list[str]) -> list[str]:
        return re.findall(r"`([^`]+)`", row[4])

    assert [(row[0], row[1], row[3], names(row)) for row in english] == [
        (row[1], row[0], row[3], names(row)) for row in chinese
    ]
    for one, other in zip(english, chinese, strict=True):
        assert re.findall(r"\d+", one[5]) == re.findall(r"\d+", other[5]), one[0]


def test_no_term_stands_twice() -> None:
    for text in PAGES:
        terms = [row[0] for row in rows(text)]
        assert len(terms) > 50
        assert len(set(terms)) == len(terms)
