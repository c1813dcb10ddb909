"""A picture on disk, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from matplotlib.figure import Figure

from sim.experiments.storage.atomic import write_whole
from sim.reporting.style import drawn

KINDS = ("png", "svg")


def save(fig: Figure, path_stem: str | os.PathLike[str]) -> list[Path]:
    """Write ``<path_stem>.png`` and ``<path_stem>.svg``, each whole, and return both paths."""
    stem = Path(path_stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in KINDS:
        written.append(stem.with_name(f"{stem.name}.{kind}"))
        write_whole(written[-1], drawn(fig, kind))
    return written
