"""Commands that list things: a word filters, JSON for programs, pages on a terminal."""

from __future__ import annotations

import io
import json

import pytest
from commands import calibrate, sim

from sim.cli.shared import listing


def test_a_word_filters_what_is_shown() -> None:
    every, some = (sim("measures", *more).stdout.splitlines() for more in ((), ("premium",)))
    assert 4 < len(some) < len(every)
    assert set(some) <= set(every)
    assert all("premium" in a + b for a, b in zip(some[1::2], some[2::2], strict=True))
    shown = sim("show", "base", "START").stdout
    assert "ratio" in shown
    assert "increment" not in shown
    listed = sim("list", "降价10%", lang="zh").stdout
    assert "cut-10" in listed
    assert "cut-20" not in listed


@pytest.mark.parametrize("words", [("list",), ("measures",), ("show", "base")])
def test_a_word_that_nothing_holds_is_refused(words: tuple[str, ...]) -> None:
    done = sim(*words, "xyzxyz")
    assert done.returncode == 2
    assert 'nothing here holds "xyzxyz"' in done.stderr


def test_json_says_the_same() -> None:
    found = json.loads(sim("measures", "premium", "--json").stdout)
    assert {"premium_mean", "premium_turnover"} <= {one["name"] for one in found}
    values = {
        one["path"]: one["value"] for one in json.loads(sim("show", "base", "start.ratio", "--json").stdout)
    }
    assert values == {"start.ratio": "0.8"}
    assert [one["name"] for one in json.loads(sim("list", "cut-10", "--json").stdout)["policies"]] == [
        "cut-10"
    ]
    audited = json.loads(calibrate("audit", "shanxi", "--json").stdout)
    assert {"window", "figure", "says", "verdict", "key"} <= audited[0].keys()


def test_json_has_no_nan(capsys: pytest.CaptureFixture[str]) -> None:
    listing.show_json({"a": [float("nan"), float("inf"), 1.5, "一"]})
    assert json.loads(capsys.readouterr().out) == {"a": [None, None, 1.5, "一"]}


def test_a_terminal_gets_pages_of_what_it_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    paged: list[str] = []
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("pydoc.pager", paged.append)
    monkeypatch.setenv("LINES", "10")
    listing.show_lines(["x"] * 5)
    assert paged == []
    listing.show_lines(["x"] * 50)
    assert [text.count("x") for text in paged] == [50]
