"""Documents that run: README and docs/ are read for commands, outputs and numbers, all of which are executed.

In a document:

- a fenced ``bash`` block holds commands, one a line, run in order in a folder of the document's own;
  ``bash .ci/sim`` and ``.venv/bin/sim`` are the program; lines that start with ``#`` are remarks;
- a fenced ``sh`` block is not run: it needs what a test has not (a cluster, an hour);
- a fenced block with ``title="name"`` is written to that file before the commands after it;
- between ``<!-- begin: COMMAND -->`` and ``<!-- end -->`` stands what the command prints, as a text block;
- ``1,301<!-- is FILE key=value ... COLUMN FORMAT -->`` is that cell of that CSV, in that format (``x100:.1f``: times
  a hundred);
- ``898<!-- in: COMMAND -->`` occurs in what the command prints;
- any other number in the running text (with decimals, thousands or per cent) must occur in what the document's own
  commands print, in the rules of ``sim/law.py``, or be declared: ``<!-- given: 95 %: the level of all intervals -->``;
- ``<!-- executed by: tests/... -->`` says that a whole page is written and compared by other tests.

``python tests/docs/refresh.py`` runs everything and writes outputs and numbers in; the tests compare.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETUP = {
    "bash .ci/test",
    "git clone",
}  # what a reader does and the tests are: not run again inside themselves
PROGRAMS = {"sim": ["-m", "sim"], "calibrate": ["-m", "calibration.cli"]}
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```[ \t]*$", re.M | re.S)
OUTPUT = re.compile(r"(<!-- begin: ([^\n]+?) -->\n)(.*?)(<!-- end -->)", re.S)
CELL = re.compile(r"([+\-−]?[\d,.]+%?)(\*{0,2}<!-- is (\S+) ((?:\S+=\S+ )*)(\S+) (\S+) -->)")
WITHIN = re.compile(r"([\d,.]*\d%?)(\*{0,2}) ?<!-- in: ([^\n]+?) -->")
GIVEN = re.compile(r"<!-- given: ([^:]+): [^\n]+? -->")
EXECUTED = re.compile(r"<!-- executed by: (\S+) -->")
NUMBER = re.compile(r"(?<![\w.§#-])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d+(?=\s?%))(?:\s?%)?")
ASIDE = re.compile(r"`[^`\n]*`|\]\([^)]*\)|<!--.*?-->|^ {4}[^\n]*$", re.S | re.M)
TIMES = re.compile(r"x(-?[\d.]+):")
TITLE = re.compile(r'title="([^"]+)"')
CLOCK = re.compile(r"\d+(\.\d+)?(?= ?(s\b|秒))|\d{4}-\d\d-\d\dT[\d:+]+|\b[0-9a-f]{40}\b")


def documents() -> list[Path]:
    """Everything that people read."""
    return [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@dataclass(frozen=True, slots=True)
class Step:
    """A command to run, or a file to write before the next one."""

    line: int
    command: str = ""
    file: str = ""
    content: str = ""


def steps(text: str) -> Iterator[Step]:
    """Files and commands of a document, in order."""
    for block in FENCE.finditer(text):
        language, info, body = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        title = TITLE.search(info)
        if title:
            yield Step(line, file=title[1], content=body)
        elif language == "bash":
            for command in re.sub(r"\s*\\\n\s*", " ", body).splitlines():
                if command.strip() and not command.lstrip().startswith("#"):
                    yield Step(line, command.strip())


def arguments(command: str) -> list[str] | None:
    """The command as run here; None for what is not run inside the tests. Raises for what is no program of ours."""
    if any(command.startswith(name) for name in SETUP):
        return None
    words = shlex.split(command, comments=True)
    if words[:2] == ["bash", ".ci/sim"]:
        words = ["sim", *words[2:]]
    name = Path(words[0]).name
    if name not in PROGRAMS:
        raise ValueError(f"{command!r} is not run by the tests: only {', '.join(PROGRAMS)} are")
    return [sys.executable, *PROGRAMS[name], *words[1:]]


@dataclass(slots=True)
class Desk:
    """The folder in which a document's commands run, and what they printed. A command runs once."""

    folder: Path
    printed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("scenarios", "calibration", "benchmarks"):
            (self.folder / name).symlink_to(ROOT / name)

    def run(self, command: str) -> str:
        """What the command prints; a failure is an ``AssertionError`` with what it said."""
        words = arguments(command)
        if words is None:
            return ""
        key = shlex.join(words[1:])
        if key not in self.printed:
            env = {k: v for k, v in os.environ.items() if k != "SIM_LANG"} | {
                "COLUMNS": "100",
                "PYTHONPATH": str(ROOT),
            }
            done = subprocess.run(
                words, cwd=self.folder, env=env, capture_output=True, text=True, timeout=300, check=False
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            self.printed[key] = done.stdout
        return self.printed[key]

    def follow(self, text: str) -> None:
        """Write the files and run the commands of a document."""
        for step in steps(text):
            if step.file:
                path = self.folder / step.file
                assert self.folder in path.resolve().parents, f"{step.file} lies outside"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.content, encoding="utf-8")
            else:
                self.run(step.command)

    def cell(self, file: str, where: str, column: str, form: str) -> str:
        """One cell of a CSV that a command has written."""
        wanted = dict(pair.split("=", 1) for pair in where.split())
        with (self.folder / file).open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.DictReader(lines) if all(row[k] == v for k, v in wanted.items())]
        assert len(rows) == 1, f"{file}: {len(rows)} rows have {where}"
        times = TIMES.match(form)
        return format(
            float(rows[0][column]) * float(times[1] if times else 1), form[times.end() if times else 0 :]
        )


def refreshed(text: str, desk: Desk) -> str:
    """The document with its outputs and numbers as they are now."""

    def output(found: re.Match[str]) -> str:
        printed = "\n".join(line.rstrip() for line in desk.run(found[2]).strip("\n").splitlines())
        return f"{found[1]}```text\n{printed}\n```\n{found[4]}"

    def cell(found: re.Match[str]) -> str:
        return desk.cell(found[3], found[4], found[5], found[6]) + found[2]

    return CELL.sub(cell, OUTPUT.sub(output, text))


def alike(text: str) -> str:
    """Text without what differs from run to run: seconds, dates of writing, commits."""
    return CLOCK.sub("#", text)


def unfounded(text: str, desk: Desk) -> list[str]:
    """Numbers said to occur in what a command prints that do not."""
    return [
        f"{number} is not in what `{command}` prints"
        for number, _, command in WITHIN.findall(text)
        if number not in desk.run(command)
    ]


def untold(text: str, desk: Desk) -> list[str]:
    """Numbers of the running text that come from nowhere."""
    if EXECUTED.search(text):
        return []
    given = {squeezed(one) for found in GIVEN.findall(text) for one in found.split(";")}
    known = squeezed(
        "\n".join(desk.printed.values()) + rules() + (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )
    running = ASIDE.sub(" ", WITHIN.sub("", CELL.sub("", OUTPUT.sub("", FENCE.sub("", text)))))
    return [
        one for one in NUMBER.findall(running) if squeezed(one) not in given and squeezed(one) not in known
    ]


def squeezed(text: str) -> str:
    """Without the blank that English puts before a per cent sign."""
    return re.sub(r"\s+(?=%)", "", text).strip()


def rules() -> str:
    """What the rules of law say, in both languages."""
    from sim import law

    found = (value for value in vars(law).values() if isinstance(value, law.Rule))
    return "\n".join(f"{one.says} {one.says_zh}" for one in found)
