"""Windows and figures as a targets file has them: each figure sound by itself, and beside the others of its window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from calibration.targets.interpretations import COUNTS, FIGURES, MEASURES, candidates
from calibration.targets.published_numbers import PublishedNumber, Rounding, as_published_number, counted
from calibration.targets.reader.defects import Checks, Key, Wrong, closest
from calibration.targets.reader.well_typed import sound
from calibration.targets.schema import FigureEntry, Role, TargetsFile, Weights
from calibration.targets.targets import Figure
from sim.locale.language import said
from sim.scenario.errors import joined, quoted
from sim.scenario.keys import write_key
from sim.scenario.renamed import TARGETS

INPUTS: Final = ("cases", "lots")  # set by the arrivals, so meeting them is no evidence
SHARES: Final = ("sale_rate", "sale_rate_final", "sale_rate_ended", "sale_rate_listed", "sale_rate_round")


MOST_WINDOWS: Final = 50
LONGEST_NAME: Final = 60
MOST: Final = 10**18  # of any figure: all that is sold in China in a thousand years


def exact(text: str) -> Decimal:
    """A number of a TOML file with its digits."""
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent beyond all bounds
        return Decimal(float(text))


def plain_numbers(value: Any, published: bool = False) -> Any:
    """Decimals stay decimals where a published number stands (in windows, changes and facts), else become floats."""
    if isinstance(value, dict):
        return {
            k: plain_numbers(v, published or k in ("windows", "published", "value", *TARGETS))
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [plain_numbers(v, published) for v in value]
    return float(value) if isinstance(value, Decimal) and not published else value


@dataclass(slots=True)
class Dated:
    """A window as written. ``first``, ``last``: None where the scenario's hold; ``figures``: those that are sound;
    ``fitted``: all that there are to be fitted, sound or not, None for one whose name is not known.
    """

    first: date | None = None
    last: date | None = None
    figures: dict[str, Figure] = field(default_factory=dict)
    fitted: list[str | None] = field(default_factory=list)


def definitions(file: TargetsFile, checks: Checks) -> dict[str, dict[str, float]]:
    """What figures may mean in all windows: checked once, whether or not a window has the figure."""
    found = {}
    for figure, given in file.definitions.items():
        key = ("definitions", figure)
        if figure not in FIGURES:
            checks.unknown(key, figure, FIGURES, "figure")
        else:
            found[figure] = weights(key, given, MEASURES, checks, "measure", candidates(figure))
    return found


def figures_of(
    name: str,
    table: Mapping[str, Any],
    file: TargetsFile,
    meanings: Mapping[str, Mapping[str, float]],
    checks: Checks,
) -> Dated:
    """One window's dates and figures."""
    found = Dated()
    for figure, entry in table.items():
        key = ("windows", name, figure)
        if figure in ("first", "last"):
            if type(entry) is date:
                setattr(found, figure, entry)
            else:
                hint = said("target.no_quotes") if isinstance(entry, str) else ""
                checks.add(key, said("not.date", value=quoted(entry)), hint)
                checks.holes.add(key)
        elif figure not in FIGURES:
            known = [*FIGURES, "first", "last"]
            if isinstance(entry, dict) and not {"published", *TARGETS} & set(
                entry
            ):  # [windows.2018.H1] is a table within a table
                hint = said("meant.value", name=f"[{write_key(('windows', f'{name}.{figure}'))}]")
                problem = said("target.not", value=quoted(figure), what=said("target.figure"))
                checks.add(key, problem, hint)
                checks.holes |= {
                    ("windows", name, one) for one in ("first", "last", "lots")
                }  # they stand in it
            else:
                checks.unknown(key, figure, known, "figure")
            probably = closest(figure, [n for n in known if n not in table])
            if probably:
                checks.holes.add(("windows", name, probably))  # so that it is not missed besides
            if probably not in ("first", "last", *INPUTS):
                found.fitted.append(probably or None)
        else:
            _figure(found, key, entry, file.source, meanings, checks)
    if found.first and found.last and found.last < found.first:
        checks.add(("windows", name, "last"), said("before_first", last=found.last, first=found.first))
        checks.holes.add(("windows", name, "last"))
    return found


def _figure(
    into: Dated,
    key: tuple[str, str, str],
    entry: Any,
    source: str,
    meanings: Mapping[str, Mapping[str, float]],
    checks: Checks,
) -> None:
    """The figure of a key (windows, window, figure), put into its window if nothing is wrong with it."""
    (_, window, figure), before = key, len(checks.wrong)
    table = entry if isinstance(entry, dict) else {"published": entry}
    read, wrong, holes = sound(
        FigureEntry, {k: v if k == "published" else plain_numbers(v) for k, v in table.items()}
    )
    checks.wrong += [Wrong((*key, *one.key), one.problem, one.hint) for one in wrong]
    checks.holes |= {(*key, *hole) for hole in holes}
    if read is None:
        return
    role: Role = "held_out" if read.held_out else read.use or ("input" if figure in INPUTS else "fit")
    if role == "fit" or not (checks.whole(*key, "use") and checks.whole(*key, "held_out")):
        into.fitted.append(figure)
    allowed = candidates(figure)
    measures = meanings.get(figure) or dict.fromkeys(
        allowed[:1] if figure in INPUTS else allowed, 1.0 / (1 if figure in INPUTS else len(allowed))
    )
    if read.measures is not None:
        measures = weights((*key, "measures"), read.measures, MEASURES, checks, "measure", allowed)
    if not checks.whole(*key, "published"):
        return
    published = number(key, read.published, read.rounding, checks)
    if published is not None and figure in COUNTS:
        published = counted(published)
    problem, hint = _impossible(figure, published) if published is not None else ("", "")
    if published is not None and problem:
        checks.add(key, said("place", where=quoted(read.published), said=problem), hint)
    if published is not None and len(checks.wrong) == before:
        into.figures[figure] = Figure(
            window, figure, published, measures, role, read.reason, read.source or source, read.reason_zh
        )


