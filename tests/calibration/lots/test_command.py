"""``calibrate lots`` as a user types it: in both languages, with everything it can leave, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import lot_files as files
import pytest
from commands import calibrate


def test_what_was_read_and_set_aside(tmp_path: Path) -> None:
    path = files.write(tmp_path, files.EVENTS.replace("800,850", "800,750"))
    done = calibrate("lots", str(path), "--defects", str(tmp_path / "defects.csv"))
    assert done.returncode == 0
    assert "file.csv: UTF-8, read as events of lots; 6 columns read: lot" in done.stdout
    assert "2 lots in 5 rounds, from 2017-01-05" in done.stdout
    assert "Taken as a file of sold lots only" in done.stdout
    assert "a win below the start: 1 (file.csv, row 3, column price: 750)" in done.stdout
    lines = (tmp_path / "defects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["file,row,column,reason,effect,value", "file.csv,3,price,below_start,lot,750"]


def test_in_chinese(tmp_path: Path) -> None:
    done = calibrate("lots", str(files.write(tmp_path, files.CASES)), "--summary", lang="zh")
    assert done.returncode == 0
    assert "按案件台账读取" in done.stdout
    assert "标的物4件，其中25.0%已成交" in done.stdout
    assert "第二次拍卖" in done.stdout


def test_everything_it_leaves(tmp_path: Path) -> None:
    path, out, totals = files.write(tmp_path, files.CASES), tmp_path / "out", tmp_path / "targets.toml"
    done = calibrate("lots", str(path), "--out", str(out), "--totals", str(totals))
    assert done.returncode == 0
    left = {one.name for one in out.iterdir()}
    assert {"lots.html", "manifest.json", "lots-ends.csv", "lots-rounds.csv", "lots-totals.csv"} <= left
    assert calibrate("audit", str(totals)).returncode == 0
    assert calibrate("lots", str(path), "--out", str(out), "--force").returncode == 0
    for one in out.iterdir():  # numbers of cases are not written anywhere
        assert "(2024)1号" not in one.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.csv"], "none.csv: there is no such file"),
        (["{file}", "--selection", "sold"], '--selection: "sold" is no selection; allowed: "sold only"'),
        (["{file}", "--mapping", "case"], "case: there is no such mapping; did you mean case-table?"),
        (["{file}", "--mapping", "bids"], 'column "竞买号": is missing; mapping bids needs it (bidder)'),
        (["{bids}", "--totals", "{folder}/t.toml"], "--totals: needs rounds of lots with their times"),
        (["{file}", "--defects", "{folder}/no/where.csv"], "could not be written"),
        (["{file}", "--out", "{file}"], "file.csv"),
    ],
)
def test_refusals(tmp_path: Path, words: list[str], said: str) -> None:
    file, bids = files.write(tmp_path, files.EVENTS), files.write(tmp_path, files.BIDS, "bids.csv")
    before = sorted(tmp_path.iterdir())
    done = calibrate("lots", *(word.format(file=file, bids=bids, folder=tmp_path) for word in words))
    assert done.returncode == 2
    assert said in done.stderr
    assert sorted(tmp_path.iterdir()) == before


HEAD = "lot,date,event,appraisal,start,price\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1,2017-03-27,failed,1000,1000,\n2,2017-03-27,failed,1000,1000,\n", "of 2 rounds that can be followed 0 sold"),
        ("1,2017-03-27,won,1000,1000,1100\n", "of 1 round that can be followed 1 sold"),
    ],
    ids=["none sold", "one lot"],
)  # fmt: skip
def test_rows_of_one_outcome_are_read_and_not_estimated_from(tmp_path: Path, rows: str, said: str) -> None:
    path, out = files.write(tmp_path, HEAD + rows), tmp_path / "out"
    assert calibrate("lots", str(path), "--summary").returncode == 0
    done = calibrate("lots", str(path), "--estimate", "--selection", "all listed", "--out", str(out))
    assert done.returncode == 2
    assert said in done.stderr
    assert not out.exists()


def test_more_than_two_gigabytes_of_nothing_are_refused_at_once(tmp_path: Path) -> None:
    """A file without end is not read to its end."""
    path = files.write(tmp_path, HEAD + "1,2017-03-27,won,1000,1000,1100\n")
    with path.open("ab") as file:
        file.truncate(2**31 + 1)  # a hole, which takes no room on disk
    done = calibrate("lots", str(path))
    assert done.returncode == 2
    assert "neither a text nor a workbook nor a Parquet file" in done.stderr


@pytest.mark.slow  # four models are sampled
def test_an_estimate_with_its_page(tmp_path: Path) -> None:
    """From a file that the simulator wrote to the page: the headline, a panel a question, the same numbers as in the CSV."""
    path = tmp_path / "cases.csv"
    made = calibrate("simulate-lots", "base", "--set", "arrivals.volume=0.01", "--cases", str(path))
    assert made.returncode == 0, made.stderr
    out = tmp_path / "out"
    done = calibrate("lots", str(path), "--estimate", "--quick", "--out", str(out))
    assert done.returncode == 0, done.stderr
    page = (out / "lots.html").read_text(encoding="utf-8")
    lines = (out / "answers.csv").read_text(encoding="utf-8-sig").splitlines()
    head = lines[0].split(",")
    first = dict(zip(head, lines[1].split(","), strict=True))
    assert "What the rows say of bidders" in page
    assert (
        f"{100 * float(first['effect']):+.1f} [{100 * float(first['low']):+.1f}, {100 * float(first['high']):+.1f}]"
        in page
    )


def test_a_mapping_with_everything_wrong(tmp_path: Path) -> None:
    mapping = files.write(
        tmp_path,
        'title = "m"\nrows = "event"\nlots = "lot"\nended = 3\nunit = "yuan"\noutcomes = { x = "soled" }\n',
        "m.toml",
    )
    done = calibrate("lots", str(files.write(tmp_path, files.EVENTS)), "--mapping", str(mapping))
    assert done.returncode == 2
    for said in ("rows", "lots: ", "ended: ", "outcomes.x", "did you mean events?", "did you mean sold?"):
        assert said in done.stderr
    mapping.write_text('title = "m"\nrows = "events"\n', encoding="utf-8")
    done = calibrate("lots", str(tmp_path / "file.csv"), "--mapping", str(mapping))
    assert "lot: name either lot" in done.stderr
    assert "ended: " in done.stderr
    assert "outcome: " in done.stderr


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = files.write(tmp_path, files.CASES)
    for words in (["--defects", str(path)], ["--totals", str(path)]):
        done = calibrate("lots", str(path), *words)
        assert done.returncode == 2
        assert "is there already" in done.stderr
    assert path.read_text(encoding="utf-8") == files.CASES


def test_simulated_lots_are_a_courts_files(tmp_path: Path) -> None:
    cases, bids = tmp_path / "cases.csv", tmp_path / "bids.csv"
    words = ["simulate-lots", "tests/reference/village.toml", "--cases", str(cases), "--bids", str(bids)]
    done = calibrate(*words)
    assert done.returncode == 0
    assert f"32 lots: {cases}" in done.stdout
    read = calibrate("lots", str(cases), str(bids), "--summary")
    assert "32 lots in 59 rounds" in read.stdout
    assert "Set aside" not in read.stdout
    assert calibrate(*words).returncode == 2  # they are there already
    wrong = calibrate(*words, "--force", "--closes", "2017-13-01", "--selection", "sold")
    assert wrong.returncode == 2
    assert "--closes: 2017-13-01 is not a date" in wrong.stderr
    assert "--selection" in wrong.stderr
    both = calibrate(*words[:-1], str(cases), "--force")
    assert both.returncode == 2
    assert "--bids: the same file as --cases" in both.stderr
    chinese = calibrate(*words[:-1], str(cases), "--force", "--lang", "zh", lang="en")
    assert chinese.stderr == "--bids：与--cases是同一个文件；请换一个文件名\n"
    chinese = calibrate(*words, "--force", "--lang", "zh", lang="en")
    assert chinese.stdout.startswith(f"标的物32件：{cases}\n出价")
    assert len(chinese.stdout.splitlines()) == 2


def test_json_holds_what_was_read_and_the_tables(tmp_path: Path) -> None:
    path = files.write(tmp_path, files.CASES)
    done = calibrate("lots", str(path), "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["read"]
    ends = found["tables"]["lots-ends"]
    assert all(isinstance(row, dict) and row for row in ends)
