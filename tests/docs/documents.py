"""Documents that run: README and docs/ are read for commands, outputs and numbers, all of which are executed.

In a document:

- a fenced ``bash`` block holds commands, one a line, run in order in a folder of the document's own;
  ``bash .ci/sim`` and ``.venv/bin/sim`` are the program; lines that start with ``#`` are remarks;
- a fenced ``sh`` block needs what a test has not (a cluster, an hour), so ``<!-- in small: OPTIONS -->`` follows it:
  with these options the commands are run for less, and with stand-ins (``STAND_INS``) for the cluster and its folder;
- a command in the running text, and everything else between backticks that starts like one, is one that exists;
- a fenced block with ``title="name"`` is written to that file before the commands after it;
- ``![words](PICTURE)<!-- from: FILE -->``: a picture that a command of the document has left as FILE;
- between ``<!-- begin: COMMAND -->`` and ``<!-- end -->`` stands what the command prints, as a text block;
- ``1,301<!-- is FILE key=value ... COLUMN FORMAT -->`` is that cell of that CSV, in that format (``x100:.1f``: times
  a hundred);
- ``898<!-- in: COMMAND -->`` occurs in what the command prints;
- any other number in the running text (with decimals, thousands or per cent; whole ones from ten, but no years,
  articles or headings) must occur in what the document's own commands print, in the rules of ``sim/law/provisions.py``, or be
  declared: ``<!-- given: 95 %: the level of all intervals -->``;
- ``<!-- executed by: tests/... -->`` says that a whole page is written and compared by other tests.

``python tests/docs/refresh.py`` runs everything and writes outputs and numbers in; the tests compare.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SETUP = {
    "bash .ci/test",
    "git clone",
}  # what a reader does and the tests are: not run again inside themselves
PROGRAMS = {"sim": ["-m", "sim"], "calibrate": ["-m", "calibration.cli.main"]}
IN_SMALL = {"sim": ["-m", "sim"], "calibrate": [str(HERE / "calibrate_in_small.py")], "python": []}
CLUSTER = "tcp://host:8786"  # in documents; a scheduler and a worker of the test's own stand in for it
STAND_INS = {
    "--scenario scenarios/": "--scenario {folder}/",
    "/shared/": "{folder}/shared-{line}/",
    "$SLURM_ARRAY_TASK_ID": "1",
    CLUSTER: "{cluster}",
}
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```[ \t]*$", re.M | re.S)
OUTPUT = re.compile(r"(<!-- begin: ([^\n]+?) -->\n)(.*?)(<!-- end -->)", re.S)
CELL = re.compile(r"([+\-−]?[\d,.]+%?)(\*{0,2}<!-- is (\S+) ((?:\S+=\S+ )*)(\S+) (\S+) -->)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)<!-- from: (\S+) -->")
WITHIN = re.compile(r"([\d,.]*\d%?)(\*{0,2}) ?<!-- in: ([^\n]+?) -->")
GIVEN = re.compile(r"<!-- given: ([^:]+): [^\n]+? -->")
EXECUTED = re.compile(r"<!-- executed by: (\S+) -->")
NUMBER = re.compile(r"(?<![\w.§#-])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d+(?=\s?%))(?:\s?%)?")
ASIDE = re.compile(r"`[^`\n]*`|\]\([^)]*\)|<!--.*?-->|^ {4}[^\n]*$", re.S | re.M)
SMALL = re.compile(r"\s*<!-- in small: ([^\n]*?)-->")
WHOLE = re.compile(
    r"(?<![\w.,§#/〔\-–×=+])(?!(?:19|20)\d\d(?!\d))\d{2,}(?![A-Za-z0-9_/〕–]|-\w|[.,]\d|\s?%|号)"
)  # no years, no parts of names, dates or decimals
ARTICLE = re.compile(
    r"\bArts? \d+(?:(?:, | and | to )\d+)*|第\d+(?:[、至]第?\d+)*条|^\| ?\d+(?:[、, ]+\d+)*(?: ?[(（][\d、, ]+[)）])? \||^#+ .*$|^ *\d+\.",
    re.M,
)
SPOKEN = re.compile(r"`([^`\n]+)`")
INDENTED = re.compile(r"^ {4}(?:sim|calibrate|python|bash) [^\n]*$", re.M)
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
    small: str | None = None  # options with which the command is run for less


def steps(text: str) -> Iterator[Step]:
    """Files and commands of a document, in order."""
    for block in FENCE.finditer(text):
        language, info, body = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        title = TITLE.search(info)
        if title:
            yield Step(line, file=title[1], content=body)
        elif language in ("bash", "sh"):
            less = SMALL.match(text, block.end()) if language == "sh" else None
            if language == "sh" and not less:
                raise ValueError(
                    f"line {line}: <!-- in small: OPTIONS --> must follow what is run only in small"
                )
            for command in re.sub(r"\s*\\\n\s*", " ", body).splitlines():
                if command.strip() and not command.lstrip().startswith("#"):
                    yield Step(line, command.strip(), small=less[1].strip() if less else None)


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


def small_arguments(step: Step, folder: Path, cluster: str) -> list[str]:
    """A command of an ``sh`` block as run here: for less, and with stand-ins for what a test has not."""
    assert step.small is not None
    command = step.command
    for name, what in STAND_INS.items():
        command = command.replace(name, what.format(folder=folder, line=step.line, cluster=cluster))
    words = shlex.split(command, comments=True)
    if words[0] not in IN_SMALL:
        raise ValueError(f"{step.command!r} is not run by the tests: only {', '.join(IN_SMALL)} are")
    return [sys.executable, *IN_SMALL[words[0]], *words[1:], *shlex.split(step.small)]


@contextlib.contextmanager
def cluster_for(step: Step) -> Iterator[str]:
    """The address of a dask scheduler with a worker, if the command asks for one."""
    if CLUSTER not in step.command:
        yield ""
        return
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{one.getsockname()[1]}"
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": _env()}
    processes = [subprocess.Popen(words, **quiet) for words in (scheduler, [*worker, "--no-dashboard"])]
    try:
        yield address
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _env() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "SIM_LANG"}
    return kept | {"COLUMNS": "100", "PYTHONPATH": str(ROOT)}


@dataclass(slots=True)
class Desk:
    """The folder in which a document's commands run, and what they printed. A command runs once."""

    folder: Path
    printed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("scenarios", "calibration", "benchmarks", "docs"):
            (self.folder / name).symlink_to(ROOT / name)

    def run(self, command: str) -> str:
        """What the command prints; a failure is an ``AssertionError`` with what it said."""
        words = arguments(command)
        if words is None:
            return ""
        key = shlex.join(words[1:])
        if key not in self.printed:
            self.printed[key] = self._run(command, words)
        return self.printed[key]

    def _run(self, command: str, words: list[str], seconds: float = 300) -> str:
        done = subprocess.run(
            words, cwd=self.folder, env=_env(), capture_output=True, text=True, timeout=seconds, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def follow(self, text: str) -> None:
        """Write the files and run the commands of a document."""
        for step in steps(text):
            if step.file:
                path = self.folder / step.file
                assert self.folder in path.resolve().parents, f"{step.file} lies outside"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.content, encoding="utf-8")
            elif step.small is not None:  # what it prints is that of less, so no number may rest on it
                with cluster_for(step) as cluster:
                    self._run(step.command, small_arguments(step, self.folder, cluster), 900)
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
    ] + [
        one
        for one in WHOLE.findall(ARTICLE.sub(" ", running))
        if one not in given and not re.search(rf"(?<![\d.,]){one}(?![\d]|[.,]\d)", known)
    ]


