"""Files in the five shapes, in every format and encoding, and everything that can be wrong with them."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import lot_files as files
import numpy as np
import pytest

from calibration.lots.histories import Outcome, Stage
from calibration.lots.mapping import find, presets
from calibration.lots.reader import delimited, workbook
from calibration.lots.reader.read import FilesRead, read_lots
from calibration.lots.reader.tables import FileError


def read(*paths: Path, mapping: Path | None = None) -> FilesRead:
    return read_lots(paths, [find(str(mapping))] if mapping else ())


def test_a_crawl(tmp_path: Path) -> None:
    found = read(files.write(tmp_path, files.CRAWL)).histories
    assert found is not None
    assert found.outcome.tolist() == [Outcome.SOLD, Outcome.FAILED, Outcome.OPEN]
    assert found.number.tolist() == [0, 0, 0]  # nobody knows which auctions are of one lot
    assert found.price[0] == 1_250_000
    assert found.bids.tolist() == [12, 0, 0]
    assert found.ended[0] == np.datetime64("2016-03-05T10:00:00")
    assert np.isnan(found.start).all()


def test_daily_lots_count_as_they_were_seen_last(tmp_path: Path) -> None:
    one = read(files.write(tmp_path, files.DAILY))
    found = one.histories
    assert found is not None
    assert found.outcome.tolist() == [Outcome.SOLD, Outcome.FAILED]
    assert found.price[0] == 885_000
    assert found.reference.tolist() == [1_000_000, 800_000]
    assert one.defects.rows_aside == {"seen_again": 1}


def test_a_case_table(tmp_path: Path) -> None:
    found = read(files.write(tmp_path, files.CASES)).histories
    assert found is not None
    assert found.lot.tolist() == [0, 0, 1, 1, 1, 2, 3]
    assert found.number.tolist() == [1, 2, 1, 2, 3, 1, 1]
    assert found.stage.tolist() == [Stage.AUCTION] * 4 + [Stage.SELL_OFF] + [Stage.AUCTION] * 2
    assert [Outcome(code).name for code in found.outcome] == [
        "FAILED", "SOLD", "FAILED", "FAILED", "IN_KIND", "WITHDRAWN", "OPEN",
    ]  # fmt: skip
    assert found.reference[[0, 2, 5]].tolist() == [1_000_000, 200_000, 1_000_000]
    assert np.isnan(found.reference[6])
    assert found.price[1] == 615_000
    assert found.kinds == ("房产", "车辆", "土地")


def test_bids(tmp_path: Path) -> None:
    one = read(files.write(tmp_path, files.BIDS))
    assert one.histories is None
    assert one.bids is not None
    assert one.bids.price.tolist() == [1000, 1010, 1020, 1030]
    assert one.bids.bidder.tolist() == [0, 1, 2, 1]
    assert one.defects.rows_aside == {"header": 1, "empty": 2}


def test_bids_scheduled_to_end_at_a_time_of_the_day(tmp_path: Path) -> None:
    mapping = files.write(
        tmp_path,
        'title = "b"\nrows = "bids"\nbidder = "竞买号"\nprice = "价格"\ntime = "时间"\nscheduled = 10:00:00\n',
        "m.toml",
    )
    one = read(files.write(tmp_path, files.BIDS), mapping=mapping)
    assert one.bids is not None
    assert one.bids.scheduled.tolist() == [datetime(2024, 5, 2, 10)]


def test_events(tmp_path: Path) -> None:
    one = read(files.write(tmp_path, files.EVENTS))
    found = one.histories
    assert found is not None
    assert one.selection == "sold only"
    assert found.lot.tolist() == [0, 0, 1, 1, 1, 2, 2]
    assert found.number.tolist() == [1, 2, 1, 1, 2, 1, 1]
    assert found.defaulted.tolist() == [False, False, True, False, False, False, False]
    assert one.defects.rows_aside == {"no_round": 2}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    text = files.EVENTS.replace("lot,", "lot（标的）,").replace(",", separator)
    mapping = files.write(
        tmp_path,
        'title = "e"\nrows = "events"\nlot = "lot（标的）"\nended = "date"\noutcome = "event"\nstart = "start"\n'
        'outcomes = { paid = "none", distributed = "none" }\ndefaults = "later rounds"\n',
        "m.toml",
    )
    found = read(files.write(tmp_path, text, encoding=encoding), mapping=mapping).histories
    assert found is not None
    assert found.start.tolist() == [1000, 800, 500, 500, 400, 700, 700]


def test_a_workbook_and_a_parquet_file_hold_the_same(tmp_path: Path) -> None:
    head, *rows = [line.split(",") for line in files.EVENTS.splitlines()]
    typed = [
        [int(r[0]), datetime.fromisoformat(r[1]), r[2], *(float(c) if c else None for c in r[3:6]), r[6]]
        for r in rows
    ]
    book = files.workbook(tmp_path, [["某院", None], [], head, *typed])
    columns = {name: [row[i] for row in typed] for i, name in enumerate(head)}
    kept = files.parquet(tmp_path, columns)
    plain = read(files.write(tmp_path, files.EVENTS)).histories
    assert plain is not None
    for path in (book, kept):
        found = read(path).histories
        assert found is not None
        for name in ("lot", "number", "outcome", "start", "ended", "price"):
            np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))


def test_newest_first_is_the_same(tmp_path: Path) -> None:
    head, *rows = files.EVENTS.splitlines()
    ahead = read(files.write(tmp_path, files.EVENTS)).histories
    back = read(files.write(tmp_path, "\n".join([head, *reversed(rows)]), "b.csv")).histories
    assert ahead is not None
    assert back is not None
    assert sorted(zip(ahead.ended.tolist(), ahead.start, ahead.number, strict=True)) == sorted(
        zip(back.ended.tolist(), back.start, back.number, strict=True)
    )


def test_columns_that_no_mapping_names_are_not_read(tmp_path: Path) -> None:
    one = read(files.write(tmp_path, files.DAILY))
    assert {"titleRaw", "addressRaw", "court", "normalizedUrl"} & set(one.sources[0].read) == set()
    one = read(files.write(tmp_path, files.CASES))
    assert "案号" not in one.sources[0].read


def changed(old: str, new: str, text: str = files.EVENTS) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("text", "reason", "row", "column"),
    [
        (
            changed("1,2017-04-24,won,1000,800,850", "1,2017-04-24,won,1000,1200,1250"),
            "start_rises",
            3,
            "start",
        ),
        (changed("800,850", "800,750"), "below_start", 3, "price"),
        (changed("1,2017-04-24,won", "1,2017-03-27,won"), "at_once", 3, "date"),
        (changed("1,2017-04-24,won", "1,,won"), "untimed", 3, "date"),
        (changed("1,2017-03-27,failed", "1,2017-03-27,flopped"), "outcome", 2, "event"),
    ],
)
def test_contradictions_set_the_lot_aside(
    tmp_path: Path, text: str, reason: str, row: int, column: str
) -> None:
    one = read(files.write(tmp_path, text))
    assert one.histories is not None
    assert one.histories.lots == 2
    assert one.defects.first(reason)[1:3] == (row, column)
    assert one.defects.rows_aside[reason] == 2


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("2024-01-01,2024-02-01 10:00,2024-02-02 10:00,70万,,20", "2024-02-03,2024-02-01 10:00,2024-02-02 10:00,70万,,20", "before_notice"),
        ("70万,,20,2024-02-10", "70万,71万,10,2024-02-10", "two_winners"),
        ("70万,,20,2024-02-10", "70万,70万,50,2024-02-10", "after_sale"),
        ("2024-03-01 10:00,2024-03-02 10:00,56万", "2024-01-03 10:00,2024-01-04 10:00,56万", "order"),
        ("2024-03-01 10:00,2024-03-02 10:00,56万", "2024-03-05 10:00,2024-03-02 10:00,56万", "ends_first"),
    ],
)  # fmt: skip
def test_contradictions_in_a_case_table(tmp_path: Path, old: str, new: str, reason: str) -> None:
    one = read(files.write(tmp_path, changed(old, new, files.CASES)))
    assert one.histories is not None
    assert one.histories.lots == 3
    assert reason in one.defects.counts()


def test_a_default_without_a_win_and_bids_without_a_sale(tmp_path: Path) -> None:
    mapping = files.write(
        tmp_path,
        'title = "r"\nrows = "rounds"\nlot = "lot"\nended = "end"\noutcome = "what"\ndefaulted = "broken"\nbids = "n"\n',
        "m.toml",
    )
    rows = "lot,end,what,broken,n\n1,2024-01-01,流拍,是,0\n2,2024-01-01,流拍,否,3\n3,2024-01-01,成交,是,3\n"
    one = read(files.write(tmp_path, rows), mapping=mapping)
    assert one.defects.counts() == {"default_unsold": 1, "bids_unsold": 1}
    assert one.histories is not None
    assert one.histories.defaulted.tolist() == [True]


def test_one_lot_in_several_files(tmp_path: Path) -> None:
    head, *rows = files.EVENTS.splitlines(keepends=True)
    one = read(
        files.write(tmp_path, head + "".join(rows[:2]), "a.csv"),
        files.write(tmp_path, head + "".join(rows[1:4]), "b.csv"),
    )
    assert one.histories is not None
    assert one.histories.lot.tolist() == [0, 0, 1]  # it goes on in the other file
    assert one.defects.first("repeated")[:2] == ("b.csv", 2)
    assert one.defects.rows_aside == {"no_round": 1, "repeated": 1}


def test_every_row_has_one_end(tmp_path: Path) -> None:
    text = (
        files.EVENTS
        + "\n,,,,,,\n9,2017,won,x,1\nlot,date,event,appraisal,start,price,size\n,2017-01-01,won,1,1,1,s\n"
    )
    one = read(files.write(tmp_path, text + "8,2017-01-01,won,-5,=A1,12,s\n"))
    assert one.defects.used == 7 + 1
    assert one.defects.read == one.defects.used + sum(one.defects.rows_aside.values())
    assert one.defects.rows_aside == {"empty": 2, "header": 1, "ragged": 1, "no_lot": 1, "no_round": 2}
    table = one.defects.table()
    assert sorted(zip(table["row"], table["column"], table["reason"], strict=True)) == [
        (13, "", "ragged"), (15, "lot", "no_lot"), (16, "appraisal", "not_positive"), (16, "start", "formula"),
    ]  # fmt: skip


def test_rows_are_numbered_through_all_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK", 300)
    head = files.EVENTS.splitlines()[0]
    lines = [f"{i},2017-01-01,won,100,80,90,s" for i in range(2, 102)]
    for i in (7, 31, 80):
        lines[i] = "short,row"
    lines[95] = "97,2017-01-01,won,100,80,70,s"
    lines[40] = ""
    one = read(files.write(tmp_path, "\n".join([head, *lines])))
    table = one.defects.table()
    assert list(zip(table["row"], table["reason"], strict=True)) == [
        (9, "ragged"), (33, "ragged"), (82, "ragged"), (97, "below_start"),
    ]  # fmt: skip
    assert one.defects.read == 100 == len(one.histories or ()) + sum(one.defects.rows_aside.values())


def refusal(*paths: Path, mapping: Path | None = None) -> str:
    with pytest.raises(FileError) as error:
        read(*paths, mapping=mapping)
    return str(error.value)


def test_what_is_no_table_of_lots_is_refused(tmp_path: Path) -> None:
    def bytes_(data: bytes, name: str) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    assert "is empty" in refusal(bytes_(b"", "a.csv"))
    assert "is empty" in refusal(bytes_(b" \n\n", "b.csv"))
    assert "PDF" in refusal(bytes_(b"%PDF-1.7", "c.csv"))
    assert "old Excel" in refusal(bytes_(b"\xd0\xcf\x11\xe0....", "d.xls"))
    assert "web page" in refusal(bytes_(b"<html><table>", "e.xls"))
    assert "neither a text" in refusal(bytes_(b"ab\0cd", "f.csv"))
    assert "from line 2 on" in refusal(bytes_(b"lot,date\n\xff\xff\xff", "g.csv"))
    assert "no Excel workbook" in refusal(bytes_(b"PK\x03\x04 broken", "h.xlsx"))
    assert "damaged" in refusal(bytes_("案号,结果\n1,成交\n".encode(), "j.xlsx"))
    assert "damaged" in refusal(bytes_(b"\x00\xff\x81 no zip", "k.xlsx"))
    assert "no Parquet" in refusal(bytes_(b"PAR1 broken", "i.parquet"))
    assert "no such file" in refusal(tmp_path / "none.csv")
    assert "is not a file" in refusal(tmp_path)
    assert "not closed" in refusal(
        files.write(tmp_path, files.EVENTS.replace("1,2017-03-27", '"1,2017-03-27'))
    )
    assert "is given twice" in refusal(*[files.write(tmp_path, files.EVENTS)] * 2)


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a"])
def test_a_workbook_is_one_whatever_its_name(tmp_path: Path, name: str) -> None:
    rows: list[list[Any]] = [line.split(",") for line in files.EVENTS.strip().split("\n")]
    assert read_lots([files.workbook(tmp_path, rows, name)]).histories is not None


def test_missing_columns_are_named_all_at_once(tmp_path: Path) -> None:
    mapping = files.write(
        tmp_path, 'title = "e"\nrows = "events"\nlot = "lots"\nended = "day"\noutcome = "event"\n', "m.toml"
    )
    said = refusal(files.write(tmp_path, files.EVENTS), mapping=mapping)
    assert 'column "lots"' in said
    assert "did you mean lot?" in said
    assert 'column "day"' in said
    assert "no mapping knows the header" in refusal(files.write(tmp_path, "a,b\n1,2\n"))
    twice = files.EVENTS.replace("price,size", "start,price")
    assert "in the header twice" in refusal(files.write(tmp_path, twice))


def test_two_currencies(tmp_path: Path) -> None:
    text = files.EVENTS.replace("800,850", "800元,850").replace("500,520", "500,$520")
    said = refusal(files.write(tmp_path, text))
    assert "row 3, column start" in said
    assert "row 5, column price" in said


def test_a_column_of_addresses_is_no_column_of_kinds(tmp_path: Path) -> None:
    mapping = files.write(
        tmp_path, 'title = "e"\nrows = "rounds"\nlisting = "n"\nkind = "where"\noutcome = "what"\n', "m.toml"
    )
    rows = "n,where,what\n" + "".join(f"{i},road {i},成交\n" for i in range(60))
    assert "60 different kinds" in refusal(files.write(tmp_path, rows), mapping=mapping)


def test_nothing_that_can_be_used(tmp_path: Path) -> None:
    head = files.EVENTS.splitlines()[0]
    assert "none can be used" in refusal(files.write(tmp_path, head + "\n,,,,,,\n"))
    assert "none can be used" in refusal(files.write(tmp_path, head + "\n"))


def test_a_workbook_that_unpacks_to_more_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "UNPACKED", 10_000_000)
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(11):
                part.write(bytes(1_000_000))
    assert bomb.stat().st_size < 50_000
    assert "unpacks to more than 10 MB" in refusal(bomb)


def test_formulas_in_a_workbook_are_not_computed(tmp_path: Path) -> None:
    head, *rows = [line.split(",") for line in files.EVENTS.splitlines()]
    rows[1][4] = "=D3*0.8"
    one = read(files.workbook(tmp_path, [head, *rows]))
    assert one.defects.first("formula")[1:] == (3, "start", "=D3*0.8")
    assert one.histories is not None
    assert np.isnan(one.histories.start[1])


def test_presets_can_be_named_and_know_their_own_files(tmp_path: Path) -> None:
    assert set(presets()) == {"bids", "case-table", "crawl", "daily", "events"}
    for name, text in (
        ("bids", files.BIDS),
        ("case-table", files.CASES),
        ("crawl", files.CRAWL),
        ("daily", files.DAILY),
    ):
        assert read(files.write(tmp_path, text)).sources[0].columns.name == name
    with pytest.raises(FileError, match="column"):
        read_lots([files.write(tmp_path, files.EVENTS)], [find("bids")])
