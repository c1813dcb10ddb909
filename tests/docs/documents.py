"""Documents that run: README and docs/ are read for commands and outputs. English ones are executed, Chinese ones held to them.

In an English document:

- a fenced ``bash`` block holds commands, one a line, run in order in a folder of the document's own;
  ``bash .ci/sim`` and ``.venv/bin/sim`` are the program; lines that start with ``#`` are remarks;
- a fenced ``sh`` block needs what a test has not (a cluster, an hour): it is run with the options that ``documents.toml``
  names, for less, and with stand-ins (``STAND_INS``) for the cluster and its folder;
- a command in the running text, and everything else between backticks that starts like one, is one that exists;
- a fenced block with ``title="name"`` is written to that file before the commands after it;
- between ``<!-- begin: COMMAND -->`` and ``<!-- end -->`` stands what the command prints; ``<!-- begin: answers -->`` is
  the table of answers, ``<!-- begin: waiting CURVE -->`` that of those who wait (``includes.py``);
- a number in the running text (with decimals, thousands or per cent) occurs in what the document's commands print, in the
  rules of ``sim/law/texts``, or in ``documents.toml``.

A Chinese document says the same: the same commands with the same options in the same order, and no number that its English
one has not. ``documents.toml`` holds what a test must know of a document and its reader need not.

``python tests/docs/refresh.py`` runs everything and writes outputs in; the tests compare.
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
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from includes import answers, waiting

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SETUP = ("bash .ci/test", "bash .ci/run", "git clone")  # what a reader does and the tests are
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
NUMBER = re.compile(r"(?<![\w.§#-])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d+(?=\s?%))(?:\s?%)?")
ANY_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
ASIDE = re.compile(r"`[^`\n]*`|\]\([^)]*\)|<!--.*?-->|^ {4}[^\n]*$", re.S | re.M)
SPOKEN = re.compile(r"`([^`\n]+)`")
INDENTED = re.compile(r"^ {4}(?:sim|calibrate|python|bash) [^\n]*$", re.M)
TIMES = re.compile(r"x(-?[\d.]+):")
TITLE = re.compile(r'title="([^"]+)"')
LANGUAGE = re.compile(r" --lang (?:en|zh)\b")
CLOCK = re.compile(r"\d+(\.\d+)?(?= ?(s\b|秒))|\d{4}-\d\d-\d\dT[\d:+]+|\b[0-9a-f]{40}\b")
MOVES = 0.01  # by how much a number in an output may differ: last bits of a processor move a rounded one by a step


def documents() -> list[Path]:
    """Everything that people read in English."""
    every = [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(path for path in every if not path.name.endswith(".zh.md"))


def translations() -> list[Path]:
    """The Chinese ones."""
    return sorted([*ROOT.glob("README.zh.md"), *(ROOT / "docs").rglob("*.zh.md")])


def english_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".zh.md") + ".md")


@functools.cache
def _notes() -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / "documents.toml").read_text(encoding="utf-8"))


def notes(path: Path) -> dict[str, Any]:
    """What ``documents.toml`` has of a document."""
    return _notes().get(str(path.relative_to(ROOT)), {}) if path.is_relative_to(ROOT) else {}


@dataclass(frozen=True, slots=True)
class Step:
    """A command to run, or a file to write before the next one."""

    line: int
    command: str = ""
    file: str = ""
    content: str = ""
    small: bool = False  # needs what a test has not


def steps(text: str) -> Iterator[Step]:
    """Files and commands of a document, in order."""
    for block in FENCE.finditer(text):
        language, info, body = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        title = TITLE.search(info)
        if title:
            yield Step(line, file=title[1], content=body)
        elif language in ("bash", "sh"):
            for command in re.sub(r"\s*\\\n\s*", " ", body).splitlines():
                if command.strip() and not command.lstrip().startswith("#"):
                    yield Step(line, command.strip(), small=language == "sh")


def commands(text: str) -> list[str]:
    """What a document has its reader type, whatever its language."""
    return [LANGUAGE.sub("", shlex.join(shlex.split(step.command, comments=True))) for step in steps(text) if step.command]  # fmt: skip


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


def small_arguments(step: Step, less: str, folder: Path, cluster: str) -> list[str]:
    """A command of an ``sh`` block as run here: for less, and with stand-ins for what a test has not."""
    command = step.command
    for name, what in STAND_INS.items():
        command = command.replace(name, what.format(folder=folder, line=step.line, cluster=cluster))
    words = shlex.split(command, comments=True)
    if words[0] not in IN_SMALL:
        raise ValueError(f"{step.command!r} is not run by the tests: only {', '.join(IN_SMALL)} are")
    return [sys.executable, *IN_SMALL[words[0]], *words[1:], *shlex.split(less)]


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
    return kept | {
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
    }  # Chinese where none is named


@dataclass(slots=True)
class Desk:
    """The folder in which a document's commands run, and their output. A command runs once."""

    folder: Path
    output: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("scenarios", "calibration", "benchmarks", "docs"):
            (self.folder / name).symlink_to(ROOT / name)

    def run(self, command: str) -> str:
        """What the command prints; a failure is an ``AssertionError`` with what it said."""
        words = arguments(command)
        if words is None:
            return ""
        key = shlex.join(words[1:])
        if key not in self.output:
            self.output[key] = self._run(command, words)
        return self.output[key]

    def _run(self, command: str, words: list[str], seconds: float = 900) -> str:
        done = subprocess.run(
            words, cwd=self.folder, env=_env(), capture_output=True, text=True, timeout=seconds, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def follow(self, text: str, less: Sequence[str] = ()) -> None:
        """Write the files and run the commands of a document; ``less``: a block's options each, where a test has less."""
        blocks = sorted({step.line for step in steps(text) if step.small})
        assert len(blocks) == len(less), (
            f"{len(blocks)} blocks `sh`, but documents.toml has options for {len(less)}"
        )
        options = dict(zip(blocks, less, strict=True))
        for step in steps(text):
            if step.file:
                path = self.folder / step.file
                assert self.folder in path.resolve().parents, f"{step.file} lies outside"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.content, encoding="utf-8")
            elif step.small:  # what it prints is that of less, so no number may rest on it
                with cluster_for(step) as cluster:
                    self._run(step.command, small_arguments(step, options[step.line], self.folder, cluster))
            else:
                self.run(step.command)

    def cell(self, said: str) -> str:
        """One cell of a CSV that a command has written: ``FILE KEY=VALUE ... COLUMN FORMAT``."""
        file, *where, column, form = said.split()
        wanted = dict(pair.split("=", 1) for pair in where)
        with (self.folder / file).open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.DictReader(lines) if all(row[k] == v for k, v in wanted.items())]
        assert len(rows) == 1, f"{file}: {len(rows)} rows have {where}"
        times = TIMES.match(form)
        return format(
            float(rows[0][column]) * float(times[1] if times else 1), form[times.end() if times else 0 :]
        )


