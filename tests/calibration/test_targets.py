"""Targets files: what they give, and a folder of broken ones, whose first lines are the messages they must give."""

from __future__ import annotations

import datetime
import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from typer.testing import CliRunner

from calibration import steps
from calibration.cli.main import app
from calibration.forward_model import moments
from calibration.forward_model.forward_model import ForwardModel
from calibration.targets.interpretations import BASES, FIGURES
from calibration.targets.parameter_space import MARKET, at, space
from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.load import load_targets
from calibration.targets.reader.prior_driven import IN_YUAN, YUAN, driven, shortage
from calibration.targets.targets import HOME
from sim.locale.language import speaking

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.toml"))


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# ") for line in lines if line.startswith("# ")]


def defects_of(path: Path) -> list[str]:
    """The defects of a file, without its name: of the file itself, and of what it sets in its scenario."""
    try:
        load_targets(path)
    except TargetsError as error:
        return [str(one).removeprefix(f"{path}: ").removeprefix(f"{path} ") for one in error.defects]
    return []


@pytest.mark.parametrize("path", BROKEN, ids=[p.stem for p in BROKEN])
def test_each_broken_file_gives_its_messages_in_the_order_of_the_file_and_no_other(path):
    assert defects_of(path) == expected(path)


def test_the_folder_is_not_empty():
    assert len(BROKEN) > 38


def free(name: str, path: str, rest: str) -> str:
    return f'[[free]]\nname = "{name}"\npath = "{path}"\n{rest}\n'


DEFECTS: dict[str, tuple[str, str, str]] = {  # keys of the file, of a window, and tables after it
    "measure": ('definitions.sale_rate = "sale_rate_finl"', "", ""),
    "meaning of no figure": ('definitions.premum = "premium_mean"', "", ""),
    "basis": ('basis = "cohrt"', "", ""),
    "discrepancy": ("discrepancy.sold = 11.0", "", ""),
    "type": ('seed = "a"', "", ""),
    "key": ("sede = 3", "", ""),
    "set": ('set = { "interest.men" = 3 }', "", ""),
    "figure that cannot be": ("", 'sale_rate = "137.44%"', ""),
    "figure that is none": ("", 'premum = "13.44%"', ""),
    "key of a figure": ("", 'lots_ended = { published = 4, roundng = "rounded" }', ""),
    "use": ("", 'lots_failed = { published = 4, use = "fitt" }', ""),
    "window outside": ("", "", "[windows.a]\nfirst = 2020-01-01\nlast = 2020-12-31\nsold = 3"),
    "window backwards": ("", "", "[windows.b]\nfirst = 2018-12-01\nlast = 2018-01-31\nsold = 3"),
    "no date": ("", "", '[windows.c]\nfirst = "2018-01-01"\nlast = 2018-12-31\nsold = 3'),
    "no table": ("windows.d = 3", "", ""),
    "growth": ("", "", '[[growth]]\nfigure = "sold"\nsince = "201"\nwindow = "2017"\npublished = "3%"'),
    "path": ("", "", free("path", "interest.men", "low = 0.1\nhigh = 1.0")),
    "order": ("", "", free("order", "interest.spread", "low = 1.0\nhigh = 0.5")),
    "path and order": ("", "", free("both", "interest.sprad", "low = 1.0\nhigh = 0.5")),
    "log": ("", "", free("log", "interest.location", "low = 0.0\nhigh = 0.5")),
    "transform": ("", "", free("transform", "start.ratio", 'low = 0.9\nhigh = 0.5\ntransform = "lg"')),
    "range": ("", "", free("range", "start.token_ratio", "low = 0.5\nhigh = 20.0")),
    "bound": ("", "", free("bound", "rounds.first.interest", 'low = "x"\nhigh = 0.2')),
    "names": ("", "", "".join(free("a", f"disposal.in_kind_{n}", "low = 0.1\nhigh = 0.5") for n in ("second", "last"))),
    "date": ("", "", free("date", "pricing.appraisal.since", 'low = 1.0\nhigh = 2017-01-01\ntransform = "date"')),
}  # fmt: skip


