"""Defects of scenario files: which file, which key, what value, what is allowed, what was probably meant.

Messages are part of the interface: ``tests/broken`` holds one file a defect with the message it must give.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from sim.locale.language import said, speaking

SHOWN = 40  # defects printed; a file with more is probably not a scenario at all
LONGEST = 60  # characters of a value that are quoted
MOST_MEANT = 8  # names that are proposed for one that is unknown
LONGEST_NAME = 240  # characters of a file's name that are quoted


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong. ``file`` is the file (or option) that set the key, ``hint`` what was probably meant."""

    file: str
    key: str
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        where = said("place", where=self.file, said=self.key) if self.key else self.file
        problem = said("hint", said=self.problem, hint=self.hint) if self.hint else self.problem
        return said("place", where=where, said=problem)


class SimError(Exception):
    """Base of every error that this program raises on purpose: its message says what is wrong and what to do.

    Under it stand ``ScenarioError`` and, of published figures, ``TargetsError``: everything that is wrong with a scenario, a file
    or what a call was given; ``ArgumentError``: what a result's method was given; ``ExtensionError``: a part of the model;
    ``FolderError``, ``OutputError``, ``RunStoreError``, ``ManifestError``, ``DamagedError``: folders; ``BriefError``,
    ``NoCodebookError``: files; ``NoPolicyError``, ``NotKeptError``, ``RefusedError``: there is no such result; ``TooLargeError``,
    ``ExecutorError``, ``NotCompiledError``: this machine.
    """


class ScenarioError(SimError):
    """A scenario that cannot be used; ``defects`` are all that is wrong with it."""

    def __init__(self, defects: list[Defect]) -> None:
        self.defects = defects
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [str(defect) for defect in self.defects[:SHOWN]]
        if len(self.defects) > SHOWN:
            lines.append(said("more", n=len(self.defects) - SHOWN))
        return "\n".join(lines)


def quoted(value: object) -> str:
    """A value as it stands in a TOML file, cut short."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, dict):
        text = said("table")
    elif isinstance(value, list):
        text = said("list", n=len(value))
    else:
        text = str(value)
    text = visible(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 4] + ' ..."'


def written(value: object) -> str:
    """A value as ``quoted`` has it, in one language whoever reads: for titles, which are part of a scenario."""
    with speaking("en"):
        return quoted(value)


def near(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """A question that names what is most like a name; empty if nothing is."""
    found = difflib.get_close_matches(name, list(known), 1, likeness)
    return said("meant", name=found[0]) if found else ""


def joined(names: Iterable[object]) -> str:
    """Names one after the other."""
    return said("join").join(map(str, names))


def meant(name: str, known: Iterable[str]) -> str:
    """A question that names what was probably meant: what begins with ``name`` or has its words, else what looks like it."""
    names = list(known)
    words = name.lower().split("_")
    alike = [one for one in names if one.startswith(name.lower())] or [
        one for one in names if set(words) <= set(one.split("_"))
    ]
    alike = (
        alike or difflib.get_close_matches(name, names, 3, 0.7) or difflib.get_close_matches(name, names, 1)
    )[:MOST_MEANT]
    if not alike:
        return ""
    last = alike[-1]
    return said("meant", name=said("or", names=joined(alike[:-1]), last=last) if alike[1:] else last)


def brief(name: object) -> str:
    """A file's name; the middle of one that no system takes is left out."""
    text = visible(str(name))
    return (
        text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME // 2]} ... {text[-LONGEST_NAME // 4 :]}"
    )


def shortened(text: str) -> str:
    """What somebody wrote, cut short."""
    text = visible(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 4] + " ..."


def visible(text: str) -> str:
    """A text on one line: what moves the cursor, or cannot be seen, as its code."""
    return "".join(c if c.isprintable() or c == "\u3000" else ascii(c)[1:-1] for c in text)
