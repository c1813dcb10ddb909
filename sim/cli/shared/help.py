"""Help in the reader's language: that of --lang if it is given, else that of SIM_LANG or the locale.

The texts stand in ``sim/locale/help.toml``: for each command what it is for (``about``) and a text for each of its options;
what is said alike of several commands stands in ``shared``, what Typer itself says in ``frame``, ``placeholders`` and ``notes``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from sim.locale.language import usual

TEXTS: Final = Path(__file__).parents[2] / "locale" / "help.toml"
LANGUAGES: Final = ("en", "zh")
OPENING, CLOSING = "（《【“", "，。；：、）》】”？！"
WIDE = r"\u2e80-\u9fff\uff00-\uffef"


@functools.cache
def texts() -> dict[str, dict[str, list[str]]]:
    """Command -> option, or ``about`` -> English, Chinese."""
    import tomllib

    return tomllib.loads(TEXTS.read_text(encoding="utf-8"))


@functools.cache
def _typer(table: str) -> dict[str, str]:
    """English -> Chinese of what Typer itself says: in its ``frame``, or in ``notes`` on an option."""
    return {pair[0]: pair[1] for pair in texts()[table].values()}


def text(key: str, name: str, lang: str) -> str:
    """What help says of an option of a command; of the command itself where it is ``about``."""
    of = texts()
    return (of[key].get(name) or of["shared"][name])[LANGUAGES.index(lang)]


def language(arguments: Sequence[str] = ()) -> str:
    """Of help and of messages: chosen by an option, or else by the environment."""
    given = [word.removeprefix("--lang=") for word in arguments if word.startswith("--lang=")]
    given += [word for before, word in pairwise(arguments) if before == "--lang"]
    return given[-1] if given and given[-1] in LANGUAGES else usual()


class _Helped:
    """A command that has its texts from the file."""

    key: str
    help: str | None
    params: list[Any]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta.setdefault("lang", language(args))
        parsed: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        return parsed

    def get_help(self, ctx: Any) -> str:
        lang = ctx.meta.get("lang") or language()
        if lang == "zh":
            ctx.formatter_class = Chinese
        self.speak(lang)
        said: str = super().get_help(ctx)  # type: ignore[misc]
        return said

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        self.speak(language())
        return super().shell_complete(ctx, incomplete)  # type: ignore[misc]

    def speak(self, lang: str) -> None:
        """Give the command, its options and the commands below it their texts."""
        self.help = text(self.key, "about", lang)
        for one in self.params:
            one.help = text(self.key, one.name, lang)
        for below in getattr(self, "commands", {}).values():
            below.help = text(below.key, "about", lang)

    def get_short_help_str(self, limit: int = 45) -> str:
        """What the command is for, without what follows a colon or semicolon; never cut within."""
        said = " ".join((self.help or "").partition("\n\n")[0].split())
        return re.split(r"[:;.] |[：；。]", said)[0].rstrip(".")


@functools.cache
def helped(key: str, base: type[TyperCommand] | type[TyperGroup] = TyperCommand) -> type[Any]:
    """A kind of command whose texts stand under ``key``."""
    return type("Helped", (_Helped, base), {"key": key})


_Formatter: Any = typer.Context.formatter_class


class Chinese(_Formatter):  # type: ignore[misc]
    """Help with headings in Chinese; lines are broken by the width of characters, and between any two Chinese ones."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, placed(_replaced(args, _typer("frame"))), texts()["frame"]["usage"][1])

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{_sign('heading', _typer('frame').get(heading, heading))}\n")

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
        blocks = (
            "\n".join(indent + line for line in _lines(part, self.width - len(indent))) for part in paragraphs
        )
        self.write("\n\n".join(blocks) + "\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        placed_rows = [(_placed_name(name), said) for name, said in rows]
        first = min(max(_cells(name) for name, _ in placed_rows), col_max) + col_spacing
        for name, said in placed_rows:
            lines = list(
                _lines(
                    _noted(_typer("frame").get(said, said)), max(self.width - self.current_indent - first, 10)
                )
            )
            beside = _cells(name) <= first - col_spacing
            self.write(
                f"{'':>{self.current_indent}}{name}"
                + (" " * (first - _cells(name)) if beside and lines else "\n")
            )
            for i, line in enumerate(lines):
                self.write(line if i == 0 and beside else " " * (self.current_indent + first) + line)
                self.write("\n")


def placeholder(name: str) -> str:
    """What stands for a value, in Chinese; as it is where it is itself what may be typed."""
    return _typer("placeholders").get(name, name)


def placed(words: str) -> str:
    """With what stands for a value, as <int>, {scenario} or [word], in Chinese."""
    return re.sub(
        r"([<{]|\[(?=\w+\]$))([^<>{}]+?)([>}]|(?<=\w)\]$)",
        lambda found: f"{found[1]}{placeholder(found[2])}{found[3]}",
        words,
    )


def _placed_name(name: str) -> str:
    """An option or an argument as it stands in front of its line: what an argument is called is a placeholder too."""
    first, _, rest = name.partition(" ")
    if not rest.startswith("<"):  # several names of an option, or the name of a command, which is typed
        return placed(name)
    called = first.removesuffix("...")
    return f"{placeholder(called)}{first[len(called) :]} {placed(rest)}"


def _noted(said: str) -> str:
    """With Typer's notes, as [default: 0], in Chinese."""
    return re.sub(
        r"\s*\[((?:env var|default|required|x?[<>]?=?\d).*)\]$",
        lambda found: _sign("note", _replaced(found[1], _typer("notes"))),
        said,
    )


def _sign(key: str, said: str) -> str:
    """A heading with its colon, a note in its brackets."""
    return texts()["signs"][key][1].format(text=said)


def _replaced(words: str, by: Mapping[str, str]) -> str:
    for old, new in by.items():
        words = words.replace(old, new)
    return words


@functools.cache
def _pieces() -> re.Pattern[str]:
    """What a line may be broken after; compiled only where Chinese is written, for that takes a while."""
    return re.compile(rf"\s+|[{OPENING}]*(?:[^\s{WIDE}{OPENING}{CLOSING}]+|[\u2e80-\u9fff])?[{CLOSING}]*")


def _lines(words: str, width: int) -> Iterator[str]:
    line = ""
    for piece in _pieces().findall(words):
        if line and _cells(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    if line.strip():
        yield line.rstrip()


def _cells(words: str) -> int:
    return sum(1 + _wide(char) for char in words)


def _wide(char: str) -> bool:
    return char > "\u2e7f"  # CJK and full-width forms: two columns of a terminal
