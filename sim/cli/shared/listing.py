"""What commands that list things have in common: entries that hold a word, a page at a time, or as JSON."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from sim.cli.shared.ending import fail
from sim.locale.language import said

Entry = TypeVar("Entry")

Word = Annotated[str | None, typer.Argument()]
Json = Annotated[bool, typer.Option("--json")]


def holding(
    entries: Sequence[Entry], word: str | None, texts: Callable[[Entry], Iterable[str]]
) -> list[Entry]:
    """Entries of which a text holds the word, capitals or not; exit code 2 where there is none."""
    if word is None:
        return list(entries)
    found = [one for one in entries if any(word.casefold() in text.casefold() for text in texts(one))]
    if not found:
        fail(said("list.nothing", word=word))
    return found


def show_lines(lines: Sequence[str]) -> None:
    """On a terminal that they do not fit into, a page at a time."""
    text = "\n".join(lines)
    if (
        sys.stdout.isatty()
        and sys.stdin.isatty()
        and text.count("\n") >= shutil.get_terminal_size().lines - 1
    ):
        from pydoc import pager

        pager(text + "\n")
    else:
        typer.echo(text)


def rows_of(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Columns as entries, one a row, under the names of the columns."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def show_json(content: Mapping[str, Any] | Sequence[Any]) -> None:
    """For programs: UTF-8, names as in the tables' CSV; what is no number is null."""
    typer.echo(json.dumps(_plain(content), ensure_ascii=False, indent=1, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, date | Path):
        return str(value)
    if hasattr(value, "item"):  # of NumPy
        return _plain(value.item())
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
