"""Files of draws: what the program, spreadsheets and people write is read; anything else is refused, and soon."""

from __future__ import annotations

import csv
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.experiments import draws
from sim.experiments.draws import read_draws
from sim.experiments.policies import family
from sim.scenario import ScenarioError
from sim.scenario.load import Overlay


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def trees(path: Path) -> list[dict]:
    return [overlay.tree for overlay in read_draws(path).overlays]


def test_values_are_read_as_their_parameters_take_them(tmp_path):
    text = (
        "interest.mean,courts.clerks,arrivals.exact,start.ratio,auction.opens_at,weight\r\n"
        '1.5,2.0,TRUE,70%,10:00,1\r\n".5",3,False,"0.8",any,"1,000"\r\n,,,,,\r\n'
    )
    assert trees(write(tmp_path, "d.csv", "\ufeff" + text)) == [
        {
            "interest": {"mean": 1.5}, "courts": {"clerks": 2}, "arrivals": {"exact": True},
            "start": {"ratio": "70%"}, "auction": {"opens_at": "10:00"},
        },
        {
            "interest": {"mean": 0.5}, "courts": {"clerks": 3}, "arrivals": {"exact": False},
            "start": {"ratio": 0.8}, "auction": {"opens_at": "any"},
        },
    ]  # fmt: skip
    assert read_draws(tmp_path / "d.csv").weights == (1 / 1001, 1000 / 1001)
    first, second = (
        family("base", []).under(overlay)[0].scenario for overlay in read_draws(tmp_path / "d.csv").overlays
    )
    assert (first.courts.clerks, first.start.ratio, second.arrivals.exact) == (2, 0.7, False)


def test_a_whole_number_in_toml_may_have_a_point(tmp_path):
    (overlay,) = read_draws(write(tmp_path, "d.toml", "[[draws]]\ncourts.clerks = 2.0\n")).overlays
    assert family("base", []).under(overlay)[0].scenario.courts.clerks == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", 'interpretation,interest.mean\n"cohort, sale_rate_final",1.5\n"event, 0.5",2\n'),
        (
            "d.toml",
            '[[draws]]\ninterpretation = "cohort"\ninterest.mean = 1.5\n[[draws]]\ninterest.mean = 2.0\n',
        ),
    ],
)
def test_an_interpretation_is_a_label_and_no_parameter(tmp_path, name, content):
    path = write(tmp_path, name, content)
    assert trees(path) == [{"interest": {"mean": 1.5}}, {"interest": {"mean": 2.0}}]
    assert [claim.key for claim in read_draws(path).varied] == [("interest", "mean")]
    assert family("base", []).under(read_draws(path).overlays[0])[0].scenario.interpretation is None


def test_names_in_quotation_marks_head_columns(tmp_path):
    path = write(tmp_path, "d.csv", '"kinds.""a,b.c"".share"\n0.5\n')
    assert trees(path) == [{"kinds": {"a,b.c": {"share": 0.5}}}]


def test_a_line_break_in_a_cell_joins_nothing(tmp_path):
    (tree,) = trees(write(tmp_path, "d.csv", 'interest.mean\n"1\n2"\n'))
    assert tree == {"interest": {"mean": "1\n2"}}
    with pytest.raises(ScenarioError, match=r'line 3: interest\.mean: "1 2"'):
        family("base", []).under(read_draws(tmp_path / "d.csv").overlays[0])


def values(draws_) -> list[float]:
    return [overlay.tree["interest"]["mean"] for overlay in draws_.overlays]


def test_a_thinned_file_keeps_draws_evenly_spread_over_their_values(tmp_path):
    """Of 1 to 200 in any order, 40: one of every five; the same whatever the order of the rows."""
    rows = [f"{x / 10}\n" for x in range(1, 201)]
    whole = read_draws(write(tmp_path, "d.csv", "interest.mean\n" + "".join(rows)))
    mixed = read_draws(write(tmp_path, "m.csv", "interest.mean\n" + "".join(rows[::-1][::2] + rows[::2])))
    few = whole.thinned(40)
    assert values(few) == values(mixed.thinned(40)) == [x / 10 for x in range(3, 201, 5)]
    assert few.weights == (1 / 40,) * 40
    assert (few.total, few.about()["total"]) == (200, 200)
    assert values(whole.thinned(200)) == values(whole.thinned(900)) == [x / 10 for x in range(1, 201)]


