"""What holds for every command of both programs: in which language and encoding they speak, and what they refuse."""

from __future__ import annotations

import io
import os
import platform
import sys
from typing import Annotated, Any

import typer

import sim
from sim.cli.shared import signals
from sim.cli.shared.ending import fail, system_refusing
from sim.cli.shared.help import language
from sim.cli.shared.usage import reported
from sim.locale.language import spoken, spoken_by_all


class Program(signals.Stoppable):
    """Commands that end with a sentence where the system refuses something, whoever met it first.

    Commands that know more (what is kept, what to do) say so themselves before it gets here.
    """

    def main(self, *words: Any, **more: Any) -> Any:
        """Under its own name, however it was started, and in one language: that of help."""
        args = words[0] if words else more.get("args")
        more["prog_name"] = more.get("prog_name") or self.name
        with spoken_by_all(language(sys.argv[1:] if args is None else args)):
            return super().main(*words, **more)

    def make_context(self, *words: Any, **more: Any) -> Any:
        with reported():
            return super().make_context(*words, **more)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """A name that is no text could neither stand in a manifest nor on a page: refused before anything is done."""
        for word in args:
            try:
                word.encode()
            except UnicodeEncodeError:
                from sim.cli.shared.words import w

                fail(w("not_text", spoken(), word=ascii(word)))
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed

    def invoke(self, ctx: Any) -> Any:
        with system_refusing(), reported():
            return super().invoke(ctx)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"judicial-auction-sim {sim.__version__} (Python {platform.python_version()})")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)]


def start(app: typer.Typer) -> None:
    """A program from beginning to end; what its output cannot show is escaped."""
    _speak()
    signals.main(app)


def _speak() -> None:
    """English, if no language was chosen, where the output has no Chinese; and no output that ends in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        try:
            "中文".encode(stream.encoding)
        except UnicodeEncodeError:
            os.environ.setdefault("SIM_LANG", "en")
        if stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