def told_of(path: Path, *names: str) -> list[str]:
    """The defects of a sound file with these put into it; places in lists left out, for they change."""
    heads, inside, after = ("\n".join(parts) for parts in zip(*(DEFECTS[n] for n in names), strict=True))
    path.write_text(
        f'title = "x"\nscenario = "shanxi-prior"\n{heads}\n[windows.2017]\nsold = 304\n{inside}\n{after}\n', encoding="utf-8"
    )  # fmt: skip
    return sorted(re.sub(r"(free|growth)\.\d+", r"\1", line) for line in defects_of(path))


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_no_defect_hides_another_or_is_reported_again_beside_it(tmp_path, every):
    path = tmp_path / "x.toml"
    alone = {name: told_of(path, name) for name in DEFECTS}
    assert all(alone.values())
    for pair in itertools.islice(itertools.combinations(DEFECTS, 2), 0, None, every):
        assert told_of(path, *pair) == sorted(line for name in pair for line in alone[name]), pair
    assert told_of(path, *DEFECTS) == sorted(line for lines in alone.values() for line in lines)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "title: is missing"),
        (b"\xef\xbb\xbf", "windows: is missing"),
        (b"\xff\xfet\x00", "is not text in UTF-8; it seems to be UTF-16: save it as UTF-8"),
        ('title = "山西"'.encode("gbk"), "is not text in UTF-8; it seems to be GBK: save it as UTF-8"),
        (b"\xef\xbb\xbf\xff", "is not text in UTF-8; save it as UTF-8"),
        (b"title = ", "is not valid TOML"),
        (b"\xef\xbb\xbftitle = ", "is not valid TOML"),
        (b"a = " + b"[" * 3000, "is nested too deeply"),
        (b"#" + b"x" * 1_000_000, "a scenario has at most 1,000,000"),
        (b'title = "x"\nscenario = "' + b"a" * 400 + b'"\n[windows.2017]\nsold = 3', "File name too long"),
        (None, "there is no such targets file"),
        ("a folder", "is not a file"),
    ],
)
@pytest.mark.parametrize("command", ["audit", "run"])
def test_what_is_no_targets_file_is_reported_before_any_run(tmp_path, command, content, message):
    path = tmp_path / "x.toml"
    if isinstance(content, str):
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    out = tmp_path / "out"
    result = CliRunner().invoke(app, [command, str(path), "--out", str(out)])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert f"{path}: " in result.output
    assert message in result.output
    assert not out.exists()


def test_a_name_too_long_for_a_file_is_reported():
    with pytest.raises(TargetsError, match="File name too long"):
        load_targets("a" * 400)


def test_a_file_in_a_folder_that_lacks_it_is_not_taken_from_elsewhere(tmp_path):
    with pytest.raises(TargetsError, match="there is no such targets file; did you mean shanxi"):
        load_targets(tmp_path / "shanxi.toml")


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (HOME / "targets" / "henan.toml").read_bytes())
    targets = load_targets(path)
    assert targets.title == "Henan, first 129 days"
    assert targets.text == load_targets("henan").text


def test_the_doubt_is_reported_beside_the_defects():
    with pytest.raises(TargetsError) as caught:
        load_targets(Path(__file__).parent / "broken" / "measure-in-two-windows.toml")
    assert str(caught.value).count("warning: ") == 1
    assert "7 free parameters, 3 figures" in str(caught.value).splitlines()[-1]


def test_a_file_that_is_not_there_suggests_one():
    with pytest.raises(TargetsError, match="did you mean shanxi"):
        load_targets("shanksi")


@pytest.mark.parametrize("text", ["title = ", "\x00", "title = 1\ntitle = 2"])
def test_what_is_no_toml_is_reported_without_a_traceback(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TargetsError, match="not valid TOML"):
        load_targets(path)


def test_fewer_figures_than_free_parameters_is_a_warning_that_names_them():
    (warning,) = load_targets("henan").warnings
    assert "7 free parameters, 4 figures" in warning.problem
    assert "at least 3 of: interest," in warning.hint
    assert "spread" in warning.hint


