"""A window in which nothing can end: refused before anything is sampled, with the reason."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from calibration import pipeline
from calibration.cache import Cache
from calibration.cli.main import app
from calibration.forward_model.ending import without_end
from calibration.settings import QUICK
from calibration.targets.reader.load import load_targets

WINDOW = """\
title = "Short"
[definitions]
sale_rate = "sale_rate_final"
[windows.first]
first = 2018-01-01
last = 2018-01-{last}
lots = 40
sold = 12
sale_rate = "37.5%"
[[free]]
name = "interest"
path = "interest.mean"
low = 0.1
high = 20.0
"""


def short(folder: Path, last: int) -> Path:
    path = folder / "short.toml"
    path.write_text(WINDOW.format(last=last), encoding="utf-8")
    return path


def test_it_is_refused_and_why(tmp_path: Path) -> None:
    words = ["run", str(short(tmp_path, 12)), "--quick", "-j", "1", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2, done.output
    assert "windows.first: no lot can be sold or fail in it" in done.stderr
    for part in (
        "the window ends on 2018-01-12",
        "lists 40 lots",
        "closes 16 days after the listing",
        "15 of notice",
    ):
        assert part in done.stderr
    assert "pricing" not in done.stderr, "without a scenario lots are listed as they come in"
    assert done.stderr.rstrip().endswith("make the window longer, or leave out: sold, sale_rate")
    assert not (tmp_path / "out" / "report.html").exists()


def test_a_window_in_which_a_few_can_end_is_not(tmp_path: Path) -> None:
    targets = load_targets(short(tmp_path, 31))
    cache = Cache(tmp_path / "steps", "test")
    assert without_end(targets, pipeline.inflows(targets, QUICK, 1, cache, lambda *_: None)) == []
