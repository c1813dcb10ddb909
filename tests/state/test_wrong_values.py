"""Manifests that are right JSON with right checksums, and say what no manifest may: always a sentence, never a traceback."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kinds import KINDS, Folders, assert_ended_well, opened
from signing import sign

from sim.experiments.storage.checksum import json_with_checksum, json_without_checksum

pytestmark = pytest.mark.processes

WRONG: tuple[Any, ...] = (
    0, -1, 1, 3, 10**12, 10**30, 0.5, -0.5, 1e308, float("nan"), True, None, "", "20", "x", "../x", "\0", "运气", [], [0], ["x"],
    [[]], {}, {"x": 1},
)  # fmt: skip
FEW, MANY = 4, 300  # changes of each kind: in every run of the tests, and before a release
WITH_MANIFEST = [name for name in KINDS if name not in ("comparison.unfinished", "optimise")]


def leaves(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every value stands, tables and lists included; of long lists the first few."""
    if at:
        yield at
    inner = node.items() if isinstance(node, dict) else enumerate(node[:3]) if isinstance(node, list) else ()
    for key, one in inner:
        yield from leaves(one, (*at, key))


def put(node: Any, at: tuple[Any, ...], value: Any) -> None:
    for key in at[:-1]:
        node = node[key]
    if value is leaves:  # taken out
        del node[at[-1]]
    else:
        node[at[-1]] = value


def try_values(name: str, number: int, seed: int, folders: Folders, into: Path) -> dict[int, int]:
    """Exit codes, and how often. Half of the changed manifests get a new digest of the sweep too."""
    draw, ends = random.Random(f"{name} {seed}"), {0: 0, 1: 0, 2: 0}
    original = json_without_checksum((folders.made(name) / "manifest.json").read_bytes())
    places = [at for at in leaves(original) if at[0] != "files"]
    for turn in range(number):
        folder = folders.copy(name, into)
        content = json.loads(json.dumps(original))
        at, value = draw.choice(places), draw.choice((*WRONG, leaves))
        put(content, at, value)
        (folder / "manifest.json").write_bytes(json_with_checksum(content))
        if turn % 2 and isinstance(content.get("sweep"), dict):
            sign(folder)
        for said, _ in opened(name, folder):
            try:
                assert_ended_well(said)
            except AssertionError as error:
                raise AssertionError(f"{at} = {value!r}: {error}") from said.exception
            ends[said.exit_code] += 1
    return ends


@pytest.mark.parametrize("name", WITH_MANIFEST)
def test_a_wrong_value_ends_in_a_sentence(name: str, folders: Folders, tmp_path: Path) -> None:
    try_values(name, FEW, 1, folders, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_MANIFEST)
def test_many_wrong_values_end_in_sentences(name: str, folders: Folders, tmp_path: Path) -> None:
    print(name, try_values(name, MANY, 2, folders, tmp_path))
