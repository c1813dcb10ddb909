"""The page of a run: what stands on it, and what it says of folders it cannot read."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader
from signing import changed, resigned, sign
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.run import run
from sim.experiments.storage.folders import manifest, write_manifest
from sim.measures.flows import SOLD
from sim.reporting.briefs import run_brief
from sim.reporting.briefs.pdf import as_pdf
from sim.reporting.compare import comparison_rows
from sim.reporting.fit import fit
from sim.reporting.pages.fit_section import fit_section
from sim.reporting.pages.folder_page import folder_page
from sim.reporting.pages.run_data import MONTH, gather
from sim.reporting.pages.run_folder import read_run
from sim.reporting.pages.shell import PageError, render
from sim.scenario import load
from sim.scenario.schema import WHOLE

ROOT = Path(__file__).resolve().parents[3]
FEW = ("arrivals.periods.year.cases=20", "arrivals.periods.year.lots=40", "courts.number=3")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def pages(run_folder: Path) -> dict[str, str]:
    return {lang: render(folder_page(run_folder, lang)) for lang in ("zh", "en")}


def csv_of(page: str, name: str) -> list[dict[str, str]]:
    """The CSV that a page holds for one of its tables."""
    block = page.split(f'data-name="{name}"')[1]
    packed = re.search(r'class="csv">([^<]+)<', block)
    assert packed
    return list(csv.DictReader(io.StringIO(gzip.decompress(base64.b64decode(packed[1])).decode())))


def test_the_same_folder_gives_the_same_page_under_three_megabytes(
    run_folder: Path, pages: dict[str, str]
) -> None:
    assert render(folder_page(run_folder, "zh")) == pages["zh"]
    assert all(len(page.encode()) < 3_000_000 for page in pages.values())


def test_where_nothing_was_published_there_is_no_section_that_compares() -> None:
    names = ("window", "segment", "basis", "measure", "mean", "low", "high")
    summary = dict(
        zip(names, [[x] for x in ("2017", "all", "event", "lots_sold", 9.0, 8.0, 10.0)], strict=True)
    )
    rows = comparison_rows({}, summary)
    assert len(rows) == 1
    assert fit_section(rows, fit(rows, None), "en") == []


def test_a_policys_page_says_what_it_changes_and_not_how_far_it_is_from_figures_of_another_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same run as its own figures' scenario counts how many it meets."""
    own = tmp_path / "own.toml"
    parts = [
        f'extends = "{(ROOT / "scenarios" / "shanxi-prior.toml").as_posix()}"',
        "arrivals.volume = 0.02",
        "courts.number = 4",
        "[interpretation]",
        'basis = "event"',
    ]
    own.write_text("\n".join(parts))
    policy = tmp_path / "policy.toml"
    policy.write_text('extends = "own.toml"\n[rounds.second]\ncut = 0.05\n')
    for name, path in (("own", own), ("policy", policy)):
        run(load(path), tmp_path / name, 1, keep="none")
    own_page, page = (folder_page(tmp_path / name, "en") for name in ("own", "policy"))
    assert re.match(r"\d+ of \d+ figures? that the model must produce", own_page.headline)
    assert page.headline.startswith("Second auction cut 20% → 5%: Of ")
    assert "that the model must produce" not in render(page)
    assert any("sim compare" in line for line in page.lead)
    assert not any("sim compare" in line for line in own_page.lead)
    (section,) = [one for one in page.sections if one.id == "fit"]
    assert section.title.endswith("from which this scenario departs; they need not be met")
    zh = folder_page(tmp_path / "policy", "zh").headline
    assert zh.startswith("二拍降价幅度20% → 5%：上拍")
    monkeypatch.setattr(run_brief, "drawn", lambda figure, kind: b"")
    words = [
        block.text
        for block in run_brief.run_brief(tmp_path / "policy", "zh", date(2026, 11, 29)).pages[0][0].blocks
        if hasattr(block, "text")
    ]
    assert any("二拍降价幅度20% → 5%" in one and "不要求再现" in one for one in words)
    shutil.copytree(tmp_path / "policy", tmp_path / "spoilt")
    changed(tmp_path / "spoilt", figures_of="title = 1")
    with pytest.raises(PageError, match="its scenario is not one for this version"):
        folder_page(tmp_path / "spoilt", "en")


