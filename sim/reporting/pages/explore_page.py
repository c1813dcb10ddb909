"""``sim explore``: the parameters that a sweep varied, to be moved; what was not simulated is not shown."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from sim.locale.signs import amount, bracketed, headed, units
from sim.measures.definitions import Definition
from sim.reporting import formats
from sim.reporting.differences import basis_note
from sim.reporting.figures.outcomes import colour, outcome_name
from sim.reporting.pages.manifest import manifest_rows
from sim.reporting.pages.run_tables import window_name
from sim.reporting.pages.shell import Html, Page, Section, environment
from sim.reporting.pages.sweep_data import HEADLINES, Axis, LawfulRange, SweepData, lawful_range
from sim.reporting.pages.words import w
from sim.reporting.svg import colour_class
from sim.reporting.units import head_with_unit
from sim.scenario.units import CHINESE

Floats = npt.NDArray[np.float64]
CODES = 65_534  # steps of a packed share or band
BUDGET = 4_000_000  # characters of packed numbers in a page
FINE = 20  # steps of a parameter between two levels
SPOKEN = ("days", "minutes", "yuan")  # units that Chinese names of parameters leave out
NUMBERS = ("columns", "known", "runs", "stretch", "student")  # of a sweep, the same in every language
WORDS = ("simulated", "interpolated", "none", "points", "now", "pinned", "sold", "linked")


def explore_page(data: SweepData, manifest: Mapping[str, Any], lang: str) -> Page:
    """The page for a sweep."""
    toml = str(manifest.get("scenario", ""))
    rules = {axis.path: lawful_range(axis, data.scenario, toml) for axis in data.axes}
    meta, left_out = packed_sweep(data, rules, lang)
    axes = [
        {**one, "name": axis.name(lang), **_range(axis)}
        for one, axis in zip(meta["axes"], data.axes, strict=True)
    ]
    template = environment().get_template("explore.html.j2")
    content = template.render(
        axes=axes,
        windows=[(name, window_name(name, lang)) for name in meta["windows"]],
        band=bool((data.runs > 1).any()),
        measures=[one["name"] for one in meta["measures"]],
        keys=[(f"k-{one['colour']}", one["name"]) for one in meta["outcomes"]],
        w=lambda key: w(key, lang),
    )
    done = int((data.runs > 0).sum())
    replications = int(data.runs.max(initial=0))
    warnings = [w("explore.left", lang, windows=", ".join(left_out))] if left_out else []
    if done < len(data.values):
        warnings.append(w("explore.missing", lang, missing=len(data.values) - done, all=len(data.values)))
    return Page(
        lang=lang,
        kind=w("explore.kind", lang),
        name=data.scenario.title_zh if lang == "zh" else data.scenario.title,
        headline=w("explore.headline", lang),
        lead=[
            w("explore.lead", lang, points=formats.count(done), n=replications),
            *over_draws(data, lang),
            *([basis_note(data.scenario.basis, lang)] if len(meta["windows"]) > 1 else []),
        ],
        warnings=warnings,
        sections=[
            Section(
                "parameters", w("explore.parameters", lang), w("explore.title", lang), [Html(Markup(content))]
            )
        ],
        manifest=manifest_rows(manifest, lang),
        scripts=("explore_model.js", "explore.js"),
        data={
            "numbers": _json({key: meta[key] for key in NUMBERS}),
            "sweep": _json({key: x for key, x in meta.items() if key not in NUMBERS}),
        },
        wide=True,
    )


def _json(x: Mapping[str, Any]) -> str:
    return json.dumps(x, ensure_ascii=False, separators=(",", ":"))


def over_draws(data: SweepData, lang: str) -> list[str]:
    """A sentence for a sweep over draws of the parameters."""
    return [w("over.draws", lang, n=data.draws, total=f"{data.of:,}")] if data.draws else []


def packed_sweep(
    data: SweepData, rules: Mapping[str, LawfulRange | None], lang: str
) -> tuple[dict[str, Any], list[str]]:
    """What the page's scripts read, and the windows for which there was no room."""
    measures = [name for name in HEADLINES if np.isfinite(data.column("all", name)[0]).any()]
    ends = [name for name, share in data.outcomes("all") if np.isfinite(share).any()]
    windows: list[str] = []
    columns: list[list[Any]] = []
    used = 0
    for window in data.windows:
        block = _window(data, window, measures, ends)
        size = sum(len(str(part)) for column in block for part in column[:2])
        if windows and used + size > BUDGET:
            break
        used += size
        windows.append(window)
        columns += block
    parts = [(name, 0.0) for name in ends]
    runs = sorted({int(n) for n in data.runs})
    replications = max((x.shape[1] for x in data.each.values()), default=0)
    meta = {
        "axes": [_axis(data, i, rules.get(axis.path), lang) for i, axis in enumerate(data.axes)],
        "points": len(data.values),
        "grid": data.method == "grid",
        "known": coded((data.runs > 0).astype(np.float64)),
        "runs": coded(data.runs.astype(np.float64)),
        "stretch": {n: _stretch(n) for n in runs if n > 1},
        "replications": replications,
        "student": [round(_student(n), 6) for n in range(2, replications + 1)],
        "windows": windows,
        "measures": [_measure(data.measures[name], lang) for name in measures],
        "outcomes": [
            {"name": outcome_name(name, lang), "colour": colour_class(colour(name, parts)), "sale": name.startswith("sold")} for name in ends
        ],
        "columns": columns,
        "base": base_state(data),
        "units": [one for one in units(lang) if one[0] > 1.0],
        "yuan": amount("{x}", lang),
        "words": {key: w(f"explore.{key}", lang) for key in WORDS},
    }  # fmt: skip
    return meta, data.windows[len(windows) :]


