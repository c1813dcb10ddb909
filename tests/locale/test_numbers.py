"""Numbers in sentences: one of a thing, or any other number of them."""

from __future__ import annotations

from sim.locale.numbers import counted, filled


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