def unknown_commands(text: str) -> list[str]:
    """What is spoken of as a command, an option or a program of ours and is none."""
    found = [f"indented, so not run: {line.strip()}" for line in INDENTED.findall(FENCE.sub("", text))]
    if EXECUTED.search(text):
        found = []
    every = {option for words in spoken_options().values() for option in words}
    for said in SPOKEN.findall(FENCE.sub("", text)):
        words = said.split()
        if words[0] in PROGRAMS and len(words) > 1:
            longest = " ".join(words[:3] if " ".join(words[:3]) in spoken_options() else words[:2])
            known = spoken_options().get(longest)
            if known is None:
                found.append(f"{said}: no such command")
            else:
                found += [f"{said}: no {one}" for one in words if one.startswith("--") and one not in known]
        elif words[0] in ("python", "bash") and len(words) > 1 and not (ROOT / words[1]).is_file():
            found.append(f"{said}: no such file")
        elif said.startswith("--") and words[0] not in every:
            found.append(f"{said}: no command has it")
    return found


@functools.cache
def spoken_options() -> dict[str, set[str]]:
    """Command, as it is called -> its options."""
    import typer

    import calibration.cli.main
    import sim.cli.main

    out: dict[str, set[str]] = {}

    def add(name: str, command: Any) -> None:
        inner = getattr(command, "commands", {})
        own = {word for one in command.params for word in (*one.opts, *one.secondary_opts)} | {"--help", "-h"}
        out[name] = own
        for word, one in inner.items():
            add(f"{name} {word}", one)
        out[name] |= out.get(f"{name} new", set())  # sim sweep SCENARIO is sim sweep new SCENARIO

    for program, app in (("sim", sim.cli.main.app), ("calibrate", calibration.cli.main.app)):
        for word, one in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
            add(f"{program} {word}", one)
    return out


def squeezed(text: str) -> str:
    """Without the blank that English puts before a per cent sign."""
    return re.sub(r"\s+(?=%)", "", text).strip()


def rules() -> str:
    """What the rules of law say, in both languages."""
    from sim.law import provisions as law

    found = (value for value in vars(law).values() if isinstance(value, law.Rule))
    return "\n".join(f"{one.says} {one.says_zh}" for one in found)
