"""Tables on pages: the CSV holds every field in full precision."""

from __future__ import annotations

import csv
import io

from sim.reporting.pages.table import Column, Table, csv_text


def test_csv_keeps_full_precision_and_leaves_nothing_empty() -> None:
    text = csv_text(("a", "b", "c"), [(0.1 + 0.2, float("nan"), None), ("x,y", 'say "z"', 3)])
    assert text == 'a,b,c\r\n0.30000000000000004,,\r\n"x,y","say ""z""",3\r\n'


def test_a_tables_csv_has_its_fields_and_not_what_people_read() -> None:
    rows = [{"name": "拍卖", "mean": 1 / 3, "low": 0.1}]
    table = Table(
        "t", "caption", [Column("Mean", lambda r: f"{r['mean']:.0%}", True)], rows, ("name", "mean", "low")
    )
    assert list(csv.DictReader(io.StringIO(table.csv))) == [
        {"name": "拍卖", "mean": repr(1 / 3), "low": "0.1"}
    ]
