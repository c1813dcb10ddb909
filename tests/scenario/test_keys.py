"""Keys and values as people write them: every key has one spelling, every text is read or left as it is."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import ScenarioError, load
from sim.scenario.keys import overlap, read_assignment, read_key, tree_of, write_key
from sim.scenario.values import read_value

NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("rounds.second.cut", ("rounds", "second", "cut")),
        (' rounds . "second".cut ', ("rounds", "second", "cut")),
        ("rounds.'second'.cut", ("rounds", "second", "cut")),
        ('kinds."a.b".share', ("kinds", "a.b", "share")),
        ('kinds."a=b # c".share', ("kinds", "a=b # c", "share")),
        ('kinds."\\u4f4f\\u5b85".share', ("kinds", "住宅", "share")),
        ("kinds.住宅.share", ("kinds", "住宅", "share")),
        ('courts.adoption."2017-01-01"', ("courts", "adoption", "2017-01-01")),
        ('time.windows.""', ("time", "windows", "")),
    ],
)
def test_a_key_is_read_however_it_is_quoted(text, key):
    assert read_key(text) == key
    assert read_assignment(f"{text}=1=2") == (key, "1=2")


@pytest.mark.parametrize(
    "text", ["", ".", "a.", ".a", "a..b", "a b", "a=b", '"a', "a\nb", '"\\q"', "a#b", ".".join("a" * 21)]
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match=r"path of keys|names; at most"):
        read_key(text)


@given(NAMES)
def test_every_key_comes_back_from_its_one_spelling(names):
    assert read_key(write_key(tuple(names))) == tuple(names)


@given(NAMES, NAMES)
def test_keys_overlap_where_their_trees_meet(one, other):
    def leaf(tree, names):
        for name in names:
            tree = tree.get(name) if isinstance(tree, dict) else None
        return tree is not None

    meet = leaf(tree_of(tuple(one), 1), other) or leaf(tree_of(tuple(other), 1), one)
    assert overlap(tuple(one), tuple(other)) == meet


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("interest.mean", "1.5", 1.5),
        ("interest.mean", ".5", 0.5),
        ("interest.mean", "１２．５", 12.5),
        ("interest.mean", "1,243", 1243.0),
        ("interest.dispersion", "inf", float("inf")),
        ("start.ratio", "70%", "70%"),  # a unit is for the schema to read
        ("arrivals.exact", "true", True),
        ("arrivals.exact", "TRUE", True),
        ("arrivals.exact", "False", False),
        ("courts.clerks", "2", 2),
        ("courts.clerks", "2.0", 2),
        ("courts.clerks", "2.5", 2.5),
        ("run.seed", "9,223,372,036,854,775,807", 2**63 - 1),
        ("auction.opens_at", "10:00", "10:00"),
        ("auction.opens_at", '"10:00"', "10:00"),
        ("auction.opens_at", "10:00:00", "10:00:00"),
        ("title", "2017", "2017"),
        ("time.start", "2017-01-01", date(2017, 1, 1)),
        ("kinds.homes", "false", False),
        ("rounds", "{second={cut=0.1}}", {"second": {"cut": 0.1}}),
        ("interest.mean", "1\n2", "1\n2"),  # not 12, and not 1
        ("interest.mean", "1 # 2", "1 # 2"),
        ("interest.mean", "1]#", "1]#"),
        ("interest.mean", "1, 2", "1, 2"),
        ("interest.mean", "[" * 5000, "[" * 5000),
        ("interest.mean", "9" * 5000, "9" * 5000),
    ],
)
def test_a_value_is_read_as_its_parameter_takes_it(key, text, value):
    found = read_value(text, read_key(key))
    assert (found, type(found)) == (value, type(value))


KEYS = (
    "interest.mean",
    "courts.clerks",
    "arrivals.exact",
    "auction.opens_at",
    "time.start",
    "kinds.homes",
    "rounds",
)


@given(st.sampled_from(KEYS), st.text(max_size=20) | st.from_regex(r"[-+.0-9eE\[\]{}\"',=# %]{0,12}"))
@settings(deadline=None)
def test_any_text_after_any_key_is_taken_or_refused_with_defects(key, text):
    with contextlib.suppress(ScenarioError):
        load("base", [f"{key}={text}"])


@given(st.text(max_size=30))
@settings(deadline=None)
def test_any_text_as_an_assignment_is_taken_or_refused_with_defects(text):
    with contextlib.suppress(ScenarioError):
        load("base", [text])


def test_set_reaches_names_of_any_kind(tmp_path):
    file = tmp_path / "s.toml"
    kind = (
        'name_zh = "x"\nshare = 1.0\nmovable = true\nvalue_median = 1e5\nvalue_log_sd = 1.0\ninterest = 1.0\n'
    )
    sources = '[sources]\n"kinds.\\"a.b\\".share" = "a paper"\n'
    file.write_text(f'extends = "base.toml"\n[kinds."a.b"]\n{kind}{sources}', encoding="utf-8")
    loaded = load(file, ['kinds."a.b".share=0.5', "kinds.'a.b'.interest=2"])
    assert (loaded.scenario.kinds["a.b"].share, loaded.scenario.kinds["a.b"].interest) == (0.5, 2.0)
    assert load(file).source(("kinds", "a.b", "share"), "x") == "a paper"
