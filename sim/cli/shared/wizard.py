"""What commands share that ask for what a file is to say: a question, an answer that is checked, a file that is not replaced."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import typer

from sim.cli.shared.ending import fail
from sim.locale.language import said, spoken
from sim.locale.signs import headed

Answer = TypeVar("Answer")


def as_it_stands(text: str) -> str:
    """Any text."""
    return text


def ask(question: str, check: Callable[[str], Answer], default: str = "") -> Answer:
    """An answer that ``check`` takes; whatever it refuses, by ``ValueError``, is asked for again."""
    suffix = headed("", "", spoken())
    while True:
        try:
            given = typer.prompt(question, default=default, show_default=bool(default), prompt_suffix=suffix)
        except typer.Abort:
            typer.echo("", err=True)
            fail(said("wizard.ended"))
        try:
            return check(str(given).strip())
        except ValueError as error:
            typer.echo(str(error), err=True)


def refuse_existing(path: Path, force: bool) -> None:
    """A file that is there is not replaced."""
    if os.path.lexists(path) and not force:
        fail(said("exists.named", file=path))
