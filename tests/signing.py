"""Checksums of a folder set right again after something in it was changed on purpose."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sim.experiments.storage.checksum import KEY, json_with_checksum


def sign(folder: Path, **sweep: Any) -> None:
    """Set right every checksum of a folder's manifest, after the changes ``sweep`` to what is said of a sweep."""
    path = folder / "manifest.json"
    content = json.loads(path.read_bytes())
    content.pop(KEY, None)
    if isinstance(content.get("files"), dict):
        there = {name: folder / name for name in content["files"]}
        content["files"] |= {
            name: hashlib.sha256(file.read_bytes()).hexdigest()
            for name, file in there.items()
            if file.is_file()
        }
    if isinstance(content.get("sweep"), dict):
        one = content["sweep"] = content["sweep"] | sweep
        about = {key: one.get(key) for key in ("work", "columns", "code")}
        about["design"] = content["files"]["design.parquet"]
        one["digest"] = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    path.write_bytes(json_with_checksum(content))


def resigned(folder: Path, name: str, text: str) -> None:
    """Another text in a file, and the checksums that belong to it."""
    (folder / name).write_text(text)
    sign(folder)


def changed(folder: Path, **values: object) -> None:
    """Other values in a manifest, and the checksum that belongs to them."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    sign(folder)