def told_driven(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "x.toml"
    path.write_text(f'title = "x"\nscenario = "shanxi-prior"\n{text}', encoding="utf-8")
    targets = load_targets(path)
    hints = [one.hint for one in targets.warnings]
    assert hints == ([f"driven by their priors: {', '.join(driven(targets))}"] if driven(targets) else [])
    return driven(targets)


ALL_SEVEN = "interest, popularity, noise, location, spread, value_scale, value_spread"


@pytest.mark.parametrize(
    ("figures", "names"),
    [
        ('sold = 304\nsale_rate = "37.44%"', ["value_scale", "value_spread", "at least 3 of: interest, popularity, noise, location, spread"]),
        ('turnover = "8.9亿"\ncommission = "2504.29万"', [f"at least 5 of: {ALL_SEVEN}"]),
        ('turnover = "8.9亿"\ncommission = { published = "2504.29万", measures = "commission_saved_flat" }', [f"at least 6 of: {ALL_SEVEN}"]),
        ('lots = 2571\nsold = 304\nsale_rate = { published = "11.8%", measures = "sale_rate_listed" }', ["value_scale", "value_spread", "at least 4 of: interest, popularity, noise, location, spread"]),
        ('sold = 304\nsale_rate = "37.44%"\nlots_failed = 3\nlots_ended = 3\nrounds_held = 3\nparticipants = 3', ["value_scale", "value_spread"]),
        ('sold = 304\nsale_rate = "37.44%"\nlots_failed = 3\nlots_ended = 3\nparticipants = 3\nturnover = "8.9亿"\npremium = "13%"', []),
    ],
)  # fmt: skip
def test_parameters_in_excess_of_the_figures_are_driven_by_priors(tmp_path, figures, names):
    assert told_driven(tmp_path, f"[windows.2017]\n{figures}") == names


def test_a_parameter_of_one_window_is_informed_by_that_windows_figures_only(tmp_path):
    text = "[windows.2017]\nsold = 304\nsale_rate = '37.44%'\nlots_ended = 3\n[windows.2018]\nlots = 4262\n"
    text += free("interest", "interest.mean", "low = 0.1\nhigh = 10.0\nby_period = true")
    assert told_driven(tmp_path, text) == ["interest@2018"]


def test_the_shortage_is_that_of_a_largest_matching_and_names_all_that_may_be_left_over():
    rng = np.random.default_rng(1)
    kinds = (["interest.mean"], ["kinds.*.value_median"])
    for _ in range(100):
        windows = ["a", "b", "c"][: rng.integers(1, 4)]
        slots = [
            (str(i), rng.choice([None, *windows]), kinds[rng.integers(2)]) for i in range(rng.integers(1, 8))
        ]
        figures = [(rng.choice(windows), rng.choice(["sold", "turnover"])) for _ in range(rng.integers(0, 8))]

        def matched(of: list, figures: list = figures) -> int:
            """The size of a largest matching, by scipy."""
            tell = [
                [w in (None, at) and (name == "turnover" or "value" not in p[0]) for at, name in figures]
                for _, w, p in of
            ]
            graph = csr_array(np.array(tell, dtype=int).reshape(len(of), len(figures)))
            return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())

        short = shortage(slots, figures)
        most = matched(slots)
        assert short.number == len(slots) - most
        spare = [one[0] for one in slots if matched([s for s in slots if s != one]) == most]
        assert sorted(short.bare + short.some) == spare


def test_figures_say_something_of_the_parameters_they_are_said_to_tell_of_and_nothing_of_others(tmp_path):
    path = tmp_path / "x.toml"
    published = {
        "sale_rate": '"37.51%"',
        "premium": '"181.39%"',
        "turnover": '"24.49亿"',
        "commission": '"7594.03万"',
    }
    text = 'title = "x"\nscenario = "shanxi-prior"\n[windows.2018]\n' + "\n".join(
        f"{name} = {published.get(name, 1500)}" for name in FIGURES if name not in ("cases", "lots")
    )
    ranges = {
        "interest.mean": (0.1, 10.0), "interest.spread": (0.1, 0.8), "pricing.*.noise": (0.05, 0.7),
        "start.token_share": (0.001, 0.05), "start.token_ratio": (0.001, 0.1), "kinds.homes.share": (0.1, 0.9),
        "kinds.*.value_median": (1e5, 1e7), "kinds.homes.value_log_sd": (0.3, 2.0), "rounds.second.cut": (0.0, 0.4),
    }  # fmt: skip
    listing_times = None
    for pattern, (low, high) in ranges.items():
        path.write_text(f"{text}\n{free('p', pattern, f'transform = {chr(39)}identity{chr(39)}')}low = {low}\nhigh = {high}\n", encoding="utf-8")  # fmt: skip
        targets = load_targets(path)
        listing_times = listing_times or [steps.expose(None, targets, (), 1)]
        outcome = ForwardModel(targets, listing_times, 8).outcome(np.array([[low], [high]]))
        moved = set()
        for interpretation in targets.interpretations():
            of = moments.moments(targets, interpretation)
            mean = moments.predict(outcome, of, targets, BASES.index(interpretation.basis)).mean
            moved |= {one.figure for one, (x, y) in zip(of, mean.T, strict=True) if abs(x - y) > 1e-9}
        assert all(MARKET.fullmatch(p) for p in targets.free[0].paths)
        silent = set(FIGURES) - {"cases", "lots", *moved}
        if IN_YUAN.fullmatch(pattern):
            assert moved <= set(YUAN)
            assert "turnover" in moved
        else:
            assert not silent, pattern


def test_without_a_scenario_the_windows_make_the_arrivals():
    targets = load_targets("henan")
    scenario = targets.loaded.scenario
    assert (scenario.time.start, scenario.time.end) == (
        datetime.date(2014, 3, 17),
        datetime.date(2014, 7, 23),
    )
    assert scenario.arrivals.mode == "listing"
    assert sum(p.lots for p in scenario.arrivals.periods.values()) == 1000


def test_the_example_has_ten_lines_and_a_chinese_title():
    lines = (HOME / "targets" / "henan.toml").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not line.startswith("title_zh")]) == 10