def test_the_page_opens_with_pictures_and_heads_have_units(run_folder: Path, pages: dict[str, str]) -> None:
    for lang, heads in (
        ("en", ("Lots sold (lots)", "Days to sale, median (days)")),
        ("zh", ("成交量（件）", "处置周期（中位数，天）")),
    ):
        glance = pages[lang].split('<section id="glance"')[1].split("</section>")[0]
        figures_, table = glance.split('data-name="glance"')
        assert figures_.count("<svg") == len(read_run(run_folder).scenario.published) + 2, (
            "a panel a period, outcomes twice"
        )
        assert all(head in table for head in heads)
    folder = read_run(run_folder)
    for window in folder.windows:
        assert sum(share for _, share in folder.outcomes(window)) == pytest.approx(1.0, abs=0.02)


def test_codes_of_records_are_explained(pages: dict[str, str]) -> None:
    (row,) = [one for one in csv_of(pages["en"], "codes-lots") if one["column"] == "outcome"]
    assert row["codes_text"].startswith("0 = preparing; 1 = open; 2 = sold")
    assert "2 成交；3 以物抵债" in pages["zh"]


def test_every_section_of_a_run_is_there_in_order(pages: dict[str, str]) -> None:
    for page in pages.values():
        found = re.findall(r'<section id="([a-z]+)"', page)
        assert found == [
            "glance",
            "fit",
            "flow",
            "days",
            "premium",
            "backlog",
            "histories",
            "records",
            "measures",
            "manifest",
        ]


def test_what_changes_at_a_date_stands_where_the_history_begins(tmp_path: Path) -> None:
    dated = load(ROOT / "scenarios" / "base.toml", (*FEW, "from.2017-07-01.start.ratio=0.8"))
    run(dated, tmp_path / "run", 1)
    found = re.findall(r'<section id="([a-z]+)"', render(folder_page(tmp_path / "run", "en")))
    assert found[found.index("change") - 1 : found.index("change") + 2] == ["glance", "change", "flow"]


def test_the_english_page_has_no_chinese_but_the_scenario_text(pages: dict[str, str]) -> None:
    text = re.sub(r"<(pre|script|style)\b.*?</\1>", "", pages["en"], flags=re.S)
    assert not HAN.search(text.split('id="manifest"')[0])


def test_tables_hold_the_numbers_of_measures_csv(run_folder: Path, pages: dict[str, str]) -> None:
    with (run_folder / "measures.csv").open(encoding="utf-8-sig", newline="") as file:
        whole = {(r["window"], r["segment"], r["basis"], r["measure"]): r for r in csv.DictReader(file)}
    for row in csv_of(pages["zh"], "measures-all"):
        assert row == {k: whole[row["window"], "all", row["basis"], row["measure"]][k] for k in row}
    for row in csv_of(pages["zh"], "glance"):
        for name, x in row.items():
            if name != "measure":
                window, end = name.rsplit(" ", 1)
                assert x == whole[window, "all", "event", row["measure"]][end]
    for row in csv_of(pages["en"], "by-kind"):
        assert row["lots_open mean"] == whole["all", row["segment"], "event", "lots_open"]["mean"]
    published = csv_of(pages["en"], "published-and-simulated")
    assert {row["published"] for row in published if row["figure"] == "sold"} == {"304.0", "1243.0", "271.0"}
    for row in published:
        assert row["mean"] == whole[row["window"], "all", row["basis"], row["measure"]]["mean"]


def test_what_the_pictures_are_drawn_from_agrees_with_the_measures(run_folder: Path) -> None:
    folder = read_run(run_folder)
    data = gather(folder)
    sold = folder.row("lots_sold", "all")["mean"]
    assert sum(n for _, b, n in data.flow if b.startswith(SOLD)) == pytest.approx(sold)
    assert len(data.days_to_sale) == pytest.approx(3 * sold)
    assert np.median(data.premiums) >= 0.0
    waiting = folder.row("lots_open", "all")["mean"] + folder.row("backlog_preparing", "all")["mean"]
    assert data.backlog[:, -1].sum() == pytest.approx(waiting)
    assert data.backlog.shape == (12, int(np.ceil(820 / MONTH)))
    for curve, measure in (("sold", "lots_sold"), ("listed", "lots_listed"), ("open", "lots_open")):
        assert data.curves[curve][:, -1].mean() == pytest.approx(folder.row(measure, "all")["mean"])


