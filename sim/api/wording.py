"""What calls from Python say of what is wrong: arguments by their Python names, where the commands say options."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from sim.locale.language import said
from sim.scenario import Defect, ScenarioError, SimError

P = ParamSpec("P")
R = TypeVar("R")

# Options by the names of the arguments that stand for them; every other word that begins with -- stays as it is.
OPTIONS: Final = {
    "set": "changes", "seed": "run.seed", "vary": "vary", "variable": "variables", "parameters": "parameters", "draws": "draws",
    "max-draws": "max_draws", "replications": "replications", "samples": "samples", "points": "points", "final": "final",
    "measure": "measures", "maximise": "maximise", "minimise": "minimise", "subject-to": "subject_to", "window": "window",
    "date": "date", "design": "design", "method": "method", "engine": "engine", "jobs": "jobs", "records": "records",
    "against": "against", "policy": "policies", "lang": "lang", "out": "out", "force": "force=True", "unlawful": "unlawful=True",
    "no-variants": "variants=False",
}  # fmt: skip
NUMBERS: Final = ("max_draws", "replications", "samples", "points", "final", "jobs")
MAPPINGS: Final = ("vary", "variables", "parameters")
# How the commands write an axis, and what stands for it in Python.
FORMS: Final = {"axis.form.grid": "(start, stop, step)", "axis.form.range": "(low, high)"}
LEVELS: Final = {"a,b,c": "[a, b, c]"}
_NAMES: Final = "|".join(sorted(OPTIONS, key=len, reverse=True))
_NAMED: Final = re.compile(rf"(?<![A-Za-z0-9_/.-])--({_NAMES})(?![a-z-])")
_VALUES: Final = "simpy|auto|compiled|scenario|all|lots|none|grid|lhs|sobol|halton|morris"
_VALUE: Final = re.compile(
    rf"(?<![A-Za-z0-9_/.-])--({_NAMES})[ =](?:({_VALUES})(?![A-Za-z0-9_-])|(\d[\d,]*))"
)
_PLACE: Final = re.compile(rf"--({_NAMES})(?: (.*))?", re.DOTALL)


def in_python(call: Callable[P, R]) -> Callable[P, R]:
    """A call whose errors name its arguments, whoever found them."""

    @wraps(call)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except SimError as error:
            reword(error)
            raise

    return wrapped


def reword(error: SimError) -> None:
    """Put an error into words of Python, in place."""
    if isinstance(error, ScenarioError):
        error.defects = [reworded(defect) for defect in error.defects]
        error.args = (str(error),)
    elif error.args and isinstance(error.args[0], str):
        error.args = (sentence(error.args[0]), *error.args[1:])


def reworded(defect: Defect) -> Defect:
    """A defect in words of Python."""
    return Defect(place(defect.file), defect.key, sentence(defect.problem), sentence(defect.hint))


def place(text: str) -> str:
    """Where a defect is: ``--jobs -1`` as ``jobs=-1``, ``--vary start.ratio=0.7:1.0`` as ``vary['start.ratio']``."""
    found = _PLACE.fullmatch(text)
    if not found:
        return sentence(text)
    name, value = OPTIONS[found[1]], found[2]
    if value is None:
        return name
    if name in MAPPINGS:
        return f"{name}[{value.partition('=')[0]!r}]"
    return f"{name}={value}" if name in NUMBERS else f"{name}={value!r}"


def sentence(text: str) -> str:
    """A sentence with the names of arguments in the stead of options, and values of Python in that of their texts."""

    def valued(found: re.Match[str]) -> str:
        name, word, number = OPTIONS[found[1]], found[2], found[3]
        return f"{name}={number}" if word is None else f"{name}={word!r}"

    def named(found: re.Match[str]) -> str:
        name = OPTIONS[found[1]]
        return "out=" if name == "out" else name

    forms = {said(name): form for name, form in FORMS.items()} | LEVELS
    text = re.sub(rf"({'|'.join(forms)})(?![A-Za-z0-9_]|:[a-z])", lambda found: forms[found[1]], text)
    path = said("axis.path")
    for form in forms.values():
        text = text.replace(f"{path}={form}", form)
    return _NAMED.sub(named, _VALUE.sub(valued, text))