def test_places_on_a_border_go_to_the_first_whatever_rounding_says():
    """Of K alike, place i of n, (i + 1/2) K / n in exact arithmetic, lies in the draw that ends there or after."""
    for total in range(1, 61):
        overlays = tuple(Overlay("", {"interest": {"mean": float(x)}}) for x in range(total))
        whole = draws.Draws(Path("d.csv"), overlays, (1 / total,) * total, total, "")
        for number in range(1, 61):
            wanted = [-(-(2 * i + 1) * total // (2 * number)) - 1 for i in range(number)]
            assert [overlay.tree["interest"]["mean"] for overlay in whole.dealt(number)] == wanted, (
                total,
                number,
            )


def test_a_draw_counts_by_its_weight_also_when_thinned(tmp_path):
    rows = "".join(f"{x},{w}\n" for x, w in zip((4, 1, 3, 2, 5), (12, 3, 0, 1, 4), strict=True))
    whole = read_draws(write(tmp_path, "d.csv", "interest.mean,weight\n" + rows))
    assert whole.thinned(4).weights == (0.15, 0.05, 0.0, 0.6, 0.2), "no more than that count: all of them"
    few = whole.thinned(3)
    assert (values(few), few.weights) == ([2.0, 4.0, 5.0], (1 / 3,) * 3)
    dealt = [[overlay.tree["interest"]["mean"] for overlay in whole.dealt(n)] for n in (5, 20)]
    assert dealt == [[1.0, 4.0, 4.0, 4.0, 5.0], [1.0] * 3 + [2.0] + [4.0] * 12 + [5.0] * 4]


@settings(max_examples=50)
@given(
    weights=st.lists(st.floats(0.01, 100.0), min_size=1, max_size=30),
    number=st.integers(1, 40),
)
def test_each_is_taken_as_often_as_its_weight_says_but_for_one(tmp_path_factory, weights, number):
    rows = "".join(f"{i + 1},{w}\n" for i, w in enumerate(weights))
    path = write(tmp_path_factory.mktemp("d"), "d.csv", "interest.mean,weight\n" + rows)
    whole = read_draws(path).by_value()
    few = whole.thinned(number)
    kept = dict(zip(values(few), few.weights, strict=True))
    assert sum(few.weights) == pytest.approx(1.0)
    for x, weight in zip(values(whole), whole.weights, strict=True):
        assert abs(kept.get(x, 0.0) - weight) < 1 / number + 1e-9


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        (("1e308", "1e308"), (0.5, 0.5)),
        (("1e-320", "3e-320"), (0.25, 0.75)),
        (("1e308", "1e-308"), (1.0, 0.0)),
        (("1", "2"), (1 / 3, 2 / 3)),
    ],
)
def test_weights_of_any_size_add_up_to_one(tmp_path, weights, shares):
    path = write(tmp_path, "d.csv", "interest.mean,weight\n" + "".join(f"1.5,{w}\n" for w in weights))
    assert read_draws(path).weights == pytest.approx(shares, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("d.csv", "", "no column of parameters"),
        ("d.csv", "weight\n1\n", "no column of parameters"),
        ("d.csv", "weight,interpretation\n1,event\n", "no column of parameters"),
        ("d.csv", "interest.mean\n", "holds no draws"),
        ("d.csv", "interest.mean\n\n,\n", "has 2 values|holds no draws"),
        ("d.csv", "interest.mean,weight\n1.0\n", r"line 2: has 1 value for 2 columns"),
        ("d.csv", "interest.mean,start.ratio\n1.0,\n", "line 2: start.ratio: is empty"),
        ("d.csv", "interest.mean,weight\n1.0,-1\n", "weight: -1.0 is not a number of at least 0"),
        ("d.csv", "interest.mean,weight\n1.0,1e999\n", "weight: inf is not a number of at least 0"),
        ("d.csv", "interest.mean,weight\n1.0,nan\n", "weight: nan is not a number of at least 0"),
        ("d.csv", "interest.mean,weight\n1.0,TRUE\n", 'weight: "TRUE" is not a number of at least 0'),
        ("d.csv", "interest.mean,weight\n1.0,0\n", "all weights are zero"),
        ("d.csv", "interest.mean,interest.mean\n1,2\n", "interest.mean: heads two columns"),
        ("d.csv", 'interest.mean,"""interest"".mean"\n1,2\n', "interest.mean: heads two columns"),
        ("d.csv", "kinds.homes,kinds.homes.share\nfalse,2\n", "heads two columns: kinds.homes is the same, or holds it"),
        ("d.csv", "interest mean\n1\n", "is not a path of keys"),
        ("d.csv", "interest.mean;start.ratio\n1;2\n", 'commas stand between columns, not ";"'),
        ("d.csv", "run.seed\n1\n", "run.seed says how often and from which seed"),
        ("d.csv", "published.2017.sold\n1\n", "figures to compare results with"),
        ("d.csv", 'interest.mean\n"1.5\n' + "2\n" * 70_000, "is no line of a table: field larger"),
        ("d.csv", "interest.mean\n" + "1" * 131_073 + "\n", "is no line of a table: field larger"),
        ("d.csv", "interest.mean\n1.5\n".encode("utf-16"), "seems to be UTF-16"),
        ("d.csv", "interest.mean,kinds.土地厂房.share\n1,2\n".encode("gbk"), "seems to be GBK: save it as UTF-8"),
        ("d.toml", "# 抽样\n[[draws]]\n".encode("gbk"), "seems to be GBK: save it as UTF-8"),
        ("d.toml", "draws = 3\n", "must be tables"),
        ("d.toml", "draws = [1]\n", "must be tables"),
        ("d.toml", "draw = [", "is not valid TOML"),
        ("d.toml", "x = " + "[" * 5000, "nested too deeply"),
        ("d.toml", "[[draw]]\ninterest.mean = 1\n", "draw: unknown key; draws stand in"),
        ("d.toml", "[[draws]]\nweight = 1" + "0" * 400 + "\ninterest.mean = 1\n", "is not a number of at least 0"),
        ("d.toml", "[[draws]]\nrun.replications = 3\n", "run.replications says how often"),
        ("d.json", "{}", "neither .csv nor .toml"),
    ],
)  # fmt: skip
def test_bad_draws(tmp_path, name, content, said):
    with pytest.raises(ScenarioError, match=said):
        read_draws(write(tmp_path, name, content))


