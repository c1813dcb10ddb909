"""Reading a million rows of lots: seconds and memory, a process a kind of file.

    python benchmarks/lots.py            # some minutes; writes lots-results.md
    python benchmarks/lots.py 100000     # fewer rows; prints, writes nothing

The rows are those of a simulated case table, over and over, with new numbers of lots, so that half of a row's cells are filled.
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

ROWS = 1_000_000
WORKBOOK = 10  # times fewer rows in a workbook
RESULTS = Path(__file__).with_name("lots-results.md")
HEAD = """# Reading files of lots

Written by `python benchmarks/lots.py`: {processors} processors shared with other programs (load average {load:.0f}). The limits that the project set itself are a minute
and 1 GB for a million rows. A row is one of a case table: 27 columns, of which some half are filled. Seconds are from the start of the process to the
histories, defects and rows set aside; processor time is the better of the two on a busy machine.

| file | rows | MB | seconds | processor seconds | MB of memory | rounds |
|---|---|---|---|---|---|---|
"""


def read(path: Path) -> None:
    """In a process of its own: read, and print what it took."""
    began = time.perf_counter()
    from calibration.lots.reader.read import read_lots

    found = read_lots([path])
    assert found.histories is not None
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text(
        encoding="ascii"
    )  # ru_maxrss would be that of the process before
    processor, memory = used.ru_utime + used.ru_stime, int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(f"{time.perf_counter() - began:.0f} | {processor:.0f} | {memory:.0f} | {len(found.histories):,}")


def rows_of(folder: Path) -> list[list[str]]:
    """A header and the rows of a simulated case table."""
    from calibration.lots.simulated_files import case_table, write_table
    from sim.model.simulate import simulate
    from sim.scenario import load

    scenario = load("base").scenario
    write_table(folder / "small.csv", case_table(scenario, simulate(scenario)))
    with (folder / "small.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def make(path: Path, rows: list[list[str]], count: int, encoding: str = "utf-8") -> None:
    """A CSV file of ``count`` rows."""
    with path.open("w", newline="", encoding=encoding) as file:
        out = csv.writer(file)
        out.writerow(rows[0])
        for i in range(count):
            row = rows[1 + i % (len(rows) - 1)]
            out.writerow([f"{i // (len(rows) - 1)}-{row[0]}", *row[1:]])


def make_workbook(path: Path, source: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet()
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            page.append([float(cell) if cell.replace(".", "", 1).isdigit() else cell for cell in row])
    book.save(path)


def make_parquet(path: Path, source: Path) -> None:
    from pyarrow import csv as arrow
    from pyarrow.parquet import write_table

    write_table(arrow.read_csv(source), path)


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "--read":
        read(Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = rows_of(folder)
        make(folder / "utf-8.csv", rows, count)
        make_parquet(folder / "table.parquet", folder / "utf-8.csv")
        make(folder / "gbk.csv", rows, count, "gbk")
        make(folder / "tenth.csv", rows, count // WORKBOOK)
        make_workbook(folder / "workbook.xlsx", folder / "tenth.csv")
        for file, n in (
            ("utf-8.csv", count),
            ("gbk.csv", count),
            ("table.parquet", count),
            ("workbook.xlsx", count // WORKBOOK),
        ):
            words = [sys.executable, __file__, "--read", str(folder / file)]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            lines.append(
                f"| {file} | {n:,} | {(folder / file).stat().st_size / 1e6:,.0f} | {done.stdout.strip()} |"
            )
    text = HEAD.format(processors=os.cpu_count(), load=os.getloadavg()[2]) + "\n".join(lines) + "\n"
    if count == ROWS:
        RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