def test_lives_are_those_of_lots_of_the_first_history(pages: dict[str, str]) -> None:
    histories = re.findall(r'<details class="block history"', pages["zh"])
    assert 3 <= len(histories) <= 6
    assert "法释〔2016〕18号" in pages["zh"] or "〔2016〕18号" in pages["zh"]


def test_a_run_without_records_says_what_is_missing_and_how_to_get_it(tmp_path: Path) -> None:
    small = load(ROOT / "scenarios" / "base.toml", FEW)
    for kept in ("none", "lots"):
        run(small, tmp_path / kept, 2, keep=kept)
        page = render(folder_page(tmp_path / kept, "en"))
        assert f"--records {kept}" in page
        assert 'id="histories"' not in page
        assert ('id="days"' in page) == (kept == "lots")


def test_a_run_that_sells_nothing_has_a_page(tmp_path: Path) -> None:
    nobody = load(
        ROOT / "scenarios" / "base.toml",
        ("arrivals.periods.year.cases=20", "arrivals.periods.year.lots=40", "interest.mean=0"),
    )
    run(nobody, tmp_path / "run", 1)
    page = render(folder_page(tmp_path / "run", "zh"))
    assert 'id="flow"' in page
    assert 'id="premium"' not in page


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: shutil.rmtree(folder), "is not a folder"),
        (lambda folder: (folder / "manifest.json").unlink(), "has no manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "it is not JSON"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "it is not a JSON object"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "it has no checksum"),
        (lambda folder: (folder / "measures.csv").unlink(), "measures.csv cannot be read"),
        (lambda folder: (folder / "measures.csv").write_text("window\n2017\n"), "measures.csv cannot be read: its checksum"),
        (lambda folder: shutil.copy(folder / "bids.parquet", folder / "rounds.parquet"), "its checksum is not the one"),
        (lambda folder: resigned(folder, "measures.csv", "window\n2017\n"), "measures.csv cannot be read: 'mean'"),
        (lambda folder: resigned(folder, "measures.csv", "window\n"), "has no rows"),
        (lambda folder: resigned(folder, "bids.parquet", "PAR1"), "are damaged, or of another version"),
        (lambda folder: (shutil.copy(folder / "bids.parquet", folder / "rounds.parquet"), sign(folder)), "or of another version"),
        (lambda folder: changed(folder, scenario="title = 1"), "its scenario is not one for this version"),
        (lambda folder: changed(folder, replications="2", packages=[]), "replications: Input should be a valid integer (it is '2')"),
        (lambda folder: changed(folder, replications="2", packages=[]), "packages: Input should be a valid dictionary (it is [])"),
    ],
)  # fmt: skip
def test_a_damaged_folder_gives_a_sentence_and_exit_code_2(
    run_folder: Path, tmp_path: Path, spoil: object, message: str
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    assert callable(spoil)
    spoil(folder)
    result = CliRunner().invoke(app, ["report", str(folder)])
    assert result.exit_code == 2
    assert message in result.output
    assert not (folder / "report.html").exists()


def test_the_command_writes_into_the_folder_and_spares_other_peoples_files(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(load(ROOT / "scenarios" / "base.toml", FEW), folder, 1, keep="none")
    runner = CliRunner()
    assert runner.invoke(app, ["report", str(folder)]).exit_code == 0
    assert runner.invoke(app, ["report", str(folder), "--lang", "en"]).exit_code == 0, (
        "its own page is replaced"
    )
    assert '<html lang="en">' in (folder / "report.html").read_text()
    letter = tmp_path / "letter.html"
    letter.write_text("Dear judge")
    refused = runner.invoke(app, ["report", str(folder), "--out", str(letter)])
    assert refused.exit_code == 2
    assert letter.read_text() == "Dear judge"
    assert runner.invoke(app, ["report", str(folder), "--out", str(letter), "--force"]).exit_code == 0
    assert runner.invoke(app, ["report", str(folder), "--out", str(tmp_path)]).exit_code == 2


def test_a_kind_of_another_version_is_refused(tmp_path: Path) -> None:
    write_manifest(tmp_path, manifest(["sim", "optimise"], "", kind="optimise"))
    changed(tmp_path, kind="anneal")
    with pytest.raises(PageError, match=r"manifest.json is not one of this version:\n.*'anneal'"):
        folder_page(tmp_path, "zh")


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"kind": "calibration", "complete": True, "targets": ""}, "FOLDER/report.html"),
        ({"kind": "calibration", "complete": False, "targets": ""}, "the same calibrate run command goes on"),
        ({"kind": "audit"}, "FOLDER/audit.html"),
        ({"kind": "lots"}, "FOLDER/lots.html"),
        ({"kind": "verify"}, "sim verify --markdown FILE"),
    ],
)
def test_folders_that_have_no_page_here_say_where_their_results_are_seen(
    tmp_path: Path, about: dict[str, object], says: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    write_manifest(folder, manifest(["sim"], "", **about))
    (folder / "measures.csv").write_text("a file of that name")
    for command in ("report", "explore"):
        done = CliRunner().invoke(app, [command, str(folder)])
        assert done.exit_code == 2
        assert says in done.stderr.replace(str(folder), "FOLDER")
        assert str(folder) in CliRunner().invoke(app, [command, str(folder), "--lang", "zh"]).stderr
    assert not list(folder.glob("*.html"))


def test_a_search_that_is_not_finished_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "search.json").write_text("{}")
    with pytest.raises(PageError, match="the same sim optimise command goes on"):
        folder_page(tmp_path, "en")