def refreshed(text: str, desk: Desk, lang: str = "en") -> str:
    """The document with its outputs as they are now."""

    def output(found: re.Match[str]) -> str:
        if found[2] == "answers":
            return f"{found[1]}{answers(ROOT / 'scenarios' / 'shanxi-answers.csv', lang)}\n{found[4]}"
        if found[2].startswith("waiting "):
            table = waiting(ROOT / "docs" / "figures" / "shanxi_waiting.csv", lang, found[2].split()[1])
            return f"{found[1]}{table}\n{found[4]}"
        written = "\n".join(line.rstrip() for line in desk.run(found[2]).strip("\n").splitlines())
        return f"{found[1]}```text\n{written}\n```\n{found[4]}"

    return OUTPUT.sub(output, text)


def alike(text: str) -> str:
    """Text without what differs from run to run: seconds, dates of writing, commits."""
    return CLOCK.sub("#", text)


def moved(text: str, now: str) -> list[str]:
    """Outputs whose numbers are no longer those of today, within ``MOVES``; words are not compared."""
    out = []
    for (_, command, then, _), (_, _, today, _) in zip(
        OUTPUT.findall(alike(text)), OUTPUT.findall(alike(now)), strict=True
    ):
        a, b = ([float(x.replace(",", "")) for x in ANY_NUMBER.findall(said)] for said in (then, today))
        if len(a) != len(b) or any(
            abs(x - y) > MOVES * max(x, y) + _step(x) for x, y in zip(a, b, strict=True)
        ):
            out.append(command)
    return out


def _step(x: float) -> float:
    """The last digit of a number as it was written, a hundredth at most."""
    text = f"{x:g}"
    return float(10 ** -len(text.split(".")[1])) if "." in text else 0.0


def untold(text: str, known: str) -> list[str]:
    """Numbers of the running text that come from nowhere."""
    running = ASIDE.sub(" ", OUTPUT.sub("", FENCE.sub("", text)))
    known = squeezed(known)
    return [one for one in NUMBER.findall(running) if squeezed(one) not in known]


def unlike(text: str, english: str) -> list[str]:
    """Numbers in the outputs of a translation that no output of the original has, whatever unit they are said in."""
    theirs = {_digits(x) for block in OUTPUT.findall(alike(english)) for x in ANY_NUMBER.findall(block[2])}
    ours = [x for block in OUTPUT.findall(alike(text)) for x in ANY_NUMBER.findall(block[2])]
    return [x for x in ours if not any(_near(_digits(x), other) for other in theirs)]


def _digits(number: str) -> str:
    return number.replace(",", "").replace(".", "").strip("0")


def _near(one: str, other: str) -> bool:
    """Whether one of two numbers is the other, rounded, in a unit of tens: 3.25 billion is 32.5 of a hundred million."""
    n = min(len(one), len(other))
    if not n or one[:n] == other[:n]:
        return True
    short, long = sorted((one, other), key=len)
    return str(round(int(long) / 10 ** (len(long) - n))).strip("0") == short


def unknown_commands(text: str) -> list[str]:
    """What is spoken of as a command, an option or a program of ours and is none."""
    found = [f"indented, so not run: {line.strip()}" for line in INDENTED.findall(FENCE.sub("", text))]
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
    from sim.law.provisions import texts

    articles = [article for text in texts() for article in text.articles]
    limits = [rule for article in articles for rule in article.rules]
    return "\n".join(f"{one.says} {one.says_zh}" for one in (*articles, *limits))


def known(path: Path, text: str, desk: Desk) -> str:
    """Where a number of an English document may come from."""
    note = notes(path)
    return "\n".join(
        (
            *desk.output.values(),
            *(found[2] for found in OUTPUT.findall(text)),
            *(desk.run(command) for command in note.get("also", ())),
            *(desk.cell(said) for said in note.get("cells", ())),
            *note.get("given", {}),
            rules(),
            (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        )
    )
