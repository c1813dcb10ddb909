from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sim.reporting import save as module
from sim.reporting.figures import days_to_sale
from sim.reporting.fonts import FAMILIES
from sim.reporting.save import save
from sim.reporting.style import with_families


def test_both_files_are_written_whole(tmp_path: Path) -> None:
    paths = save(days_to_sale([1.0, 2.0, 40.0], "en"), tmp_path / "new" / "days.v1")
    assert [p.name for p in paths] == ["days.v1.png", "days.v1.svg"]
    assert sorted(p.name for p in paths[0].parent.iterdir()) == ["days.v1.png", "days.v1.svg"]
    assert paths[0].read_bytes()[:4] == b"\x89PNG"
    assert ElementTree.parse(paths[1]).getroot().tag.endswith("svg")


def test_svg_has_text_and_names_chinese_families(tmp_path: Path) -> None:
    svg = save(days_to_sale([1.0, 2.0, 40.0], "en"), tmp_path / "days")[1].read_text("utf-8")
    assert ">Days from listing to sale</text>" in svg
    assert f"'{FAMILIES[0]}'" in svg
    assert "'DejaVu Sans'" in svg
    assert "sans-serif" in svg


def test_families_are_named_once_each() -> None:
    css = with_families("font: 10px 'SimHei', 'DejaVu Sans'; x")
    assert css.startswith("font: 10px 'SimHei', 'DejaVu Sans', '")
    assert css.count("'SimHei'") == 1
    assert css.endswith(", sans-serif; x")
    assert with_families("<svg>it's 'quoted'</svg>") == "<svg>it's 'quoted'</svg>"


def test_same_picture_same_bytes(tmp_path: Path) -> None:
    first = [p.read_bytes() for p in save(days_to_sale([1.0, 9.0], "en"), tmp_path / "a")]
    second = [p.read_bytes() for p in save(days_to_sale([1.0, 9.0], "en"), tmp_path / "b")]
    assert first == second


def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "days.png").write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(module.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save(days_to_sale([1.0], "en"), tmp_path / "days")
    assert os.listdir(tmp_path) == ["days.png"]
    assert (tmp_path / "days.png").read_bytes() == b"old"