def check_windows(windows: Mapping[str, Dated], checks: Checks) -> None:
    """That there are windows, not too many, and with names that can be shown."""
    if ("windows",) in checks.holes:
        return
    if not windows:
        checks.add(("windows",), said("target.none"), said("target.write_window"))
    elif len(windows) > MOST_WINDOWS:
        checks.add(("windows",), said("target.windows", n=len(windows), most=MOST_WINDOWS))
    for name in windows:
        if not (name.strip() == name and name.isprintable() and 0 < len(name) <= LONGEST_NAME):
            problem = said("target.name", most=LONGEST_NAME)
            checks.add(("windows", name), problem)
            checks.holes.add(("windows", name))


def check_fitted(windows: Mapping[str, Dated], checks: Checks) -> None:
    """That something in the windows is to be fitted, and can be."""
    if ("windows",) in checks.holes or not windows or len(windows) > MOST_WINDOWS:
        return
    for name, one in windows.items():
        together(name, one.figures, checks)
    if not any(one.fitted or ("windows", name) in checks.holes for name, one in windows.items()):
        checks.add(("windows",), said("target.unfitted"))


def number(key: Key, value: Any, rounding: Rounding, checks: Checks) -> PublishedNumber | None:
    try:
        return as_published_number(value, rounding)
    except ValueError as error:
        checks.add(key, said("place", where=quoted(value), said=error))
    except ArithmeticError:  # a whole number or an exponent beyond all bounds
        checks.add(key, said("place", where=quoted(value), said=said("number.size")))
    return None


def _impossible(figure: str, published: PublishedNumber) -> tuple[str, str]:
    """Why a figure cannot be, by itself, and what was probably meant; empty if it can."""
    x = published.exact
    if figure in COUNTS and (x < 0 or x.denominator != 1):
        return said("target.count"), ""
    if figure in SHARES and not 0 <= x <= 1:
        forgotten = published.bare and 1 < x <= 100
        return said("target.rate"), said("meant.value", name=f'"{published.text}%"') if forgotten else ""
    if figure == "premium" and x <= -1:
        return said("target.premium"), ""
    if abs(x) > MOST:
        return said("target.above", most=f"{MOST:.0e}"), ""
    return (said("target.negative"), "") if x < 0 and figure != "premium" else ("", "")


def together(window: str, figures: Mapping[str, Figure], checks: Checks) -> None:
    """Figures of one window that exclude each other whatever they mean: no model can be fitted to them. The audit has
    findings for these.
    """
    value = {name: f.value for name, f in figures.items()}
    if value.get("cases", 0.0) > value.get("lots", math.inf):
        checks.add(
            ("windows", window, "cases"),
            said("target.cases", cases=f"{value['cases']:,.0f}", lots=f"{value['lots']:,.0f}"),
        )
        checks.holes.add(("windows", window, "cases"))
    if value.get("sold", 1.0) == 0.0 and value.get("turnover", 0.0) > 0.0:
        checks.add(("windows", window, "turnover"), said("target.turnover"))
    if value.get("turnover", 1.0) == 0.0 and value.get("sold", 0.0) > 0.0:
        checks.add(("windows", window, "turnover"), said("target.no_turnover", sold=f"{value['sold']:,.0f}"))


def weights(
    key: Key, given: Weights, known: tuple[str, ...], checks: Checks, what: str, allowed: tuple[str, ...] = ()
) -> dict[str, float]:
    """Names with weights that add up to 1."""
    table = (
        {given: 1.0}
        if isinstance(given, str)
        else dict.fromkeys(given, 1.0)
        if isinstance(given, list)
        else given
    )
    for name, weight in table.items():
        if name not in known:
            checks.unknown(key, name, allowed or known, what)
        elif allowed and name not in allowed:
            checks.add(
                key, said("target.stands", value=quoted(name)), said("figure.allowed", names=joined(allowed))
            )
        if not weight > 0.0 or not math.isfinite(weight):
            checks.add(key, said("target.weight", name=name, weight=f"{weight:g}"))
    total = sum(table.values())
    if not table and checks.whole(*key):
        checks.add(key, said("target.nothing"), said("target.known", names=joined(allowed or known)))
    return {name: weight / total for name, weight in table.items()} if total > 0 else dict(table)
