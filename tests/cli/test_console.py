"""What holds for every command: what can be named, in which language and encoding it speaks, what the system refuses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT
from typer.testing import CliRunner

import sim as package
from calibration.cli.main import app as calibrate
from sim.cli.main import app
from sim.measures.definitions import UNITS_ZH, definitions
from sim.scenario import load

SMALL = ("--set", "arrivals.volume=0.01", "--set", "courts.number=1", "-n", "1", "-j", "1", "--no-pictures")


def said(*words: str, program: object = app, lang: str = "en") -> Result:
    return CliRunner().invoke(program, list(words), env={"SIM_LANG": lang})  # type: ignore[arg-type]


def spoken(*words: str | bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, with what the environment says of languages and encodings replaced."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON", "SIM_"))}
    return subprocess.run(
        [sys.executable, "-m", "sim", *words], capture_output=True, cwd=ROOT, env={**plain, **environment}
    )


@pytest.mark.parametrize("program", [app, calibrate])
def test_version(program: object) -> None:
    done = said("--version", program=program)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"judicial-auction-sim {package.__version__} (Python ")


@pytest.mark.parametrize(
    ("lang", "titles"),
    [
        ("en", ["Base: the rules of 2017-2019", "Reduce by 20 % after the first", "Zhongshan First Court"]),
        ("zh", ["基准：2017-2019年规则", "一拍流拍后降价20%", "中山市第一人民法院"]),
    ],
)
def test_list_names_scenarios_policies_and_targets_with_their_titles(lang: str, titles: list[str]) -> None:
    text = said("list", lang=lang).stdout
    for name, title in zip(("base", "cut-20", "zhongshan"), titles, strict=True):
        (line,) = [line for line in text.splitlines() if line.split()[:1] == [name]]
        assert title in line
    written = {path.stem for path in (ROOT / "scenarios").glob("*.toml")}
    written |= {path.stem for path in (ROOT / "scenarios" / "policies").glob("*.toml")}
    written |= {path.stem for path in (ROOT / "calibration" / "targets").glob("*.toml")}
    assert written <= {line.split()[0] for line in text.splitlines() if line.startswith("  ")}


def test_list_shows_the_file_that_a_name_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "base.toml").write_text('title = "My own"\n', encoding="utf-8")
    (tmp_path / "scenarios" / "broken.toml").write_text("title =\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = said("list")
    assert done.exit_code == 0
    assert "  base          My own\n" in done.stdout
    assert "is not valid TOML" in done.stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_measures_says_of_each_its_name_its_chinese_name_and_its_formula(lang: str) -> None:
    lines = said("measures", lang=lang).stdout.splitlines()[1:]
    for one, head, formula in zip(
        definitions(list(load("base").scenario.rounds)).values(), lines[::2], lines[1::2], strict=True
    ):
        assert head.split()[0] == one.name
        assert one.zh in head
        assert formula.strip() == one.says(lang)
        if lang == "zh":
            assert not re.search("[a-z]", formula), formula  # other measures by the names that people know


def test_every_formula_in_words_and_every_unit_has_its_chinese() -> None:
    for one in definitions(["first"]).values():
        assert one.unit in UNITS_ZH
        signs = set(one.formula.replace("(", " ").replace(")", " ").split())
        assert one.formula_zh or signs <= {*definitions(["first"]), "/", "+", "-"}, one.name


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sale_rate", "sale_rate_final, sale_rate_ended, sale_rate_listed or sale_rate_round?"),
        ("premium", "premium_turnover, premium_mean, premium_median or premium_first_start_mean?"),
        ("rate_ended", "sale_rate_ended?"),
        ("turnovr", "turnover?"),
        ("xyz", "sim measures lists them all"),
    ],
)
def test_an_unknown_measure_proposes_all_that_may_be_meant(name: str, meant: str) -> None:
    for option in (["--maximise", name], ["--maximise", "turnover", "--subject-to", f"{name}>=1"]):
        done = said("optimise", "base", "--variable", "start.ratio=0.7:1", *option)
        assert done.exit_code == 2
        assert done.stderr.strip().endswith(meant)


def test_what_is_set_by_hand_stands_in_titles() -> None:
    plain = load("shanxi").scenario
    one = load("shanxi", ["start.ratio=0.8", "run.seed=5", "title_zh=另一个"]).scenario
    assert (one.title, one.title_zh) == (
        f"{plain.title} (set: start.ratio=0.8)",
        "另一个（设定：start.ratio=0.8）",
    )
    many = ["kinds.land=false", "courts.number=1", "courts.number=2.0", "start={ratio='80%', token_share=0}"]
    assert load("shanxi", many).scenario.title.endswith(
        "(set: kinds.land=false, courts.number=2, start.ratio=0.8 and 1 more)"
    )
    assert load("shanxi", ["run.seed=5", "run.replications=2"]).scenario == plain.model_copy(
        update={"run": plain.run.model_copy(update={"seed": 5, "replications": 2})}
    )


def test_what_a_title_says_already_is_said_once_with_the_values_of_now(tmp_path: Path) -> None:
    """As of a run's own scenario.toml, run again."""
    own = tmp_path / "scenario.toml"

    def titles(first: list[str], again: list[str]) -> tuple[str, str]:
        own.write_text(load("base", first).toml(), encoding="utf-8")
        found = load(own, again).scenario
        return found.title.partition(" (set")[2], found.title_zh.partition("（设定")[2]

    one = ["start.ratio=0.8"]
    assert titles(one, []) == (": start.ratio=0.8)", "：start.ratio=0.8）")
    assert titles(one, ["start.ratio=0.9"]) == (": start.ratio=0.9)", "：start.ratio=0.9）")
    both = (": start.ratio=0.8, courts.number=2)", "：start.ratio=0.8，courts.number=2）")
    assert titles(one, ["courts.number=2"]) == both
    many = [*one, "courts.number=2", "kinds.land=false", "courts.clerks=2", "interest.mean=2"]
    assert titles(many, ["auction.deposit=0.1"]) == (
        ": start.ratio=0.8, courts.number=2, kinds.land=false and 3 more)",
        "：start.ratio=0.8，courts.number=2，kinds.land=false，另3项）",
    )
    own.write_text('extends = "base"\ntitle = "A (set: of = mine)"\n', encoding="utf-8")
    assert load(own, one).scenario.title == "A (set: of = mine) (set: start.ratio=0.8)"


