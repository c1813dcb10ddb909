"""What the tests of verification share: a verdict on a few cases with few lots, in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.verification.cases import cases
from sim.verification.listed_cases import Case
from sim.verification.run import scenario_of, verify
from sim.verification.verdict import Verdict, verdict

Judge = Callable[..., Verdict]


def some(family: str, *words: str, file: str = "") -> list[Case]:
    """Cases of a family whose names contain one of the words (all without words), from one file if it is named."""
    return [
        case for case in cases((family,))
        if (not words or any(word in case.name for word in words)) and file in ("", case.file)
    ]  # fmt: skip


@pytest.fixture
def judge() -> Judge:
    """``judge(family, lots, words..., file="")``: the verdict on these cases."""

    def verdict_on(family: str, lots: int, *words: str, file: str = "") -> Verdict:
        chosen = some(family, *words, file=file)
        assert chosen, f"no case of family {family} is named like {words}"
        return verdict(family, list(verify(chosen, lots)))

    scenario_of.cache_clear()
    return verdict_on
