"""The page of a comparison: its numbers are those of differences.csv, reforms are marked, damage is reported."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from page_folders import TINY, made, settings
from signing import changed, resigned
from test_run_page import HAN, csv_of
from typer.testing import CliRunner

from sim.cli.main import app
from sim.reporting.briefs.content import Line, Table
from sim.reporting.briefs.folder_brief import folder_brief
from sim.reporting.differences import notes
from sim.reporting.pages.compare_folder import read_compare
from sim.reporting.pages.folder_page import folder_page
from sim.reporting.pages.shell import render
from sim.reporting.values import dated_name
from sim.scenario.keys import read_key


@pytest.fixture(scope="module")
def pages(compare_folder: Path) -> dict[str, str]:
    return {lang: render(folder_page(compare_folder, lang)) for lang in ("zh", "en")}


def test_sections_stand_in_order_and_english_is_english(pages: dict[str, str]) -> None:
    for page in pages.values():
        found = re.findall(r'<section id="([a-z]+)"', page)
        assert found == ["answer", "differences", "tradeoff", "flow", "measures", "manifest"]
        assert len(page.encode()) < 3_000_000
    text = re.sub(r"<(pre|script|style)\b.*?</\1>", "", pages["en"], flags=re.S)
    assert not HAN.search(text)


def test_tables_hold_the_numbers_of_differences_csv(compare_folder: Path, pages: dict[str, str]) -> None:
    with (compare_folder / "differences.csv").open(encoding="utf-8-sig", newline="") as file:
        whole = {
            tuple(r[k] for k in ("policy_name", "window", "segment", "basis", "measure")): r
            for r in csv.DictReader(file)
        }
    for row in csv_of(pages["zh"], "differences-all"):
        same = whole[row["policy_name"], row["window"], "all", row["basis"], row["measure"]]
        assert {k: row[k] for k in row} == {k: same[k] for k in row}
    for row in csv_of(pages["en"], "differences-headline"):
        for policy in ("cut-00", "start-70", "short-notice"):
            same = whole[policy, "all", "all", "event", row["measure"]]
            assert row[f"{policy} difference"] == same["difference"]
            assert row["base"] == same["base"]


def test_what_each_policy_sets_and_which_is_a_reform(pages: dict[str, str]) -> None:
    changes = csv_of(pages["zh"], "changes")
    assert {(r["policy"], r["key"], r["base"], r["value"]) for r in changes if r["policy"] != "short-notice"} == {
        ("cut-00", "rounds.second.cut", "0.2", "0.0"), ("start-70", "start.ratio", "1.0", "0.7"),
    }  # fmt: skip
    warned = pages["zh"].split('class="block notes warn"')[1].split("</div>")[0]
    assert "缩短公告期" in warned
    assert "法释〔2016〕18号第12条" in warned
    assert "一拍公告期（动产）为10天" in warned, "in words, not in keys"
    shown = pages["zh"].split('data-name="changes"')[1].split("</table>")[0]
    assert '起拍率</td><td class="n">100%</td><td class="n">70%' in shown
    assert "start.ratio" not in shown
    assert "token_ratio" not in warned, "what the base breaks too is not the policy's"


def test_the_headline_names_what_is_recovered_beside_what_is_sold(pages: dict[str, str]) -> None:
    said = re.search(r"<h1>(.*?)</h1>", pages["en"], re.S)
    assert said
    assert "lots, sale rate" in said[1]
    assert "recovered of the reference price of all lots" in said[1]
    assert "of sold lots alone" in said[1]
    assert "Only of lots that are sold: days to sale, mean; recovery, of sold lots; premium" in pages["en"]
    assert "变现率（成交标的物）" in pages["zh"]
    assert "变现率（全部标的物）" in pages["zh"]


def test_the_answer_says_what_it_does_not_count(pages: dict[str, str]) -> None:
    """In the words of the brief."""
    for lang, off, model in (
        (
            "en",
            "Not in this answer: bidders who wait for the cut",
            "does not contain that the model may be wrong",
        ),
        ("zh", "本结论未计入：等待降价的竞买人", "区间不含模型可能有误"),
    ):
        answer = pages[lang].partition('id="differences"')[0]
        assert off in answer, lang
        assert model in answer, lang


def test_fates_are_shares_of_the_lots_listed(compare_folder: Path, pages: dict[str, str]) -> None:
    outcomes = read_compare(compare_folder).outcomes()
    assert list(outcomes) == ["shanxi-prior", "cut-00", "start-70", "short-notice"]
    for parts in outcomes.values():
        assert sum(share for _, share in parts) == pytest.approx(
            1.0, abs=0.02
        )  # ratios of means, not means of ratios
    rows = csv_of(pages["en"], "outcomes")
    assert {row["scenario"] for row in rows} == set(outcomes)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda folder: (folder / "differences.csv").write_text("policy_name\r\n"),
            "cannot be read: its checksum",
        ),
        (
            lambda folder: (folder / "scenarios" / "cut-00.toml").write_text("title = 3"),
            "cannot be read: its checksum",
        ),
        (lambda folder: (folder / "scenarios" / "cut-00.toml").unlink(), "cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "it has no checksum"),
        (
            lambda folder: resigned(folder, "differences.csv", "policy_name,mean\r\nx,abc\r\n"),
            "cannot be read",
        ),
        (lambda folder: resigned(folder, "differences.csv", "policy_name\r\n"), "has no rows"),
        (lambda folder: resigned(folder, "scenarios/cut-00.toml", "title = 3"), "are not for this version"),
        (
            lambda folder: changed(folder, policies="cut-00"),
            "policies: Input should be a valid list (it is 'cut-00')",
        ),
        (
            lambda folder: changed(folder, policies=["../../cut-00"]),
            "is not the name of a file in the folder",
        ),
        (lambda folder: changed(folder, policies=["cut-01"]), "the manifest does not have it"),
    ],
)
def test_a_damaged_folder_gives_a_sentence_and_exit_code_2(
    compare_folder: Path, tmp_path: Path, spoil: object, message: str
) -> None:
    folder = tmp_path / "compare"
    shutil.copytree(compare_folder, folder)
    assert callable(spoil)
    spoil(folder)
    result = CliRunner().invoke(app, ["report", str(folder)])
    assert result.exit_code == 2
    assert message in result.output


def test_under_draws_the_page_says_how_many_there_are_and_what_they_do(tmp_path: Path) -> None:
    (tmp_path / "draws.csv").write_text("interest.mean,weight\n2.0,1\n3.0,1\n2.5,2\n", encoding="utf-8")
    words = [
        "compare",
        "shanxi-prior",
        "start-80",
        "--draws",
        str(tmp_path / "draws.csv"),
        "-n",
        "2",
        "-j",
        "1",
    ]
    out = tmp_path / "out"
    result = CliRunner().invoke(app, [*words, "--no-pictures", *settings(TINY), "--out", str(out)])
    assert result.exit_code == 0, result.output
    page = render(folder_page(out, "en"))
    assert "3 draws of the parameters, 2 pairs each, evenly spread over 3 in the file" in page
    assert "parameters and Monte Carlo error together" in page
    head = re.search(r'data-name="differences-all".*?</thead>', page, re.S)
    assert head
    assert "Parameters" in head[0]
    assert "Monte Carlo" in head[0]
    assert "Pairing" not in head[0]
    parts = [(row["half_parameters"], row["half"]) for row in csv_of(page, "differences-all")]
    assert any(a and b and float(a) >= 0.0 and float(b) > 0.0 for a, b in parts)


@pytest.mark.parametrize(
    ("lang", "point", "drawn"),
    [
        (
            "en",
            ("how exactly the mean effect is computed", "says nothing of the parameters"),
            ("parameters and Monte Carlo error together",),
        ),
        ("zh", ("平均效果算得多准", "不涉及参数是否准确"), ("参数不确定与蒙特卡洛误差一并计入",)),
    ],
)
def test_one_explanation_of_what_an_interval_means(
    pages: dict[str, str], lang: str, point: tuple[str, ...], drawn: tuple[str, ...]
) -> None:
    """The page, the terminal and the guides say the same; a single draw is a point."""
    docs = Path(__file__).resolve().parents[3] / "docs"
    guides = [
        re.sub(r"\s+", " " if lang == "en" else "", (docs / f"{name}{'.zh' if lang == 'zh' else ''}.md").read_text(encoding="utf-8"))
        for name in ("explore-policies", "guides/reading-a-report")
    ]  # fmt: skip
    for words in point:
        assert words in pages[lang]
        assert words in notes(20, 0, 0, lang)[0]
    assert notes(20, 1, 1, lang) == notes(20, 0, 0, lang)
    for guide in guides:
        assert point[0] in guide
        assert all(words in guide for words in drawn)
    assert all(words in notes(20, 3, 3, lang)[0] for words in drawn)
    assert not any(words in notes(20, 3, 3, lang)[0] for words in point)


def test_a_value_that_holds_from_a_day_on_is_named_with_it() -> None:
    key = read_key("from.2017-07-01.rounds.second.cut")
    assert dated_name(key, "zh") == "二拍降价幅度（自2017-07-01起）"
    assert dated_name(key, "en") == "second auction cut, from 2017-07-01 on"
    assert dated_name(read_key("start.ratio"), "zh") == "起拍率"


# ---- values that change at a date ----------------------------------------------------------------------------------------------

LATER = """
title = "Later"
title_zh = "其后"
[from."2018-07-01"]
rounds.second.cut = 0.1
[sources]
"" = "policy: what is tried"
"""
TODAY = date(2026, 11, 29)


def test_a_reform_from_a_day_on_has_before_and_after_on_page_and_brief(tmp_path: Path) -> None:
    (tmp_path / "later.toml").write_text(LATER, encoding="utf-8")
    folder = made(f"compare shanxi-prior {tmp_path / 'later.toml'} -n 2", tmp_path / "out")
    with (folder / "differences.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["segment"], row["basis"]) == ("all", "event")]
    for lang, when, same in (("zh", ("之前", "跨越该日", "之后"), "相同"), ("en", ("before", "across", "after"), "the same")):  # fmt: skip
        page = folder_page(folder, lang)
        assert [one.id for one in page.sections][:2] == ["answer", "windows"]
        html = render(page)
        shown = csv_of(html, "differences-windows")
        assert len(shown) == 3 * 4
        for row in shown:
            (whole,) = (r for r in rows if (r["window"], r["measure"]) == (row["window"], row["measure"]))
            assert (row["base"], row["later difference"]) == (whole["base"], whole["difference"])
        section = html.partition('<section id="windows"')[2].partition("</section>")[0]
        assert [word in section for word in when] == [True] * 3
        (written,) = (one for one in folder_brief(folder, lang, TODAY).pages[0] if "2018-07-01" in one.title)
        table = next(one for one in written.blocks if isinstance(one, Table))
        assert [word in head for word, head in zip(when, table.heads[1:], strict=True)] == [True] * 3
        assert {cells[1] for cells in table.rows} == {same}  # in 2017 nothing differs yet
        assert len({cells[3] for cells in table.rows} - {same}) > 1


def test_a_brief_of_a_run_says_what_changes_and_what_came_of_it(tmp_path: Path) -> None:
    (tmp_path / "later.toml").write_text(LATER.replace("title =", 'extends = "shanxi-prior"\ntitle ='), encoding="utf-8")  # fmt: skip
    folder = made(f"run {tmp_path / 'later.toml'} -n 1", tmp_path / "out")
    for lang, head, share in (("zh", "前后", "成交"), ("en", "Before and after", " sold in ")):
        (written,) = (one for one in folder_brief(folder, lang, TODAY).pages[0] if head in one.title)
        first, change = (one.text for one in written.blocks if isinstance(one, Line))
        assert share in first
        assert "2018-07-01" in first
        assert "2018-07-01" in change
        assert "10%" in change