def test_a_policy_keeps_the_name_by_which_it_is_distinguished_from_others() -> None:
    policy = load("shanxi", ["start.ratio=0.8"], ["cut-20"]).scenario
    assert policy.title == load("cut-20").scenario.title


def test_a_title_that_is_long_already_stays_lawful(tmp_path: Path) -> None:
    (tmp_path / "long.toml").write_text(f'extends = "base"\ntitle = "{"x" * 495}"\n', encoding="utf-8")
    assert load(tmp_path / "long.toml", ["start.ratio=0.8"]).scenario.title.startswith("x" * 495 + " (se")


def test_a_run_says_what_was_set_in_its_table_its_folder_and_its_page(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = said("run", "shanxi", *SMALL, "--no-pictures", "--out", str(out))
    assert "arrivals.volume=0.01, courts.number=1" in " ".join(done.stdout.split())
    assert said("report", str(out)).exit_code == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "(set: arrivals.volume=0.01, courts.number=1)" in page.partition("</header>")[0]


def test_the_first_line_of_a_run_is_its_title_and_what_the_law_forbids_is_explained_after_the_table(
    tmp_path: Path,
) -> None:
    done = said("run", "shanxi-prior", *SMALL, "--out", str(tmp_path / "out"))
    assert done.output.startswith("Shanxi 2017 to 2019 Q1")
    head, line = done.stderr.splitlines()[-2:]
    assert "it is run all the same" in head
    for part in (
        "start.token_share = 0.01",
        "lots opened at a token start",
        "at least 70 % of the appraisal",
        "2016 rules Art 10",
    ):
        assert part in line


@pytest.mark.processes
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
)
def test_an_output_without_chinese_is_english_and_escapes_the_rest(environment: dict[str, str]) -> None:
    done = spoken("list", **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Base: the rules of 2017-2019" in done.stdout
    chosen = spoken("show", "shanxi", "--lang", "zh", **environment)
    assert (chosen.returncode, chosen.stderr) == (0, b"")
    refused = spoken("check", "山西", **environment)
    assert refused.returncode == 2
    assert b"Traceback" not in refused.stderr


@pytest.mark.processes
def test_in_the_c_locale_chinese_is_spoken_where_python_can() -> None:
    assert "有效" in spoken("check", "base", LC_ALL="C").stdout.decode()
    assert "有效" in spoken("check", "base", PYTHONIOENCODING="gbk").stdout.decode("gbk")


@pytest.mark.processes
def test_a_name_that_is_no_text_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    for words in (
        [b"run", b"\xff"],
        [b"run", b"base", b"--out", bytes(tmp_path) + b"/\xff"],
        [b"report", b"\xff"],
    ):
        done = spoken(*words, PYTHONUTF8="1", SIM_LANG="en")
        assert done.returncode == 2
        assert b"is not text in UTF-8" in done.stderr
        assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def calls(bad: str) -> list[tuple[object, list[str]]]:
    """Every command with a bad name in every place of a file or folder."""
    vary, variable = (
        ("--vary", "start.ratio=0.8,0.9"),
        ("--variable", "start.ratio=0.8:0.9", "--maximise", "turnover"),
    )
    factor = ("-p", "start.ratio=0.8:0.9", "--samples", "2")
    commands = [
        ["check", bad], ["show", bad], ["trace", bad], ["measures", "--scenario", bad], ["trace", "base", "--lot", "0", "--out", bad],
        ["run", bad, *SMALL], ["run", "base", *SMALL, "--out", bad], ["compare", bad, "cut-00", *SMALL],
        ["compare", "base", bad, *SMALL], ["compare", "base", "cut-20", *SMALL, "--draws", bad],
        ["compare", "base", "cut-20", *SMALL, "--out", bad], ["sweep", bad, *vary], ["sweep", "base", *vary, *SMALL, "--out", bad],
        *(["sweep", verb, bad] for verb in ("status", "resume", "retry-failed", "compact")), ["sweep", "expand", bad, "-n", "+1"],
        ["sensitivity", bad, *factor], ["sensitivity", bad], ["sensitivity", "base", *factor, *SMALL, "--out", bad],
        ["optimise", bad, *variable], ["optimise", "base", *variable, "--points", "4", *SMALL, "--out", bad],
        ["verify", "--family", "g", "--out", bad], ["verify", "--family", "g", "--markdown", bad],
        ["report", bad], ["explore", bad],
    ]  # fmt: skip
    of_calibration = [
        ["audit", bad],
        ["audit", "henan", "--out", bad],
        ["run", bad],
        ["run", "henan", "--out", bad],
    ]
    return [*((app, words) for words in commands), *((calibrate, words) for words in of_calibration)]


@pytest.mark.parametrize("bad", ["a" * 300, "loop/x", "file/x", "x/" * 3000])
def test_names_that_the_system_refuses_end_in_a_sentence(
    bad: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("x")
    Path("loop").symlink_to("loop")
    for program, words in calls(bad):
        done = said(*words, program=program)
        short = [word[:20] for word in words]
        assert done.exit_code == 2, (short, done.output[:500], done.exception)
        assert isinstance(done.exception, SystemExit), short
        assert len(done.output) < 1500 + 2 * len(bad), short
        assert done.stdout == "", short
        assert sorted(os.listdir()) == ["file", "loop"], short
