"""Checksums over what decides a number: what is read is what was written, or it is damaged.

A checksum is of the content and of what the content is the result of, so that a file under the name of another is
damaged too. Of bytes it stands behind them (an npz file stays one); of JSON it is a key among the others.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.locale.foreign import translated
from sim.locale.language import said
from sim.scenario.errors import SimError

SIZE = hashlib.sha256().digest_size
KEY = "checksum"


class DamagedError(SimError):
    """A file that is not what was written; the message says what is wrong with it."""


class UncheckedError(DamagedError):
    """A file without a checksum: one of an earlier version, for all that can be seen."""


def digest(path: Path) -> str:
    """SHA-256 of a file. Raises ``OSError``."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def with_checksum(content: bytes, about: str) -> bytes:
    """The content with its checksum behind it."""
    return content + _checksum(content, about)


def without_checksum(data: bytes, about: str) -> bytes:
    """The content again. Raises ``DamagedError``."""
    content = data[:-SIZE]
    if data[-SIZE:] != _checksum(content, about):
        raise DamagedError(said("damaged.checksum"))
    return content


def _checksum(content: bytes, about: str) -> bytes:
    return hashlib.sha256(hashlib.sha256(about.encode()).digest() + content).digest()


def json_with_checksum(content: Mapping[str, Any], indent: int = 1) -> bytes:
    """A JSON file with its own checksum."""
    plain = {key: value for key, value in content.items() if key != KEY}
    text = json.dumps({**plain, KEY: _of_json(plain)}, indent=indent, ensure_ascii=False)
    return f"{text}\n".encode()


def json_without_checksum(data: bytes) -> dict[str, Any]:
    """What such a file holds. Raises ``DamagedError``."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DamagedError(said("damaged.json", why=translated(error))) from None
    if not isinstance(content, dict):
        raise DamagedError(said("damaged.object"))
    if KEY not in content:
        raise UncheckedError(said("damaged.unchecked"))
    if content.pop(KEY) != _of_json(content):
        raise DamagedError(said("damaged.changed"))
    return content


def _of_json(content: Mapping[str, Any]) -> str:
    """Of what it says, however it is laid out."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def set_aside(path: Path, into: Path) -> Path:
    """Take a damaged file out of the way, for what it held is made again. Raises ``OSError``."""
    into.mkdir(exist_ok=True)
    aside = into / path.name
    os.replace(path, aside)
    return aside