def test_of_one_period_that_begins_with_the_run_there_is_one_basis():
    for name in ("henan", "zhongshan", "zhejiang"):
        found = load_targets(name).interpretations()
        assert {one.basis for one in found} == {"event"}
        assert math.isclose(sum(one.weight for one in found), 1.0)
    assert {one.basis for one in load_targets("shanxi").interpretations()} == {"event", "cohort"}


def test_interpretations_are_all_combinations_with_weights_that_add_up():
    interpretations = load_targets("shanxi").interpretations()
    assert math.isclose(sum(r.weight for r in interpretations), 1.0)
    assert len({r.key for r in interpretations}) == len(interpretations)
    assert {r.basis for r in interpretations} == {"event", "cohort"}


def test_a_figure_that_is_assumed_is_not_audited():
    window = load_targets("zhejiang").windows["2013"]
    assert window.figures["lots"].value == 1400
    assert math.isnan(window.value("lots"))


ODD_NAMES = [
    "2017/H1",
    'a"b',
    "a'b",
    "a,b",
    "a b",
    "[x]",
    "(x)",
    "year",
    "一季度",
    "=1+1",
    "{0}",
    "a@b",
    "a\\b",
]


@pytest.mark.parametrize("name", [*ODD_NAMES, "a.b"])
def test_a_window_may_have_any_name_that_can_be_seen(tmp_path, name):
    quoted = tomli_w.dumps({name: 0}).split(" = ")[0]
    path = tmp_path / "x.toml"
    path.write_text(
        f'title = "x"\n[windows.{quoted}]\nfirst = 2017-01-01\nlast = 2017-12-31\nlots = 100\nsold = 30\n'
        + free("interest", "interest.mean", "low = 0.1\nhigh = 10.0\nby_period = true"),
        encoding="utf-8",
    )
    targets = load_targets(path)
    assert list(targets.windows) == list(targets.loaded.scenario.time.windows) == [name]
    assert list(targets.loaded.scenario.arrivals.periods) == [name]
    (slot,) = space(targets.free, list(targets.windows)).slots
    assert slot.window == name


@pytest.mark.parametrize("more", ["", 'scenario = "shanxi-prior"\n'])
def test_a_window_called_all_is_refused_where_a_model_is_run(tmp_path, more):
    path = tmp_path / "x.toml"
    dates = "first = 2017-01-01\nlast = 2017-12-31\nlots = 100\nsold = 30\n"
    path.write_text(f'title = "x"\n{more}[windows.all]\n{dates}', encoding="utf-8")
    assert defects_of(path) == ["windows.all: this name is taken: it stands for the whole period"]


@pytest.mark.parametrize("name", [*ODD_NAMES, "a.b"])
def test_a_free_parameter_is_found_under_any_name_but_one_with_a_dot(tmp_path, name):
    quoted = tomli_w.dumps({name: 0}).split(" = ")[0]
    path = tmp_path / "x.toml"
    table = f"[windows.{quoted}]\nfirst = 2017-01-01\nlast = 2017-12-31\nlots = 100\nsold = 30\n"
    entry = free("x", "@", 'low = 2017-01-01\nhigh = 2017-09-01\ntransform = "date"')
    entry = entry.replace('"@"', f"'''arrivals.periods.{quoted}.first'''")
    path.write_text(f'title = "x"\n{table}{entry}', encoding="utf-8")
    if name == "a.b":
        assert defects_of(path) == [
            'free.x.path: "arrivals.periods."a.b".first": arrivals.periods."a.b".first cannot be free: a name in it holds a dot'
        ]
    else:
        (one,) = load_targets(path).free
        assert at(load_targets(path).loaded.tree, one.paths[0]) == datetime.date(2017, 1, 1)


def test_in_chinese_the_usual_mistakes_are_told_in_chinese(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text('seed = "x"\ntitel = "own"\nbasis = "evnt"\nwindows = {}\n', encoding="utf-8")
    with speaking("zh"):
        with pytest.raises(TargetsError) as caught:
            load_targets(file)
        lines = [line.removeprefix(f"{file}：") for line in str(caught.value).splitlines()]
        with pytest.raises(TargetsError) as missing:
            load_targets("shanxy")
        assert str(missing.value) == "shanxy：没有这个校准目标文件；您是不是要找shanxi？"
    assert 'seed："x"不是整数' in lines
    assert "titel：没有这个参数；您是不是要找title？" in lines
    assert 'basis："evnt"不是归期；您是不是要找event？' in lines
    assert "title：缺少取值" not in lines


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_in_chinese_no_mistake_is_told_in_english(path):
    with speaking("zh"), pytest.raises(TargetsError) as caught:
        load_targets(path)
    with speaking("zh"):
        lines = str(caught.value).replace(str(path), "")
    assert re.findall("[a-z]+ [a-z]+ [a-z]+", lines) == []
