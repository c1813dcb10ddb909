"""Which scenarios are verified: the listed cases and those drawn by a seed, each with random draws of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sim.verification.listed_cases import FAMILIES, LISTED, Case
from sim.verification.random_cases import DRAWN


def cases(families: tuple[str, ...] = FAMILIES, seed: int = 1) -> list[Case]:
    """All cases of some families; ``seed`` gives each its random draws, and draws the parameters of those not listed."""
    return [
        replace(case, seed=_seed(seed, family, i))
        for family in families
        for i, case in enumerate((*LISTED[family](), *_drawn(family, seed)))
    ]


def _drawn(family: str, seed: int) -> Iterator[Case]:
    maker, number = DRAWN[family]
    for i in range(number):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(FAMILIES.index(family), i, 1)))
        yield maker(rng)


def _seed(seed: int, family: str, number: int) -> int:
    key = (FAMILIES.index(family), number)
    return int(np.random.SeedSequence(seed, spawn_key=key).generate_state(1, np.uint64)[0] >> 1)
