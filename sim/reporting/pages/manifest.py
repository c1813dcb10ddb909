"""The end of every page: how to make it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from sim.reporting.pages.words import w


def manifest_rows(manifest: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """Names and values of what a folder's manifest says; what it does not say is left out."""
    rows: dict[str, Any] = {
        "command": shlex.join(str(word) for word in manifest.get("command", ())),
        "seed": manifest.get("seed"),
        "replications": manifest.get("replications"),
        "replication": manifest.get("replication"),
        "files": ", ".join(str(name) for name in manifest.get("files_of_scenario", ())),
        "written": manifest.get("written"),
        "version": manifest.get("version"),
        "commit": _commit(manifest, lang),
        "python": manifest.get("python"),
        "packages": ", ".join(f"{k} {v}" for k, v in manifest.get("packages", {}).items() if v),
        "system": manifest.get("system"),
        "seconds": _seconds(manifest, lang),
    }
    return [
        (w(f"manifest.{name}", lang), str(value)) for name, value in rows.items() if value not in (None, "")
    ]


def _commit(manifest: Mapping[str, Any], lang: str) -> str:
    commit = manifest.get("commit")
    if not commit:
        return w("manifest.unknown", lang)
    return w("manifest.modified", lang, commit=commit) if manifest.get("modified") else str(commit)


def _seconds(manifest: Mapping[str, Any], lang: str) -> str | None:
    if "seconds" not in manifest:
        return None
    if "jobs" not in manifest:
        return w("manifest.seconds.alone", lang, seconds=manifest["seconds"])
    return w("manifest.seconds.value", lang, seconds=manifest["seconds"], jobs=manifest["jobs"])
