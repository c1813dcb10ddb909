"""Folders that a bit was flipped in: no other number is ever given, and what is refused is refused in a sentence."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from kinds import KINDS, Folders, assert_ended_well, opened

pytestmark = pytest.mark.processes

FEW, MANY = 6, 600  # flips of each kind: in every run of the tests, and before a release


def flip(folder: Path, draw: random.Random) -> str:
    """Flip a bit of one of the folder's files; says where."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    path = draw.choice(files)
    content = bytearray(path.read_bytes())
    at = draw.randrange(8 * len(content))
    content[at // 8] ^= 1 << at % 8
    path.write_bytes(content)
    return f"bit {at} of {path.relative_to(folder)}"


def try_flips(name: str, number: int, seed: int, folders: Folders, into: Path) -> dict[str, int]:
    """How the commands ended that opened the folder, flip by flip."""
    draw, ends = random.Random(f"{name} {seed}"), {"continued": 0, "refused": 0}
    expected = folders.expected(name, into)
    for _ in range(number):
        folder = folders.copy(name, into)
        where = flip(folder, draw)
        done = opened(name, folder)
        for (said, numbers), right in zip(done, expected, strict=False):
            assert_ended_well(said)
            assert said.exit_code or numbers == right, where
        ends["refused" if done[-1][0].exit_code else "continued"] += 1
    return ends


@pytest.mark.parametrize("name", KINDS)
def test_a_flipped_bit_gives_no_other_number(name: str, folders: Folders, tmp_path: Path) -> None:
    try_flips(name, FEW, 1, folders, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_thousands_of_flipped_bits_give_no_other_number(name: str, folders: Folders, tmp_path: Path) -> None:
    print(name, try_flips(name, MANY, 2, folders, tmp_path))
