"""A measure has one name, that of its definition: no locale file calls it otherwise, and no other thing by its name."""

from __future__ import annotations

import re

import pytest

from sim.locale.words import LANGUAGES, texts
from sim.measures.definitions import ROUND_NAMES, definitions

KNOWN = definitions(list(ROUND_NAMES))
ELSEWHERE = {  # a key that ends like a measure and names something else: what it names
    ("report", "figure.participants"): "what was published, whichever measure it is",
    ("sheet", "unit.cases"): "a unit",
    ("sheet", "unit.participants"): "a unit",
    ("verification", "rounds_held"): "rounds of one lot, on average",
    ("verification", "cases"): "cases of the verification, which are no enforcement cases",
    ("calibration_report", "outcome.sold_first"): "a share of all lots, where the measure is one of sales",
    ("commands", "new.cases"): "a question",
    ("lots", "head.rounds_held"): "how often one lot was offered",
    ("lots", "head.start_to_reference"): "of a round, whichever it is",
    ("lots", "head.premium_mean"): "of the sales of one round",
    ("lots", "estimate.sold_first"): "a share of all lots, where the measure is one of sales",
    ("lots", "estimate.recovery"): "recovery of all lots: what is not sold counts as 0",
    ("errors", "target.turnover"): "a sentence",
}  # fmt: skip


def named(lang: str) -> list[tuple[tuple[str, str], str, str]]:
    """Where a locale file has a key that ends like a measure: the place, the measure, the text. What is filled in is a sentence."""
    every = ((table, key, text) for table, rows in texts(lang).items() for key, text in rows.items())
    places = ((table, key, key.rpartition(".")[2], text) for table, key, text in every if "{" not in text)
    return [((table, key), last, text) for table, key, last, text in places if last in KNOWN]


def name(measure: str, lang: str) -> str:
    return KNOWN[measure].zh if lang == "zh" else KNOWN[measure].en


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_locale_file_has_a_second_name_for_a_measure(lang: str) -> None:
    second = [(place, text) for place, measure, text in named(lang) if place not in ELSEWHERE and text.lower() != name(measure, lang).lower()]  # fmt: skip
    assert second == [], "take the name of the definition (sim.reporting.text.name_of)"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_other_thing_has_a_measures_name(lang: str) -> None:
    of = {name(measure, lang).lower(): measure for measure in KNOWN}
    assert len(of) == len(KNOWN)
    taken = {place for place, _, text in named(lang) if place in ELSEWHERE and text.lower() in of}
    both = {("verification", "cases"), ("report", "figure.participants")}  # one word for two things
    itself = {
        ("lots", "estimate.recovery"),
        ("verification", "rounds_held"),
    }  # another measure, by its own name
    assert taken <= both | itself


def test_what_stands_elsewhere_is_still_there() -> None:
    assert set(ELSEWHERE) <= {place for lang in LANGUAGES for place, _, _ in named(lang)}


def test_two_measures_of_recovery_are_never_called_by_one_word() -> None:
    """变现率 alone may be either; 回收率 is that of claims."""
    loose = re.compile(r"(?<!折现)变现率(?!（(?:成交|全部)标的物）)|(?<!债权)回收率")
    every = {(table, key): text for table, rows in texts("zh").items() for key, text in rows.items()}
    assert {place: text for place, text in every.items() if loose.search(text)} == {}
