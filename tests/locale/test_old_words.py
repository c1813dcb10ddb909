"""Words of this project's own that the field does not know stay out, once they have been replaced by the field's.

A word is old in the sense named here. Where it is wanted in another sense, ``ELSEWHERE`` says where, and in which.
"""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.locale.words import LANGUAGES, texts
from sim.measures.definitions import DEFINITIONS, ROUND_DEFINITIONS
from sim.model.records import SCHEMAS

ROOT = Path(__file__).parents[2]

PROSE = {  # in sentences: pattern of the old words -> what the field says
    r"told|tells?|telling": "reported, stated; distinguish",
    r"asked": "requested",
    r"struck": "excluded",
    r"printed (?:figures?|numbers?|values?)|the print": "published figures",
    r"luck|lucky|运气": "random draws; common random numbers; 随机数",
    r"worlds": "parameter values consistent with the published figures",
    r"readings?": "interpretation",
    r"crews?": "worker pool",
    r"(?<!run )stores?": "cache, run store",
    r"(?<!scenario )sheets?": "simulated totals, scenario overlay",
    r"fates?": "lot outcomes",
    r"contests?": "price excess",
    r"exposures?": "listing times",
    r"recovery of (?:known |the )?truth": "simulation-based calibration",
    r"learnt|learned|narrowed": "variance reduction from prior to posterior",
    r"purses?": "liquidity",
    r"dockets?": "arrivals",
    r"keyed": "counter-based",
    r"(?<!false )alarms?": "clock",
    r"comers?": "potential bidders",
    r"beats?|beaten": "dominates, non-dominated",
    r"levers?": "decision variables",
    r"unfinished": "checkpoint",
    r"identity": "provenance",
    r"ledgers?": "run store",
    r"holds? for (?:itself|themselves)": "pointwise",
    r"he|his|him|himself": "they",
}
NAMES = {  # in names of columns, arguments, files: part of a name -> the name that it is right in, if any
    **dict.fromkeys(("told", "tell", "asked", "struck", "print", "printed", "luck", "world", "worlds"), ""),
    **dict.fromkeys(("reading", "readings", "crew", "sheet", "fate", "fates", "contest", "exposure"), ""),
    **dict.fromkeys(("distance", "learnt", "narrowed", "purse", "people", "reactions", "book", "keyed"), ""),
    **dict.fromkeys(("terms", "docket", "life", "money", "alarm", "comer", "comers", "looked", "able"), ""),
    **dict.fromkeys(("gone", "left", "door", "lever", "levers", "beats", "whole", "unfinished"), ""),
    **dict.fromkeys(("identity", "drive", "ledger"), ""),
    "store": "run_store",
    "history": "lot_history",
    "expected": "expected_counts",
    "market": "finite_market",
    "waiting": "strategic_waiting",
    "notable": "notable_lots",
    "room": "auction_room",
    "front": "pareto_front",
}
ELSEWHERE = {  # (where, word): the sense in which it is wanted there
    (
        "docs/concepts/prices.md",
        "asked",
    ): "an authority, or a platform's software, is asked for a price: 询价",
    ("docs/guides/another-place.md", "asked"): "what a court is to be asked for",
    ("docs/guides/policy.md", "asked"): "questions that people ask",
    ("docs/guides/excel.md", "sheet"): "of an Excel workbook",
    ("docs/guides/excel.md", "sheets"): "of an Excel workbook",
    ("docs/contributing.md", "asked"): "questions that people ask",
    ("sim.BiddingStyle.contest", "contest"): "how somebody bids against others until the hammer falls",
    ("sim.OptimiseResult(front)", "front"): "the Pareto front, of a result that has no other",
    ("sim/experiments/optimise/front_table.py", "front"): "the Pareto front, of an optimisation",
    ("sim/reporting/pages/room.html.j2", "room"): "the auction room's page",
    ("sim/reporting/pages/room.js", "room"): "the auction room's page",
    ("sim/theory/waiting.py", "waiting"): "the theory of strategic waiting",
    ("sim/verification/waiting.py", "waiting"): "the cases of strategic waiting",
}


