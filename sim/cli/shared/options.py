"""What several commands have in common: options of one name, and how a command gets its options.

A command's options are the fields of a frozen dataclass, which its function takes. What help says of them stands in
``sim/locale/help.toml`` and is looked up by command and field.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from enum import StrEnum
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, dataclass_transform

import typer

from sim.cli.shared.ending import fail, refusing
from sim.cli.shared.engine import by_engine
from sim.locale.language import said, usual

if TYPE_CHECKING:
    from sim.scenario import Loaded

Kind = TypeVar("Kind")


class HeadsIn(StrEnum):
    """Languages in which heads of tables can be."""

    zh = "zh"
    en = "en"


Scenario = Annotated[str, typer.Argument()]
Folder = Annotated[Path, typer.Argument()]
Overrides = Annotated[list[str] | None, typer.Option("--set")]
Seed = Annotated[int | None, typer.Option()]
Replications = Annotated[int | None, typer.Option("--replications", "-n")]
CountOrAuto = Annotated[str | None, typer.Option("--replications", "-n")]
Measures = Annotated[str | None, typer.Option()]
Window = Annotated[str, typer.Option()]
DrawsFile = Annotated[str | None, typer.Option("--draws")]
Out = Annotated[Path | None, typer.Option()]
ModelEngine = Annotated[str, typer.Option("--engine")]
Jobs = Annotated[int, typer.Option("--jobs", "-j")]
DaskAt = Annotated[str | None, typer.Option("--dask")]
Shard = Annotated[str | None, typer.Option()]
Chunk = Annotated[int | None, typer.Option()]
Pictures = Annotated[bool, typer.Option()]
Xlsx = Annotated[bool, typer.Option("--xlsx")]
Heads = Annotated[HeadsIn | None, typer.Option("--heads")]
Force = Annotated[bool, typer.Option()]
ForceOnly = Annotated[bool, typer.Option("--force")]  # no --no-force, as ever
Full = Annotated[bool, typer.Option()]
LawOf = Annotated[str | None, typer.Option("--date")]
Lang = Annotated[str, typer.Option("--lang", envvar="SIM_LANG", show_default=False)]  # see ``usual``


@dataclass_transform(frozen_default=True, kw_only_default=True)
def declared(options: type[Kind]) -> type[Kind]:
    """A class of options as a frozen dataclass, without what no command needs and `sim --help` would wait for."""
    return dataclass(frozen=True, kw_only=True, eq=False, repr=False)(options)


def command(body: Callable[[Any], None]) -> Callable[..., None]:
    """A function that takes ``options``, as one that Typer can read: a parameter for each field."""
    known = body.__globals__
    options = known[body.__annotations__["options"]]
    hints = {field.name: _meant(field.type, known) for field in fields(options)}

    def called(**values: Any) -> None:
        if "lang" in hints:
            values["lang"] = as_lang(values["lang"] or usual())
        given = options(**values)
        if "engine" in values:
            with by_engine(values["engine"]):
                body(given)
        else:
            body(given)

    parameters = [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=_default(field),
            annotation=hints[field.name],
        )
        for field in fields(options)
    ]
    called.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = hints
    called.__name__, called.__module__, called.__doc__ = body.__name__, body.__module__, body.__doc__
    return called


def _default(field: Field[Any]) -> Any:
    """What an option is where it is not given; the language is then found (``usual``)."""
    if field.name == "lang":
        return ""
    return Parameter.empty if field.default is MISSING else field.default


def _meant(annotation: Any, known: dict[str, Any]) -> Any:
    """The type that a field's annotation names; most are a name, which need not be compiled (a third of `sim --help`)."""
    return known[annotation] if annotation in known else eval(annotation, known)


def as_lang(value: str) -> str:
    """``value`` if it is a language; else what is wrong, under the name by which it was given, and exit code 2."""
    if value not in ("zh", "en"):
        by_variable = os.environ.get("SIM_LANG") == value
        fail(said("option.lang", name=f"SIM_LANG={value}" if by_variable else f"--lang {value}"))
    return value


def with_seed(overrides: list[str] | None, seed: int | None) -> list[str]:
    """What is set by --set and by --seed."""
    return [*(overrides or ()), *([] if seed is None else [f"run.seed={seed}"])]


def named(text: str | None) -> list[str]:
    """Names given with commas."""
    return [name.strip() for name in text.split(",")] if text else []


def load_scenario(scenario: str, overrides: list[str] | None, seed: int | None = None) -> Loaded:
    """The scenario, or its defects and exit code 2."""
    from sim.scenario import ScenarioError, load

    with refusing(ScenarioError):
        return load(scenario, with_seed(overrides, seed))


def as_day(value: str | None, option: str = "--date") -> date | None:
    """The day whose law counts; None where none is given."""
    from sim.scenario.schema import no_date

    if value is None:
        return None
    if why := no_date(value):
        fail(said("option.day", option=option, value=value, why=why))
    return date.fromisoformat(value)


def as_count(value: str | None) -> int | None:
    """Number of replications; 0 stands for auto, None for the scenario's own."""
    if value is None:
        return None
    if value == "auto":
        return 0
    if not value.isdigit() or not 1 <= int(value) <= 100_000:
        fail(said("option.count", value=value))
    return int(value)