def test_what_is_no_file_is_refused(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "none.csv", tmp_path / "folder.csv", tmp_path / ("x" * 300 + ".csv")):
        with pytest.raises(ScenarioError, match=r"no such file|cannot be read"):
            read_draws(path)


def test_too_many_lines_are_refused_before_they_are_read(tmp_path, monkeypatch):
    """Of a CSV no row beyond the last that may be; of TOML, whose reader takes a second a megabyte, nothing at all."""
    monkeypatch.setattr(draws, "MOST", 50)
    rows: list[int] = []
    tree = draws._tree
    monkeypatch.setattr(draws, "_tree", lambda *given: (rows.append(1), tree(*given))[1])
    monkeypatch.setattr(draws, "as_tree", lambda *_: pytest.fail("it was read"))
    for name, head, row in (
        ("d.csv", "interest.mean\n", "1.5\n"),
        ("d.toml", "", "[[draws]]\ninterest.mean=1.5\n"),
    ):
        with pytest.raises(ScenarioError, match="more than 50 draws; at most 50 are taken"):
            read_draws(write(tmp_path, name, head + 5000 * row))
    assert len(rows) == 50


def test_too_large_a_file_is_refused_for_its_size(tmp_path):
    path = tmp_path / "d.toml"
    path.write_text("[[draws]]\ninterest.mean=1.5\n" * 1_000_000)
    with pytest.raises(ScenarioError, match="at most 20,000,000"):
        read_draws(path)


@pytest.mark.parametrize(
    ("name", "head", "row"), [("d.csv", "interest.mean\n", "1.5\n"), ("d.toml", "", "[[draws]]\n")]
)
def test_as_many_as_are_allowed_are_taken(tmp_path, monkeypatch, name, head, row):
    monkeypatch.setattr(draws, "MOST", 50)
    assert len(read_draws(write(tmp_path, name, head + 50 * row)).overlays) == 50
    with pytest.raises(ScenarioError, match="more than 50 draws; at most 50 are taken"):
        read_draws(write(tmp_path, name, head + 51 * row))


@given(st.text(max_size=60) | st.binary(max_size=60), st.sampled_from(["d.csv", "d.toml"]))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_refused(tmp_path, content, name):
    with suppress(ScenarioError):
        read_draws(
            write(
                tmp_path,
                name,
                content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content,
            )
        )


CELLS = st.text(max_size=12) | st.from_regex(r"[-+.0-9eE\[\]{}'\"%,\n ]{0,10}")
HEADS = [
    "interest.mean",
    "courts.clerks",
    "arrivals.exact",
    "start.ratio",
    "auction.opens_at",
    "weight",
    "interpretation",
]


@given(st.lists(st.lists(CELLS, min_size=len(HEADS), max_size=len(HEADS)), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cells_are_read_or_refused(tmp_path, rows):
    with (tmp_path / "d.csv").open("w", encoding="utf-8", errors="replace", newline="") as file:
        csv.writer(file).writerows([HEADS, *rows])
    with suppress(ScenarioError):
        for overlay in read_draws(tmp_path / "d.csv").overlays:
            family("base", []).under(overlay)


@pytest.mark.slow
@given(st.text(max_size=200) | st.binary(max_size=200), st.sampled_from(["d.csv", "d.toml"]))
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_of_ten_thousand_files_is_read_or_refused(tmp_path, content, name):
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    with suppress(ScenarioError):
        read_draws(write(tmp_path, name, data))