def test_records_in_several_row_groups_are_one_history(run_folder: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    names = ("lots", "bids")
    for name in names:
        file = pq.ParquetFile(run_folder / f"{name}.parquet")
        with pq.ParquetWriter(folder / f"{name}.parquet", file.schema_arrow) as writer:
            for i in range(file.num_row_groups):
                writer.write_table(file.read_row_group(i), row_group_size=37)
    sign(folder)
    for one, other in zip(
        read_run(run_folder).histories(names), read_run(folder).histories(names), strict=True
    ):
        for name in names:
            for column, values in one[name].items():
                np.testing.assert_array_equal(values, other[name][column])


def test_the_brief_of_a_run_says_what_measures_csv_says(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_brief, "drawn", lambda figure, kind: b"")
    brief = run_brief.run_brief(run_folder, "en", date(2026, 11, 29))
    read = read_run(run_folder)
    results: Any = brief.pages[0][1].blocks[0]
    windows = [WHOLE if head == "whole period" else head for head in results.heads[1:]]
    assert windows == read.windows
    assert [row[0] for row in results.rows][:3] == [
        "Sale rate, of final outcomes",
        "Lots sold (lots)",
        "Days to sale, mean (days)",
    ]
    assert re.search(
        r"Lots sold [\d.]+ \[[\d.–]+\] lots;.* Days to sale, mean [\d.]+ \[[\d.–]+\] days$",
        brief.pages[0][0].blocks[0].text,
    )  # type: ignore[union-attr]
    kinds: Any = brief.pages[1][2].blocks[0]
    shown = [("lots_sold", WHOLE, row[0].lower(), row[2]) for row in kinds.rows]
    shown += [
        ("lots_sold", window, "all", cell) for window, cell in zip(windows, results.rows[1][1:], strict=True)
    ]
    assert len(shown) > 8
    for measure, window, segment, cell in shown:
        row = read.row(measure, window, segment)
        numbers = [float(x.replace(",", "")) for x in re.findall(r"[\d,.]+", cell)]
        assert numbers == pytest.approx([row["mean"], row["low"], row["high"]], abs=0.51)


@pytest.mark.slow  # a document more
def test_the_brief_of_a_run_has_two_pages(run_folder: Path) -> None:
    for lang in ("en", "zh"):
        made = as_pdf(run_brief.run_brief(run_folder, lang, date(2026, 11, 29)), date(2026, 11, 29))
        assert len(PdfReader(io.BytesIO(made)).pages) == 2
