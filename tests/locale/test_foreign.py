"""What the system and other packages say, in Chinese: real errors of theirs, none left in English."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import socket
import tomllib
from collections.abc import Callable
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.locale.foreign import reason, translated, w
from sim.locale.language import speaking

TOML = (
    "a", "a = ", "= 1", "a = 1 b", "a = 'x", 'a = "x', "a = [1", "a = {b = 1", "a = 1\na = 2", "[a]\n[a]", "[a", "[[a]",
    "a = {b = 1}\n[a.c]", "a = 1\n[a]", "a = {b = 1, b = 2}", 'a = "\\q"', 'a = "\\u00g0"', 'a = "\\ud800"', "a = 2017-13-45",
    "a = 2017-02-30", "a = 25:00:00", "a = 1_", "a = \x01", 'a = "\x01"', "[a]]", "a.b = 1\na = 2", "a = tru", '"""a', 'a = """b', "a = 1 # \x01", "a = [1 2]",
    "a = " + "9" * 5000,
)  # fmt: skip
NUMBERS = (
    errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG,
    errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EIO, errno.ELOOP, errno.EFBIG, errno.ENOTEMPTY, errno.EBUSY, errno.EXDEV, errno.EINVAL, errno.ENOMEM,
    errno.EAGAIN, errno.EPIPE, errno.ECONNREFUSED, errno.ECONNRESET, errno.ETIMEDOUT, errno.EADDRINUSE, errno.ESTALE, errno.ETXTBSY, errno.ENODEV, errno.ENXIO,
    errno.EADDRNOTAVAIL, errno.ENETUNREACH, errno.EHOSTUNREACH,
)  # fmt: skip
WORDS = re.compile(r"[A-Za-z]{3,} [a-z]{2,}")  # of an English sentence


def raised(what: Callable[[], object]) -> str:
    with pytest.raises((ValueError, csv.Error)) as error:
        what()
    return str(error.value)


@pytest.mark.parametrize("text", TOML, ids=range(len(TOML)))
def test_toml(text: str) -> None:
    english = raised(lambda: tomllib.loads(text))
    with speaking("zh"):
        assert not WORDS.search(translated(english)), english
    with speaking("en"):
        assert translated(english) == english


@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
def test_the_system(number: int) -> None:
    error = OSError(number, os.strerror(number), "a file")
    with speaking("zh"):
        assert not WORDS.search(reason(error))
    with speaking("en"):
        assert reason(error) == os.strerror(number)


@pytest.mark.parametrize("host", ["1.2.3.999", "a b", "::x"])
def test_names_of_hosts(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as one, pytest.raises(socket.gaierror) as error:
        one.bind((host, 0))
    with speaking("zh"):
        assert not WORDS.search(reason(error.value))


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a"}', '{"a": }', '{"a": 1,}', '{"a": 1 "b"', '{"a": "x', '"\\q"', '"\x01"', "{} {}", "[1"],
)
def test_json(text: str) -> None:
    with speaking("zh"):
        assert not WORDS.search(translated(raised(lambda: json.loads(text))))


def test_csv() -> None:
    texts = ['"a', 'a,"b"c', "x" * 200_000]
    for text in texts[:1] + texts[2:]:
        with speaking("zh"):
            assert not WORDS.search(
                translated(raised(lambda text=text: list(csv.reader(io.StringIO(text), strict=True))))
            )  # type: ignore[misc]


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    n: int


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    text: str = Field(default="", min_length=2, max_length=4, pattern="^a")
    number: float = Field(default=1, gt=0, le=5)
    count: int = Field(default=1, ge=1, lt=9)
    switch: bool = True
    kind: Literal["a", "b"] = "a"
    many: list[int] = Field(default=[1], min_length=1)
    inner: Inner = Inner(n=1)
    table: dict[str, int] = {}


@pytest.mark.parametrize(
    "given",
    [
        {"text": 1}, {"text": "a"}, {"text": "aaaaa"}, {"text": "bb"}, {"number": "x"}, {"number": 0}, {"number": 6}, {"count": 0}, {"count": 9}, {"count": 1.5},
        {"switch": 1}, {"kind": "c"}, {"many": []}, {"many": 1}, {"inner": 1}, {"inner": {}}, {"inner": {"n": 1, "x": 1}}, {"table": 1}, {"x": 1},
        {"number": float("nan")}, {"count": None},
    ],
    ids=str,
)  # fmt: skip
def test_pydantic(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as error:
        Model(**given)
    for one in error.value.errors():
        with speaking("zh"):
            assert not WORDS.search(translated(one["msg"])), one["msg"]


def test_no_sentence_is_that_of_another() -> None:
    """A sentence with placeholders must not be found where one without them, or with fewer, is meant."""
    with speaking("zh"):
        for key in w.keys():  # noqa: SIM118
            english = w(key, "en")
            if "{" not in english:
                assert translated(english) == w(key, "zh")