def sentences() -> Iterator[tuple[str, str]]:
    """What people read: locale files, help, pages, notebooks, what is said of measures and of the API. Code, links and what was written by the program are no prose."""
    for lang in LANGUAGES:
        for table, rows in texts(lang).items():
            yield from (
                (f"{lang}.toml: {table}/{key}", re.sub(r"\{\w+", "{", text)) for key, text in rows.items()
            )
    help_ = tomllib.loads((ROOT / "sim" / "locale" / "help.toml").read_text(encoding="utf-8"))
    for table, rows in help_.items():
        yield from ((f"help.toml: {table}/{key}", str(text)) for key, text in rows.items())
    for path in sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")]):
        if path.name != "changelog.md":  # it says what was renamed
            page = re.sub(r"```.*?```|<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.S)
            yield path.relative_to(ROOT).as_posix(), re.sub(r"`[^`\n]*`|\]\([^)]*\)", "`", page)
    for path in sorted((ROOT / "docs").rglob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        said = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        yield path.relative_to(ROOT).as_posix(), re.sub(r"`[^`\n]*`|\]\([^)]*\)", "`", said)
    for one in (*DEFINITIONS.values(), *ROUND_DEFINITIONS.values()):
        yield f"measure {one.name}", f"{one.en} {one.formula} {one.zh} {one.formula_zh}"
    for where, thing in public():
        yield f"docstring of {where}", inspect.getdoc(thing) or ""


def public() -> Iterator[tuple[str, Any]]:
    """What `sim` offers, and the members of its classes."""
    for name in sim.__all__:
        thing = getattr(sim, name)
        yield f"sim.{name}", thing
        for member, value in inspect.getmembers(thing) if inspect.isclass(thing) else ():
            if not member.startswith("_") and not hasattr(Exception, member):
                yield f"sim.{name}.{member}", value


def names() -> Iterator[tuple[str, str]]:
    """Where a name stands, and the name: columns of records, measures, the public API, modules."""
    for table, columns in SCHEMAS.items():
        yield from ((f"{table}.{column}", column) for column in columns)
    yield from ((f"measure {name}", name) for name in (*DEFINITIONS, *ROUND_DEFINITIONS))
    for where, thing in public():
        yield where, where.rpartition(".")[2]
        if callable(thing) and not (inspect.isclass(thing) and issubclass(thing, Exception)):
            yield from ((f"{where}({one})", one) for one in inspect.signature(thing).parameters)
    for package in ("sim", "calibration"):
        for path in sorted((ROOT / package).rglob("*")):
            if "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.name.split(".")[0]


def old_in_sentences(said: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    found = set()
    for where, text in said:
        for pattern in PROSE:
            hits = re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])" if pattern.isascii() else pattern, text, re.I)  # fmt: skip
            found |= {(where, hit.group().lower()) for hit in hits}
    return found


def old_in_names(named: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    found = set()
    for where, name in named:
        parts = re.split(r"[_.\-]", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
        found |= {(where, p) for p in parts if p in NAMES and not (NAMES[p] and NAMES[p] in name.lower())}
    return found


def test_no_old_word_stands_anywhere_but_in_another_sense() -> None:
    found = old_in_sentences(sentences()) | old_in_names(names())
    assert sorted(found - ELSEWHERE.keys()) == []
    assert sorted(ELSEWHERE.keys() - found) == [], "an exception without its word"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Six figures are not told apart", {"told"}),
        ("Each interval holds for itself; he asked", {"holds for itself", "he", "asked"}),
        ("the printed figures of the same luck, 运气", {"printed figures", "luck", "运气"}),
        ("what the program prints; the run store; teller, the, this", set()),
    ],
)
def test_a_sentence_is_searched_by_whole_words(text: str, words: set[str]) -> None:
    assert {word for _, word in old_in_sentences([("here", text)])} == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sd_luck", {"luck"}),
        ("comers", {"comers"}),
        ("LotLedger", {"ledger"}),
        ("market", {"market"}),
        ("finite_market", set()),
        ("bookmark", set()),
    ],
)
def test_a_name_is_searched_by_its_parts(name: str, words: set[str]) -> None:
    assert {word for _, word in old_in_names([("here", name)])} == words
