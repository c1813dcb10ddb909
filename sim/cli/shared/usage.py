"""What Typer says of a command line that it cannot read, in the reader's language.

Typer speaks English only. Its sentences stand in ``en.toml`` (table ``usage``) as it says them; one that is found there is
reported as the other language has it, and one that is not stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any, Final

import typer

from sim.locale.foreign import pattern
from sim.locale.language import ENGLISH, said, spoken
from sim.locale.words import Words

UsageError: Final[Any] = typer.BadParameter.__mro__[1]  # which Typer does not export
SENTENCES: Final = (  # in this order they are looked for
    "meant_option", "meant", "no_option", "no_command", "no_command.open", "command", "argument", "option", "invalid",
    "integer", "float", "choice", "least", "most", "not_valid", "value", "no_value", "extra",
)  # fmt: skip
w: Final = Words("usage")


@contextmanager
def reported() -> Iterator[None]:
    """A command line that cannot be read is reported in the reader's language."""
    try:
        yield
    except UsageError as error:
        if spoken() != ENGLISH and type(error).__name__ != "NoArgsIsHelpError":
            error.show = partial(_show, error)
        raise


def _show(error: Any, file: IO[Any] | None = None) -> None:
    typer.echo(_text(error), file=file, err=file is None)


def _text(error: Any) -> str:
    lines = []
    if error.ctx is not None:
        from sim.cli.shared.help import Chinese

        error.ctx.formatter_class = Chinese
        command, option = error.ctx.command_path, error.ctx.help_option_names[0]
        lines = [error.ctx.get_usage(), w("hint", spoken(), command=command, option=option), ""]
    return "\n".join([*lines, w("error", spoken(), said=translated(error.format_message()))])


def translated(sentence: str) -> str:
    """A sentence of Typer's in the language that is spoken; as it is where it is not known."""
    for key in SENTENCES:
        found = re.fullmatch(pattern(w(key, ENGLISH)), sentence, re.DOTALL)
        if found:
            parts = {name: re.sub("'([^']*)'", r"“\1”", part) for name, part in found.groupdict().items()}
            if key == "argument":
                from sim.cli.shared.help import placeholder

                parts["name"] = re.sub(r"\w+", lambda one: placeholder(one[0]), parts["name"])
            if "names" in parts:
                parts["names"] = parts["names"].replace(", ", said("join"))
            if "said" in parts:  # a sentence within the sentence
                parts["said"] = translated(found["said"])
            return w(key, spoken(), **parts)
    return sentence
