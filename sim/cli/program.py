"""What holds for every command of both programs: in which language and encoding they speak, and what they refuse."""

from __future__ import annotations

import io
import os
import platform
import sys
from typing import Annotated, Any

import typer

import sim
from sim.cli import ending

BAD_INPUT = 2
REFUSED = """{name}：系统不允许读写：{reason}
{name} cannot be read or written: {reason}"""
NOT_TEXT = """参数 {word} 不是 UTF-8 文本：请换一个文件名或取值
the argument {word} is not text in UTF-8: give the file another name, or another value"""


class Program(ending.Stoppable):
    """Commands that end with a sentence where the system refuses something, whoever met it first.

    Commands that know more (what is kept, what to do) say so themselves before it gets here.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """A name that is no text could neither stand in a manifest nor on a page: refused before anything is done."""
        for word in args:
            try:
                word.encode()
            except UnicodeEncodeError:
                _fail(NOT_TEXT.format(word=ascii(word)))
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except OSError as error:
            from sim.scenario.errors import brief

            name = brief(error.filename if error.filename is not None else "a file")
            _fail(REFUSED.format(name=name, reason=error.strerror or error))


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(BAD_INPUT)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"judicial-auction-sim {sim.__version__} (Python {platform.python_version()})")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="say which version this is")
]


def start(app: typer.Typer) -> None:
    """A program from beginning to end; what its output cannot show is escaped."""
    _speak()
    ending.main(app)


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
