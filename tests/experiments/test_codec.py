"""Values on disk: they come back as they were, types included; nothing that is not listed is written, nothing is run."""

from __future__ import annotations

import io
import math
import pickle
from dataclasses import dataclass, fields

import numpy as np
import pytest

from sim.experiments.storage.checksum import (
    DamagedError,
    json_with_checksum,
    json_without_checksum,
    with_checksum,
    without_checksum,
)
from sim.experiments.storage.codec import decode, encode, listed


@dataclass(frozen=True, slots=True)
class Inner:
    name: str
    values: np.ndarray


@dataclass(frozen=True, slots=True)
class Outer:
    inner: tuple[Inner, ...]
    share: float
    on: bool
    left: None


@dataclass(frozen=True, slots=True)
class Stranger:
    x: int


CLASSES = listed(Inner, Outer)


def same(a: object, b: object) -> bool:
    """Whether two values are the same to the last bit and of the same types."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        a, b = np.asarray(a), np.asarray(b)
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    if isinstance(a, Inner | Outer):
        return all(same(getattr(a, field.name), getattr(b, field.name)) for field in fields(a))
    return a == b or (a != a and b != b)


VALUES = [
    None,
    [True, 1, 1.0, -0.0, math.nan, math.inf, "运气\x00\n", 2**80],
    (np.float64(0.1), np.int32(3), np.bool_(True)),
    np.array([math.nan, -0.0, 5e-324, math.inf]),
    np.arange(12, dtype=np.int16).reshape(3, 4).T,
    np.empty((0, 3)),
    np.array([[True, False]]),
    {"a": [()], ("b", 1): {}},
    Outer((Inner("x", np.zeros(2)), Inner("", np.ones((1, 1, 1)))), 1 / 3, False, None),
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_comes_back_as_it_was(value: object) -> None:
    assert same(decode(encode(value, CLASSES), CLASSES), value)


@pytest.mark.parametrize(
    "value",
    [Stranger(1), {1, 2}, np.array([None]), np.array(["text"]), len, object(), [Stranger(1)], b"bytes", 1j],
)
def test_what_is_not_listed_is_refused_when_it_is_written(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        encode(value, CLASSES)


class Mine:
    """Unpickled, it would leave a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (self.path, "w")


def hostile(path: str) -> list[bytes]:
    """Files that would run code, or confuse what reads them."""
    pickled = np.array([Mine(path)], dtype=object)
    files = []
    for tree in (b'{"array": "0"}', b'{"number": "0"}', b'{"class": "Stranger", "fields": {"x": 1}}',
                 b'{"class": "Inner", "fields": {"x": 1}}', b'{"class": "Inner"}', b'{"list": 3}', b"{", b'{"array": "7"}',
                 b"[" * 100_000, b'{"dict": [[1]]}', b'{"dict": [[{"list": []}, 1]]}', b'"\\ud800'):  # fmt: skip
        buffer = io.BytesIO()
        np.savez(buffer, tree=np.frombuffer(tree, np.uint8), **{"0": pickled})
        files.append(buffer.getvalue())
    buffer = io.BytesIO()
    np.savez(buffer, tree=pickled)
    return [*files, buffer.getvalue(), pickle.dumps(Mine(path)), b"", b"PK\x03\x04", b"\x93NUMPY"]


def test_whatever_a_file_holds_nothing_of_it_is_run(tmp_path) -> None:
    canary = tmp_path / "canary"
    for data in hostile(str(canary)):
        with pytest.raises(DamagedError):
            decode(data, CLASSES)
    assert not canary.exists()
    pickle.loads(pickle.dumps(Mine(str(canary)))).close()
    assert canary.exists(), "the bait is one"


def test_a_checksum_is_of_every_bit_and_of_what_the_content_is_about() -> None:
    data = with_checksum(b"content", "about")
    assert without_checksum(data, "about") == b"content"
    for i in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[i // 8] ^= 1 << i % 8
        with pytest.raises(DamagedError):
            without_checksum(bytes(flipped), "about")
    for cut in range(len(data)):
        with pytest.raises(DamagedError):
            without_checksum(data[:cut], "about")
    with pytest.raises(DamagedError):
        without_checksum(data, "about another")


def test_json_keeps_its_checksum_however_it_is_laid_out_and_no_flipped_bit_changes_what_it_says() -> None:
    content = {"a": [1, 2.5, None, True], "b": {"c": "运气"}, "z": math.nan}
    data = json_with_checksum(content)
    before = repr(json_without_checksum(data))
    assert before == repr(content)
    assert repr(json_without_checksum(json_with_checksum(json_without_checksum(data), indent=4))) == before
    for i in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[i // 8] ^= 1 << i % 8
        try:
            assert repr(json_without_checksum(bytes(flipped))) == before, "at most its layout is another"
        except DamagedError:
            continue


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"checksum": 1}', b"[" * 100_000, b"\xff", b"null"]
)
def test_json_of_no_checksum_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedError):
        json_without_checksum(data)