def _measure(definition: Definition, lang: str) -> dict[str, Any]:
    """Name, kind, and what it can be; null: no such end."""
    least, most = (x if math.isfinite(x) else None for x in definition.bounds)
    return {"name": head_with_unit(definition, lang), "kind": definition.kind, "least": least, "most": most}


def _window(data: SweepData, window: str, measures: list[str], ends: list[str]) -> list[list[Any]]:
    """Packed mean, half-width and single runs of each measure, packed share of each end."""
    block: list[list[Any]] = []
    for name in measures:
        mean, sd = data.column(window, name)
        single = data.each.get((window, name))
        block.append([whole(mean), coded(data.half(sd)), None if single is None else between(single)])
    shares = dict(data.outcomes(window))
    return block + [[coded(np.clip(shares[name], 0.0, 1.0)), None, None] for name in ends]


def whole(x: Floats) -> dict[str, str]:
    """Numbers as 32-bit floats."""
    return {"f32": base64.b64encode(np.asarray(x, dtype="<f4").tobytes()).decode("ascii")}


def coded(x: Floats) -> dict[str, Any]:
    """Numbers from 0 up as 16-bit steps of the largest; the last code is nan."""
    known = np.isfinite(x)
    top = float(x[known].max(initial=0.0)) or 1.0
    code = np.where(known, np.rint(np.where(known, x, 0.0) / top * CODES), CODES + 1).astype("<u2")
    return {"u16": base64.b64encode(code.tobytes()).decode("ascii"), "max": top}


def between(x: Floats) -> dict[str, Any]:
    """Numbers as 16-bit steps from the least to the largest, row by row; the last code is nan."""
    known = np.isfinite(x)
    low = float(x[known].min(initial=np.inf)) if known.any() else 0.0
    return {**coded(np.where(known, x - low, np.nan).ravel()), "min": low}


def _student(n: int) -> float:
    """Student's factor for the interval of a mean of ``n``."""
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 0.975))


def _stretch(n: int) -> float:
    """From the half-width of the mean's interval to that of the interval that holds 95 % of histories (normal)."""
    from scipy.special import stdtrit

    return float(1.959964 * np.sqrt(n) / stdtrit(n - 1, 0.975))


def _axis(data: SweepData, i: int, law: LawfulRange | None, lang: str) -> dict[str, Any]:
    axis = data.axes[i]
    packed_axis: dict[str, Any] = {
        "path": axis.path,
        "head": _head(axis, lang),
        "unit": unit_of(axis, lang),
        "share": axis.numeric and axis.unit.startswith("share"),
        "numeric": axis.numeric,
        "levels": list(axis.levels) or None,
    }
    if not axis.levels:
        packed_axis |= {"low": axis.low, "high": axis.high}
    if data.method != "grid":
        column = [values[i] for values in data.values]
        packed_axis["values"] = whole(
            np.array([axis.levels.index(x) for x in column] if axis.levels else column, dtype=np.float64)
        )
    if law:
        rule = law.rule
        words = headed(
            *((rule.article_zh, rule.says_zh) if lang == "zh" else (rule.article, rule.says)), lang
        )
        packed_axis["rule"] = {
            "low": law.low,
            "high": law.high,
            "words": w("explore.conditional" if rule.condition else "explore.unlawful", lang, rule=words),
        }
    return packed_axis


def _head(axis: Axis, lang: str) -> str:
    """What stands under a small chart along an axis: its name and unit; shares bear their sign."""
    unit = "" if axis.unit.startswith("share") else unit_of(axis, lang)
    return bracketed(axis.short(lang), unit, lang) if unit else axis.short(lang)


def unit_of(axis: Axis, lang: str) -> str:
    """The unit in words; in Chinese only the common ones, the others stand in the parameter's name."""
    if lang != "zh":
        return axis.unit
    return CHINESE[axis.unit] if axis.unit in SPOKEN else ""


def _range(axis: Axis) -> dict[str, Any]:
    """The slider of an axis: over the places of its levels, or over shares of its stretch."""
    if not axis.levels:
        return {"max": 1, "step": 0.005, "places": []}
    return {"max": len(axis.levels) - 1, "step": 1 / FINE, "places": list(range(len(axis.levels)))}


def base_state(data: SweepData) -> list[float]:
    """Where the sweep's own scenario stands, or as near as its levels allow."""
    state = []
    for axis in data.axes:
        value = data.scenario.value(axis.key)
        if axis.levels and value in axis.levels:
            state.append(float(axis.levels.index(value)))
        elif (
            axis.levels
            and axis.numeric
            and isinstance(value, int | float)
            and axis.levels[0] <= value <= axis.levels[-1]
        ):
            state.append(float(np.interp(value, axis.levels, range(len(axis.levels)))))
        elif not axis.levels and isinstance(value, int | float) and axis.low <= value <= axis.high:
            state.append((value - axis.low) / (axis.high - axis.low))
        else:
            state.append(float((len(axis.levels) - 1) // 2) if axis.levels else 0.5)
    return state
