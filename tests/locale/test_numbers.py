"""Numbers in sentences: one of a thing, or any other number of them."""

from __future__ import annotations

import re

from calibration.audit.words import SENTENCES as AUDIT
from sim.locale.numbers import counted, filled
from sim.measures.lot_history import _WORDS as LIFE
from sim.reporting.pages.words import PAGE_WORDS
from sim.reporting.text import WORDS
from sim.reporting.text_explore import WORDS as EXPLORE
from sim.verification.words import WORDS as VERIFY

EVERY = {**WORDS, **EXPLORE, **PAGE_WORDS, **LIFE, **VERIFY, **AUDIT}
MANY = (
    "replications|runs|pairs|points|chunks|policies|lots|bids|bidders|days|draws|histories|cases|auctions|courts|"
    "processes|sales|files|participants|parameters|z-scores|times"
)
APART = {
    "distance.times": "a ratio with its decimals",
    "distance.points_high": "percentage points with their decimals",
    "distance.points_low": "percentage points with their decimals",
    "points": "percentage points with their decimals",
    "premium.title": "the top 1 % of sales",
    "note.drawn": "keys, and then the draws",
    "sweep.headline": "a measure that runs from one value to another",
    "explore.interpolated": "always between two points or more",
    "bid": "bidder 1 bids",
    "window_effect": "days until lots are sold or have failed: weeks at least, for notices take that long",
    "no_window_effect": "days until lots are sold or have failed: weeks at least, for notices take that long",
}


def test_one_is_said_otherwise_than_many() -> None:
    words = "{n:run is|runs are} kept in {folder}, of {all:,}"
    assert filled(words, n=1, folder="a|b", all=1200) == "1 run is kept in a|b, of 1,200"
    assert filled(words, n="1,000", folder="x", all=0) == "1,000 runs are kept in x, of 0"
    assert filled("{n:run|runs}", n="0") == "0 runs"
    assert filled("{days:day|days}", days="1.0") == "1.0 days"
    assert [counted(n, "policy", "policies") for n in (0, 1, 12345)] == [
        "0 policies",
        "1 policy",
        "12,345 policies",
    ]


def test_no_sentence_says_one_of_many() -> None:
    """Filled with 1 throughout, no text says "1 runs" or "1 finished runs"."""
    wrong = {}
    for key, (text, *_) in EVERY.items():
        said = filled(text, **dict.fromkeys(re.findall(r"{(\w+)", text), 1)) if "{" in text else text
        if re.search(rf"(?<![\d.,-])1 (?:[a-z]+ )?(?:{MANY})\b", said) and key not in APART:
            wrong[key] = said
    assert wrong == {}
