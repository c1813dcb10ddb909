"""Whatever stands in a targets file, it is read or refused with its defects: a sound file with odd values put into it."""

from __future__ import annotations

import copy
import math
import tomllib
from datetime import date, datetime, time
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.load import load_reported, load_targets
from calibration.targets.targets import HOME

SHANXI = tomllib.loads((HOME / "targets" / "shanxi.toml").read_text(encoding="utf-8"))
ODD: list[Any] = [
    0, 1, -1, 2**70, 10**400, 0.5, 1e308, -1e308, 1e-320, math.nan, math.inf, True, False, "", "x", "37,44%", "1e999999999", "9" * 70,
    "２０１７", "*", "kinds.*.value_median", "a.b", 'a."b', "\u001b[31m", "x" * 5000, [], [1], ["x"], [[]], {}, {"published": 3}, {"a": {"b": 1}},
    date(2017, 2, 28), date(1, 1, 1), date(9999, 12, 31), datetime(2017, 1, 1), time(10), ["premium_mean"], {"premium_mean": 1e308},
]  # fmt: skip
NAMES = ["x", "", "a.b", "*", "published", "first", "low", "time", "一", "sale_rate", "use"]


def places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a tree, tables and lists among them."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [here for key, value in inner for here in [(*at, key), *places(value, (*at, key))]]


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    """Shanxi's file with up to three values replaced, keys added or taken out."""
    tree = copy.deepcopy(SHANXI)
    tree["set"] = {"interest.mean": 3.0}
    if draw(st.booleans()):
        del tree["scenario"]
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(tree)))
        inner: Any = tree
        for step in way:
            inner = inner[step]
        what = draw(st.sampled_from(["put", "put", "add", "drop"]))
        if what == "drop":
            del inner[last]
        elif what == "add" and isinstance(inner, dict):
            inner[draw(st.sampled_from(NAMES))] = copy.deepcopy(draw(st.sampled_from(ODD)))
        else:
            inner[last] = copy.deepcopy(draw(st.sampled_from(ODD)))
    return tree


def check(tmp_path: Any, tree: dict[str, Any]) -> None:
    path = tmp_path / "x.toml"
    path.write_text(tomli_w.dumps(tree), encoding="utf-8")
    for read in (load_targets, load_reported):
        try:
            read(path)
        except TargetsError as error:
            said = str(error)
            assert error.defects  # noqa: PT017
            assert "\x1b" not in said


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=20, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(tree=trees())
def test_a_targets_file_is_read_or_refused_whatever_stands_in_it(tmp_path, tree):
    check(tmp_path, tree)


@pytest.mark.slow
@settings(max_examples=2_000, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(tree=trees())
def test_thousands_of_targets_files_are_read_or_refused(tmp_path, tree):
    check(tmp_path, tree)
