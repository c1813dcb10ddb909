"""A picture on disk, whole or not at all."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from sim.experiments.storage.atomic import write_whole
from sim.reporting.fonts import FAMILIES
from sim.reporting.style import RC

DPI = 150
KINDS = ("png", "svg")
_FAMILY = re.compile(r"(?:(?<=font-family: )|(?<=px ))'[^'\"]+'(?:, ?'[^'\"]+')*")
_METADATA: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}

_OPTIONS: dict[str, dict[str, Any]] = {"png": {"pil_kwargs": {"compress_level": 3}}, "svg": {}}


def save(fig: Figure, path_stem: str | os.PathLike[str]) -> list[Path]:
    """Write ``<path_stem>.png`` and ``<path_stem>.svg``, each whole, and return both paths."""
    stem = Path(path_stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in KINDS:
        written.append(stem.with_name(f"{stem.name}.{kind}"))
        write_whole(written[-1], drawn(fig, kind))
    return written


def drawn(fig: Figure, kind: str) -> bytes:
    """The picture as a file of ``KINDS``. The same figure gives the same bytes: no dates, no random identifiers."""
    engine = fig.get_layout_engine()
    if engine is not None:
        # Laid out once is enough: it is a third of the time of a picture. None, not "none": with a placeholder matplotlib draws
        # every picture twice, once for nothing (another third).
        with matplotlib.rc_context(RC | {"figure.autolayout": False, "figure.constrained_layout.use": False}):
            fig.set_dpi(DPI)  # letters are not as wide at every size
            engine.execute(fig)
            fig.set_layout_engine(None)
    buffer = io.BytesIO()
    with matplotlib.rc_context(RC):
        fig.savefig(buffer, format=kind, dpi=DPI, metadata=_METADATA[kind], **_OPTIONS[kind])
    data = buffer.getvalue()
    return with_families(data.decode("utf-8")).encode("utf-8") if kind == "svg" else data


def with_families(svg: str) -> str:
    """Name every family that may have Chinese characters, so that the reader's machine can choose."""

    def more(found: re.Match[str]) -> str:
        named = re.findall(r"'([^']+)'", found.group())
        names = [*named, *(family for family in FAMILIES if family not in named)]
        return ", ".join(f"'{name}'" for name in names) + ", sans-serif"

    return _FAMILY.sub(more, svg)
