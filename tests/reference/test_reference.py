"""Regression values: the tables of ``village.toml`` at four levels are what they were (see reference_tables.py)."""

from __future__ import annotations

from typing import Any

import pytest
from reference_tables import LEVELS, Columns, difference, made, read


@pytest.fixture(scope="module")
def now() -> dict[str, Columns]:
    return made()


@pytest.mark.parametrize("level", LEVELS)
def test_the_table_is_what_it_was(level: str, now: dict[str, Columns]) -> None:
    assert difference(level, now[level], read(level)) == ""


def test_everything_happens_in_it(now: dict[str, Columns]) -> None:
    lots, rounds = now["lots"], now["rounds"]
    assert set(lots["outcome"]) >= {2, 3, 4, 5}
    assert set(rounds["outcome"]) == {0, 1, 2, 3}
    assert set(rounds["round"]) == {0, 1, 2}
    assert any(lots["token"])
    assert any(days > 0 for days in lots["suspended"])
    assert max(rounds["extensions"]) > 0
    assert max(rounds["bidders"]) > 2


@pytest.mark.parametrize(
    ("column", "row", "change"),
    [
        ("price", 0, lambda x: x * (1 + 1e-11)),
        ("time", 3, lambda x: x + 1e-9),
        ("bidder", 1, lambda x: x + 1),
    ],
)
def test_a_changed_number_is_seen_and_placed(
    column: str, row: int, change: Any, now: dict[str, Columns]
) -> None:
    bids = {name: list(values) for name, values in now["bids"].items()}
    bids[column][row] = change(bids[column][row])
    message = difference("bids", bids, read("bids"))
    assert message.startswith(
        f"bids: lot {bids['lot'][row]}, attempt {bids['attempt'][row]}, bidder {bids['bidder'][row]}: {column}"
    )


def test_missing_rows_and_columns_are_seen(now: dict[str, Columns]) -> None:
    lots = now["lots"]
    assert "rows" in difference("lots", {name: values[1:] for name, values in lots.items()}, read("lots"))
    assert "columns ['price']" in difference(
        "lots", {n: v for n, v in lots.items() if n != "price"}, read("lots")
    )
    undefined = {**lots, "seized": [float("nan"), *lots["seized"][1:]]}
    assert "seized is nan" in difference("lots", undefined, read("lots"))
